#include "tests/sim/sequential_ledger.hpp"

#include <algorithm>

#include "tests/sim/content_rules.hpp"

namespace payloom::sim {
namespace tf = transfer_flags;

journal_event& sequential_ledger::append(tenant_id t, journal_kind kind, const raw_record& record) {
  journal_event e;
  e.sequence = model_.head() + 1;
  e.timestamp = ++now_;
  e.tenant = t;
  e.kind = kind;
  e.record = record;
  return journal_.emplace_back(e);
}

result_record sequential_ledger::answer(const audit_request& q, std::uint32_t i, std::uint32_t unit_first,
                                        std::uint32_t unit_size, bool executed, const verdict& v) {
  result_record r{};
  r.sequence = model_.head();
  r.code = v.code;
  if (v.replayed) {
    r.sequence = v.sequence;
    r.timestamp = v.timestamp;
    r.flags = result_flags::replayed;
    return r;
  }
  const raw_record& record = q.records[i];
  journal_event* e = nullptr;
  if (v.code == result_code::ok && executed) {
    if (q.type == frame_type::create_transfers) {
      e = &append(q.tenant, journal_kind::transfer, raw_record(v.completed));
      e->unit_index = i - unit_first;
      e->unit_size = unit_size;
    } else if (q.type == frame_type::create_accounts) {
      e = &append(q.tenant, journal_kind::account, record);
    } else {
      e = &append(q.tenant, journal_kind::change, record);
      e->flags_after = v.flags_after;
      e->limit_after = v.limit_after;
    }
    r.sequence = e->sequence;
    r.timestamp = e->timestamp;
  } else if (q.type == frame_type::seal_transfers && v.code == result_code::id_sealed) {
    e = &append(q.tenant, journal_kind::seal, record);
    r.sequence = e->sequence;
  } else if (is_remembered(v.code)) {
    e = &append(q.tenant, journal_kind::refusal, record);
    e->code = v.code;
    e->refused_type = q.type;
    e->as_of = r.sequence;
  }
  if (e) model_.apply(*e);
  return r;
}

std::vector<result_record> sequential_ledger::execute(const audit_request& q) {
  ++now_;
  advance(0);
  std::vector<result_record> results;
  const auto count = static_cast<std::uint32_t>(q.records.size());
  const auto linked = [&](std::uint32_t i) {
    return q.type == frame_type::create_transfers && has(q.records[i].as<transfer_record>().flags, tf::linked);
  };
  const time_ns received_at = now_;
  for (std::uint32_t first = 0; first < count;) {
    std::uint32_t last = first;
    while (last + 1 < count && linked(last)) ++last;
    const std::uint32_t size = last + 1 - first;
    const auto verdicts =
        model_.unit(q.type, q.tenant, {q.records.data() + first, size}, linked(last), received_at, model_.head());
    const bool executed =
        std::all_of(verdicts.begin(), verdicts.end(), [](auto& v) { return v.code == result_code::ok; });
    for (std::uint32_t i = 0; i < size; ++i)
      results.push_back(answer(q, first + i, first, size, executed, verdicts[i]));
    first = last + 1;
  }
  return results;
}

void sequential_ledger::advance(time_ns by) {
  now_ += by;
  for (const auto& [tenant, hold] : model_.due(now_)) {
    transfer_record r{};
    // Any id that no client makes will do: the rules only say that it is derived.
    r.id.value = ~hold.id.value;
    r.debit_account = hold.debit_account;
    r.credit_account = hold.credit_account;
    r.amount_minor = hold.amount_minor;
    r.target_id = hold.id;
    r.ledger = hold.ledger;
    r.code = hold.code;
    r.flags = tf::void_hold | tf::expiry;
    model_.apply(append(tenant, journal_kind::transfer, raw_record(r)));
  }
}

std::vector<account_snapshot> sequential_ledger::snapshot() const {
  std::vector<account_snapshot> out;
  for (const auto& [key, a] : model_.accounts()) {
    const account_version& v = a.versions.back();
    out.push_back({key.tenant, account_id{key.id}, v.sums, v.flags, v.limit_minor});
  }
  return out;
}

}  // namespace payloom::sim

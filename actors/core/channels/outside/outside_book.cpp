#include "actors/core/channels/outside/outside_book.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "protocol/types/assert.hpp"
#include "protocol/types/portion.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom::core {

namespace {

constexpr std::uint32_t chunk_rows = 4096;

bool moves_money(channel_operation o) {
  return o == channel_operation::pay || o == channel_operation::payout || o == channel_operation::refund;
}

movement_type type_of(channel_operation o) {
  return o == channel_operation::pay      ? movement_type::pay
         : o == channel_operation::payout ? movement_type::payout
                                          : movement_type::refund;
}

movement_type reversal_of(channel_operation o) {
  return o == channel_operation::pay      ? movement_type::pay_reversed
         : o == channel_operation::payout ? movement_type::payout_reversed
                                          : movement_type::refund_reversed;
}

}  // namespace

outside_book::outside_book(const outside_settings& settings)
    : settings_(settings),
      delay_(settings.latency_mean_ms, settings.latency_sigma_ms, settings.latency_max_ms),
      entries_(chunk_rows, settings.seed) {
  PAYLOOM_ASSERT(settings.problem().empty());
}

outside_book::entry* outside_book::find(u128 attempt_id) {
  const std::uint32_t row = entries_.find(mix_id(0, attempt_id), 0, attempt_id);
  return row == entries_.none ? nullptr : &entries_.at(row);
}

const outside_book::entry* outside_book::find(u128 attempt_id) const {
  const std::uint32_t row = entries_.find(mix_id(0, attempt_id), 0, attempt_id);
  return row == entries_.none ? nullptr : &entries_.at(row);
}

outside_book::entry* outside_book::add(u128 attempt_id) {
  if (entries_.size() >= settings_.entries_max) {
    ++counters_.busy;
    return nullptr;
  }
  const std::uint32_t row = entries_.insert(mix_id(0, attempt_id), attempt_id);
  entry& e = entries_.at(row);
  e.attempt_id = attempt_id;
  return &e;
}

std::uint64_t outside_book::content_of(const outside_request& r) {
  std::uint64_t content = mix_id(static_cast<std::uint32_t>(r.operation), r.source);
  content = mix_id(r.ledger, r.amount_minor ^ make_u128(content, 0));
  for (const char c : r.reference) content = mix_id(static_cast<unsigned char>(c), make_u128(0, content));
  return content;
}

bool outside_book::moved(const entry& e, time_ns now) {
  return e.took_at != 0 && e.moves_minor != 0 && e.how != ended::closed && decided(e, now);
}

outside_code outside_book::refusal(const outside_request& r, time_ns now) const {
  if (!moves_money(r.operation) || id_is_reserved(r.attempt_id)) return outside_code::invalid;
  if (r.amount_minor == 0 || r.amount_minor > outside_settings::amount_max) return outside_code::invalid;
  if (r.operation != channel_operation::refund || !settings_.sources_checked) return outside_code::approved;
  const entry* source = find(r.source);
  const bool brought = source != nullptr && source->operation == channel_operation::pay && moved(*source, now) &&
                       source->how != ended::reversed && source->ledger == r.ledger;
  if (!brought) return outside_code::no_source;
  PAYLOOM_ASSERT(source->refunded_minor <= source->moves_minor);
  return r.amount_minor > source->moves_minor - source->refunded_minor ? outside_code::source_spent
                                                                       : outside_code::approved;
}

outside_reply outside_book::refused(outside_code code, channel_outcome outcome) const {
  outside_reply reply;
  reply.outcome = outcome;
  reply.code = code;
  return reply;
}

outside_reply outside_book::take(const outside_request& r, time_ns now) {
  PAYLOOM_ASSERT(now != 0 && now >= last_);
  last_ = now;
  if (const entry* known = find(r.attempt_id); known != nullptr) {
    if (known->took_at == 0) {
      ++counters_.too_late;
      return refused(outside_code::attempt_closed, channel_outcome::rejected);
    }
    if (known->content != content_of(r)) {
      ++counters_.conflicts;
      return refused(outside_code::conflict, channel_outcome::unknown);
    }
    ++counters_.repeated;
    const outside_truth truth = truth_of(*known, now);
    const bool closed = truth.outcome == channel_outcome::closed;
    outside_reply reply = refused(truth.code, closed ? channel_outcome::rejected : truth.outcome);
    reply.repeated = true;
    reply.amount_minor = truth.amount_minor;
    reply.channel_txn = truth.channel_txn;
    return reply;
  }
  const outside_code refusal_code = refusal(r, now);
  if (refusal_code == outside_code::invalid) return refused(refusal_code, channel_outcome::rejected);
  entry* const e = add(r.attempt_id);
  if (e == nullptr) return refused(outside_code::busy, channel_outcome::not_sent);

  ++counters_.attempts;
  e->source = r.source;
  e->amount_minor = r.amount_minor;
  e->took_at = now;
  e->content = content_of(r);
  e->ledger = r.ledger;
  e->operation = r.operation;
  if (refusal_code != outside_code::approved) {
    e->how = ended::refused;
    e->code = refusal_code;
    e->before = e->end = channel_outcome::rejected;
    outside_reply reply = refused(refusal_code, channel_outcome::rejected);
    reply.channel_txn = channel_txn_of(settings_.seed, r.attempt_id, 0);
    return reply;
  }
  outside_fate fate = fate_of(settings_, delay_, r.attempt_id, r.operation, r.amount_minor, r.ledger);
  PAYLOOM_ASSERT(fate.amount_minor != 0 && fate.amount_minor <= r.amount_minor);
  e->ends_at = fate.ends_ns == 0 ? 0 : now + fate.ends_ns;
  e->before = fate.before;
  e->end = fate.end;
  e->comes_back = fate.comes_back;
  e->moves_minor = fate.end == channel_outcome::success ? fate.amount_minor : 0;
  if (uses_source(*e)) find(e->source)->refunded_minor += e->moves_minor;

  outside_reply reply;
  reply.outcome = fate.first;
  reply.code = fate.first == channel_outcome::accepted   ? outside_code::processing
               : fate.first == channel_outcome::rejected ? outside_code::declined
                                                         : outside_code::approved;
  reply.silent = fate.first == channel_outcome::unknown;
  reply.twice = fate.twice;
  reply.amount_minor = fate.first == channel_outcome::success ? fate.amount_minor : 0;
  reply.channel_txn = channel_txn_of(settings_.seed, r.attempt_id, 0);
  reply.delay_ns = fate.answer_ns;
  reply.callbacks = std::move(fate.callbacks);
  return reply;
}

outside_truth outside_book::truth_of(const entry& e, time_ns now) const {
  outside_truth t;
  if (e.took_at != 0) t.channel_txn = channel_txn_of(settings_.seed, e.attempt_id, 0);
  if (e.how == ended::closed || e.how == ended::reversed) {
    t.outcome = channel_outcome::closed;
    t.code = outside_code::attempt_closed;
    return t;
  }
  t.outcome = decided(e, now) ? e.end : e.before;
  if (e.how == ended::refused) {
    t.code = e.code;
  } else if (t.outcome != channel_outcome::success) {
    t.code = t.outcome == channel_outcome::accepted ? outside_code::processing : outside_code::declined;
  } else {
    t.amount_minor = e.moves_minor;
    t.came_back = e.comes_back && e.ends_at <= now;
  }
  return t;
}

outside_truth outside_book::query(u128 attempt_id, time_ns now) const {
  const entry* e = find(attempt_id);
  if (e != nullptr) return truth_of(*e, now);
  outside_truth t;
  t.code = outside_code::not_found;
  return t;
}

bool outside_book::uses_source(const entry& e) const {
  return e.operation == channel_operation::refund && settings_.sources_checked && e.moves_minor != 0 && !e.comes_back;
}

void outside_book::give_back(const entry& refund) {
  if (!uses_source(refund)) return;
  entry* source = find(refund.source);
  PAYLOOM_ASSERT(source != nullptr && source->refunded_minor >= refund.moves_minor);
  source->refunded_minor -= refund.moves_minor;
}

outside_truth outside_book::close(u128 attempt_id, time_ns now) { return end(attempt_id, now, ended::closed); }

outside_truth outside_book::reverse(u128 attempt_id, time_ns now) { return end(attempt_id, now, ended::reversed); }

outside_truth outside_book::end(u128 attempt_id, time_ns now, ended how) {
  PAYLOOM_ASSERT(now != 0 && now >= last_);
  last_ = now;
  entry* e = find(attempt_id);
  if (e == nullptr) {
    e = id_is_reserved(attempt_id) ? nullptr : add(attempt_id);
    if (e == nullptr) {
      outside_truth t;
      t.code = id_is_reserved(attempt_id) ? outside_code::invalid : outside_code::busy;
      return t;
    }
    e->how = ended::closed;  // nothing had come, so nothing moves back
    e->ended_at = now;
    ++counters_.closed;
    return truth_of(*e, now);
  }
  if (e->how == ended::closed || e->how == ended::reversed) return truth_of(*e, now);
  const bool is_moved = moved(*e, now);
  const bool is_back = e->comes_back && e->ends_at <= now;
  if (is_moved && (how == ended::closed || is_back)) return truth_of(*e, now);
  if (is_moved && e->refunded_minor != 0) {
    outside_truth t = truth_of(*e, now);
    t.code = outside_code::already_refunded;
    return t;
  }
  give_back(*e);
  e->how = is_moved ? ended::reversed : ended::closed;
  e->ended_at = now;
  ++counters_.closed;
  return truth_of(*e, now);
}

bool outside_book::tells(u128 attempt_id, const outside_callback& callback) const {
  if (!callback.honest()) return true;
  const entry* e = find(attempt_id);
  return e != nullptr && e->how == ended::by_fate;
}

ledger_id outside_book::ledger_of(u128 attempt_id) const {
  const entry* e = find(attempt_id);
  return e == nullptr ? 0 : e->ledger;
}

u128 outside_book::fee_of(u128 amount_minor) const { return portion(amount_minor, settings_.fee_basis_points, 10'000); }

std::size_t outside_book::movements_of(const entry& e, std::array<statement_line, 2>& lines) const {
  if (e.took_at == 0 || e.moves_minor == 0 || e.how == ended::closed) return 0;
  statement_line& first = lines[0];
  first.channel = settings_.channel;
  first.occurred_at = e.comes_back || e.ends_at == 0 ? e.took_at : e.ends_at;
  first.settle_date = utc_day_of(first.occurred_at);
  first.channel_txn = channel_txn_of(settings_.seed, e.attempt_id, 0);
  first.platform_no = e.attempt_id;
  first.type = type_of(e.operation);
  first.amount_minor = e.moves_minor;
  first.fee_minor = fee_of(e.moves_minor);
  first.ledger = e.ledger;
  const bool reversed = e.how == ended::reversed;
  if (!reversed && !e.comes_back) return 1;
  lines[1] = first;
  lines[1].occurred_at = reversed ? e.ended_at : e.ends_at;
  lines[1].settle_date = utc_day_of(lines[1].occurred_at);
  lines[1].channel_txn = channel_txn_of(settings_.seed, e.attempt_id, 1);
  lines[1].type = reversed                                   ? reversal_of(e.operation)
                  : e.operation == channel_operation::payout ? movement_type::payout_returned
                                                             : movement_type::refund_returned;
  return 2;
}

std::vector<statement_line> outside_book::statement(time_ns from, time_ns to) const {
  std::vector<statement_line> all;
  std::array<statement_line, 2> lines;
  for (std::uint32_t row = 0; row < entries_.rows(); ++row) {
    const std::size_t count = movements_of(entries_.at(row), lines);
    for (std::size_t i = 0; i < count; ++i)
      if (lines[i].occurred_at >= from && lines[i].occurred_at < to) all.push_back(lines[i]);
  }
  std::ranges::sort(all, [](const statement_line& a, const statement_line& b) {
    return a.occurred_at != b.occurred_at ? a.occurred_at < b.occurred_at : a.channel_txn < b.channel_txn;
  });
  return all;
}

std::vector<statement_total> outside_book::totals(time_ns from, time_ns to) const {
  std::map<ledger_id, statement_total> by_ledger;
  std::array<statement_line, 2> lines;
  for (std::uint32_t row = 0; row < entries_.rows(); ++row) {
    const std::size_t count = movements_of(entries_.at(row), lines);
    for (std::size_t i = 0; i < count; ++i) {
      const statement_line& l = lines[i];
      if (l.occurred_at < from || l.occurred_at >= to) continue;
      statement_total& t = by_ledger[l.ledger];
      t.ledger = l.ledger;
      ++t.lines;
      u128& sum = brings_money(l.type) ? t.came_minor : t.left_minor;
      u128& fees = undoes(l.type) ? t.fees_back_minor : t.fees_minor;
      PAYLOOM_ASSERT(checked_add(sum, l.amount_minor, sum) && checked_add(fees, l.fee_minor, fees));
    }
  }
  std::vector<statement_total> all;
  for (const auto& [ledger, total] : by_ledger) all.push_back(total);
  return all;
}

}  // namespace payloom::core

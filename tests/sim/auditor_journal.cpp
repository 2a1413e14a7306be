// The auditor's view of the journal: was each event asked for, and allowed where it stands?
#include <algorithm>

#include "protocol/types/check_records.hpp"
#include "tests/sim/auditor.hpp"
#include "tests/sim/content_rules.hpp"

namespace payloom::sim {
namespace {
namespace tf = transfer_flags;
using rc = result_code;

frame_type asked_type(const journal_event& e) {
  switch (e.kind) {
    case journal_kind::transfer:
      return frame_type::create_transfers;
    case journal_kind::account:
      return frame_type::create_accounts;
    case journal_kind::change:
      return frame_type::change_accounts;
    case journal_kind::refusal:
      return e.refused_type;
    case journal_kind::order:
      return static_cast<frame_type>(e.order->request_type);
    default:
      return frame_type::seal_transfers;
  }
}

std::string not_allowed(rc code) { return "the rules answer " + std::string(name_of(code)); }
}  // namespace

void auditor::follow_unit(const journal_event& e) {
  if (e.unit_index != unit_next_ || (unit_next_ != 0 && e.unit_size != unit_size_) || e.unit_size == 0 ||
      (e.unit_size > 1 && e.kind != journal_kind::transfer))
    complain("journal " + std::to_string(e.sequence) + ": half a chain");
  if (e.unit_index == 0) {
    unit_begin_ = e.sequence;
    unit_members_.clear();
    stats_.chains += e.unit_size > 1;
  }
  unit_size_ = e.unit_size;
  unit_next_ = e.unit_index + 1 < e.unit_size ? e.unit_index + 1 : 0;
}

std::string auditor::judge_expiry(const journal_event& e) const {
  const auto r = e.record.as<transfer_record>();
  if (r.flags != (tf::void_hold | tf::expiry)) return "an expiry has other flags than void and expiry";
  const model_command* c = model_.find_command(e.tenant, r.target_id.value);
  if (!c || c->type != frame_type::create_transfers || c->state != command_state::executed) return "expiry of nothing";
  const auto hold = c->record.as<transfer_record>();
  if (!has(hold.flags, tf::hold)) return "expiry of something that is no hold";
  if (c->end != hold_end::open) return "expiry of a hold that was resolved before";
  if (hold.timeout_s == 0 || e.timestamp < c->timestamp + std::uint64_t{hold.timeout_s} * 1'000'000'000u)
    return "expiry before its time";
  if (r.debit_account != hold.debit_account || r.credit_account != hold.credit_account ||
      r.amount_minor != hold.amount_minor || r.ledger != hold.ledger || r.code != hold.code)
    return "an expiry differs from its hold";
  return {};
}

// A balancing amount must be what some state between submission and commit left. The two sides of an amount that
// balances both are found at two stops, so each may be explained by its own state; earlier members of a chain count
// with what they moved.
bool auditor::amount_explained(const journal_event& e, const transfer_record& asked, const asked_frame& f) const {
  const u128 moved = e.record.as<transfer_record>().amount_minor;
  const std::vector<raw_record> one{raw_record(asked)};
  for (std::uint16_t side : {std::uint16_t{tf::balancing}, tf::balancing_debit, tf::balancing_credit}) {
    std::vector<transfer_record> unit = unit_members_;
    unit.push_back(asked);
    unit.back().flags = static_cast<std::uint16_t>(asked.flags & (side | ~tf::balancing));
    if (!has(unit.back().flags, tf::balancing)) continue;
    const auto points = model_.turning_points(frame_type::create_transfers, e.tenant, one,
                                              std::min(f.durable_through, unit_begin_ - 1), unit_begin_ - 1);
    for (commit_seq at : points) {
      const verdict v = model_.transfers(e.tenant, unit, false, f.received_at, at).back();
      if (v.code == rc::ok && v.completed.amount_minor == moved) return true;
    }
  }
  return false;
}

std::string auditor::judge_transfer(const journal_event& e, const asked_frame& f, std::uint32_t i) const {
  const unit_ref u = unit_of(f, i);
  if (u.size != e.unit_size || i - u.first != e.unit_index || u.open) return "its place in the chain is another";
  const auto asked = f.request.records[i].as<transfer_record>();
  const verdict v = model_.transfer(e.tenant, asked, f.received_at, model_view{unit_begin_ - 1, e.sequence - 1, {}});
  if (v.code != rc::ok) return not_allowed(v.code);
  if (v.replayed) return "the id was executed before";
  const auto written = e.record.as<transfer_record>();
  transfer_record expected = v.completed;
  if (has(asked.flags, tf::balancing)) {
    if (written.amount_minor > expected.amount_minor) return "a balancing transfer moved more than was left";
    if (written.amount_minor < expected.amount_minor && !amount_explained(e, asked, f))
      return "a balancing transfer moved less than was left";
    expected.amount_minor = written.amount_minor;
  }
  return raw_record(expected) == e.record ? "" : "the journaled transfer differs from the one asked for";
}

// The account that a request moves money from or to; a reversal may leave it to its original.
account_id auditor::account_of(tenant_id t, const transfer_record& r, bool credit) const {
  const account_id said = credit ? r.credit_account : r.debit_account;
  const model_command* target = model_.find_command(t, r.target_id.value);
  if (said.value != 0 || !target) return said;
  const auto original = target->record.as<transfer_record>();
  return credit != has(r.flags, tf::reversal) ? original.credit_account : original.debit_account;
}

// Accounts, ids and targets are looked at one after the other, each on its own, while others' work goes on. So a
// refusal is true as well when its own account refuses at exactly as_of (targets: at or before), with the rest as it
// stood at some time since the request, and every earlier member of its chain passes at some such time.
bool auditor::refused_on_its_own(const journal_event& e, const asked_frame& f, std::uint32_t i) const {
  if (f.request.type != frame_type::create_transfers || e.code < rc::hold_not_found) return false;
  const unit_ref u = unit_of(f, i);
  const std::uint32_t culprit = i - u.first;
  const auto points = model_.turning_points(f.request.type, e.tenant, u.records(), f.durable_through, e.sequence - 1);
  // Member `m` when one of its accounts stands at `own`, every other account at `rest`, ids and targets at `ids`.
  const auto member = [&](std::uint32_t m, bool credit, commit_seq own, commit_seq rest, commit_seq ids) {
    const auto asked = u.records()[m].as<transfer_record>();
    model_view view{ids, rest, {}, {}};
    view.stood_at[{e.tenant, account_of(e.tenant, asked, credit).value}] = own;
    for (std::uint32_t before = 0; before < m; ++before) {
      const verdict v = model_.transfer(e.tenant, u.records()[before].as<transfer_record>(), f.received_at, view);
      model_.move_on_top(e.tenant, v.completed, view);
    }
    return model_.transfer(e.tenant, asked, f.received_at, view);
  };
  const auto some = [&](auto&& holds) { return std::any_of(points.begin(), points.end(), holds); };
  const auto some_pair = [&](auto&& holds) {
    return some([&](commit_seq own) { return some([&](commit_seq rest) { return holds(own, rest); }); });
  };
  for (std::uint32_t m = 0; m < culprit; ++m)
    if (!some_pair([&](commit_seq own, commit_seq rest) {
          return member(m, false, own, rest, std::min(own, rest)).code == rc::ok ||
                 member(m, false, own, rest, std::max(own, rest)).code == rc::ok;
        }))
      return false;
  const auto refuses = [&](bool credit, commit_seq own, commit_seq rest, commit_seq ids) {
    const verdict v = member(culprit, credit, own, rest, ids);
    return v.code == e.code && !v.replayed;
  };
  if (e.code < rc::debit_account_not_found)
    return some_pair(
        [&](commit_seq own, commit_seq rest) { return own <= e.as_of && refuses(false, rest, rest, own); });
  if (e.code == rc::nothing_available)
    return some_pair([&](commit_seq own, commit_seq rest) {
      return std::min(own, rest) <= e.as_of && refuses(false, own, rest, std::min(own, rest));
    });
  const bool by_credit = static_cast<unsigned>(e.code) % 2 == 1;  // the codes of the two accounts alternate
  return some([&](commit_seq rest) {
    return refuses(by_credit, e.as_of, rest, std::min(e.as_of, rest)) ||
           refuses(by_credit, e.as_of, rest, std::max(e.as_of, rest));
  });
}

std::string auditor::judge_refusal(const journal_event& e, const asked_frame& f, std::uint32_t i) const {
  if (!(f.request.records[i] == e.record)) return "the journaled refusal holds another request";
  if (!is_remembered(e.code)) return "a refusal that is not remembered was journaled";
  if (e.as_of >= e.sequence) return "a refusal rests on a later commit than its own";
  if (e.as_of < f.durable_through) return "a refusal rests on a state from before its request";
  if (f.request.type == frame_type::act_on_orders) return judge_order_refusal(e, f, i);
  const unit_ref u = unit_of(f, i);
  rc model_says = rc::ok;
  for (commit_seq at : model_.turning_points(f.request.type, e.tenant, u.records(), f.durable_through, e.as_of)) {
    const verdict v = evaluate(u, at)[i - u.first];
    if (v.code == e.code && !v.replayed) return {};
    if (at == e.as_of) model_says = v.code;
  }
  if (e.kind == journal_kind::refusal && refused_on_its_own(e, f, i)) return {};
  return "refused " + std::string(name_of(e.code)) + " as of " + std::to_string(e.as_of) + ", but " +
         not_allowed(model_says);
}

std::string auditor::judge(const journal_event& e, const asked_frame& f, std::uint32_t i) {
  if (asked_type(e) != f.request.type) return "another kind of command was asked for";
  const raw_record& asked = f.request.records[i];
  switch (e.kind) {
    case journal_kind::transfer:
      return judge_transfer(e, f, i);
    case journal_kind::refusal:
      return judge_refusal(e, f, i);
    case journal_kind::seal:
      return {};
    case journal_kind::order:
      return judge_order(e, f, i);
    case journal_kind::payment:
      return "a payment without its order";
    case journal_kind::account: {
      const verdict v = model_.account(e.tenant, asked.as<account_record>(), f.received_at, e.sequence - 1);
      if (v.code != rc::ok) return not_allowed(v.code);
      break;
    }
    case journal_kind::change: {
      const verdict v = model_.change(e.tenant, asked.as<account_change_record>(), e.sequence - 1);
      if (v.code != rc::ok || v.replayed) return not_allowed(v.code);
      if (v.flags_after != e.flags_after || v.limit_after != e.limit_after) return "a change has another outcome";
      break;
    }
  }
  return asked == e.record ? "" : "the journaled record differs from the one asked for";
}

void auditor::journaled(const journal_event& e) {
  const std::string where = "journal " + std::to_string(e.sequence) + ": ";
  ++stats_.journal_events;
  if (e.sequence != model_.head() + 1) complain(where + "follows " + std::to_string(model_.head()));
  if (e.timestamp <= last_time_) complain(where + "its time does not ascend");
  last_time_ = e.timestamp;
  follow_unit(e);
  if (follow_posting(e) || follow_payment(e)) return;
  linked_goes_on(e, where);

  const u128 id = e.record.first_id();
  const bool is_account = e.kind == journal_kind::account;
  const bool expiry = e.kind == journal_kind::transfer && has(e.record.as<transfer_record>().flags, tf::expiry);
  const auto action = e.record.as<order_action_record>();
  const bool ended = is_check_fact(action) && e.record.as<check_fact_record>().code != result_code::ok;
  const bool timer = e.kind == journal_kind::order && asked_type(e) == frame_type::act_on_orders &&
                     (action.action == order_action::timer || ended);  // what shards make by themselves
  if (!is_account && model_.find_command(e.tenant, id)) complain(where + "the id was used before");
  std::uint32_t candidates = 0;
  made_ = {};
  decided_from_ = ~time_ns{0};
  if (expiry) {
    ++stats_.expiries;
    if (const std::string problem = judge_expiry(e); !problem.empty()) complain(where + problem);
  } else if (timer) {
    if (const std::string problem = judge_timer(e); !problem.empty()) complain(where + problem);
  } else {
    std::string problem = "nobody asked for it";
    const auto [first, last] = asked_.equal_range(asked_key{is_account, {e.tenant, id}});
    for (auto a = first; a != last; ++a) {
      const std::string p = judge(e, *a->second.frame, a->second.index);
      if (!p.empty()) {
        problem = p;
        continue;
      }
      ++candidates;
      a->second.frame->journaled_at[a->second.index] = e.sequence;
    }
    if (candidates == 0) complain(where + problem);
  }
  if (e.kind == journal_kind::order) {
    expect_postings(e);
    linked_counts(e, where);
  }
  model_.apply(e);
  if (e.kind == journal_kind::transfer) {
    unit_members_.push_back(e.record.as<transfer_record>());
    unit_members_.back().flags &= static_cast<std::uint16_t>(~tf::balancing);
  }
  if (model_account* a = is_account ? model_.find_account(e.tenant, account_id{id}) : nullptr)
    a->candidates = candidates;
  if (model_command* c = is_account ? nullptr : model_.find_command(e.tenant, id)) c->candidates = candidates;
}

}  // namespace payloom::sim

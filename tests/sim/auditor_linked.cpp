// The auditor's view of linked actions on orders: all of them or none, one behind the other in one group, each with
// what the rules make of it; and of payments for several orders that are one payment at their channel.
#include <algorithm>

#include "tests/sim/auditor.hpp"
#include "tests/sim/content_rules.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;

std::string not_allowed(rc code) { return "the rules answer " + std::string(name_of(code)); }
bool is_action(const journal_event& e) {
  return e.kind == journal_kind::order &&
         e.order->request_type == static_cast<std::uint16_t>(frame_type::act_on_orders);
}
bool is_linked(const journal_event& e) {
  return is_action(e) && has(e.record.as<order_action_record>().flags, action_flags::linked);
}
bool of_accounts(rc code) { return code >= rc::debit_account_not_found && code <= rc::exceeds_debits; }
}  // namespace

std::string auditor::judge_linked(const journal_event& e, const asked_frame& f, std::uint32_t i) {
  const unit_ref u = unit_of(f, i);
  const std::uint32_t member = i - u.first;
  if (u.open) return "linked actions without an end were executed";
  if (member != linked_next_) return "linked actions do not stand one behind the other";
  const auto records = u.records();
  std::shared_ptr<const linked_unit> unit;
  if (member == 0) {
    linked_unit fresh{{records.begin(), records.end()}, {}};
    const std::vector<verdict> all =
        model_.linked_actions(e.tenant, records, false, f.received_at, e.sequence - 1, &fresh.outcomes);
    for (const verdict& v : all)
      if (v.code != rc::ok || v.replayed) return not_allowed(v.code);
    unit = std::make_shared<const linked_unit>(std::move(fresh));
  } else {
    const auto same = [&](const auto& known) {
      return std::equal(records.begin(), records.end(), known->records.begin(), known->records.end());
    };
    const auto at = std::find_if(linked_.begin(), linked_.end(), same);
    if (at == linked_.end()) return "it was linked with other actions";
    unit = *at;
  }
  const order_outcome& o = unit->outcomes.at(member);
  if (const std::string wrong = order_differs(e, o, f.received_at); !wrong.empty()) return wrong;
  decided_from_ = std::min(decided_from_, f.received_at);
  made_ = o;
  linked_now_.push_back(unit);
  return {};
}

/// Before an event is judged: while linked actions are not all there, only the next of them may come.
void auditor::linked_goes_on(const journal_event& e, const std::string& where) {
  linked_now_.clear();
  if (linked_next_ == 0) {
    linked_.clear();
    if (combined_.is_open()) complain(where + "a combined payment lacks orders");
    combined_.close();
    return;
  }
  if (is_action(e) && e.tenant == order_now_.tenant && e.group == order_now_.group) return;
  complain(where + "linked actions were executed in part");
  linked_.clear();
  linked_next_ = 0;
}

/// After it was judged.
void auditor::linked_counts(const journal_event& e, const std::string& where) {
  if (!is_linked(e) && linked_next_ == 0) return;
  linked_stats& s = stats_.linked;
  const auto a = e.record.as<order_action_record>();
  s.inside += a.action == order_action::pay && !made_.has_payment;
  s.cancelled_together += a.action == order_action::cancel && made_.has_payment && made_.payment.combined != 0 &&
                          made_.payment.call != channel_operation::none;
  linked_.swap(linked_now_);
  ++linked_next_;
  if (is_linked(e)) return;
  if (!linked_.empty() && linked_.front()->records.size() != linked_next_)
    complain(where + "linked actions end before their last");
  ++s.executed;
  linked_next_ = 0;
}

/// Its payment, when several linked actions begin with the same: those that it does not fit are not the ones.
std::string auditor::linked_payment_differs(const payment_row& is, const journal_event& e) {
  if (linked_.empty()) return payment_differs(is, e);
  linked_units fits;
  std::string wrong;
  for (const auto& unit : linked_) {
    const std::size_t member = (linked_next_ == 0 ? unit->records.size() : linked_next_) - 1;
    made_.payment = unit->outcomes.at(member).payment;
    std::string differs = payment_differs(is, e);
    if (differs.empty()) fits.push_back(unit);
    wrong = std::move(differs);
  }
  if (fits.empty()) return wrong;
  linked_.swap(fits);
  return {};
}

/// A durable payment of an order.
void auditor::follow_combined(const payment_row& p, const std::string& where) {
  const bool begins = p.call == channel_operation::pay && p.attempt == 1;
  if (!begins || p.combined == 0) return;
  if (const std::string wrong = combined_.begun(order_now_.tenant, p); !wrong.empty()) complain(where + wrong);
}

/// A remembered refusal is its member's own: at a time since the request all earlier ones pass and it is refused, and
/// what its own order or account says of it was true as of the commit that it names.
std::string auditor::judge_linked_refusal(const journal_event& e, const asked_frame& f, std::uint32_t i) const {
  const unit_ref u = unit_of(f, i);
  const std::uint32_t member = i - u.first;
  std::vector<commit_seq> points =
      model_.turning_points(e.refused_type, e.tenant, u.records(), f.durable_through, e.sequence - 1);
  points.push_back(e.as_of);
  rc model_says = rc::ok;
  for (const time_ns now : {e.timestamp, f.received_at}) {
    for (const commit_seq at : points) {
      std::vector<order_outcome> made;
      const auto all = model_.linked_actions(e.tenant, u.records(), u.open, now, at, &made);
      if (all[member].code == e.code && !all[member].replayed && (!of_accounts(e.code) || at == e.as_of)) return {};
      model_says = all[member].code;
      if (!of_accounts(e.code) || made.empty()) continue;
      std::vector<transfer_record> legs;
      std::size_t first = 0, last = 0;
      for (std::uint32_t m = 0; m < made.size(); ++m) {
        if (m == member) first = legs.size();
        legs.insert(legs.end(), made[m].legs.begin(), made[m].legs.end());
        if (m == member) last = legs.size();
      }
      if (accounts_refuse(e.tenant, legs, e.code, e.as_of, points, first, last)) return {};
    }
  }
  if (e.code == rc::order_not_found && missed_alone(e, u.records(), member, f.received_at, points)) return {};
  return "linked, refused " + std::string(name_of(e.code)) + " as of " + std::to_string(e.as_of) + ", but " +
         not_allowed(model_says);
}

/// Orders are looked for one after the other, in the order of their route: one was not there as of the refusal, and
/// each action before it in the frame passes at some time since the request.
bool auditor::missed_alone(const journal_event& e, std::span<const raw_record> records, std::uint32_t member,
                           time_ns received_at, std::span<const commit_seq> points) const {
  const auto outcome = [&](std::uint32_t m, commit_seq at, time_ns now) {
    return model_.order_outcome_at(e.refused_type, e.tenant, records[m], now, at).code;
  };
  if (outcome(member, e.as_of, e.timestamp) != rc::order_not_found) return false;
  for (std::uint32_t m = 0; m < member; ++m) {
    const bool passes = std::any_of(points.begin(), points.end(), [&](commit_seq at) {
      for (const time_ns now : {received_at, e.timestamp}) {
        const rc code = outcome(m, at, now);                                // no account was asked yet
        if (code == rc::ok || code == rc::combined_in_flight) return true;  // with the others it may pass
      }
      return false;
    });
    if (!passes) return false;
  }
  return true;
}

/// What an answer to linked actions says, for the counts.
void auditor::count_linked_answer(std::span<const result_record> r) {
  for (const result_record& x : r) {
    if (x.code == rc::linked_event_failed) continue;
    ++stats_.linked.by_code[x.code];
    stats_.linked.replays += has(x.flags, result_flags::replayed) && x.code == rc::ok;
    stats_.linked.replayed_refusals += has(x.flags, result_flags::replayed) && x.code != rc::ok;
    return;  // the others say the same
  }
}

}  // namespace payloom::sim

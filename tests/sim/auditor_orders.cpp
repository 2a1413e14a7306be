// The auditor's view of orders: each event against the rules written out in order_rules, its postings behind it in the
// same group, and refusals against the order and the accounts as they stood.
#include <algorithm>

#include "tests/sim/auditor.hpp"
#include "tests/sim/content_rules.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;
constexpr time_ns second = 1'000'000'000u;

std::string not_allowed(rc code) { return "the rules answer " + std::string(name_of(code)); }
bool is_timer(const journal_event& e) {
  return e.order->request_type == static_cast<std::uint16_t>(frame_type::act_on_orders) &&
         e.record.as<order_action_record>().action == order_action::timer;
}
bool of_accounts(rc code) { return code >= rc::debit_account_not_found && code <= rc::exceeds_debits; }
}  // namespace

/// The whole event against what the rules made of it. `earliest`: the command cannot have been decided before.
std::string auditor::order_differs(const journal_event& e, const order_outcome& o, time_ns earliest) const {
  const order_event& j = *e.order;
  order_row expected = o.after;
  if (o.waits_s == 0) {
    if (j.order.timeout_at != 0) return "a state without a timer has one";
  } else if (j.order.timeout_at < earliest + o.waits_s * second ||
             j.order.timeout_at > e.timestamp + o.waits_s * second) {
    return "the state's timer is due at another time";
  }
  expected.timeout_at = j.order.timeout_at;
  if (expected.accounting_date == 0) {
    constexpr time_ns day = 86'400 * second;
    const std::uint32_t date = j.order.accounting_date;
    if (date != day_number(earliest / day) && date != day_number(e.timestamp / day))
      return "the accounting date is not the day of the decision";
    expected.accounting_date = j.order.accounting_date;
  }
  if (j.order.refunded_minor + j.order.refunding_minor > j.order.paid_minor ||
      j.order.paid_minor > j.order.amount_minor)
    return "an order's sums are not in order";
  if (j.order.state != expected.state) return "the order is in another state";
  if (j.order.version != expected.version || j.order.previous_seq != expected.previous_seq ||
      j.order.created_seq != expected.created_seq)
    return "version, previous or first event are others";
  if (std::memcmp(&expected, &j.order, sizeof expected) != 0) return "the order differs from what the rules make of it";
  if (j.amount_minor != o.amount || j.fee_minor != o.fee) return "the payment moved another amount or fee";
  if (j.event != o.event || j.fact != o.fact || j.from_state != o.from_state) return "another event is stated";
  if (j.legs != o.legs.size() || (j.legs == 0) != (j.form == 0xff)) return "it has another number of postings";
  return {};
}

std::string auditor::judge_order(const journal_event& e, const asked_frame& f, std::uint32_t i) const {
  if (!(f.request.records[i] == e.record)) return "the journaled record differs from the one asked for";
  const verdict v = model_.order_command(f.request.type, e.tenant, e.record, f.received_at, e.sequence - 1);
  if (v.code != rc::ok || v.replayed) return not_allowed(v.code);
  return order_differs(
      e, model_.order_outcome_at(f.request.type, e.tenant, e.record, f.received_at, e.sequence - 1), f.received_at);
}

std::string auditor::judge_timer(const journal_event& e) const {
  const auto r = e.record.as<order_action_record>();
  const order_version* before = model_.order_at(e.tenant, r.order, e.sequence - 1);
  if (!before) return "a timer of no order";
  order_action_record plain{};
  plain.id = r.id, plain.order = r.order, plain.action = order_action::timer;
  if (!(raw_record(plain) == e.record)) return "a timer says more than its order";
  if (before->row.timeout_at == 0 || e.timestamp < before->row.timeout_at) return "a timer before its time";
  const order_outcome o =
      model_.order_outcome_at(frame_type::act_on_orders, e.tenant, e.record, e.timestamp, e.sequence - 1);
  if (o.code != rc::ok) return not_allowed(o.code);
  const rc code = model_.postings(e.tenant, o.legs, model_view{e.sequence - 1, e.sequence - 1, {}, {}});
  if (code != rc::ok) return not_allowed(code);
  return order_differs(e, o, before->row.timeout_at);
}

/// Whether some posting's account refuses with `code` as it stood at `as_of`, with the other accounts as they stood at
/// some time since the request, and the postings before it on top.
bool auditor::accounts_refuse(tenant_id t, std::span<const transfer_record> legs, rc code, commit_seq as_of,
                              std::span<const commit_seq> points) const {
  const bool by_credit = static_cast<unsigned>(code) % 2 == 1;  // the codes of the two accounts alternate
  for (std::size_t m = 0; m < legs.size(); ++m) {
    const account_id own = by_credit ? legs[m].credit_account : legs[m].debit_account;
    const bool refuses = std::any_of(points.begin(), points.end(), [&](commit_seq rest) {
      model_view view{rest, rest, {}, {}};
      view.stood_at[{t, own.value}] = as_of;
      for (std::size_t before = 0; before < m; ++before) model_.move_on_top(t, legs[before], view);
      return model_.postings(t, legs.subspan(m, 1), view) == code;
    });
    if (refuses) return true;
    const bool passes = std::any_of(points.begin(), points.end(), [&](commit_seq at) {
      return model_.postings(t, legs.first(m + 1), model_view{at, at, {}, {}}) == rc::ok;
    });
    if (!passes) return false;  // it would have been the culprit
  }
  return false;
}

/// Remembered: the state's own refusals are true exactly as of their commit; an account's rest on the order as it was
/// while the command had it claimed, and so until this event.
std::string auditor::judge_order_refusal(const journal_event& e, const asked_frame& f) const {
  const auto says = [&](commit_seq at, time_ns now) {
    const verdict v = model_.order_command(e.refused_type, e.tenant, e.record, now, at);
    return v.replayed ? rc::ok : v.code;
  };
  const rc now = says(e.as_of, e.timestamp);
  if (now == e.code || says(e.as_of, f.received_at) == e.code) return {};
  if (of_accounts(e.code)) {
    const order_outcome o = model_.order_outcome_at(e.refused_type, e.tenant, e.record, f.received_at, e.sequence - 1);
    std::vector<commit_seq> points = model_.turning_points(e.refused_type, e.tenant, std::span(&e.record, 1),
                                                           f.durable_through, e.sequence - 1);
    points.push_back(e.as_of);
    if (o.code == rc::ok && accounts_refuse(e.tenant, o.legs, e.code, e.as_of, points)) return {};
  }
  return "refused " + std::string(name_of(e.code)) + " as of " + std::to_string(e.as_of) + ", but " + not_allowed(now);
}

/// A creation with pay_now that its accounts refused: nothing is stored, the reply says as of when.
bool auditor::creation_refused(const unit_ref& u, const result_record& r, commit_seq durable_through) const {
  const audit_request& q = u.frame.request;
  if (q.type != frame_type::create_orders || !of_accounts(r.code)) return false;
  const raw_record& asked = q.records[u.first];
  const order_outcome o = model_.order_outcome_at(q.type, q.tenant, asked, u.frame.received_at, durable_through);
  std::vector<commit_seq> points =
      model_.turning_points(q.type, q.tenant, u.records(), u.frame.durable_through, durable_through);
  const commit_seq as_of = std::max(r.sequence, u.frame.durable_through);
  if (as_of > durable_through) return false;
  points.push_back(as_of);
  return o.code == rc::ok && accounts_refuse(q.tenant, o.legs, r.code, as_of, points);
}

/// An order's event was judged: these postings must follow it, in its group.
void auditor::expect_postings(const journal_event& e) {
  const bool timer = is_timer(e);
  stats_.timers += timer;
  ++stats_.orders;
  const order_outcome o = model_.order_outcome_at(static_cast<frame_type>(e.order->request_type), e.tenant, e.record,
                                                  timer ? e.timestamp : time_ns{0}, e.sequence - 1);
  due_legs_ = o.legs;
  due_legs_.resize(e.order->legs);
  next_leg_ = 0;
  order_now_ = e;
}

/// False when the event is none of an order's.
bool auditor::follow_posting(const journal_event& e) {
  const std::string where = "journal " + std::to_string(e.sequence) + ": ";
  const bool posting = e.kind == journal_kind::transfer && id_is_reserved_for_postings(e.record.first_id());
  const bool due = next_leg_ < due_legs_.size();
  if (due && (!posting || e.tenant != order_now_.tenant)) {
    complain(where + "an order without its postings");
    due_legs_.clear();
  }
  if (!posting) return false;
  ++stats_.postings;
  if (model_.has_posting(e.tenant, e.record.first_id())) complain(where + "the id was used before");
  if (!due) {
    complain(where + "a posting without its order");
  } else {
    if (e.unit_size != due_legs_.size() || e.unit_index != next_leg_) complain(where + "half of an order's postings");
    if (e.group != order_now_.group) complain(where + "a posting in another group than its order");
    if (!(raw_record(due_legs_[next_leg_]) == e.record)) complain(where + "the product promises another posting");
    ++next_leg_;
  }
  model_.apply(e);
  if (due && next_leg_ == due_legs_.size()) {
    const order_row& o = order_now_.order->order;
    if (const std::string wrong = model_.money_of_orders(e.tenant, o.ledger, o.user); !wrong.empty())
      complain(where + wrong);
  }
  return true;
}

/// Nothing of an order may be missing where the journal ends.
void auditor::orders_are_whole(const char* when) {
  if (next_leg_ < due_legs_.size()) complain(std::string(when) + ": an order without its postings");
  if (const std::string wrong = model_.money_of_orders(); !wrong.empty()) complain(std::string(when) + ": " + wrong);
}

}  // namespace payloom::sim

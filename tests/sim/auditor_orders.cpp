// The auditor's view of orders: each event against the rules written out in order_rules, its postings behind it in the
// same group, and refusals against the order and the accounts as they stood.
#include <algorithm>

#include "tests/sim/auditor.hpp"
#include "tests/sim/content_rules.hpp"
#include "tests/sim/machine_tables.hpp"
#include "tests/sim/order_step.hpp"
#include "tests/sim/row_differences.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;
constexpr time_ns second = 1'000'000'000u;

std::string not_allowed(rc code) { return "the rules answer " + std::string(name_of(code)); }
bool is_action(const journal_event& e) {
  return e.order->request_type == static_cast<std::uint16_t>(frame_type::act_on_orders);
}
bool is_timer(const journal_event& e) {
  return is_action(e) && e.record.as<order_action_record>().action == order_action::timer;
}
bool of_accounts(rc code) { return code >= rc::debit_account_not_found && code <= rc::exceeds_debits; }

/// Due at a time that follows from a decision between `earliest` and the commit.
bool due_fits(time_ns due, std::uint64_t waits_s, time_ns earliest, time_ns latest) {
  return due >= earliest + waits_s * second && due <= latest + waits_s * second;
}
}  // namespace

/// The whole event against what the rules made of it. `earliest`: the command cannot have been decided before.
std::string auditor::order_differs(const journal_event& e, const order_outcome& o, time_ns earliest) const {
  const order_event& j = *e.order;
  order_row expected = o.after;
  if (o.waits_s == 0) {
    if (j.order.timeout_at != 0) return "a state without a timer has one";
  } else if (!due_fits(j.order.timeout_at, o.waits_s, earliest, e.timestamp)) {
    return "the state's timer is due at another time";
  }
  if (expected.accounting_date == 0) {
    constexpr time_ns day = 86'400 * second;
    if (j.order.accounting_date != day_number(earliest / day) &&
        j.order.accounting_date != day_number(e.timestamp / day))
      return "the accounting date is not the day of the decision";
    expected.accounting_date = j.order.accounting_date;
  }
  if (j.order.refunded_minor + j.order.refunding_minor > j.order.paid_minor ||
      j.order.paid_minor > j.order.amount_minor)
    return "an order's sums are not in order";
  if (const std::string what = row_differs(j.order, expected); !what.empty())
    return "the rules make another order of it: " + what;
  if (j.amount_minor != o.amount || j.fee_minor != o.fee) return "the payment moved another amount or fee";
  if (j.event != o.event || j.fact != o.fact || j.from_state != o.from_state) return "another event is stated";
  if (j.legs != o.legs.size()) return "it has another number of postings";
  const bool has_payment = (j.flags & order_event_flags::payment) != 0;
  if (has_payment != o.has_payment) return "it comes with a payment, or without, against the rules";
  if (j.form == 0xff ? j.legs != 0 : !has_payment && j.legs == 0) return "it says that it paid, and did not";
  return {};
}

std::string auditor::payment_differs(const payment_row& is, const journal_event& e) const {
  const payment_row& must = made_.payment;
  if (made_.payment_waits_s == 0 ? is.due_at != must.due_at
                                 : !due_fits(is.due_at, made_.payment_waits_s, decided_from_, e.timestamp))
    return "the payment's timer is due at another time";
  if (const std::string what = row_differs(is, must); !what.empty())
    return "the rules make another payment of it: " + what;
  const order_row& o = order_now_.order->order;
  const bool live = is_outside(is);
  if (o.refunding_minor != (live && is.purpose == payment_purpose::refund ? is.amount_minor : 0))
    return "what is being refunded is not what is outside";
  const bool waits = (o.flags & order_row_flags::resident) != 0;
  if ((live || is.suspense_minor != 0 || is.reason != case_reason::none) && !waits)
    return "nobody would remember this payment";
  return {};
}

std::string auditor::judge_order(const journal_event& e, const asked_frame& f, std::uint32_t i) {
  if (!(f.request.records[i] == e.record)) return "the journaled record differs from the one asked for";
  if (unit_of(f, i).is_linked()) return judge_linked(e, f, i);
  order_outcome o;
  const verdict v = model_.order_command(f.request.type, e.tenant, e.record, f.received_at, e.sequence - 1, &o);
  if (v.code != rc::ok || v.replayed) return not_allowed(v.code);
  std::string wrong = order_differs(e, o, f.received_at);
  if (!wrong.empty()) return wrong;
  decided_from_ = std::min(decided_from_, f.received_at);
  made_ = std::move(o);
  return {};
}

std::string auditor::judge_timer(const journal_event& e) {
  const auto r = e.record.as<order_action_record>();
  const order_version* version = model_.order_at(e.tenant, r.order, e.sequence - 1);
  if (!version) return "a timer of no order";
  if (is_check_fact(r)) return judge_checks_ended(e, model_.standing(*version));
  order_action_record plain{};
  plain.id = r.id, plain.order = r.order, plain.action = order_action::timer;
  if (!(raw_record(plain) == e.record)) return "a timer says more than its order";
  const order_standing before = model_.standing(*version);
  const bool of_payment = before.has_payment && is_outside(before.payment);
  const time_ns due = of_payment ? before.payment.due_at : before.row.timeout_at;
  if (due == 0 || e.timestamp < due) return "a timer before its time";
  order_outcome o = changed_order(e.tenant, r, before, e.timestamp);
  if (o.code != rc::ok) return not_allowed(o.code);
  const rc code = model_.postings(e.tenant, o.legs, model_view{e.sequence - 1, e.sequence - 1, {}, {}});
  if (code != rc::ok) return not_allowed(code);
  decided_from_ = due;
  made_ = std::move(o);
  return order_differs(e, made_, due);
}

/// What an order shard says of a payment whose checks had passed, and that the accounts refused then.
std::string auditor::judge_checks_ended(const journal_event& e, const order_standing& before) {
  const auto f = e.record.as<check_fact_record>();
  if (f.code == rc::ok) return "checks have answered, and nobody said so";
  order_outcome o = changed_order(e.tenant, e.record.as<order_action_record>(), before, e.timestamp);
  if (o.code != rc::ok) return not_allowed(o.code);
  ++stats_.payments.refused_after_checks;
  decided_from_ = 0;
  made_ = std::move(o);
  return order_differs(e, made_, 0);
}

/// Whether some posting's account refuses with `code` as it stood at `as_of`, with the other accounts as they stood at
/// some time since the request, and the postings before it on top. One of [first, last); those before pass.
bool auditor::accounts_refuse(tenant_id t, std::span<const transfer_record> legs, rc code, commit_seq as_of,
                              std::span<const commit_seq> points, std::size_t first, std::size_t last) const {
  const bool by_credit = static_cast<unsigned>(code) % 2 == 1;  // the codes of the two accounts alternate
  for (std::size_t m = 0; m < std::min(legs.size(), last); ++m) {
    const account_id own = by_credit ? legs[m].credit_account : legs[m].debit_account;
    const bool refuses = m >= first && std::any_of(points.begin(), points.end(), [&](commit_seq rest) {
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
std::string auditor::judge_order_refusal(const journal_event& e, const asked_frame& f, std::uint32_t i) const {
  if (unit_of(f, i).is_linked()) return judge_linked_refusal(e, f, i);
  const auto says = [&](commit_seq at, time_ns now) {
    const verdict v = model_.order_command(e.refused_type, e.tenant, e.record, now, at);
    return v.replayed ? rc::ok : v.code;
  };
  const rc now = says(e.as_of, e.timestamp);
  if (now == e.code || says(e.as_of, f.received_at) == e.code) return {};
  if (of_accounts(e.code)) {
    const order_outcome o = model_.order_outcome_at(e.refused_type, e.tenant, e.record, f.received_at, e.sequence - 1);
    std::vector<commit_seq> points =
        model_.turning_points(e.refused_type, e.tenant, std::span(&e.record, 1), f.durable_through, e.sequence - 1);
    points.push_back(e.as_of);
    if (o.code == rc::ok && accounts_refuse(e.tenant, o.legs, e.code, e.as_of, points)) return {};
  }
  return "refused " + std::string(name_of(e.code)) + " as of " + std::to_string(e.as_of) + ", but " + not_allowed(now);
}

/// A creation with pay_now, or a fact, that its accounts refused: nothing is stored, the reply says as of when.
bool auditor::refused_by_accounts(const unit_ref& u, const result_record& r, commit_seq durable_through) const {
  const audit_request& q = u.frame.request;
  if ((q.type != frame_type::create_orders && !q.from_server) || !of_accounts(r.code)) return false;
  const raw_record& asked = q.records[u.first];
  const order_outcome o = model_.order_outcome_at(q.type, q.tenant, asked, u.frame.received_at, durable_through);
  std::vector<commit_seq> points =
      model_.turning_points(q.type, q.tenant, u.records(), u.frame.durable_through, durable_through);
  const commit_seq as_of = std::max(r.sequence, u.frame.durable_through);
  if (as_of > durable_through) return false;
  points.push_back(as_of);
  return o.code == rc::ok && accounts_refuse(q.tenant, o.legs, r.code, as_of, points);
}

/// An order's event was judged: these postings must follow it in its group, and then its payment.
void auditor::expect_postings(const journal_event& e) {
  stats_.timers += is_timer(e);
  if (is_action(e) && is_channel_fact(e.record.as<order_action_record>()))
    if (const std::string wrong = combined_.told(e.tenant, e.record.as<channel_fact_record>()); !wrong.empty())
      complain("journal " + std::to_string(e.sequence) + ": " + wrong);
  ++stats_.orders;
  due_legs_ = made_.legs;
  due_legs_.resize(e.order->legs);
  next_leg_ = 0;
  payment_due_ = (e.order->flags & order_event_flags::payment) != 0;
  order_now_ = e;
  const order_version* before = model_.order_at(e.tenant, e.order->order.id, e.sequence - 1);
  before_ = before ? before->standing() : order_standing{};
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
  if (due && next_leg_ == due_legs_.size() && !payment_due_) order_ends(where);
  return true;
}

bool auditor::follow_payment(const journal_event& e) {
  const std::string where = "journal " + std::to_string(e.sequence) + ": ";
  const bool due = payment_due_ && next_leg_ == due_legs_.size();
  if (e.kind != journal_kind::payment) {
    if (due) complain(where + "an order without its payment");
    payment_due_ = payment_due_ && !due;
    return false;
  }
  payment_due_ = false;
  if (!due || e.tenant != order_now_.tenant) {
    complain(where + "a payment without its order");
  } else {
    if (e.group != order_now_.group) complain(where + "a payment in another group than its order");
    if (const std::string wrong = linked_payment_differs(*e.payment, e); !wrong.empty()) complain(where + wrong);
    count_payment(*e.payment);
    follow_combined(*e.payment, where);
  }
  model_.apply(e);
  if (due) order_ends(where);
  return true;
}

/// The whole unit is there: what is on the way is explained by orders.
void auditor::order_ends(const std::string& where) {
  const order_row& o = order_now_.order->order;
  if (const std::string wrong = model_.money_of_orders(order_now_.tenant, o.ledger, o.user); !wrong.empty())
    complain(where + wrong);
}

void auditor::count_payment(const payment_row& now) {
  payment_stats& s = stats_.payments;
  const payment_row& was = before_.payment;
  const machine_table& form = shipped_machines().payments.at(now.form);
  const std::string& state = form.at(now.state).name;
  const bool same = before_.has_payment && was.payment == now.payment;
  const bool moved = !same || was.state != now.state;
  const std::string before = same ? shipped_machines().payments.at(was.form).at(was.state).name : "";
  const bool asks = now.call == channel_operation::query || now.call == channel_operation::close;
  s.begun += !same && now.call != channel_operation::none;
  s.sent_again += same && was.attempt != 0 && now.attempt != was.attempt;
  s.asked += asks;
  s.checked += now.call == channel_operation::check;
  if (same && is_checking(was) && !is_checking(now)) {
    s.checks_passed += now.form != was.form;
    s.checks_refused += now.channel_code == static_cast<std::uint16_t>(rc::check_refused) && now.form == was.form;
    s.checks_missed += now.channel_code == static_cast<std::uint16_t>(rc::check_missing) && now.form == was.form;
    s.optional_missed += now.form != was.form && now.checks_missed != 0;
    s.checks_cancelled += state == "CLOSED";
  }
  s.cancelled_in_flight += now.call == channel_operation::close;
  s.contradictions += now.reason == case_reason::contradiction && was.reason != now.reason;
  s.differs += now.reason == case_reason::amount_differs && was.reason != now.reason;
  s.resolved += order_now_.record.as<order_action_record>().action == order_action::resolve &&
                order_now_.order->request_type == static_cast<std::uint16_t>(frame_type::act_on_orders);
  if (!moved) return;
  s.late_success += state == "LATE_SUCCESS";
  s.failed += state == "FAILED" || state == "CLOSED";
  s.unknown_rejected += before == "UNKNOWN" && state == "FAILED";
  s.returned_payouts += state == "RETURNED" && now.purpose == payment_purpose::payout;
  if (state != "SUCCESS") return;
  s.unknown_success += before == "UNKNOWN";
  s.recharged += order_now_.order->order.product == 201 && now.purpose == payment_purpose::pay;
  s.paid_out += now.purpose == payment_purpose::payout;
  s.sales += order_now_.order->order.product < 200 && now.purpose == payment_purpose::pay;
  s.refunded_to_source += now.purpose == payment_purpose::refund;
  stats_.linked.refunded +=
      now.purpose == payment_purpose::refund && combined_.knows_number(order_now_.tenant, now.source);
  s.returned_late += now.purpose == payment_purpose::return_late;
  s.with_balance += now.balance_minor != 0;
  s.with_coupons += now.coupon_minor != 0;
}

/// Nothing of an order may be missing where the journal ends.
void auditor::orders_are_whole(const char* when) {
  if (next_leg_ < due_legs_.size()) complain(std::string(when) + ": an order without its postings");
  if (payment_due_) complain(std::string(when) + ": an order without its payment");
  if (linked_next_ != 0 || combined_.is_open()) complain(std::string(when) + ": linked actions in part");
  if (const std::string wrong = model_.money_of_orders(); !wrong.empty()) complain(std::string(when) + ": " + wrong);
}

}  // namespace payloom::sim

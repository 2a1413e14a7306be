#pragma once
// One command on one order, while it is decided: used by order_decision.cpp (what a command is), inner_payment.cpp
// (money that stays inside), outer_payment.cpp (payments with channels), outer_return.cpp (what goes back through
// them), outer_facts.cpp (what they say) and checked_payment.cpp (checks before a payment begins). Not for others.
#include "actors/core/catalog/portion.hpp"
#include "actors/core/checks/check_join.hpp"
#include "actors/core/mutation.hpp"
#include "actors/core/payments/order_content.hpp"
#include "actors/core/payments/order_decision.hpp"
#include "actors/core/payments/tools/tools.hpp"
#include "actors/core/rules/rule_judge.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/check_records.hpp"
#include "protocol/types/frame.hpp"

namespace payloom::core {

/// A case that only people end, whatever becomes of the order's payments: the books and the channels differ.
constexpr bool is_peoples(case_reason r) { return r == case_reason::contradiction || r == case_reason::not_booked; }

/// `row()` is the order as it becomes, `out` takes the event. Every step returns false when the command is refused.
class decision {
 public:
  decision(const order_request& about, order_decision& out);

  order_row& row() { return out_.event.order; }
  const order_row& row() const { return out_.event.order; }

  void begin(const order_record& r);
  /// False when the catalogue has no such product any more.
  bool go_on(const order_row& before, commit_seq before_seq, const payment_row* payment);
  bool refuse(result_code c) {
    out_.code = c;
    return false;
  }
  /// The state's time is over and nothing but its end can happen any more.
  bool window_over() const;
  bool raise(catalog::event_index event);
  bool finish(const void* request, frame_type type);

  /// The event that a wish to pay raises: another one when a channel takes part.
  catalog::event_index pay_event(catalog::tool_bits tools) const;
  /// Books the deferred legs of the order's payment.
  bool book_deferred(u128 cause);
  /// Moves money by the row of the business map for `event`, if it has one.
  bool pay(catalog::event_index event, const payment_ask& ask);

  // Payments that wait for checks.
  bool checking() const;
  /// What the checks have said.
  bool learn_checks(const check_fact_record& fact);
  /// Nobody has said anything, and the time is over.
  bool checks_due(u128 cause);
  /// The payment ends before it began: `why` it is refused, or (ok) because the order is cancelled.
  bool end_checks(result_code why);
  /// The same after what its checks had said.
  bool end_refused(const check_answers& said, result_code why);
  /// All checks have passed: what is refused now is the payment itself.
  bool going_on() const { return going_on_; }
  check_answers answers() const;

  // Payments outside.
  bool live() const { return has_payment_ && is_live(payment_); }
  const payment_row* payment() const { return has_payment_ ? &payment_ : nullptr; }
  /// What is left of a closed order's money goes back, too.
  bool return_rest(const payment_ask& ask);
  /// A channel's fact.
  bool learn(const channel_fact_record& fact);
  /// Nobody asks about it again: the payment that it tells of is over.
  bool is_late_news(const channel_fact_record& fact) const { return has_payment_ && !(live() && is_newest(fact)); }
  /// The same, when it cannot be booked.
  bool keep_for_people();
  /// The time of the payment's state is over.
  bool payment_timer(u128 cause);
  /// The order is cancelled while its payment is outside: the channel is asked to end it.
  void call_off();
  /// A person says what became of a payment with an open case.
  bool resolve(channel_outcome outcome, u128 cause);

 private:
  enum class kind { payment, capture, giving_back, letting_go };
  using machine_index = catalog::machine_index;
  using event_index = catalog::event_index;
  using bound_row = catalog::bound_row;
  using payment_phase = catalog::payment_phase;

  const catalog::state_machine& machine() const { return catalog_.order_machine(row().machine); }
  bool step(event_index event);
  bool moves(event_index event) const { return machine().next(row().state, event).what == catalog::verdict::move; }
  /// The timer of a lazy state is not worth memory: it only ends what nobody asked for meanwhile. It is looked at when
  /// somebody names the order again.
  bool is_lazy(const order_row& o) const;
  kind kind_of(event_index event) const;

  bool choose_amount(kind what, event_index event, u128 asked);
  bool choose_fee(kind what);
  bool choose_settlement();
  bool check_limits(kind what, const bound_row& r);
  /// Asks the rules of the order's catalogue: they refuse, or say which fee plan is used.
  bool obey_rules(kind what, const bound_row& r);
  /// The split plan that rules say instead of `usual`; the same for every command on the order.
  const catalog::split_plan* split_by_rules(const catalog::split_plan* usual, bool first_time);
  rules::rule_question question() const;
  /// What each tool brings: as named, and the template's rest-taker what the others leave.
  bool divide(const bound_row& r, const payment_ask& ask, tool_parts& parts);
  bool post(const bound_row& r, kind what, const payment_ask& ask, tool_parts parts);
  /// The postings of one event of a rule, behind those that are there. `back`: what goes back of what was shared.
  enum class legs_wanted { all, real_time, deferred };
  bool lay(std::uint16_t rule, std::uint8_t event, const catalog::split_plan* split,
           const catalog::posting_amounts& amounts, owner_number channel, u128 cause, bool back = false,
           legs_wanted wanted = legs_wanted::all);
  bool share(const catalog::split_plan& split, bool back, catalog::posting_amounts& amounts);
  bool settle(kind what);
  void move_payment(machine_index form);
  /// What is known of a payment inside that has a record, too: a tool keeps one, or legs are deferred.
  void keep_inner_payment(kind what, event_index event, const payment_ask& ask, const tool_parts& parts);
  bool pay_inside(const bound_row& r, kind what, event_index event, const payment_ask& ask, const tool_parts& parts);

  // Checks.
  bool pay_checked(const bound_row& r, event_index event, const payment_ask& ask);
  bool join_checks(const check_answers& said, u128 cause);
  bool go_on_checked(u128 cause);
  void keep_answers(const check_answers& said);
  /// Watched rules are counted when a payment is asked for, not again when it goes on.
  rules::shadow_log* watch() const { return going_on_ ? nullptr : about_.watch; }

  // Outside.
  const catalog::state_machine& form() const { return catalog_.payment_machine(payment_.form); }
  bool is_live(const payment_row& p) const;
  /// Divides a refund over what each tool brought, in the order of the template's `rest`.
  tool_parts divide_return(const bound_row& r, u128 amount) const;
  bool pay_outside(const bound_row& r, event_index event, kind what, const payment_ask& ask);
  bool give_back(const bound_row& r, event_index event, const payment_ask& ask);
  bool return_suspense(const payment_ask& ask);
  u128 most_from(const bound_row& r, const payment_source& from) const;
  bool choose_source(const bound_row& r, event_index event, const payment_ask& ask, payment_source& from);
  bool waits_in_suspense();
  /// `source`: what goes back: the attempt that brought it; else 0.
  bool open_payment(const bound_row& r, event_index event, payment_purpose purpose, const payment_ask& ask,
                    const tool_parts& parts, u128 source);
  void send(channel_operation operation);
  bool can_succeed(const bound_row& r);
  catalog::posting_amounts payment_amounts() const;
  bool book(payment_phase phase, u128 cause);
  bool arrive(event_index by, catalog::state_index from, u128 moved, u128 cause);
  void end_case();
  /// What people are asked about; it never takes the place of a case that only they end.
  void open_case(case_reason r) {
    if (!is_peoples(payment_.reason)) payment_.reason = r;
  }
  bool succeed(u128 cause);
  bool fail(u128 cause);
  bool come_late(u128 moved, owner_number channel, u128 number, payment_phase phase, u128 cause);
  bool go_late(const channel_fact_record& fact);
  void brought(source_kind as, u128 amount);
  void stayed(source_kind as, u128 amount);
  bool is_newest(const channel_fact_record& fact) const {
    return fact.payment == payment_.payment && fact.attempt == payment_.attempt;
  }
  /// The attempt whose late money is going back, 0 when none is.
  u128 on_its_way() const { return live() && payment_.purpose == payment_purpose::return_late ? payment_.source : 0; }
  /// What the channel knows the newest attempt by.
  u128 number() const { return channel_number_of(about_.tenant, payment_); }
  bool raise_fact(std::initializer_list<event_index> first_that_moves);
  void set_payment_timer();
  u128 external_part() const { return parts_of(payment_).outside(); }

  const order_request& about_;
  const catalog::payment_catalog& catalog_;
  const catalog::order_event_numbers& events_;
  order_decision& out_;
  payment_row& payment_;  ///< of `out`
  bool& has_payment_;
  catalog::product_index product_ = 0;
  catalog::tool_bits used_ = 0;             ///< what pays
  const catalog::fee_plan* fee_ = nullptr;  ///< by rules, or the row's
  u128 reserve_ = 0;                        ///< what a settlement batch keeps back
  bool deferred_ = false;                   ///< `lay` left deferred legs out
  bool checked_ = false;                    ///< nobody has to be asked (again)
  bool going_on_ = false;                   ///< its checks have passed
  bool outside_ = false;                    ///< the event is about the payment outside
};

inline bool goes_back(payment_purpose p) { return p == payment_purpose::refund || p == payment_purpose::return_late; }

/// What a posting that cannot be made is refused with.
result_code code_of(catalog::posting_error e);

}  // namespace payloom::core

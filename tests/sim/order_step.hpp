#pragma once
// One order command in the making: the parts of order_rules. inside_step.cpp has money that stays inside,
// outside_step.cpp channels, source_step.cpp where their money came from, checked_step.cpp what is asked before.
#include <set>

#include "protocol/types/check_records.hpp"
#include "tests/sim/machine_tables.hpp"
#include "tests/sim/order_rules.hpp"

namespace payloom::sim {

/// Numbers of the events that the rules are about.
struct order_event_table {
  std::uint8_t create, pay, pay_in, capture, void_, confirm, release, cancel, refund, refund_held, approve, reject,
      authorised, auth_voided, paid_in_full, paid_in_part, paid_again, payment_failed, rest_failed, payment_returned,
      refunded_in_part, refunded_in_full, refund_failed, refund_failed_part, auto_confirm, auth_expired, ask_refund,
      return_due;
};
const order_event_table& order_events();

namespace product_code {
inline constexpr std::uint16_t instant_sale = 101, escrow_sale = 102, pre_authorisation = 103, recharge = 201,
                               withdraw = 202, transfer = 203;
}
namespace tool {
inline constexpr std::uint16_t balance = 1, coupon = 2, channel = 4;
}

/// The machine of orders of a product that the rules know; `nothing` for others.
std::uint8_t machine_of_product(std::uint16_t product);

/// Whether money moves when orders of the product meet the event: the map has a row.
bool has_row(std::uint16_t product, std::uint8_t event);

/// What a client wants to pay with.
struct payment_wish {
  u128 amount = 0;
  std::uint16_t tools = 0;
  u128 balance = 0, coupon = 0;
  owner_number channel = 0;
  std::uint16_t source = 0;  ///< refunds
};

/// What the payment of one leg list is made of.
struct payment_sums {
  u128 gross = 0, fee = 0, balance = 0, coupon = 0;
  u128 external() const { return gross - balance - coupon; }
};
/// Money goes back to where it came from.
inline bool goes_back(payment_purpose p) { return p == payment_purpose::refund || p == payment_purpose::return_late; }
/// The fee of a payment through a channel, booked with its success.
u128 fee_outside(std::uint16_t product, ledger_id ledger, u128 amount);
/// Products whose payments wait for checks. Those that ship wait for none; the simulation's catalogue has some.
inline std::set<std::uint16_t> checked_products;

/// The payment waits for its checks: nothing is on the way.
bool is_checking(const payment_row& p);
enum class phase { begin, success, failure, late, differs, returned };

class order_step {
 public:
  order_step(tenant_id t, const order_standing& before, u128 cause, time_ns now, std::uint32_t cancelled_together = 1);

  bool refuse(result_code code) {
    out.code = code;
    return false;
  }
  order_row& row() { return out.after; }

  /// A new order.
  bool create(const order_record& r);
  /// A client's action, a timer, a fact.
  bool act(const order_action_record& r);
  /// A fact about what is over that cannot be booked: false when somebody asks again.
  bool left_to_people(const channel_fact_record& f);
  /// Version, flags and timers, when nothing was refused.
  void finish(u128 command);

  order_outcome out;

 private:
  const machine_table& machine() const { return shipped_machines().orders.at(out.after.machine); }
  const machine_table& form() const { return shipped_machines().payments.at(out.payment.form); }
  bool goes(std::uint8_t event) const { return machine().goes(out.after.state, event); }
  bool raise(std::uint8_t event);
  bool step(std::uint8_t event);
  bool live() const { return out.has_payment && is_outside(out.payment); }
  /// Only possibilities end with the state's time: nobody acts then.
  bool is_lazy() const;
  bool too_late() const;

  // Inside (inside_step.cpp).
  std::uint8_t pay_event(std::uint16_t tools) const;
  bool move_money(std::uint8_t event, const payment_wish& w);
  bool pay(std::uint8_t event, const payment_wish& w);
  bool pay_inside(std::uint8_t event, u128 coupon);
  bool capture(u128 asked);
  bool let_go(std::uint8_t event);
  bool give_back(std::uint8_t event, u128 asked, std::uint16_t source);
  bool give_back_inside(std::uint8_t event, u128 coupon);
  void keep_inside(std::uint8_t event, payment_purpose purpose, u128 coupon);
  bool ledger_known();
  bool within_limits();
  void divide(u128 amount, u128& external, u128& coupon) const;
  bool leg(chart_role debit, owner_number debit_owner, chart_role credit, owner_number credit_owner, u128 amount);

  // Before (checked_step.cpp).
  bool checking() const { return out.has_payment && is_checking(out.payment); }
  bool begin_checks(std::uint8_t event, const payment_wish& w);
  bool learn_checks(const check_fact_record& f);
  bool checks_due();
  bool join_checks(std::uint8_t passed, std::uint8_t refused, std::uint8_t missed);
  void keep_answers(std::uint8_t passed, std::uint8_t refused, std::uint8_t missed);
  bool end_checks(result_code why);

  // Outside (outside_step.cpp).
  bool pay_outside(std::uint8_t event, std::uint16_t tools, const payment_wish& w);
  bool begin(std::uint8_t event, payment_purpose purpose, const payment_sums& sums, owner_number channel, u128 source);
  bool book(phase p);
  bool lay(payment_purpose purpose, phase p, const payment_sums& sums, owner_number channel);
  bool lay_pay(phase p, const payment_sums& sums, owner_number channel);
  bool lay_payout(phase p, const payment_sums& sums, owner_number channel);
  bool lay_refund(phase p, const payment_sums& sums, owner_number channel);
  bool learn(const channel_fact_record& f);
  bool arrive(std::uint8_t by, std::uint8_t from, u128 moved);
  bool reach(u128 moved);
  void end_case();
  bool peoples_case() const {
    const case_reason r = out.payment.reason;
    return r == case_reason::contradiction || r == case_reason::not_booked;
  }
  void ask_people(case_reason why) {
    if (!peoples_case()) out.payment.reason = why;
  }
  bool succeed();
  bool fail();
  bool put_into_suspense(u128 moved, owner_number channel, u128 attempt, phase p);
  bool return_suspense();
  bool return_rest();
  bool payment_timer();
  void call_off();
  bool resolve(channel_outcome outcome);
  void send();
  void set_payment_timer();
  void tell(std::uint8_t fact);
  // Sources (source_step.cpp).
  std::size_t places_left() const;
  payment_source* place_of(u128 attempt, source_kind kind);
  payment_source* suspense_place();
  bool keep_source(u128 attempt, owner_number channel, source_kind kind, u128 amount, std::size_t spare);
  void reduce(u128 left);
  bool choose_source(std::uint8_t event, bool all, std::uint16_t number, payment_source& from);
  bool went_late(const channel_fact_record& f);
  u128 attempt_now() const {
    const payment_row& p = out.payment;
    return attempt_id_of(tenant_, p.combined != 0 ? p.combined : p.payment, p.attempt);
  }
  u128 external_part() const { return out.payment.amount_minor - out.payment.balance_minor - out.payment.coupon_minor; }

  const order_standing& before_;
  tenant_id tenant_;
  u128 cause_;
  time_ns now_;
  u128 payment_;  ///< id of the payment that this command is about
  std::uint32_t cancelled_together_;
  bool going_on_ = false;  ///< its checks have passed
  bool began_ = false;     ///< an attempt
};

}  // namespace payloom::sim

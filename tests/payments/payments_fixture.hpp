#pragma once
// The shipped catalogue, and one order with what commands make of it: state, sums, and the balances that its postings
// leave on every account.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "actors/core/channels/channel_call.hpp"
#include "actors/core/payments/order_content.hpp"
#include "actors/core/payments/order_decision.hpp"
#include "config/catalog/payment_loader.hpp"
#include "config/payments/shipped_payments.hpp"
#include "protocol/types/frame.hpp"

namespace payloom::test {

inline constexpr ledger_id eur = 978;
inline constexpr owner_number merchant = 7, user = 1, other_user = 2;
inline constexpr time_ns second = 1'000'000'000, day = 86'400 * second;
inline constexpr time_ns start = 1'790'000'000 * second;

/// The catalogue of config/payments; it has no problems, or the test that asks fails.
inline const core::catalog::payment_catalog& catalogue() {
  static const config::ledger_directory ledgers;
  static const config::payment_catalog_result loaded = config::read_payment_catalog(
      [](std::string_view name) { return std::string(config::shipped_payment_file(name)); }, ledgers);
  for (const config::problem& p : loaded.problems) ADD_FAILURE() << config::to_string(p);
  return *loaded.value;
}

inline std::uint16_t product_code(std::string_view name) {
  return catalogue().at(catalogue().parts().map.find_product(name).value()).code;
}

inline order_record sale(std::string_view product, u128 amount, u128 business_id = 42) {
  order_record r{};
  r.id = order_id_of(merchant, business_id);
  r.business_id = business_id;
  r.amount_minor = amount;
  r.merchant = merchant;
  r.user = user;
  r.counterparty = other_user;
  r.ledger = eur;
  r.product = product_code(product);
  return r;
}

/// An order, its events one after the other, and the balances (debits minus credits) that they leave.
class life {
 public:
  explicit life(const core::catalog::payment_catalog& all = catalogue()) : all_(all) {}

  result_code create(const order_record& r) {
    core::decide_creation({&all_, 0, now, may_defer, nullptr, {}}, r, made_);
    return take();
  }
  result_code act(order_action action, u128 amount = 0, std::uint32_t expected = 0, std::uint16_t tools = 0) {
    order_action_record r{};
    r.id.value = 1000 + seq;
    r.order = row.id;
    r.action = action;
    r.amount_minor = amount;
    r.expected_version = expected;
    r.tools = tools;
    return act(r);
  }
  result_code act(const order_action_record& r) {
    core::decide_action({&all_, 0, now, may_defer, nullptr, {}}, r, {&row, seq, payment ? &*payment : nullptr}, made_);
    return take();
  }
  /// An action whose record `change` fills in.
  template <class Change>
  result_code act_with(order_action action, Change&& change) {
    order_action_record r{};
    r.id.value = 1000 + seq;
    r.order = row.id;
    r.action = action;
    change(r);
    return act(r);
  }
  /// What the channel says of the newest attempt, or of another one; amount 0 with success: what it was asked for.
  result_code tell(channel_outcome outcome, u128 amount = 0, std::uint32_t attempt = 0, u128 of_payment = 0,
                   ledger_id ledger = eur) {
    channel_fact_record f{};
    f.id.value = 5000 + seq;
    f.order = row.id;
    f.payment = of_payment != 0 ? of_payment : payment->payment;
    f.attempt = attempt != 0 ? attempt : payment->attempt;
    const auto known = sent_.find({f.payment, f.attempt});
    EXPECT_TRUE(known != sent_.end()) << "nobody made this attempt";
    if (known == sent_.end()) return result_code::order_unchanged;
    const core::channel_call& call = known->second;
    f.channel = call.channel;
    f.operation = call.attempt_operation;
    f.source = call.source_number;
    f.number = f.payment == payment->payment ? channel_number_of(0, *payment) : call.attempt_id;
    f.differs = amount != 0 && amount != call.amount_minor ? 1 : 0;
    f.action = order_action::channel_fact;
    f.outcome = outcome;
    f.ledger = ledger;
    f.amount_minor = amount;
    if (outcome == channel_outcome::success && amount == 0)
      f.amount_minor = payment->amount_minor - payment->balance_minor - payment->coupon_minor;
    order_action_record r;
    std::memcpy(static_cast<void*>(&r), &f, sizeof r);
    return act(r);
  }
  /// The same news as `tell`'s last, which the accounts refuse to book: false when they would be told again.
  bool tell_in_vain(order_action_record fact) {
    core::order_request about{&all_, 0, now, may_defer, nullptr, {}};
    fact.id.value += 1;
    return core::decide_unbooked(about, fact, {&row, seq, payment ? &*payment : nullptr}, made_) &&
           take() == result_code::ok;
  }
  /// The payment's timer, at its time.
  result_code payment_time_out() {
    now = payment->due_at;
    return act(order_action::timer);
  }
  std::string payment_state() const { return catalogue().payment_machine(payment->form).at(payment->state).name; }
  /// The state's timer, at its time.
  result_code time_out() {
    now = row.timeout_at;
    return act(order_action::timer);
  }
  std::string state() const { return all_.order_machine(row.machine).at(row.state).name; }
  /// Balance of a role's account, in the direction in which the role grows.
  std::int64_t balance(std::string_view role, owner_number owner = 0) const {
    const auto& chart = all_.parts().accounts;
    const auto index = chart.find(role).value();
    const auto at = balances_.find(chart.account_of(index, eur, owner).value);
    if (at == balances_.end()) return 0;
    return chart.at(index).side == core::catalog::normal_side::debit ? at->second : -at->second;
  }
  bool resident() const { return (row.flags & order_row_flags::resident) != 0; }
  const core::order_decision& decision() const { return made_; }

  order_row row{};
  std::optional<payment_row> payment;  ///< the newest one outside
  commit_seq seq = 0;
  time_ns now = start;
  bool may_defer = true;

 private:
  result_code take() {
    if (made_.code != result_code::ok) return made_.code;
    const order_row& after = made_.event.order;
    EXPECT_EQ(after.version, row.version + 1);
    EXPECT_EQ(after.previous_seq, seq);
    EXPECT_LE(after.refunded_minor + after.refunding_minor, after.paid_minor);
    EXPECT_LE(after.paid_minor, after.amount_minor);
    EXPECT_EQ(made_.event.legs, made_.legs.size());
    std::uint32_t number = 0;
    for (const transfer_record& t : made_.legs) {
      EXPECT_NE(t.debit_account, t.credit_account);
      EXPECT_EQ(t.user_data_32, number++);
      EXPECT_TRUE(id_is_reserved_for_postings(t.id.value));
      balances_[t.debit_account.value] += static_cast<std::int64_t>(t.amount_minor);
      balances_[t.credit_account.value] -= static_cast<std::int64_t>(t.amount_minor);
    }
    row = after;
    payment.reset();
    if (made_.has_payment) payment = made_.payment;
    using enum channel_operation;
    const channel_operation asked = payment ? payment->call : none;
    if (asked == pay || asked == payout || asked == refund)
      sent_[{payment->payment, payment->attempt}] = core::make_call(0, row, *payment);
    EXPECT_EQ(made_.has_payment, (made_.event.flags & order_event_flags::payment) != 0);
    seq += 1 + made_.legs.size();
    if (row.created_seq == 0) row.created_seq = seq;
    return result_code::ok;
  }

  const core::catalog::payment_catalog& all_;
  core::order_decision made_;
  std::map<u128, std::int64_t> balances_;
  std::map<std::pair<u128, std::uint32_t>, core::channel_call> sent_;  ///< by payment and attempt
};

}  // namespace payloom::test

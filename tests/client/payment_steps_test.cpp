// Goal: the steps of a payment are shown with what became of each. Method: records as the server shows them, by state.
#include "actors/app/verbs/payment_steps.hpp"

#include <gtest/gtest.h>

#include "config/catalog/payment_loader.hpp"
#include "config/payments/shipped_payments.hpp"

namespace payloom::verbs {
namespace {

using namespace core::catalog;

const payment_names& names() {
  static const config::ledger_directory ledgers;
  static const payment_names all(
      config::read_payment_catalog(
          [](std::string_view name) { return std::string(config::shipped_payment_file(name)); }, ledgers)
          .value);
  return all;
}

struct shown {
  std::string_view product;
  event_index row;
  std::string_view form, state;
  channel_outcome outcome;
  u128 balance, coupon;
};

/// The states of the steps in a row, e.g. "reserve balance done, ...".
std::string steps_of(const shown& s) {
  const payment_catalog& all = names().catalog();
  order_row order{};
  order.product = all.at(*all.parts().map.find_product(s.product)).code;
  order.ledger = 978;
  payment_row p{};
  p.amount_minor = 1000;
  p.balance_minor = s.balance;
  p.coupon_minor = s.coupon;
  p.row_event = s.row;
  p.form = *all.parts().machines.find(machine_kind::payment, s.form);
  p.state = *all.payment_machine(p.form).find_state(s.state);
  p.outcome = s.outcome;
  std::string out;
  for (const auto& one : payment_steps_json(names(), order, p)) {
    out += (out.empty() ? "" : ", ") + one["step"].get<std::string>() + " " + one["tool"].get<std::string>() + " " +
           one["amount"].get<std::string>() + " " + one["state"].get<std::string>();
  }
  return out;
}

TEST(payment_steps, by_what_became_of_the_payment) {
  const order_event_numbers& e = names().catalog().events();
  using enum channel_outcome;
  const std::pair<shown, std::string_view> rows[] = {
      {{"instant_sale", e.pay_in, "recharge", "PAYING", none, 300, 50},
       "reserve balance 3.00 done, reserve coupon 0.50 done, execute channel 6.50 asked, confirm balance 3.00 waits, "
       "confirm coupon 0.50 waits"},
      {{"instant_sale", e.pay_in, "recharge", "UNKNOWN", unknown, 300, 0},
       "reserve balance 3.00 done, execute channel 7.00 unknown, confirm balance 3.00 waits"},
      {{"instant_sale", e.pay_in, "recharge", "FAILED", rejected, 300, 0},
       "reserve balance 3.00 cancelled, execute channel 7.00 rejected, confirm balance 3.00 ended"},
      {{"instant_sale", e.pay_in, "recharge", "FAILED_FINAL", rejected, 300, 0},
       "reserve balance 3.00 cancelled, execute channel 7.00 rejected, confirm balance 3.00 ended"},
      {{"instant_sale", e.pay_in, "recharge", "SUCCESS", success, 300, 0},
       "reserve balance 3.00 done, execute channel 7.00 done, confirm balance 3.00 done"},
      {{"instant_sale", e.pay, "transfer", "POSTED", none, 600, 400},
       "reserve balance 6.00 done, reserve coupon 4.00 done, confirm balance 6.00 done, confirm coupon 4.00 done"},
      {{"withdraw", e.pay, "withdraw", "SUBMITTED", accepted, 0, 0},
       "reserve funds 10.00 done, execute channel 10.00 accepted, confirm funds 10.00 waits"},
      {{"withdraw", e.pay, "withdraw", "COMPLETED", success, 0, 0},
       "reserve funds 10.00 done, execute channel 10.00 done, confirm funds 10.00 done"},
      {{"withdraw", e.pay, "withdraw", "RETURNED", returned, 0, 0},
       "reserve funds 10.00 done, execute channel 10.00 came back, confirm funds 10.00 done"},
      {{"instant_sale", e.refund, "refund", "SUBMITTED", none, 300, 0},
       "reserve funds 10.00 done, execute channel 7.00 asked, confirm funds 10.00 waits, give balance 3.00 waits"},
      {{"instant_sale", e.cancel, "refund", "SUBMITTED", none, 300, 0}, ""},  // no row of the map
  };
  for (const auto& [payment, expected] : rows) EXPECT_EQ(steps_of(payment), expected) << payment.state;
}

TEST(payment_steps, as_a_line) {
  const payment_catalog& all = names().catalog();
  order_row order{};
  order.product = all.at(*all.parts().map.find_product("recharge")).code;
  order.ledger = 978;
  payment_row p{};
  p.amount_minor = 1000;
  p.row_event = all.events().pay_in;
  p.form = *all.parts().machines.find(machine_kind::payment, "recharge");
  p.state = *all.payment_machine(p.form).find_state("PAYING");
  EXPECT_EQ(payment_steps_text(names(), order, p), "steps: execute channel 10.00 EUR: asked");
  order.product = 9;  // of a catalogue that is not this one
  EXPECT_EQ(payment_steps_text(names(), order, p), "");
}

}  // namespace
}  // namespace payloom::verbs

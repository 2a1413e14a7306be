// Goal: what tools pay, who takes the rest, which may be combined and in what order shares and postings are laid is
// what the row's template says (domain.md 1.3). Method: the same commands under the shipped templates and under changed
// ones.
#include "tests/payments/payments_fixture.hpp"
#include "tests/support/edited_catalog.hpp"

namespace payloom::test {
namespace {

using enum order_action;

constexpr std::uint16_t balance_bit = 1, coupon_bit = 2, channel_bit = 4;

using catalog_ptr = std::shared_ptr<const core::catalog::payment_catalog>;

catalog_ptr with_templates(std::string_view from, std::string_view to) {
  support::edited_catalog files;
  files.replace("templates.yaml", from, to);
  const auto loaded = config::read_payment_catalog(files, config::ledger_directory{}, {});
  for (const config::problem& p : loaded.problems) ADD_FAILURE() << config::to_string(p);
  return loaded.value;
}

struct paid {
  result_code code;
  std::int64_t balance, coupon;
};

/// A sale of 1000, paid as asked.
paid pay_sale(const core::catalog::payment_catalog& terms, std::uint16_t tools, u128 balance, u128 coupon) {
  life o(terms);
  EXPECT_EQ(o.create(sale("instant_sale", 1'000)), result_code::ok);
  const result_code code = o.act_with(pay, [&](order_action_record& r) {
    r.tools = tools;
    r.balance_minor = balance;
    r.coupon_minor = coupon;
  });
  return {code, -o.balance("user_available", user), -o.balance("user_coupon", user)};
}

TEST(templates, the_tool_that_takes_the_rest) {
  const catalog_ptr coupons_last = with_templates("rest: [balance, coupon]", "rest: [coupon, balance]");
  ASSERT_TRUE(coupons_last);
  struct row {
    bool changed;
    std::uint16_t tools;
    u128 balance, coupon;
    result_code code;
    std::int64_t from_balance, from_coupon;
  };
  constexpr auto ok = result_code::ok, misfit = result_code::parts_do_not_fit;
  const row rows[] = {
      {false, 0, 0, 0, ok, 1000, 0},
      {false, balance_bit, 0, 0, ok, 1000, 0},
      {false, balance_bit, 1000, 0, ok, 1000, 0},
      {false, balance_bit, 999, 0, misfit, 0, 0},
      {false, balance_bit, 0, 100, misfit, 0, 0},  // a part without its tool
      {false, 0, 0, 100, misfit, 0, 0},
      {false, coupon_bit, 0, 0, ok, 0, 1000},
      {false, coupon_bit, 0, 1000, ok, 0, 1000},
      {false, coupon_bit, 0, 999, misfit, 0, 0},
      {false, balance_bit | coupon_bit, 0, 100, ok, 900, 100},
      {false, balance_bit | coupon_bit, 900, 100, ok, 900, 100},
      {false, balance_bit | coupon_bit, 901, 100, misfit, 0, 0},
      {false, balance_bit | coupon_bit, 900, 0, misfit, 0, 0},   // a tool without its part
      {false, balance_bit | coupon_bit, 0, 1000, misfit, 0, 0},  // nothing is left
      {false, balance_bit | coupon_bit, 0, 1001, misfit, 0, 0},
      {true, 0, 0, 0, ok, 0, 1000},  // the first of `rest`
      {true, balance_bit, 0, 0, ok, 1000, 0},
      {true, balance_bit | coupon_bit, 900, 0, ok, 900, 100},
      {true, balance_bit | coupon_bit, 0, 100, misfit, 0, 0},
      {true, balance_bit | coupon_bit, 1000, 0, misfit, 0, 0},
  };
  for (const row& r : rows) {
    const paid is = pay_sale(r.changed ? *coupons_last : catalogue(), r.tools, r.balance, r.coupon);
    const auto what = ::testing::Message()
                      << r.changed << " " << r.tools << " " << lo64(r.balance) << " " << lo64(r.coupon);
    EXPECT_EQ(is.code, r.code) << what;
    EXPECT_EQ(is.balance, r.from_balance) << what;
    EXPECT_EQ(is.coupon, r.from_coupon) << what;
  }
}

TEST(templates, what_may_be_combined) {
  const catalog_ptr alone = with_templates("    combine: [[balance, coupon]]\n", "");
  ASSERT_TRUE(alone);
  EXPECT_EQ(pay_sale(*alone, balance_bit | coupon_bit, 0, 100).code, result_code::tool_not_usable);
  EXPECT_EQ(pay_sale(*alone, balance_bit, 0, 0).code, result_code::ok);
  EXPECT_EQ(pay_sale(*alone, coupon_bit, 0, 0).code, result_code::ok);
  const catalog_ptr pairs =
      with_templates("combine: [[balance, coupon, channel]]", "combine: [[balance, channel], [coupon, channel]]");
  ASSERT_TRUE(pairs);
  EXPECT_EQ(pay_sale(*pairs, balance_bit | channel_bit, 100, 0).code, result_code::ok);
  EXPECT_EQ(pay_sale(*pairs, coupon_bit | channel_bit, 0, 100).code, result_code::ok);
  EXPECT_EQ(pay_sale(*pairs, balance_bit | coupon_bit | channel_bit, 100, 100).code, result_code::tool_not_usable);
  EXPECT_EQ(pay_sale(catalogue(), balance_bit | coupon_bit | channel_bit, 100, 100).code, result_code::ok);
}

std::vector<std::uint64_t> amounts(const core::order_decision& d) {
  std::vector<std::uint64_t> all;
  for (const transfer_record& t : d.legs) all.push_back(lo64(t.amount_minor));
  return all;
}

TEST(templates, reservations_are_cancelled_in_reverse) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 1'000)), result_code::ok);
  ASSERT_EQ(o.act_with(pay,
                       [](order_action_record& r) {
                         r.tools = balance_bit | coupon_bit | channel_bit;
                         r.balance_minor = 300;
                         r.coupon_minor = 50;
                       }),
            result_code::ok);
  EXPECT_EQ(amounts(o.decision()), (std::vector<std::uint64_t>{300, 50}));
  EXPECT_EQ(o.payment->call, channel_operation::pay);
  ASSERT_EQ(o.tell(channel_outcome::unknown), result_code::ok);  // stop: nothing is booked, nothing is asked anew
  EXPECT_TRUE(o.decision().legs.empty());
  EXPECT_EQ(o.balance("payment_transit"), 350);
  ASSERT_EQ(o.tell(channel_outcome::rejected), result_code::ok);
  EXPECT_EQ(amounts(o.decision()), (std::vector<std::uint64_t>{50, 300}));
  EXPECT_EQ(o.balance("payment_transit"), 0);
}

TEST(templates, shares_of_refunds_follow_its_order) {
  const catalog_ptr balance_first =
      with_templates("rest: [channel, coupon, balance]", "rest: [channel, balance, coupon]");
  ASSERT_TRUE(balance_first);
  for (const bool changed : {false, true}) {
    life o(changed ? *balance_first : catalogue());
    ASSERT_EQ(o.create(sale("instant_sale", 1'000)), result_code::ok);
    ASSERT_EQ(o.act_with(pay,
                         [](order_action_record& r) {
                           r.tools = balance_bit | coupon_bit;
                           r.coupon_minor = 500;
                         }),
              result_code::ok);
    ASSERT_EQ(o.act(refund, 1), result_code::ok);
    // Halves of one cent: shares are differences of prefixes rounded down, so the last one gets it.
    EXPECT_EQ(o.balance("user_coupon", user), changed ? -499 : -500);
    EXPECT_EQ(o.balance("user_available", user), changed ? -500 : -499);
    ASSERT_EQ(o.act(refund), result_code::ok);
    EXPECT_EQ(o.balance("user_coupon", user), 0);
    EXPECT_EQ(o.balance("user_available", user), 0);
  }
}

// Of a held escrow paid by coupons and a channel so little goes back that all of it is the coupons'.
TEST(templates, coupons_in_escrow_go_back_without_the_channel) {
  life o;
  ASSERT_EQ(o.create(sale("escrow_sale", 1'000)), result_code::ok);
  ASSERT_EQ(o.act_with(pay,
                       [](order_action_record& r) {
                         r.tools = coupon_bit | channel_bit;
                         r.coupon_minor = 999;
                       }),
            result_code::ok);
  ASSERT_EQ(o.tell(channel_outcome::success), result_code::ok);
  EXPECT_EQ(o.state(), "ESCROW_HELD");
  ASSERT_EQ(o.act(refund, 1), result_code::ok);
  EXPECT_EQ(o.balance("user_coupon", user), -998);
  EXPECT_EQ(o.balance("escrow"), 999);
  EXPECT_EQ(o.state(), "ESCROW_HELD");
}

// Every row of every product has a template whose first tool of `rest` can pay it.
TEST(templates, every_shipped_row_is_bound) {
  const auto& all = catalogue();
  std::size_t rows = 0;
  for (std::size_t p = 0; p < all.parts().map.products().size(); ++p) {
    for (std::size_t e = 0; e < all.order_events().size(); ++e) {
      const auto* r = all.row(static_cast<core::catalog::product_index>(p), static_cast<core::catalog::event_index>(e));
      if (r == nullptr) continue;
      ++rows;
      ASSERT_NE(r->steps, nullptr);
      EXPECT_EQ(r->row->tools & ~r->steps->tools(), 0);
      EXPECT_NE(r->usual & r->row->tools, 0);
      EXPECT_EQ(r->usual & (r->usual - 1), 0);
      EXPECT_EQ((r->steps->executed & ~r->row->tools), 0);
    }
  }
  EXPECT_EQ(rows, all.parts().map.rows().size());
}

}  // namespace
}  // namespace payloom::test

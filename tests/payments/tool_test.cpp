// Goal: what every payment tool of the list must be, whatever it is: its part is kept in the record and found again,
// its word is in the amounts, and what goes back never passes what it brought. Method: random parts, all tools.
#include <gtest/gtest.h>

#include <random>

#include "actors/core/catalog/payment_catalog.hpp"
#include "actors/core/payments/tools/tools.hpp"
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core;

struct random_payment {
  tool_parts parts;
  payment_row record{};
  order_row order{};

  explicit random_payment(std::mt19937_64& random) {
    for (u128& part : parts.of) record.amount_minor += part = random() % 3 == 0 ? 0 : random() % 1'000'000;
    order.paid_minor = record.amount_minor;
    for_each_tool([&]<class T>(tool_number i, T) { T::keep(record, parts.of[i]); });
  }
};

TEST(tools, parts_are_kept_and_found) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 1000; ++round) {
    const random_payment p(random);
    EXPECT_EQ(parts_of(p.record).of, p.parts.of);
    catalog::posting_amounts amounts;
    amounts.gross_minor = p.record.amount_minor;
    fill_amounts(p.parts, amounts);
    const u128 external = amounts.gross_minor - amounts.balance_minor - amounts.coupon_minor;
    EXPECT_EQ(external, p.parts.outside());
    for_each_tool([&]<class T>(tool_number i, T) {
      const u128 word = T::traits.amount == catalog::amount_kind::balance  ? amounts.balance_minor
                        : T::traits.amount == catalog::amount_kind::coupon ? amounts.coupon_minor
                                                                           : external;
      EXPECT_EQ(word, p.parts.of[i]) << T::traits.name;
    });
  }
}

TEST(tools, what_can_go_back_is_what_was_brought) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 1000; ++round) {
    random_payment p(random);
    const auto left = [&] {
      tool_parts all;
      for_each_tool([&]<class T>(tool_number i, T) { all.of[i] = T::left(p.order, p.record); });
      return all.of;
    };
    for_each_tool([&]<class T>(tool_number i, T) { T::add_paid(p.record, p.parts.of[i]); });
    EXPECT_EQ(left(), p.parts.of);
    tool_parts back;
    for (std::size_t i = 0; i < tool_count; ++i)
      p.order.refunding_minor += back.of[i] = p.parts.of[i] == 0 ? 0 : random() % (lo64(p.parts.of[i]) + 1);
    for_each_tool([&]<class T>(tool_number i, T) { T::add_returned(p.record, back.of[i]); });
    for (std::size_t i = 0; i < tool_count; ++i) EXPECT_EQ(left()[i], p.parts.of[i] - back.of[i]);
    p.order.refunding_minor = 0;
    for_each_tool([&]<class T>(tool_number i, T) { T::undo_returned(p.record, back.of[i]); });
    EXPECT_EQ(left(), p.parts.of);
  }
}

TEST(tools, declarations_make_sense) {
  for (const tool_traits& t : tool_list) {
    EXPECT_NE(t.executes, t.reserves) << t.name << ": it is outside, or inside";
    EXPECT_TRUE(t.named || t.executes) << t.name;
    EXPECT_FALSE(t.executes && t.keeps_record) << t.name << ": payments outside have a record anyway";
    EXPECT_FALSE(t.word.empty());
    EXPECT_EQ(catalog::find_tool(t.name), static_cast<tool_number>(&t - tool_list.data()));
  }
  EXPECT_EQ(catalog::find_tool("cheque"), std::nullopt);
}

TEST(tools, the_shipped_map_has_all_of_them) {
  catalog::tool_bits all = 0;
  for (tool_number i = 0; i < tool_count; ++i) all = static_cast<catalog::tool_bits>(all | catalogue().bit_of_tool(i));
  EXPECT_EQ(all, catalogue().known_tools());
}

}  // namespace
}  // namespace payloom::test

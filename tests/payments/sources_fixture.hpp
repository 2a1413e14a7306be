#pragma once
// An order that several attempts pay, through two channels.
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {

inline constexpr std::uint16_t channel_bit = 4;
inline constexpr owner_number bank_channel = 1, card_channel = 2;

/// A wish to pay `amount` through one channel.
inline result_code ask_through(life& o, owner_number channel, u128 amount) {
  return o.act_with(order_action::pay, [&](order_action_record& r) {
    r.tools = channel_bit;
    r.channel = static_cast<std::uint32_t>(channel);
    r.amount_minor = amount;
  });
}
inline void pay_through(life& o, owner_number channel, u128 amount) {
  ASSERT_EQ(ask_through(o, channel, amount), result_code::ok);
  ASSERT_EQ(o.tell(channel_outcome::success), result_code::ok);
}
inline result_code ask_refund(life& o, u128 amount, std::uint16_t source = 0) {
  return o.act_with(order_action::refund, [&](order_action_record& r) {
    r.amount_minor = amount;
    r.source = source;
  });
}
inline result_code resolved(life& o, channel_outcome outcome) {
  return o.act_with(order_action::resolve,
                    [&](order_action_record& r) { r.reason = static_cast<std::uint64_t>(outcome); });
}
inline u128 newest_number(const life& o) { return channel_number_of(0, *o.payment); }

/// 6,000 came by the bank, 4,000 by the card.
inline life paid_by_two(std::string_view product = "instant_sale") {
  life o;
  EXPECT_EQ(o.create(sale(product, 10'000)), result_code::ok);
  pay_through(o, bank_channel, 6'000);
  pay_through(o, card_channel, 4'000);
  return o;
}

}  // namespace payloom::test

#pragma once
// Orders that are paid through channels, against the real server.
#include <chrono>
#include <thread>
#include <vector>

#include "tests/e2e/orders_fixture.hpp"

namespace payloom::e2e {

class channel_orders_fixture : public orders_fixture {
 protected:
  static constexpr std::uint16_t recharge = 201, withdraw = 202;
  static constexpr std::uint16_t balance_tool = 1, coupon_tool = 2, channel_tool = 4;
  static constexpr int looks_max = 6000;
  static constexpr auto between_looks = std::chrono::milliseconds(10);

  /// The accounts of sales, and those of these channels.
  void open_all(client::blocking_connection& to, owner_number users, u128 funds,
                const std::vector<owner_number>& channels) {
    open_chart(to, users, funds);
    std::vector<account_record> more = {chart_account("payment_transit"), chart_account("withdraw_transit"),
                                        chart_account("suspense_long"), chart_account("coupon_funding")};
    for (const owner_number c : channels) {
      if (c != 1) more.push_back(chart_account("bank", c));  // open_chart opens the first
      more.push_back(chart_account("channel_receivable", c));
    }
    for (owner_number u = 1; u <= users; ++u) more.push_back(chart_account("user_coupon", u));
    for (const result_record& r : send(to, frame_type::create_accounts, more)) ASSERT_EQ(name_of(r.code), "ok");
  }
  order_action_record by_channel(const order_record& of, owner_number channel) {
    order_action_record pay = action(of, order_action::pay);
    pay.tools = channel_tool;
    pay.channel = static_cast<std::uint32_t>(channel);
    return pay;
  }
  /// The order's newest event, once its payment is not on its way any more.
  order_event_row settled(client::blocking_connection& to, const order_record& of) {
    order_event_row last{};
    for (int look = 0; look < looks_max; ++look) {
      last = timeline(to, of.id.value).back();
      const time_ns timer = last.event.order.timeout_at;
      const bool soon = timer != 0 && timer < last.timestamp + 60'000'000'000u;
      // One that people look at is only reminded of, once a day.
      const bool reminded = last.payment.due_at > last.timestamp + 600'000'000'000u;
      if ((last.payment.due_at == 0 || reminded) && !soon) return last;
      std::this_thread::sleep_for(between_looks);
    }
    ADD_FAILURE() << "the payment of order " << lo64(of.business_id) << " is still on its way";
    return last;
  }
};

}  // namespace payloom::e2e

#pragma once
// Orders against the real server: the chart's accounts, a funded user, and the commands on an order.
#include "config/catalog/payment_loader.hpp"
#include "config/payments/shipped_payments.hpp"
#include "protocol/types/payment_records.hpp"
#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {

class orders_fixture : public ledger_fixture {
 protected:
  static constexpr owner_number merchant = 7;
  static constexpr std::uint16_t instant_sale = 101, escrow_sale = 102, transfer_product = 203;

  static const core::catalog::chart& chart() {
    static const config::ledger_directory ledgers;
    static const auto loaded = config::read_payment_catalog(
        [](std::string_view name) { return std::string(config::shipped_payment_file(name)); }, ledgers);
    return loaded.value->parts().accounts;
  }
  static account_id account_of(std::string_view role, owner_number owner = 0) {
    return chart().account_of(chart().find(role).value(), euro, owner);
  }
  static account_record chart_account(std::string_view role, owner_number owner = 0) {
    account_record a{};
    const auto index = chart().find(role).value();
    a.id = account_of(role, owner);
    a.ledger = euro;
    a.code = chart().at(index).code;
    a.flags = chart().flags_of(index);
    return a;
  }
  /// The accounts of sales: platform, one merchant, `users` users with `funds` cents each.
  void open_chart(client::blocking_connection& to, owner_number users, u128 funds) {
    std::vector<account_record> accounts = {chart_account("fee_income"), chart_account("refund_transit"),
                                            chart_account("escrow"), chart_account("bank", 1),
                                            chart_account("merchant_pending", merchant)};
    for (owner_number u = 1; u <= users; ++u) accounts.push_back(chart_account("user_available", u));
    for (const result_record& r : send(to, frame_type::create_accounts, accounts)) ASSERT_EQ(name_of(r.code), "ok");
    std::vector<transfer_record> money;
    for (owner_number u = 1; u <= users && funds != 0; ++u)
      money.push_back(transfer(account_of("bank", 1), account_of("user_available", u), funds));
    if (money.empty()) return;
    for (const result_record& r : send(to, frame_type::create_transfers, money)) ASSERT_EQ(name_of(r.code), "ok");
  }
  order_record order(owner_number user, u128 amount, std::uint16_t product = instant_sale, std::uint16_t flags = 0) {
    order_record r{};
    r.business_id = ids.next();
    r.id = order_id_of(merchant, r.business_id);
    r.amount_minor = amount;
    r.merchant = merchant;
    r.user = user;
    r.ledger = euro;
    r.product = product;
    r.flags = flags;
    return r;
  }
  order_action_record action(const order_record& of, order_action what, u128 amount = 0) {
    order_action_record r{};
    r.id.value = ids.next();
    r.order = of.id;
    r.action = what;
    r.amount_minor = amount;
    return r;
  }
  static std::string create(client::blocking_connection& to, const order_record& r) {
    return std::string(name_of(send(to, frame_type::create_orders, std::vector{r}).front().code));
  }
  static std::string act(client::blocking_connection& to, const order_action_record& r) {
    return std::string(name_of(send(to, frame_type::act_on_orders, std::vector{r}).front().code));
  }
  static std::vector<order_event_row> timeline(client::blocking_connection& to, u128 id) {
    const id_record asked{id};
    const client::reply reply = to.call(frame_type::order_timeline, std::span<const id_record>(&asked, 1));
    EXPECT_EQ(name_of(reply.code()), "ok");
    const auto rows = reply.rows<order_event_row>();
    return {rows.begin(), rows.end()};
  }
  /// Credits minus debits.
  std::int64_t balance(client::blocking_connection& to, std::string_view role, owner_number owner = 0) const {
    const account_counters c = show(to, account_of(role, owner)).counters;
    return static_cast<std::int64_t>(lo64(c.credits_posted)) - static_cast<std::int64_t>(lo64(c.debits_posted));
  }
};

}  // namespace payloom::e2e

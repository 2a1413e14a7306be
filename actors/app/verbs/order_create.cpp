#include "actors/app/verbs/payment_options.hpp"
#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/client/order_requests.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  payment_options payments;
  owner_number merchant = 0, user = 0, counterparty = 0;
  std::string business_id, product, amount, ledger, tools, date, data_128;
  std::uint64_t data_64 = 0;
  std::uint32_t timeout_s = 0;
  bool pay_now = false;
};

order_record record_of(const arguments& a) {
  const ledger_id ledger = parse_ledger_text(a.ledger);
  const catalog_ptr catalog = a.payments.load();
  order_record order =
      client::make_order(a.merchant, parse_id_text("--business-id", a.business_id),
                         parse_product_text(*catalog, a.product), ledger, parse_amount_text(ledger, a.amount), a.user);
  order.counterparty = a.counterparty;
  order.timeout_s = a.timeout_s;
  order.accounting_date = parse_date_text("--accounting-date", a.date);
  if (a.pay_now) order.flags = order_flags::pay_now;
  order.tools = parse_tools_text(*catalog, a.tools);
  if (order.tools != 0 && !a.pay_now) throw usage_error("--tools: who pays later says with `order pay` how");
  if (!a.data_128.empty()) order.user_data_128 = parse_id_text("--user-data-128", a.data_128);
  order.user_data_64 = a.data_64;
  return order;
}

int run_order_create(const arguments& a) {
  auto [order, server] = made_and_connected(a.common, [&] { return record_of(a); });
  const client::reply answer = ask(server, frame_type::create_orders, std::span<const order_record>(&order, 1));
  return print_result({{"order", to_hex(order.id.value)}}, answer.rows<result_record>()[0], a.common.json);
}

}  // namespace

void add_order_create(CLI::App& order, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = order.add_subcommand("create", "Creates an order; its id follows from merchant and business id");
  add_common(*verb, a->common);
  add_context(*verb, a->common);
  verb->add_option("--merchant", a->merchant, "Number of the merchant; 0 is the platform")->required();
  verb->add_option("--business-id", a->business_id, "The merchant's own number for it, decimal or 0x")->required();
  verb->add_option("--product", a->product, "Business product by name or code, for example instant_sale")->required();
  verb->add_option("--amount", a->amount, "Amount in the ledger's currency, for example 12.34")->required();
  verb->add_option("--ledger", a->ledger, "Currency: EUR, 978, or a ledger of the server by name or number")
      ->required();
  verb->add_option("--user", a->user, "Number of the user who pays (recharge: who is credited)");
  verb->add_option("--counterparty", a->counterparty, "Number of the other user of a transfer");
  verb->add_flag("--pay-now", a->pay_now, "Pay it in the same unit: both happen, or neither");
  verb->add_option("--tools", a->tools, "With --pay-now: what pays, by commas (default: as the product says)");
  verb->add_option("--timeout", a->timeout_s, "Seconds to wait for the payment (default: as the product says)");
  verb->add_option("--accounting-date", a->date, "Day of the books, 2026-11-22 (default: the server's day, UTC)");
  verb->add_option("--user-data-128", a->data_128, "The caller's own, decimal or 0x");
  verb->add_option("--user-data-64", a->data_64, "The caller's own");
  a->payments.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("order create", [&] { return run_order_create(*a); }); });
}

}  // namespace payloom::verbs

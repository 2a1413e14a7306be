// payment create: one payment for several orders of any merchants, all of them or none (combined pay, domain.md 1.2).
#include <fmt/format.h>

#include "actors/app/verbs/linked_actions.hpp"
#include "actors/app/verbs/payment_options.hpp"
#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/client/order_requests.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  payment_options payments;
  std::vector<std::string> orders;
  std::string id, tools;
  std::uint32_t channel = 0;
};

/// What each order owes, under ids that follow from the first one: a repeat is the same payment.
std::vector<order_action_record> payments_of(const arguments& a) {
  const u128 first = a.id.empty() ? client::id_generator().next() : parse_id_text("--id", a.id);
  const std::uint16_t tools = a.tools.empty() ? 0 : parse_tools_text(*a.payments.load(), a.tools);
  std::vector<order_action_record> out;
  for (const std::string& order : a.orders) {
    out.push_back(client::make_order_action(order_action::pay, parse_order_text("ORDER", order),
                                            transfer_id{first + out.size()}, 0, 0));
    out.back().tools = tools;
    out.back().channel = a.channel;
  }
  return out;
}

int run_create(const arguments& a) {
  auto [payments, server] = made_and_connected(a.common, [&] { return payments_of(a); });
  return send_linked(server, payments, "payment", a.common.json);
}

}  // namespace

void add_payment_create(CLI::App& payment, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = payment.add_subcommand("create", "Pays several orders as one: all of them, or none");
  add_common(*verb, a->common);
  add_context(*verb, a->common);
  verb->add_option("ORDER", a->orders, "Their ids, decimal or 0x, or MERCHANT/BUSINESS_ID; what each owes is paid")
      ->required()
      ->expected(1, static_cast<int>(limits::combined_orders_max));
  verb->add_option("--id", a->id,
                   "The first payment's id, the others count on (default: a random one); repeating never pays twice");
  verb->add_option("--tools", a->tools, "What pays, separated by commas (default: as the products say)");
  verb->add_option("--channel", a->channel, "With the tool channel: its number; all orders are one payment there");
  a->payments.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("payment create", [&] { return run_create(*a); }); });
}

}  // namespace payloom::verbs

// order pay, cancel, capture and whatever else can be done to an order: one verb, told apart by a row of the table.
#include "actors/app/verbs/payment_options.hpp"
#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/client/order_requests.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct action_verb {
  order_action action;
  const char* help;
  bool takes_amount;
  bool takes_tools;
};

constexpr action_verb action_verbs[] = {
    {order_action::pay, "Pays an order, all that is due unless an amount is given", true, true},
    {order_action::cancel, "Cancels an order: nothing will be paid, what was paid goes back", false, false},
    {order_action::capture, "Captures a pre-authorisation, all of it unless an amount is given", true, false},
    {order_action::void_, "Gives a pre-authorisation back", false, false},
    {order_action::confirm, "Escrow: the buyer is content", false, false},
    {order_action::release, "Escrow: the platform releases the money", false, false},
    {order_action::refund, "Refunds an order, all that is left unless an amount is given", true, false},
    {order_action::approve, "An adjustment: the second person agrees", false, false},
    {order_action::reject, "An adjustment: the second person does not", false, false},
};

struct arguments {
  common_options common;
  payment_options payments;
  const action_verb* verb = nullptr;
  std::string name, order, id, amount, ledger, tools, balance, coupon, data_128;
  std::uint32_t channel = 0;
  std::uint64_t reason = 0, data_64 = 0;
  std::uint32_t expected_version = 0;
};

u128 amount_of(const arguments& a, ledger_id ledger) {
  const u128 amount = parse_amount_text(ledger, a.amount);
  if (amount == 0) throw usage_error("--amount: 0 would mean all there is");
  return amount;
}

void set_parts(const arguments& a, ledger_id ledger, order_action_record& action) {
  if (!a.balance.empty()) action.balance_minor = parse_amount_text(ledger, a.balance);
  if (!a.coupon.empty()) action.coupon_minor = parse_amount_text(ledger, a.coupon);
}

order_action_record record_of(const arguments& a) {
  const transfer_id id{a.id.empty() ? client::id_generator().next() : parse_id_text("--id", a.id)};
  order_action_record action =
      client::make_order_action(a.verb->action, parse_order_text("ORDER", a.order), id, 0, a.expected_version);
  if (!a.amount.empty() && !a.ledger.empty()) {
    action.amount_minor = amount_of(a, parse_ledger_text(a.ledger));
  }
  if (!a.tools.empty()) action.tools = parse_tools_text(*a.payments.load(), a.tools);
  action.channel = a.channel;
  if (!a.ledger.empty()) set_parts(a, parse_ledger_text(a.ledger), action);
  if (!a.data_128.empty()) action.user_data_128 = parse_id_text("--user-data-128", a.data_128);
  action.user_data_64 = a.data_64;
  action.reason = a.reason;
  return action;
}

/// The ledger of an order, which says how many decimals an amount has.
ledger_id ledger_of(client::blocking_connection& server, order_id order) {
  const id_record id{order.value};
  const client::reply answer = ask(server, frame_type::order_timeline, std::span<const id_record>(&id, 1));
  if (answer.rows<order_event_row>().empty()) throw refused_error("the server shows no event of the order");
  return answer.rows<order_event_row>()[0].event.order.ledger;
}

int run_order_act(const arguments& a) {
  auto [action, server] = made_and_connected(a.common, [&] { return record_of(a); });
  if (a.ledger.empty() && !(a.amount.empty() && a.balance.empty() && a.coupon.empty())) {
    const ledger_id ledger = ledger_of(server, action.order);
    if (!a.amount.empty()) action.amount_minor = amount_of(a, ledger);
    set_parts(a, ledger, action);
  }
  const auto answer = ask(server, frame_type::act_on_orders, std::span<const order_action_record>(&action, 1));
  const json more{{"id", to_hex(action.id.value)}, {"order", to_hex(action.order.value)}, {"action", a.name}};
  return print_result(more, answer.rows<result_record>()[0], a.common.json);
}

}  // namespace

void add_order_actions(CLI::App& order, int& exit_code) {
  for (const action_verb& one : action_verbs) {
    auto a = std::make_shared<arguments>();
    a->verb = &one;
    a->name = wire::action_name(static_cast<std::uint64_t>(one.action));
    CLI::App* verb = order.add_subcommand(a->name, one.help);
    add_common(*verb, a->common);
    add_context(*verb, a->common);
    verb->add_option("ORDER", a->order, "Its id, decimal or 0x, or MERCHANT/BUSINESS_ID")->required();
    verb->add_option("--id", a->id, "The command's own id (default: a random one); repeating it never acts twice");
    if (one.takes_amount) {
      verb->add_option("--amount", a->amount, "Amount in the order's currency (default: all there is)");
      verb->add_option("--ledger", a->ledger, "The order's currency (default: the server is asked)");
    }
    if (one.takes_tools) {
      verb->add_option("--tools", a->tools, "What pays, separated by commas (default: as the product says)");
      verb->add_option("--channel", a->channel, "With the tool channel: its number (default: the first that can)");
      verb->add_option("--balance", a->balance, "With several tools: the part from the balance");
      verb->add_option("--coupon", a->coupon, "With several tools: the part from coupons");
      a->payments.add_to(*verb);
    }
    verb->add_option("--expected-version", a->expected_version, "Only if the order still has this version");
    verb->add_option("--reason", a->reason, "The caller's own number for why");
    verb->add_option("--user-data-128", a->data_128, "The caller's own, decimal or 0x");
    verb->add_option("--user-data-64", a->data_64, "The caller's own");
    verb->callback([a, &exit_code] { exit_code = guarded("order " + a->name, [&] { return run_order_act(*a); }); });
  }
}

}  // namespace payloom::verbs

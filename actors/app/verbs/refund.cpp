// refund create, refund list: of an order, or of a combined payment over its orders (TC-3).
#include <fmt/format.h>

#include <algorithm>

#include "actors/app/verbs/linked_actions.hpp"
#include "actors/app/verbs/order_reads.hpp"
#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/refund_split.hpp"
#include "actors/app/verbs/relation_rows.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/client/order_requests.hpp"
#include "protocol/client/refund_allocation.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::string order, payment, id, amount;
  std::uint64_t reason = 0;
  std::uint32_t expected_version = 0, wait_s = 60;
  std::uint16_t source = 0;
};

/// An order of a combined payment, as it stands.
struct combined_order {
  order_row order{};
  client::refund_part part;
};

order_row newest_of(client::blocking_connection& server, order_id order) {
  const std::vector<order_event_row> events = read_timeline(server, order.value);
  if (events.empty()) throw refused_error("the server shows no event of the order");
  return events.back().event.order;
}

/// The orders of a combined payment, each with what it brought and what of that can still go back.
std::vector<combined_order> orders_of(client::blocking_connection& server, u128 payment) {
  const std::vector<relation_row> graph = read_graph(server, payment);
  std::vector<combined_order> out;
  for (const relation_row& c : graph) {
    if (c.kind != relation_kind::combines || c.from != payment) continue;
    const auto pays = std::find_if(graph.begin(), graph.end(), [&](const relation_row& r) {
      return r.kind == relation_kind::pays && r.from == c.to && r.state == 1;
    });
    if (pays == graph.end()) throw refused_error("payment " + to_hex(c.to) + " of it has not succeeded");
    combined_order one;
    one.order = newest_of(server, c.order);
    one.part.brought_minor = pays->amount_minor;
    const u128 left = one.order.paid_minor - one.order.refunded_minor - one.order.refunding_minor;
    one.part.left_minor = std::min(left, pays->amount_minor);
    out.push_back(one);
  }
  if (out.empty()) throw refused_error(to_hex(payment) + " is no combined payment");
  return out;
}

/// One refund an order, all or none of them.
std::vector<order_action_record> linked_refunds(const arguments& a, client::blocking_connection& server, u128 first) {
  const auto orders = orders_of(server, parse_id_text("--payment", a.payment));
  std::vector<client::refund_part> parts;
  u128 left = 0;
  for (const combined_order& o : orders) {
    parts.push_back(o.part);
    left += o.part.left_minor;
  }
  const ledger_id ledger = orders.front().order.ledger;
  const u128 amount = a.amount.empty() ? left : parse_amount_text(ledger, a.amount);
  std::vector<u128> shares(parts.size());
  if (amount == 0 || !client::allocate_refund(parts, amount, shares))
    throw refused_error(fmt::format("of the combined payment {} can still be given back", money_text(ledger, left)));
  std::vector<order_action_record> out;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (shares[i] == 0) continue;
    out.push_back(client::make_order_action(order_action::refund, orders[i].order.id, {first + out.size()}, shares[i],
                                            orders[i].order.version));
    out.back().reason = a.reason;
  }
  return out;
}

int run_combined(const arguments& a) {
  const u128 first = a.id.empty() ? client::id_generator().next() : parse_id_text("--id", a.id);
  auto server = connect_for_amounts(a.common);
  const std::vector<order_action_record> refunds = linked_refunds(a, server, first);
  return send_linked(server, refunds, "refund", a.common.json);
}

int run_single(const arguments& a) {
  const order_id order = parse_order_text("ORDER", a.order);
  const transfer_id id{a.id.empty() ? client::id_generator().next() : parse_id_text("--id", a.id)};
  auto server = connect_for_amounts(a.common);
  order_action_record refund = client::make_order_action(order_action::refund, order, id, 0, a.expected_version);
  refund.reason = a.reason;
  refund.source = a.source;
  if (!a.amount.empty()) refund.amount_minor = parse_amount_text(newest_of(server, order).ledger, a.amount);
  if (!a.amount.empty() && refund.amount_minor == 0) throw usage_error("--amount: 0 would mean all there is");
  const auto answer = ask(server, frame_type::act_on_orders, std::span<const order_action_record>(&refund, 1));
  const result_record result = answer.rows<result_record>()[0];
  if (result.code == result_code::refund_needs_split) return split_refund(server, refund, a.wait_s, a.common.json);
  const json more{{"id", to_hex(id.value)}, {"order", to_hex(order.value)}, {"action", "refund"}};
  return print_result(more, result, a.common.json);
}

int run_create(const arguments& a) {
  if (a.order.empty() == a.payment.empty()) throw usage_error("either ORDER or --payment");
  if (!a.payment.empty() && a.expected_version != 0)
    throw usage_error("--expected-version: of a combined payment each order's own is looked up");
  if (!a.payment.empty() && a.source != 0) throw usage_error("--source: of one order");
  return a.payment.empty() ? run_single(a) : run_combined(a);
}

int run_list(const arguments& a) {
  const order_id id = parse_order_text("ID", a.order);
  auto server = connect_for_amounts(a.common);
  json all = json::array();
  table text({"refund", "time", "order", "merchant", "amount", "currency", "state"});
  for (const relation_row& r : read_graph(server, id.value)) {
    if (r.kind != relation_kind::refunds) continue;
    all.push_back(relation_json(r));
    text.add({to_hex(r.from), format_time(r.timestamp), to_hex(r.order.value), std::to_string(r.merchant),
              ledgers().format(r.ledger, r.amount_minor), ledgers().name(r.ledger),
              r.state == 1 ? "given back" : "failed or on its way"});
  }
  fmt::print("{}", a.common.json ? all.dump() + "\n" : text.text());
  return exit_ok;
}

}  // namespace

void add_refund_create(CLI::App& refund, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = refund.add_subcommand("create", "Refunds an order, or a combined payment over all its orders");
  add_common(*verb, a->common);
  add_context(*verb, a->common);
  verb->add_option("ORDER", a->order, "Its id, decimal or 0x, or MERCHANT/BUSINESS_ID");
  verb->add_option("--payment", a->payment,
                   "Instead of ORDER: a combined payment; what goes back is divided over its orders in proportion to "
                   "what each brought, the last takes the remainder, and all are refunded or none");
  verb->add_option("--amount", a->amount, "Amount in the order's currency (default: all that is left)");
  verb->add_option("--id", a->id,
                   "The refund's own id (default: a random one); repeating it never acts twice. --payment: the first "
                   "order's, the next ones count up");
  verb->add_option("--expected-version", a->expected_version, "Only if the order still has this version");
  verb->add_option("--reason", a->reason, "The caller's own number for why");
  verb->add_option("--source", a->source,
                   "ORDER: only what this source brought (`order show` lists them). Default: the newest that has "
                   "enough left; when none has, one refund a source is made, the newest first, with ids that follow")
      ->check(CLI::Range(1u, limits::payment_sources_max));
  verb->add_option("--wait", a->wait_s, "Seconds that one of several refunds may take before the next is asked for");
  verb->callback([a, &exit_code] { exit_code = guarded("refund create", [&] { return run_create(*a); }); });
}

void add_refund_list(CLI::App& refund, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = refund.add_subcommand("list", "Lists the refunds of all that belongs to an id");
  add_common(*verb, a->common);
  verb->add_option("ID", a->order, "Of an order, a root business, a payment; or MERCHANT/BUSINESS_ID")->required();
  verb->callback([a, &exit_code] { exit_code = guarded("refund list", [&] { return run_list(*a); }); });
}

}  // namespace payloom::verbs

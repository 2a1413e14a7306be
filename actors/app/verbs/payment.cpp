// payment show, refund show: the life of a payment or refund.
#include <fmt/format.h>

#include <map>

#include "actors/app/verbs/order_reads.hpp"
#include "actors/app/verbs/payment_lives.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  payment_options payments;
  std::string id;
};

bool is_refund(const payment_life& life) {
  const auto back = [](const relation_row& r) { return r.from_kind == node_kind::refund; };
  return back(life.relation) || std::any_of(life.edges.begin(), life.edges.end(), back);
}

int run_show(const arguments& a, bool refunds_only) {
  const order_id id = parse_order_text("ID", a.id);
  auto server = connect_for_amounts(a.common);
  const payment_names names(a.payments.load());
  const std::vector<relation_row> graph = read_graph(server, id.value);
  struct known_order {
    std::vector<order_event_row> events;
    std::vector<transfer_row> postings;
  };
  std::map<u128, known_order> orders;
  std::vector<payment_life> lives;
  for (const payment_key& key : payments_meant(graph, id.value)) {
    const auto [it, fresh] = orders.try_emplace(key.order.value);
    if (fresh) it->second = {read_timeline(server, key.order.value), read_postings(server, key.order.value)};
    payment_life life = life_of(key, graph, it->second.events, it->second.postings);
    if (life.events.empty() || (refunds_only && !is_refund(life))) continue;
    lives.push_back(std::move(life));
  }
  if (lives.empty())
    throw refused_error(to_hex(id.value) + " is no " + (refunds_only ? "refund" : "payment or refund"));
  json all = json::array();
  std::string text;
  for (const payment_life& life : lives) {
    all.push_back(life_json(names, life));
    text += (text.empty() ? "" : "\n\n") + life_text(names, life);
  }
  fmt::print("{}", a.common.json ? all.dump() + "\n" : text);
  return exit_ok;
}

void add_show(CLI::App& group, const std::string& name, bool refunds_only, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = group.add_subcommand(
      "show", refunds_only ? "Shows what happened to a refund" : "Shows a payment's parts, attempts and postings");
  add_common(*verb, a->common);
  verb->add_option(
          "ID", a->id,
          "Its id, that of a combined payment, of an attempt, of a posting; of an order or a root business for all "
          "of theirs")
      ->required();
  a->payments.add_to(*verb);
  verb->callback(
      [a, name, refunds_only, &exit_code] { exit_code = guarded(name, [&] { return run_show(*a, refunds_only); }); });
}

}  // namespace

void add_payment_show(CLI::App& payment, int& exit_code) { add_show(payment, "payment show", false, exit_code); }
void add_refund_show(CLI::App& refund, int& exit_code) { add_show(refund, "refund show", true, exit_code); }

}  // namespace payloom::verbs

// order graph: everything that belongs to an id.
#include <fmt/format.h>

#include "actors/app/verbs/order_reads.hpp"
#include "actors/app/verbs/payment_options.hpp"
#include "actors/app/verbs/relation_rows.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::string id;
};

int run_order_graph(const arguments& a) {
  const order_id id = parse_order_text("ID", a.id);
  auto server = connect_for_amounts(a.common);
  const std::vector<relation_row> rows = read_graph(server, id.value);
  if (!a.common.json) {
    fmt::print("{}", graph_text(rows));
    return exit_ok;
  }
  json all = json::array();
  for (const relation_row& row : rows) all.push_back(relation_json(row));
  fmt::print("{}\n", all.dump());
  return exit_ok;
}

}  // namespace

void add_order_graph(CLI::App& order, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = order.add_subcommand("graph", "Shows everything that belongs to an id: orders, payments, postings");
  add_common(*verb, a->common);
  verb->add_option("ID", a->id,
                   "Of a root business, an order, a payment, a refund, an attempt, a posting, a settlement batch, or "
                   "the channel's own number; or MERCHANT/BUSINESS_ID")
      ->required();
  verb->callback([a, &exit_code] { exit_code = guarded("order graph", [&] { return run_order_graph(*a); }); });
}

}  // namespace payloom::verbs

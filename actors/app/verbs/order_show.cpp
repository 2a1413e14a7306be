#include <fmt/format.h>

#include "actors/app/verbs/order_reads.hpp"
#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/source_rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  payment_options payments;
  std::string id;
};

json timeline_json(const payment_names& names, std::span<const order_event_row> events,
                   std::span<const transfer_row> postings) {
  json all = json::array();
  for (const order_event_row& row : events) {
    json one = event_json(names, row);
    one.erase("order");
    one["postings"] = json::array();
    for (const transfer_row& posting : postings) {
      if (posting.sequence > row.sequence && posting.sequence <= row.sequence + row.event.legs)
        one["postings"].push_back(posting_json(names, posting));
    }
    all.push_back(std::move(one));
  }
  return json{{"order", order_json(names, events.back().event.order)},
              {"sources", sources_json(names, events.back())},
              {"events", std::move(all)}};
}

int run_order_postings(const arguments& a) {
  const order_id id = parse_order_text("ID", a.id);
  auto server = connect_for_amounts(a.common);
  const payment_names names(a.payments.load());
  const std::vector<transfer_row> postings = read_postings(server, id.value);
  if (a.common.json) {
    json all = json::array();
    for (const transfer_row& row : postings) all.push_back(posting_json(names, row));
    fmt::print("{}\n", all.dump());
  } else {
    fmt::print("{}", postings_text(names, postings));
  }
  return exit_ok;
}

}  // namespace

int show_order(const common_options& common, const payment_options& payments, client::blocking_connection& server,
               order_id id) {
  const payment_names names(payments.load());
  const std::vector<order_event_row> events = read_timeline(server, id.value);
  if (events.empty()) throw refused_error("the server shows no event of the order");
  const order_row& newest = events.back().event.order;
  const std::vector<transfer_row> postings = read_postings(server, newest.id.value);
  if (common.json) {
    fmt::print("{}\n", timeline_json(names, events, postings).dump());
  } else {
    fmt::print("{}{}\n{}", order_text(names, newest), sources_text(names, events.back()),
               timeline_text(names, events, postings));
  }
  return exit_ok;
}

void add_order_show(CLI::App& order, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = order.add_subcommand("show", "Shows an order and everything that happened to it");
  add_common(*verb, a->common);
  verb->add_option("ID", a->id, "Of the order, a payment, a refund or a posting; or MERCHANT/BUSINESS_ID")->required();
  a->payments.add_to(*verb);
  verb->callback([a, &exit_code] {
    exit_code = guarded("order show", [&] {
      const order_id id = parse_order_text("ID", a->id);
      auto server = connect_for_amounts(a->common);
      return show_order(a->common, a->payments, server, id);
    });
  });
}

void add_order_postings(CLI::App& order, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = order.add_subcommand("postings", "Lists the postings of an order, or of one payment or refund");
  add_common(*verb, a->common);
  verb->add_option("ID", a->id, "Of the order, a payment or a refund; or MERCHANT/BUSINESS_ID")->required();
  a->payments.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("order postings", [&] { return run_order_postings(*a); }); });
}

}  // namespace payloom::verbs

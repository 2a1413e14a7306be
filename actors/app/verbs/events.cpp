#include <fmt/format.h>

#include <atomic>

#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/client/event_subscription.hpp"
#include "protocol/client/order_event_feed.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  payment_options payments;
  std::string order, context, root, subscription;
  commit_seq after = 0;
  owner_number merchant = 0;
  std::uint64_t limit = 0;
  std::uint32_t window = 1000;
  bool follow = false;
};

constexpr std::uint64_t list_limit = 100;  ///< of a list, unless said otherwise

order_event_query query_of(const arguments& a) {
  order_event_query query{};
  query.after = a.after;
  query.merchant = a.merchant;
  if (!a.order.empty()) query.order = parse_order_text("--order", a.order);
  if (!a.context.empty()) query.context_id = parse_id_text("--context", a.context);
  if (!a.root.empty()) query.root_id = parse_id_text("--root", a.root);
  return query;
}

void print_list(const payment_names& names, std::span<const order_event_row> rows, bool as_json) {
  if (as_json) {
    json all = json::array();
    for (const order_event_row& row : rows) all.push_back(event_json(names, row));
    fmt::print("{}\n", all.dump());
    return;
  }
  table out(
      {"sequence", "time", "order", "merchant", "business id", "version", "event", "state", "amount", "currency"});
  for (const order_event_row& row : rows) {
    const order_event& e = row.event;
    out.add({std::to_string(row.sequence), format_time(row.timestamp), to_hex(e.order.id.value),
             std::to_string(e.order.merchant), to_hex(e.order.business_id), std::to_string(e.order.version),
             names.happened(e), names.state(e.order.machine, e.order.state),
             e.amount_minor == 0 ? "" : ledgers().format(e.order.ledger, e.amount_minor),
             ledgers().name(e.order.ledger)});
  }
  fmt::print("{}", out.text());
}

int list_events(const arguments& a, client::blocking_connection& server, const payment_names& names) {
  const std::uint64_t wanted = a.limit == 0 ? list_limit : a.limit;
  order_event_query query = query_of(a);
  std::vector<order_event_row> rows;
  bool more = true;
  while (more && rows.size() < wanted) {
    query.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(limits::order_rows_max, wanted - rows.size()));
    const client::reply answer = ask(server, frame_type::order_events, std::span<const order_event_query>(&query, 1));
    const auto page = answer.rows<order_event_row>();
    rows.insert(rows.end(), page.begin(), page.end());
    more = (answer.header.flags & frame_flags::more) != 0 && answer.header.cursor > query.after;
    query.after = std::max(query.after, answer.header.cursor);
  }
  print_list(names, rows, a.common.json);
  if (more) fmt::print(stderr, "more events are left: --after {}\n", query.after);
  return exit_ok;
}

client::client_options client_of(const arguments& a) {
  client::client_options options;
  options.addresses = {a.common.address};
  options.name = "payloom events";
  options.tenant = a.common.tenant;
  options.shadow = a.common.shadow;
  return options;
}

void print_event(const arguments& a, const payment_names& names, const order_event_row& row) {
  fmt::print("{}\n", a.common.json ? event_json(names, row).dump() : event_line(names, row));
  std::fflush(stdout);
}

/// The same with a subscription: what was printed is acknowledged, and does not come again.
int follow_subscription(const arguments& a, const payment_names& names) {
  const order_event_query query = query_of(a);
  client::subscription_options what;
  what.name = parse_id_text("--subscription", a.subscription);
  what.merchant = query.merchant;
  what.context_id = query.context_id;
  what.root_id = query.root_id;
  what.order = query.order;
  what.after = query.after;
  what.window = a.window;
  what.acknowledge_by_itself = false;
  std::atomic<client::event_subscription*> self{nullptr};
  std::uint64_t printed = 0;
  client::event_subscription events(client_of(a), what, [&](std::span<const order_event_row> batch) {
    self.wait(nullptr);
    for (const order_event_row& row : batch) {
      print_event(a, names, row);
      self.load()->acknowledge(row.sequence);
      if (++printed == a.limit) return self.load()->stop();
    }
  });
  self = &events;
  self.notify_all();
  const client::subscription_end ended = events.wait();
  if (ended == client::subscription_end::taken_over) throw refused_error("another connection has the subscription now");
  if (ended == client::subscription_end::refused) throw refused_error(std::string(name_of(events.refusal())));
  return exit_ok;
}

/// Prints every event as it comes, for ever, or until as many were printed as --limit says.
int follow_events(const arguments& a, const payment_names& names) {
  if (!a.subscription.empty()) return follow_subscription(a, names);
  const order_event_query query = query_of(a);
  client::client server(client_of(a));
  std::atomic<client::order_event_feed*> self{nullptr};
  std::uint64_t printed = 0;
  client::order_event_feed feed(server,
                                {.after = query.after,
                                 .merchant = query.merchant,
                                 .context_id = query.context_id,
                                 .root_id = query.root_id,
                                 .order = query.order},
                                [&](const order_event_row& row) {
                                  print_event(a, names, row);
                                  if (++printed != a.limit) return;
                                  self.wait(nullptr);
                                  self.load()->stop();
                                });
  self = &feed;
  self.notify_all();
  const result_code ended = feed.wait();
  if (ended != result_code::ok) throw refused_error(std::string(name_of(ended)));
  return exit_ok;
}

int run_events(const arguments& a) {
  query_of(a);  // a wrong command line needs no server to be refused
  if (!a.subscription.empty() && !a.follow) throw usage_error("--subscription needs --follow");
  if (!a.subscription.empty()) parse_id_text("--subscription", a.subscription);
  auto server = connect_for_amounts(a.common);
  const payment_names names(a.payments.load());
  return a.follow ? follow_events(a, names) : list_events(a, server, names);
}

}  // namespace

void add_events(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = app.add_subcommand("events", "Lists or follows what happens to orders");
  add_common(*verb, a->common);
  verb->add_option("--after", a->after, "Only events behind this commit: the cursor");
  verb->add_option("--merchant", a->merchant, "Only orders of this merchant");
  verb->add_option("--order", a->order, "Only this order: its id, or MERCHANT/BUSINESS_ID");
  verb->add_option("--context", a->context, "Only events of this context, decimal or 0x");
  verb->add_option("--root", a->root, "Only events of this root business, decimal or 0x");
  verb->add_option("--limit", a->limit, "Events at most (default: 100; with --follow: no end)")
      ->check(CLI::Range(1, 10'000'000));
  verb->add_flag("--follow", a->follow, "Print events as they come until Ctrl-C; lost connections are waited out");
  verb->add_option("--subscription", a->subscription,
                   "With --follow: go on behind what was printed under this name (decimal or 0x), and remember it in "
                   "the server");
  verb->add_option("--window", a->window, "With --subscription: events on their way at most")
      ->check(CLI::Range(1u, limits::subscription_window_max))
      ->capture_default_str();
  a->payments.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("events", [&] { return run_events(*a); }); });
}

}  // namespace payloom::verbs

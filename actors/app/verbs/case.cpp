// case list, case resolve: payments that people must look at.
#include <fmt/format.h>

#include <algorithm>

#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/payment_options.hpp"
#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/client/order_requests.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  payment_options payments;
  owner_number merchant = 0;
  std::uint64_t limit = 0;
  std::string order, id, outcome;
  std::uint32_t expected_version = 0;
};

constexpr std::uint64_t list_limit = 100;

std::string owner_of(const payment_names& names, const payment_row& p) {
  const auto* plan = names.catalog().parts().channels.find(p.channel);
  return plan == nullptr ? "" : plan->case_owner;
}

void print_cases(const payment_names& names, std::span<const order_event_row> rows, bool as_json) {
  if (as_json) {
    json all = json::array();
    for (const order_event_row& row : rows) {
      json one = event_json(names, row);
      one["owner"] = owner_of(names, row.payment);
      all.push_back(std::move(one));
    }
    fmt::print("{}\n", all.dump());
    return;
  }
  table out({"order", "merchant", "since", "reason", "owner", "channel", "payment", "amount", "suspense", "currency"});
  for (const order_event_row& row : rows) {
    const payment_row& p = row.payment;
    const ledger_id ledger = row.event.order.ledger;
    out.add({to_hex(row.event.order.id.value), std::to_string(row.event.order.merchant), format_time(row.timestamp),
             std::string(reason_name(p.reason)), owner_of(names, p), names.channel(p.channel),
             names.payment_state(p.form, p.state), ledgers().format(ledger, p.amount_minor),
             p.suspense_minor == 0 ? "" : ledgers().format(ledger, p.suspense_minor), ledgers().name(ledger)});
  }
  fmt::print("{}", out.text());
}

int run_case_list(const arguments& a) {
  auto server = connect_for_amounts(a.common);
  const payment_names names(a.payments.load());
  const std::uint64_t wanted = a.limit == 0 ? list_limit : a.limit;
  order_event_query query{};
  query.merchant = a.merchant;
  std::vector<order_event_row> rows;
  bool more = true;
  while (more && rows.size() < wanted) {
    query.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(limits::order_rows_max, wanted - rows.size()));
    const client::reply answer = ask(server, frame_type::open_cases, std::span<const order_event_query>(&query, 1));
    const auto page = answer.rows<order_event_row>();
    rows.insert(rows.end(), page.begin(), page.end());
    more = (answer.header.flags & frame_flags::more) != 0;
    query.after = answer.header.cursor;
  }
  print_cases(names, rows, a.common.json);
  if (more) fmt::print(stderr, "more cases are open: raise --limit\n");
  return exit_ok;
}

channel_outcome outcome_of(const std::string& text) {
  for (const channel_outcome o :
       {channel_outcome::success, channel_outcome::rejected, channel_outcome::closed, channel_outcome::returned})
    if (text == outcome_name(o)) return o;
  return channel_outcome::none;  // CLI11 lets nothing else through
}

int run_case_resolve(const arguments& a) {
  auto [action, server] = made_and_connected(a.common, [&] {
    const transfer_id id{a.id.empty() ? client::id_generator().next() : parse_id_text("--id", a.id)};
    order_action_record r =
        client::make_order_action(order_action::resolve, parse_order_text("ORDER", a.order), id, 0, a.expected_version);
    r.reason = static_cast<std::uint64_t>(outcome_of(a.outcome));
    return r;
  });
  const auto answer = ask(server, frame_type::act_on_orders, std::span<const order_action_record>(&action, 1));
  const json more{{"id", to_hex(action.id.value)}, {"order", to_hex(action.order.value)}, {"outcome", a.outcome}};
  return print_result(more, answer.rows<result_record>()[0], a.common.json);
}

}  // namespace

void add_case_list(CLI::App& cases, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = cases.add_subcommand("list", "Lists the open cases, oldest order first");
  add_common(*verb, a->common);
  verb->add_option("--merchant", a->merchant, "Only orders of this merchant");
  verb->add_option("--limit", a->limit, "Cases at most (default: 100)")->check(CLI::Range(1, 10'000'000));
  a->payments.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("case list", [&] { return run_case_list(*a); }); });
}

void add_case_resolve(CLI::App& cases, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = cases.add_subcommand("resolve", "States what became of a payment with an open case");
  add_common(*verb, a->common);
  add_context(*verb, a->common);
  verb->add_option("ORDER", a->order, "Its id, decimal or 0x, or MERCHANT/BUSINESS_ID")->required();
  verb->add_option("OUTCOME", a->outcome,
                   "success, rejected or closed: what the channel did; returned: what stands in suspense goes back; "
                   "none: nothing is left to do")
      ->required()
      ->check(CLI::IsMember({"success", "rejected", "closed", "returned", "none"}));
  verb->add_option("--id", a->id, "The command's own id (default: a random one); repeating it never acts twice");
  verb->add_option("--expected-version", a->expected_version, "Only if the order still has this version");
  verb->callback([a, &exit_code] { exit_code = guarded("case resolve", [&] { return run_case_resolve(*a); }); });
}

}  // namespace payloom::verbs

#include "actors/app/verbs/refund_split.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "actors/app/verbs/order_reads.hpp"
#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/core/catalog/portion.hpp"
#include "protocol/client/order_requests.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

/// One for each source, and what failed and was asked for again by the same command.
constexpr std::uint32_t parts_max = 4 * limits::payment_sources_max;

struct part {
  order_action_record asked;
  std::string state;
};

u128 left_of(const order_row& o) { return o.paid_minor - o.refunded_minor - o.refunding_minor; }
u128 left_of(const payment_source& s) { return s.kind == source_kind::paid ? s.paid_minor - s.refunded_minor : 0; }

/// Waits until nothing of the order is on its way back any more, or the time is over; the newest event.
order_event_row wait_for_refund(client::blocking_connection& server, order_id order, std::uint32_t wait_s) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(wait_s);
  order_event_row newest = read_timeline(server, order.value).back();
  while (newest.event.order.refunding_minor != 0 && std::chrono::steady_clock::now() < until) {
    order_event_query query{};
    query.order = order;
    query.after = newest.sequence;
    query.limit = limits::order_rows_max;
    query.wait_ms = 1000;
    const auto answer = ask(server, frame_type::order_events, std::span<const order_event_query>(&query, 1));
    if (!answer.body.empty()) newest = answer.rows<order_event_row>().back();
  }
  return newest;
}

/// The most of `all` that can go back when the channel's part, `external` of all, may be no more than `left`.
u128 most_with(u128 all, u128 left, u128 external) {
  using core::catalog::portion;
  if (left >= external) return all;
  const u128 most = portion(all, left + 1, external);
  return portion(external, most, all) > left ? most - 1 : most;
}

/// The refund of the newest source of which something is left; nullopt: there is none.
std::optional<order_action_record> next_part(const order_event_row& now, const order_action_record& whole, u128 wanted,
                                             std::uint32_t number) {
  const order_row& o = now.event.order;
  u128 external = 0;
  std::uint16_t newest = 0;
  for (std::uint16_t i = 0; i < limits::payment_sources_max; ++i) {
    external += left_of(now.payment.sources[i]);
    if (left_of(now.payment.sources[i]) != 0) newest = static_cast<std::uint16_t>(i + 1);
  }
  if (newest == 0 || wanted == 0) return std::nullopt;
  const u128 most = most_with(left_of(o), left_of(now.payment.sources[newest - 1]), external);
  auto refund = client::make_order_action(order_action::refund, whole.order, {whole.id.value + number},
                                          std::min(wanted, most), o.version);
  refund.source = newest;
  refund.reason = whole.reason;
  return refund;
}

/// What this command asked for before, when it is sent again.
std::optional<order_action_record> asked_before(std::span<const order_event_row> events, u128 id) {
  for (const order_event_row& row : events) {
    if (row.event.request_type != static_cast<std::uint16_t>(frame_type::act_on_orders)) continue;
    const order_action_record r = client::action_of(row.event);
    if (r.id.value == id && r.action == order_action::refund) return r;
  }
  return std::nullopt;
}

int print_parts(std::span<const part> parts, const order_event_row& now, u128 missing, bool as_json) {
  const ledger_id ledger = now.event.order.ledger;
  json all = json::array();
  table text({"refund", "source", "amount", "state"});
  for (const part& p : parts) {
    all.push_back({{"id", to_hex(p.asked.id.value)},
                   {"source", p.asked.source},
                   {"amount_minor", to_decimal(p.asked.amount_minor)},
                   {"state", p.state}});
    text.add(
        {to_hex(p.asked.id.value), std::to_string(p.asked.source), money_text(ledger, p.asked.amount_minor), p.state});
  }
  if (as_json) {
    fmt::print("{}\n",
               json{{"order", to_hex(now.event.order.id.value)}, {"parts", all}, {"missing_minor", to_decimal(missing)}}
                   .dump());
  } else {
    fmt::print("{}", text.text());
    if (missing != 0)
      fmt::print("{} was not asked for yet: the same command with its --id goes on\n", money_text(ledger, missing));
  }
  return missing == 0 ? exit_ok : exit_refused;
}

}  // namespace

int split_refund(client::blocking_connection& server, const order_action_record& whole, std::uint32_t wait_s,
                 bool as_json) {
  std::vector<order_event_row> events = read_timeline(server, whole.order.value);
  if (events.empty()) throw refused_error("the server shows no event of the order");
  std::vector<part> parts;
  order_event_row now = events.back();
  const bool all = whole.amount_minor == 0;
  u128 missing = all ? left_of(now.event.order) : whole.amount_minor;
  for (std::uint32_t n = 1; n <= parts_max && missing != 0; ++n) {
    if (const auto before = asked_before(events, whole.id.value + n)) {
      parts.push_back({*before, "asked before"});
      if (!all) missing -= std::min(missing, before->amount_minor);
      continue;
    }
    const u128 gone = now.event.order.refunded_minor;
    now = wait_for_refund(server, whole.order, wait_s);
    if (!parts.empty() && now.event.order.refunding_minor == 0 && parts.back().state == "on its way")
      parts.back().state = now.event.order.refunded_minor > gone ? "given back" : "failed";
    const bool stopped = !parts.empty() && parts.back().state == "failed";
    if (now.event.order.refunding_minor != 0 || stopped) break;
    const auto next = next_part(now, whole, missing, n);
    if (!next) break;
    const auto answer = ask(server, frame_type::act_on_orders, std::span<const order_action_record>(&*next, 1));
    const result_code code = answer.rows<result_record>()[0].code;
    parts.push_back({*next, code == result_code::ok ? "on its way" : std::string(name_of(code))});
    if (code != result_code::ok) break;
    missing -= next->amount_minor;
  }
  return print_parts(parts, now, missing, as_json);
}

}  // namespace payloom::verbs

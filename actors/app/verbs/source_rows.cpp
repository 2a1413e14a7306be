#include "actors/app/verbs/source_rows.hpp"

#include <fmt/format.h>

#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

/// Calls `use(number, source)` for each place that is taken.
template <class Use>
void for_each_source(const order_event_row& row, Use&& use) {
  if ((row.event.flags & order_event_flags::payment) == 0) return;
  std::uint32_t number = 0;
  for (const payment_source& s : row.payment.sources) {
    ++number;
    if (s.attempt_id != 0) use(number, s);
  }
}

std::string_view kind_name(source_kind kind) { return kind == source_kind::paid ? "paid" : "suspense"; }

}  // namespace

json sources_json(const payment_names& names, const order_event_row& row) {
  json out = json::array();
  const ledger_id ledger = row.event.order.ledger;
  for_each_source(row, [&](std::uint32_t number, const payment_source& s) {
    out.push_back({{"source", number},
                   {"attempt_id", to_hex(s.attempt_id)},
                   {"channel", s.channel},
                   {"channel_name", names.channel(s.channel)},
                   {"kind", std::string(kind_name(s.kind))},
                   {"paid_minor", to_decimal(s.paid_minor)},
                   {"paid", ledgers().format(ledger, s.paid_minor)},
                   {"refunded_minor", to_decimal(s.refunded_minor)},
                   {"refunded", ledgers().format(ledger, s.refunded_minor)}});
  });
  return out;
}

std::string sources_text(const payment_names& names, const order_event_row& row) {
  std::string out;
  const ledger_id ledger = row.event.order.ledger;
  for_each_source(row, [&](std::uint32_t number, const payment_source& s) {
    std::string text = fmt::format("{} by {}", money_text(ledger, s.paid_minor), names.channel(s.channel));
    if (s.kind == source_kind::suspense) text += " in suspense";
    if (s.refunded_minor != 0) text += fmt::format(", {} gone back", money_text(ledger, s.refunded_minor));
    line(out, fmt::format("source {}", number), text + ", attempt " + to_hex(s.attempt_id));
  });
  return out;
}

}  // namespace payloom::verbs

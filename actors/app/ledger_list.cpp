#include "actors/app/ledger_list.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/types/frame.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::app {
namespace {

/// Only `limit` and `cursor` may be set.
bool is_malformed(query_record query) {
  if (query.limit == 0 || query.limit > limits::query_rows_max) return true;
  query.limit = 0;
  query.cursor = 0;
  constexpr query_record zero{};
  return std::memcmp(&query, &zero, sizeof query) != 0;
}

}  // namespace

ledger_list::ledger_list(std::span<const config::custom_ledger> custom) {
  for (const config::custom_ledger& c : custom) {
    ledger_row row{};
    row.ledger = c.id;
    row.exponent = c.exponent;
    c.name.copy(row.name, sizeof row.name - 1);
    rows_.push_back(row);
  }
  std::ranges::sort(rows_, {}, &ledger_row::ledger);
}

net::reply_rows ledger_list::page(const query_record& query) const {
  net::reply_rows reply;
  if (is_malformed(query)) {
    reply.code = result_code::query_malformed;
    return reply;
  }
  if (query.cursor > UINT32_MAX) {
    reply.code = result_code::cursor_malformed;
    return reply;
  }
  const auto from = std::ranges::upper_bound(rows_, static_cast<ledger_id>(query.cursor), {}, &ledger_row::ledger);
  const std::span<const ledger_row> rest(from, rows_.end());
  const auto shown = rest.first(std::min<std::size_t>(rest.size(), query.limit));
  const auto bytes = std::as_bytes(shown);
  reply.bytes.assign(bytes.begin(), bytes.end());
  reply.record_count = static_cast<std::uint32_t>(shown.size());
  if (shown.size() < rest.size()) {
    reply.flags = frame_flags::more;
    reply.cursor = shown.back().ledger;
  }
  return reply;
}

}  // namespace payloom::app

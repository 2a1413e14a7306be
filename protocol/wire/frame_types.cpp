#include "protocol/wire/frame_types.hpp"

#include <array>

#include "protocol/types/catalog_records.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"
#include "protocol/types/settlement.hpp"
#include "protocol/types/subscription_records.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::wire {
namespace {

constexpr std::uint16_t none = frame_flags::shadow;
constexpr std::uint16_t balances = frame_flags::shadow | frame_flags::want_balances;
constexpr std::uint16_t pages = frame_flags::shadow | frame_flags::more;
constexpr std::uint32_t many = limits::frame_events_max;
constexpr auto control = frame_family::control;
constexpr auto command = frame_family::command;
constexpr auto query = frame_family::query;
constexpr auto report = frame_family::report;
constexpr std::uint32_t record = limits::record_bytes;
constexpr std::uint32_t id = sizeof(id_record);
constexpr std::uint32_t ask = sizeof(query_record);
constexpr std::uint32_t result = sizeof(result_record);
constexpr std::uint32_t follow = sizeof(order_event_query);
constexpr std::uint32_t event = sizeof(order_event_row);
constexpr std::uint32_t batch = sizeof(settlement_row);
constexpr std::uint32_t feed = sizeof(subscription_row);
static_assert(limits::order_rows_max * event + limits::frame_header_bytes <= reply_bytes_max);

constexpr frame_type_info rows[] = {
    {frame_type::hello, "hello", control, sizeof(hello_body), 1, sizeof(welcome_body), none, none, true},
    {frame_type::ping, "ping", control, 0, 0, 0, none, none, true},
    {frame_type::goaway, "goaway", control, 0, 0, 0, none, none, false},
    {frame_type::error, "error", control, 0, 0, 0, none, none, false},
    {frame_type::create_transfers, "create_transfers", command, record, many, result, balances, balances, true},
    {frame_type::create_accounts, "create_accounts", command, record, many, result, none, none, true},
    {frame_type::change_accounts, "change_accounts", command, record, many, result, none, none, true},
    {frame_type::seal_transfers, "seal_transfers", command, id, many, result, none, none, true},
    {frame_type::create_orders, "create_orders", command, record, many, result, none, none, true, true},
    {frame_type::act_on_orders, "act_on_orders", command, record, many, result, none, none, true, true},
    {frame_type::settle, "settle", query, record, 1, batch, none, pages, true},
    {frame_type::lookup_accounts, "lookup_accounts", query, id, many, sizeof(account_row), none, none, true},
    {frame_type::lookup_transfers, "lookup_transfers", query, id, many, sizeof(transfer_row), none, none, true},
    {frame_type::list_accounts, "list_accounts", query, ask, 1, sizeof(account_row), none, pages, true},
    {frame_type::list_transfers, "list_transfers", query, ask, 1, sizeof(transfer_row), none, pages, true},
    {frame_type::statement, "statement", query, ask, 1, sizeof(statement_row), none, pages, true},
    {frame_type::balances_at, "balances_at", query, id, many, sizeof(account_row), none, none, true},
    {frame_type::list_ledgers, "list_ledgers", query, ask, 1, sizeof(ledger_row), none, pages, true},
    {frame_type::order_timeline, "order_timeline", query, id, 1, event, none, pages, true},
    {frame_type::order_postings, "order_postings", query, id, 1, sizeof(transfer_row), none, pages, true},
    {frame_type::order_events, "order_events", query, follow, 1, event, none, pages, true},
    {frame_type::settlements, "settlements", query, record, 1, batch, none, pages, true},
    {frame_type::subscribe, "subscribe", query, record, 1, feed, none, none, true},
    {frame_type::acknowledge, "acknowledge", query, record, 1, feed, none, none, true},
    {frame_type::pushed_events, "pushed_events", control, 0, 0, event, none, none, false},
    {frame_type::open_cases, "open_cases", query, follow, 1, event, none, pages, true},
    {frame_type::stats, "stats", report, 0, 0, 1, none, none, true},
    {frame_type::verify, "verify", report, 0, 0, 1, none, none, true},
    {frame_type::load_catalog, "load_catalog", report, sizeof(load_catalog_record), 1, 1, none, none, true},
    {frame_type::rules_diff, "rules_diff", report, 0, 0, 1, none, none, true},
    {frame_type::list_catalogs, "list_catalogs", report, 0, 0, 1, none, none, true},
};

constexpr std::size_t types_end = 64;

constexpr std::array<std::uint8_t, types_end> make_index() {
  std::array<std::uint8_t, types_end> index{};  // row number + 1, 0 = none
  for (std::size_t i = 0; i < std::size(rows); ++i)
    index[static_cast<std::uint16_t>(rows[i].type)] = static_cast<std::uint8_t>(i + 1);
  return index;
}
constexpr auto index_of_type = make_index();

}  // namespace

const frame_type_info* find_frame_type(std::uint16_t type) noexcept {
  if (type >= types_end || index_of_type[type] == 0) return nullptr;
  return &rows[index_of_type[type] - 1];
}

std::span<const frame_type_info> all_frame_types() noexcept { return rows; }

}  // namespace payloom::wire

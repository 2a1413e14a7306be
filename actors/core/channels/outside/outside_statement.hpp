#pragma once
// The outside's statement: one line per movement of money, in the normalised form of domain.md GW (statements).
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/types/calendar.hpp"
#include "protocol/types/ids.hpp"

namespace payloom::core {

enum class movement_type : std::uint8_t {
  pay = 1,
  payout = 2,
  refund = 3,
  pay_reversed = 4,
  payout_reversed = 5,
  refund_reversed = 6,
  payout_returned = 7,
  refund_returned = 8,
};
inline constexpr std::uint8_t movement_types = 9;

/// "pay", "pay_reversed", ...
std::string_view name_of(movement_type type);
/// Whether money comes to the platform; else it leaves.
constexpr bool brings_money(movement_type type) {
  return type != movement_type::payout && type != movement_type::refund && type != movement_type::pay_reversed;
}
/// Whether it undoes another movement, and its fee with it.
constexpr bool undoes(movement_type type) { return type >= movement_type::pay_reversed; }

struct statement_line {
  std::uint64_t channel = 0;
  day_number settle_date = 0;  ///< the day (UTC) of occurred_at
  u128 channel_txn = 0;        ///< the channel's own number
  u128 platform_no = 0;        ///< the attempt's
  movement_type type = movement_type::pay;
  u128 amount_minor = 0;
  u128 fee_minor = 0;  ///< that the channel keeps, or gives back when the line undoes another
  ledger_id ledger = 0;
  time_ns occurred_at = 0;
  friend bool operator==(const statement_line&, const statement_line&) = default;
};
/// Every line is of money that has moved.
inline constexpr std::string_view statement_status = "success";

/// As one line of a file, without its end: "channel,settle_date,channel_txn,platform_no,type,amount,fee,ccy,status,
/// occurred_at"; numbers are decimal, channel_txn and platform_no have 32 hexadecimal digits.
std::string text_of(const statement_line& line);
inline constexpr std::string_view statement_header =
    "channel,settle_date,channel_txn,platform_no,type,amount,fee,ccy,status,occurred_at";

/// Sums over a statement, of one ledger. They cannot overflow: see outside_settings::amount_max.
struct statement_total {
  ledger_id ledger = 0;
  std::uint64_t lines = 0;
  u128 came_minor = 0;       ///< to the platform
  u128 left_minor = 0;       ///< of the platform
  u128 fees_minor = 0;       ///< kept by the channel
  u128 fees_back_minor = 0;  ///< given back by it
  friend bool operator==(const statement_total&, const statement_total&) = default;
};

}  // namespace payloom::core

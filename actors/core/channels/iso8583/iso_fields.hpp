#pragma once
// The dialect as data: which fields there are, what they hold, and which of them each message must have. ISO 8583:1987
// with ASCII text and binary bitmaps. Immutable; any thread.
#include <array>
#include <cstdint>
#include <span>

namespace payloom::core {

/// Numbers are those of the standard.
enum class iso_field : std::uint8_t {
  account_number = 2,  ///< of a card; we never send it, and it is never logged
  processing_code = 3,
  amount = 4,          ///< minor units
  transmitted_at = 7,  ///< MMDDhhmmss, UTC
  stan = 11,           ///< system trace audit number
  local_time = 12,     ///< hhmmss
  local_date = 13,     ///< MMDD
  retrieval_reference = 37,
  approval_code = 38,
  response_code = 39,
  terminal = 41,
  merchant = 42,
  attempt = 48,       ///< private: the platform's attempt id, 32 hexadecimal digits; comes back as it was sent
  currency = 49,      ///< ISO 4217 number
  private_data = 63,  ///< refund: the attempt whose money goes back; response: the host's own number; 32 digits each
  network_code = 70,
  original = 90,  ///< message type, STAN and transmission time of the original, 22 zeroes
};

enum class iso_length : std::uint8_t {
  fixed = 0,
  two_digits = 2,    ///< LLVAR
  three_digits = 3,  ///< LLLVAR
};

enum class iso_class : std::uint8_t {
  digits,    ///< n
  letters,   ///< an: letters, digits, spaces
  printable  ///< ans: 0x20 .. 0x7e
};

struct iso_field_row {
  iso_field field;
  iso_length length;
  iso_class characters;
  std::uint16_t size;  ///< fixed: characters, else the most of them
};

/// All fields, by ascending number. One more field is one more row here.
inline constexpr std::array<iso_field_row, 17> iso_field_rows = {{
    {iso_field::account_number, iso_length::two_digits, iso_class::digits, 19},
    {iso_field::processing_code, iso_length::fixed, iso_class::digits, 6},
    {iso_field::amount, iso_length::fixed, iso_class::digits, 12},
    {iso_field::transmitted_at, iso_length::fixed, iso_class::digits, 10},
    {iso_field::stan, iso_length::fixed, iso_class::digits, 6},
    {iso_field::local_time, iso_length::fixed, iso_class::digits, 6},
    {iso_field::local_date, iso_length::fixed, iso_class::digits, 4},
    {iso_field::retrieval_reference, iso_length::fixed, iso_class::letters, 12},
    {iso_field::approval_code, iso_length::fixed, iso_class::letters, 6},
    {iso_field::response_code, iso_length::fixed, iso_class::letters, 2},
    {iso_field::terminal, iso_length::fixed, iso_class::printable, 8},
    {iso_field::merchant, iso_length::fixed, iso_class::printable, 15},
    {iso_field::attempt, iso_length::three_digits, iso_class::printable, 64},
    {iso_field::currency, iso_length::fixed, iso_class::digits, 3},
    {iso_field::private_data, iso_length::three_digits, iso_class::printable, 128},
    {iso_field::network_code, iso_length::fixed, iso_class::digits, 3},
    {iso_field::original, iso_length::fixed, iso_class::digits, 42},
}};

inline constexpr std::uint8_t iso_no_row = 0xff;
/// Place in iso_field_rows by field number, iso_no_row where there is none.
inline constexpr std::array<std::uint8_t, 129> iso_row_of_number = [] {
  std::array<std::uint8_t, 129> rows{};
  rows.fill(iso_no_row);
  for (std::size_t i = 0; i < iso_field_rows.size(); ++i)
    rows[static_cast<std::size_t>(iso_field_rows[i].field)] = static_cast<std::uint8_t>(i);
  return rows;
}();
constexpr std::uint8_t row_of(iso_field field) { return iso_row_of_number[static_cast<std::size_t>(field)]; }

/// Message types (MTI).
namespace iso_type {
inline constexpr std::uint16_t request = 200;
inline constexpr std::uint16_t response = 210;
inline constexpr std::uint16_t reversal = 420;  ///< advice
inline constexpr std::uint16_t reversal_repeat = 421;
inline constexpr std::uint16_t reversal_response = 430;
inline constexpr std::uint16_t network_request = 800;
inline constexpr std::uint16_t network_response = 810;
}  // namespace iso_type

/// Codes of field 70.
namespace iso_network {
inline constexpr std::uint16_t sign_on = 1;
inline constexpr std::uint16_t sign_off = 2;
inline constexpr std::uint16_t echo = 301;
}  // namespace iso_network

/// Codes of field 3.
namespace iso_processing {
inline constexpr std::uint32_t purchase = 0;
inline constexpr std::uint32_t refund = 200'000;
inline constexpr std::uint32_t payout = 260'000;
}  // namespace iso_processing

/// A set of fields: one bit for each place in iso_field_rows.
using iso_field_set = std::uint32_t;
static_assert(iso_field_rows.size() <= 32);
constexpr iso_field_set set_of(iso_field field) { return iso_field_set{1} << row_of(field); }

struct iso_message_row {
  std::uint16_t type;
  iso_field_set needed;
  bool second_bitmap;  ///< as we write it; both forms are read
};
/// The row of a message type, nullptr for an unknown one.
const iso_message_row* find_message_row(std::uint16_t type);

inline constexpr std::size_t iso_frame_head = 2;  ///< the length of a message, big-endian, in front of it
/// The longest message that is read: all fields at their most fit in.
inline constexpr std::size_t iso_message_max = 512;
constexpr std::size_t iso_longest_message() {
  std::size_t bytes = 4 + 16;
  for (const iso_field_row& row : iso_field_rows) bytes += static_cast<std::size_t>(row.length) + row.size;
  return bytes;
}
static_assert(iso_longest_message() <= iso_message_max);

}  // namespace payloom::core

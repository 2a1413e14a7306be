#pragma once
// Between people's text and the protocol's fields: ids, amounts, ledgers, flags, times. The parsers throw usage_error.
#include <CLI/CLI.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "config/ledger_directory.hpp"
#include "protocol/types/records.hpp"
#include "protocol/wire/fields.hpp"

namespace payloom::verbs {

/// The ISO currencies; ledgers of a server's configuration are shown as numbers and minor units.
const config::ledger_directory& ledgers();

u128 parse_id_text(const std::string& what, const std::string& text);  ///< decimal, or hexadecimal with 0x
ledger_id parse_ledger_text(const std::string& text);                  ///< "EUR" or "978"
u128 parse_amount_text(ledger_id ledger, const std::string& text);     ///< decimal, with the ledger's digits
/// "2026-11-22", "2026-11-22T10:00:00", with fraction and Z, or nanoseconds since 1970. UTC.
time_ns parse_time_text(const std::string& text);
std::string format_time(time_ns time);  ///< "2026-11-22T10:00:00.123456789Z", "" for 0
/// Names as in WIRE.md, separated by commas; `kind` says of which flags.
std::uint16_t parse_flags_text(wire::field_kind kind, const std::string& text);
std::string format_flags(wire::field_kind kind, std::uint64_t bits);  ///< "hold,linked", "" for none

/// The three user data fields that many records have.
struct user_data_options {
  std::string data_128;
  std::uint64_t data_64 = 0;
  std::uint32_t data_32 = 0;
  void add_to(CLI::App& verb);
  template <class Record>
  void fill(Record& record) const {
    if (!data_128.empty()) record.user_data_128 = parse_id_text("--user-data-128", data_128);
    record.user_data_64 = data_64;
    record.user_data_32 = data_32;
  }
};

}  // namespace payloom::verbs

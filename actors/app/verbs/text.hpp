#pragma once
// Between people's text and the protocol's fields: ids, amounts, ledgers, flags, times. The parsers throw usage_error.
#include <CLI/CLI.hpp>

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/ledger_directory.hpp"
#include "protocol/types/records.hpp"
#include "protocol/wire/fields.hpp"

namespace payloom::verbs {

/// The ISO currencies, and once `learn_ledgers` was called the server's own ledgers: what is read and shown goes by it.
/// One thread.
const config::ledger_directory& ledgers();
/// What a server says of its ledgers; what makes no sense of it is left out. References to `ledgers()` end.
void learn_ledgers(std::span<const ledger_row> rows);

/// Whether `learn_ledgers` was called.
bool ledgers_known();

/// A ledger that is no ISO currency was named before the server's were known.
struct ledgers_needed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

u128 parse_id_text(const std::string& what, const std::string& text);  ///< decimal, or hexadecimal with 0x
/// "EUR", "978", or the name or number of a ledger of the server. Throws ledgers_needed, usage_error.
ledger_id parse_ledger_text(const std::string& text);
/// Decimal, with the ledger's digits; minor units when nobody knows the ledger. Throws ledgers_needed, usage_error.
u128 parse_amount_text(ledger_id ledger, const std::string& text);
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

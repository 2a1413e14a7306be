#pragma once
// Values as they stand in the file: strict readers (no octal, no hexadecimal counts, no signs, units where they are
// due) and writers whose text reads back as the same value.
#include <optional>
#include <string>
#include <string_view>

#include "config/key.hpp"

namespace payloom::config {

/// Reads `text` into the field of `k` in `into`, checking syntax and bounds. nullopt when it was stored, otherwise a
/// sentence without place that says what is wrong, and nothing was changed. Lists (ledgers, hot_accounts) are read by
/// the loader; here they are an error.
std::optional<std::string> read_value(const key& k, std::string_view text, settings& into);

/// The field of `k` in `from` as the file would have it; lists in flow form ("[0x1, 0x2]").
std::string write_value(const key& k, const settings& from);

/// What may stand there, for messages and documents: "1 .. 4096 or auto", "true or false".
std::string bounds_text(const key& k);

/// The unit for documents: "size", "duration", "events", "count", "".
std::string_view unit_text(const key& k);

/// A plain decimal count, with an optional k, M or G (powers of 1,000). nullopt when stored, else what is wrong.
std::optional<std::string> read_count(std::string_view text, std::uint64_t& out);

/// An address with its port: 127.0.0.1:7400 or [::1]:7400. nullopt when stored, else what is wrong.
std::optional<std::string> read_endpoint(std::string_view text, endpoint& out);

/// An account id: decimal or 0x hexadecimal, neither zero nor all ones. nullopt when stored, else what is wrong.
std::optional<std::string> read_account(std::string_view text, account_id& out);

}  // namespace payloom::config

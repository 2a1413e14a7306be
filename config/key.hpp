#pragma once
// What is known about one configuration key. The table of all keys (config/keys.cpp) is the only place that says what
// may be configured: loader, printer, OPERATIONS.md and its test all read it.
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "config/settings.hpp"

namespace payloom::config {

/// What a number counts; decides how it is read and written (64MiB, 250ms, 16M).
enum class unit : std::uint8_t { none, bytes, events, time };

/// Where the value of a key lives; the type decides its syntax.
using field = std::variant<bool*, std::uint64_t*, milliseconds*, std::string*, u128*, endpoint*, scheduler_policy*,
                           log_level*, log_format*, std::vector<custom_ledger>*, std::vector<account_id>*>;

struct key {
  std::string_view path;          ///< "section.name", or "name" for the lists at the top
  std::string_view sentence;      ///< what it does, one sentence
  std::string_view default_text;  ///< as it would stand in the file
  field (*locate)(settings&);     ///< its place in the settings
  std::uint64_t min = 0;          ///< numbers, durations (ms) and sizes: inclusive; lists: entries
  std::uint64_t max = 0;          ///< likewise
  unit measure = unit::none;
  bool may_be_auto = false;   ///< the word `auto` is allowed and means `automatic`
  bool may_be_empty = false;  ///< texts and addresses: "" is allowed and means "not used"
  bool restart = true;        ///< a change takes effect at the next start only
};

/// All keys, in the order in which files and documents show them; the keys of a section stand together.
std::span<const key> keys();

/// The key with this path, nullptr when there is none.
const key* find_key(std::string_view path);

/// The section of a key path: "server" of "server.listen", "" of "ledgers".
std::string_view section_of(std::string_view path);

/// The name of a key within its section: "listen" of "server.listen".
std::string_view name_of(std::string_view path);

}  // namespace payloom::config

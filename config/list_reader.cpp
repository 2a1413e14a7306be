#include "config/list_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/value_text.hpp"
#include "protocol/types/currency.hpp"

namespace payloom::config {
namespace {

// True when `list` can be walked: a sequence within the bound.
bool is_usable(const key& k, const YAML::Node& list, const complaint& complain) {
  if (!list.IsSequence()) {
    complain(list, fmt::format("{}: a list is expected", k.path));
    return false;
  }
  if (list.size() > k.max) {
    complain(list, fmt::format("{}: {} entries are more than the {} allowed", k.path, list.size(), k.max));
    return false;
  }
  return true;
}

bool is_ledger_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  return name.size() >= 2 && name.size() <= 16 && name[0] >= 'A' && name[0] <= 'Z' &&
         std::ranges::all_of(name, allowed);
}

// One field of a ledger; empty text when it stands well, else what is wrong.
std::optional<std::string> read_ledger_field(std::string_view name, std::string_view text, custom_ledger& into) {
  if (name == "name") {
    if (!is_ledger_name(text)) return "a name has 2 to 16 letters A-Z, digits or _, and begins with a letter";
    if (find_currency(text) != nullptr) return fmt::format("{} is an ISO 4217 currency already", text);
    into.name = std::string(text);
    return std::nullopt;
  }
  std::uint64_t value = 0;
  if (auto wrong = read_count(text, value)) return wrong;
  if (name == "id") {
    if (value < custom_ledger_min || value > UINT32_MAX) {
      return fmt::format("{} is out of bounds: {} .. {}", value, custom_ledger_min, UINT32_MAX);
    }
    into.id = static_cast<ledger_id>(value);
    return std::nullopt;
  }
  if (value > exponent_max) return fmt::format("{} is out of bounds: 0 .. {}", value, exponent_max);
  into.exponent = static_cast<std::uint8_t>(value);
  return std::nullopt;
}

// Reads one {id, name, exponent}; true when it is complete and right.
bool read_ledger(const YAML::Node& entry, custom_ledger& into, const complaint& complain) {
  if (!entry.IsMap()) {
    complain(entry, "ledgers: an entry is written {id: 1000, name: POINTS, exponent: 0}");
    return false;
  }
  std::set<std::string> seen;
  bool right = true;
  const auto wrong = [&](const YAML::Node& at, std::string message) {
    complain(at, "ledgers: " + std::move(message));
    right = false;
  };
  for (const auto& pair : entry) {
    const std::string name = pair.first.IsScalar() ? pair.first.Scalar() : "";
    if (name != "id" && name != "name" && name != "exponent") {
      wrong(pair.first, fmt::format("unknown key `{}`: an entry has id, name and exponent", name));
    } else if (!seen.insert(name).second) {
      wrong(pair.first, fmt::format("duplicate key `{}`", name));
    } else if (!pair.second.IsScalar()) {
      wrong(pair.second, fmt::format("{}: a single value is expected", name));
    } else if (auto message = read_ledger_field(name, pair.second.Scalar(), into)) {
      wrong(pair.second, fmt::format("{}: {}", name, *message));
    }
  }
  for (const char* needed : {"id", "name", "exponent"}) {
    if (!seen.contains(needed)) wrong(entry, fmt::format("`{}` is missing", needed));
  }
  return right;
}

}  // namespace

void read_ledgers(const key& k, const YAML::Node& list, std::vector<custom_ledger>& out, const complaint& complain) {
  if (!is_usable(k, list, complain)) return;
  out.clear();
  std::set<ledger_id> ids;
  std::set<std::string> names;
  for (const YAML::Node& entry : list) {
    custom_ledger ledger;
    if (!read_ledger(entry, ledger, complain)) continue;
    if (!ids.insert(ledger.id).second) complain(entry, fmt::format("ledgers: id {} stands twice", ledger.id));
    if (!names.insert(ledger.name).second) complain(entry, fmt::format("ledgers: name {} stands twice", ledger.name));
    out.push_back(std::move(ledger));
  }
}

void read_accounts(const key& k, const YAML::Node& list, std::vector<account_id>& out, const complaint& complain) {
  if (!is_usable(k, list, complain)) return;
  out.clear();
  std::set<u128> seen;
  for (const YAML::Node& entry : list) {
    account_id id;
    if (!entry.IsScalar()) {
      complain(entry, fmt::format("{}: a single value is expected", k.path));
    } else if (auto message = read_account(entry.Scalar(), id)) {
      complain(entry, fmt::format("{}: {}", k.path, *message));
    } else if (!seen.insert(id.value).second) {
      complain(entry, fmt::format("{}: {} stands twice", k.path, entry.Scalar()));
    } else {
      out.push_back(id);
    }
  }
}

}  // namespace payloom::config

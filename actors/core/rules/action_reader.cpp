#include "actors/core/rules/action_reader.hpp"

#include <algorithm>

#include "protocol/types/u128_text.hpp"

namespace payloom::core::rules {

std::vector<catalog::product_index> action_reader::products() const {
  std::vector<catalog::product_index> all;
  const auto products = catalog_.parts().map.products();
  for (std::size_t i = 0; i < products.size(); ++i) {
    const auto& named = rule_.when.products;
    if (named.empty() || std::ranges::find(named, products[i].name, &placed_name::text) != named.end())
      all.push_back(static_cast<catalog::product_index>(i));
  }
  return all;
}

void action_reader::allow(std::vector<std::string> keys) {
  for (const action_entry& entry : rule_.then)
    if (std::ranges::find(keys, entry.key.text) == keys.end()) complain_unknown(entry.key, "unknown key", keys);
}

const action_entry* action_reader::find(std::string_view key) const {
  const auto at = std::ranges::find(rule_.then, key, [](const action_entry& e) { return e.key.text; });
  return at == rule_.then.end() ? nullptr : &*at;
}

std::optional<placed_name> action_reader::word(std::string_view key) {
  const action_entry* entry = find(key);
  if (entry == nullptr) {
    std::string message = "`";
    message += key;
    complain(message + "` is missing: add it");
  } else if (entry->values.size() != 1) {
    complain(entry->key.at, std::string(key) + ": a single value is expected");
  } else {
    return entry->values.front();
  }
  return std::nullopt;
}

std::optional<std::size_t> action_reader::word(std::string_view key, const std::vector<std::string>& words) {
  const std::optional<placed_name> text = word(key);
  if (!text) return std::nullopt;
  const auto at = std::ranges::find(words, text->text);
  if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
  complain_unknown(*text, std::string(key) + ": unknown", words);
  return std::nullopt;
}

std::optional<u128> action_reader::amount(std::string_view key) {
  if (find(key) == nullptr) return std::nullopt;
  const std::optional<placed_name> text = word(key);
  if (!text) return std::nullopt;
  const std::optional<u128> value = parse_decimal(text->text);
  if (!value) complain(text->at, std::string(key) + ": minor units are written as digits only");
  return value;
}

void action_reader::complain(source_place at, const std::string& message) {
  problems_.add(at, "rule " + rule_.name.text + ": " + message);
}

void action_reader::complain_unknown(const placed_name& wrong, const std::string& what,
                                     std::vector<std::string> known) {
  problems_.add_unknown(wrong, "rule " + rule_.name.text + ": then: " + what, std::move(known));
}

}  // namespace payloom::core::rules

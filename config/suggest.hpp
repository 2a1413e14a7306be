#pragma once
// "Did you mean": the nearest known word to a mistyped one.
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace payloom::config {

/// The candidate with the fewest edits (insert, delete, replace, swap neighbours), if it is near enough to be meant: at
/// most a third of the word's length, at least one. Words longer than 128 bytes have none.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace payloom::config

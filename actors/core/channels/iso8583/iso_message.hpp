#pragma once
// A message as it was read: fields are places in the bytes that it came from, nothing is copied. Pure; one thread.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "actors/core/channels/iso8583/iso_error.hpp"
#include "actors/core/channels/iso8583/iso_fields.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::core {

class iso_message {
 public:
  /// Reads one message without its frame's length, at most iso_message_max bytes. The bytes come from outside: whatever
  /// they are, nothing outside of them is read. They must outlive the use of `out`, which is empty after an error.
  static iso_problem read(std::span<const char> bytes, iso_message& out);

  std::uint16_t type() const { return type_; }
  bool has(iso_field field) const { return (fields_ & set_of(field)) != 0; }
  /// The characters of a field; empty when the message does not have it.
  std::string_view text(iso_field field) const {
    if (!has(field)) return {};
    const place p = places_[row_of(field)];
    return {base_ + p.offset, p.size};
  }
  /// The characters of a field of the fixed size `Size`; spaces when the message does not have it.
  template <std::size_t Size>
  std::array<char, Size> fixed(iso_field field) const {
    std::array<char, Size> characters;
    const std::string_view t = text(field);
    PAYLOOM_ASSERT(t.empty() || t.size() == Size);
    for (std::size_t i = 0; i < Size; ++i) characters[i] = t.empty() ? ' ' : t[i];
    return characters;
  }
  /// The number in a field of digits, at most 18 of them; 0 when the message does not have it.
  std::uint64_t number(iso_field field) const;

 private:
  struct place {
    std::uint16_t offset, size;
  };

  const char* base_ = nullptr;
  std::uint16_t type_ = 0;
  iso_field_set fields_ = 0;
  std::array<place, iso_field_rows.size()> places_;  ///< of the fields in `fields_`; the others are not set
};

/// 32 hexadecimal digits of either case, all of `text`; nullopt otherwise.
std::optional<u128> read_identity(std::string_view text);

}  // namespace payloom::core

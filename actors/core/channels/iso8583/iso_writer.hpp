#pragma once
// Writes one message with its frame's length into the end of a buffer. Fields go in by ascending number; what does not
// fit the table of fields is a bug of ours and stops the process.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "actors/core/channels/iso8583/iso_fields.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::core {

class iso_writer {
 public:
  /// Appends to `out`, which must have the capacity: then nothing is allocated.
  iso_writer(std::vector<char>& out, std::uint16_t type);
  iso_writer(const iso_writer&) = delete;
  iso_writer& operator=(const iso_writer&) = delete;

  void text(iso_field field, std::string_view characters);
  /// A field of a fixed count of digits, with zeroes in front; the number must fit.
  void number(iso_field field, std::uint64_t value);
  /// 32 hexadecimal digits.
  void identity(iso_field field, u128 id);
  /// Ends the message. All fields that its type needs must be there.
  void finish();

 private:
  /// Room for `size` characters of the field, behind its length digits.
  char* begin(iso_field field, std::size_t size);

  std::vector<char>& out_;
  char* start_;
  std::size_t begin_;  ///< of the frame in `out_`
  std::size_t size_;   ///< of the frame so far
  const iso_message_row* type_row_;
  std::uint64_t bitmaps_[2] = {0, 0};
  iso_field_set written_ = 0;
  unsigned newest_ = 0;  ///< number of the newest field
};

/// Spaces behind a text, for fields of a fixed size; `text` must not be longer.
template <std::size_t Size>
std::string_view iso_padded(std::string_view text, std::array<char, Size>& room) {
  PAYLOOM_ASSERT(text.size() <= Size);
  room.fill(' ');
  std::ranges::copy(text, room.begin());
  return {room.data(), Size};
}

}  // namespace payloom::core

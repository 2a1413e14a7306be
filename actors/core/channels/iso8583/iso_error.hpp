#pragma once
// What can be wrong with the bytes of a message, and where. Numbers are stable: they stand in logs and counters.
#include <cstdint>
#include <string_view>

namespace payloom::core {

enum class iso_error : std::uint8_t {
  ok = 0,
  cut_short = 1,        ///< the bytes end inside the message type, a bitmap or a field
  type_unknown = 2,     ///< a message type that is not in the table of messages
  field_unknown = 3,    ///< a bit of a field that is not in the table of fields
  length_wrong = 4,     ///< a length that is no number, or more than the field may have
  character_wrong = 5,  ///< a character that the field's class does not have
  field_missing = 6,    ///< a field that this message type must have
  left_over = 7,        ///< bytes behind the last field
  frame_too_long = 8,   ///< the frame's length is above iso_message_max: the stream can not be followed any more
  frame_empty = 9,      ///< the frame's length is zero: likewise
  identity_wrong = 10,  ///< the attempt id is not 32 hexadecimal digits
};
inline constexpr std::uint8_t iso_errors = 11;

/// The error and its place. `ok` has neither field nor offset.
struct iso_problem {
  iso_error code = iso_error::ok;
  std::uint8_t field = 0;    ///< number of the field, 0: message type or bitmap
  std::uint16_t offset = 0;  ///< bytes from the start of the message, without the frame's length
  explicit operator bool() const { return code != iso_error::ok; }
  friend bool operator==(const iso_problem&, const iso_problem&) = default;
};

/// For logs: "cut_short" and so on.
std::string_view name_of(iso_error code);

}  // namespace payloom::core

#pragma once
// What can be wrong with the bytes of a group. Data, not exceptions: recovery looks at many bytes that are no groups.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace payloom::storage {

enum class group_fault : std::uint8_t {
  none = 0,
  too_short,   ///< fewer bytes than a header, or than the header's length
  misaligned,  ///< the buffer is not aligned to 16 bytes
  bad_magic,
  bad_length,  ///< outside 64 .. group_bytes_max
  bad_checksum,
  newer_version,  ///< written by a newer program
  unknown_flag,
  bad_counts,  ///< run, context or event counts do not fit the length or each other
  bad_run_kind,
  bad_run_size,     ///< a run has no events, runs over the end, or its sizes do not match
  bad_run_context,  ///< a run's context is not in the table
  reserved_not_zero,
  bad_sequence,  ///< zero, or the last event's sequence or time would overflow
};

/// A fault with the offset, from the start of the group, of the field or run that has it.
struct group_error {
  group_fault fault = group_fault::none;
  std::uint32_t offset = 0;
  explicit operator bool() const { return fault != group_fault::none; }
};

/// A few words for messages.
std::string_view describe(group_fault fault);

}  // namespace payloom::storage

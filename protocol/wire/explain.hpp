#pragma once
// What `payloom decode HEX` prints: any frame, whole or broken, explained to someone who writes a client.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace payloom::wire {

/// Explains the frames in `hex`: pairs of digits, blanks and line ends between them allowed. Says what is wrong, at
/// which byte, and explains what is legible all the same. Never throws for what is in the text.
std::string explain_hex(std::string_view hex);

/// The same for bytes.
std::string explain_frames(std::span<const std::byte> bytes);

/// True when `explain_hex` found only whole, sound frames (the exit code of `payloom decode`).
bool is_sound_hex(std::string_view hex);

}  // namespace payloom::wire

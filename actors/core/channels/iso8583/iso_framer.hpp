#pragma once
// Cuts a stream into messages: two bytes of length, big-endian, then the message. Keeps at most one message that is not
// whole yet. Pure; one thread.
#include <algorithm>
#include <span>
#include <vector>

#include "actors/core/channels/iso8583/iso_error.hpp"
#include "actors/core/channels/iso8583/iso_fields.hpp"

namespace payloom::core {

class iso_framer {
 public:
  iso_framer() { partial_.reserve(iso_frame_head + iso_message_max); }

  /// Hands every whole message to `take(std::span<const char>)`. An error means that the stream is lost: nothing more
  /// may be fed before `reset`.
  template <typename Take>
  iso_error feed(std::span<const char> bytes, Take&& take) {
    while (!partial_.empty() && !bytes.empty()) {
      const std::size_t whole = partial_.size() < iso_frame_head ? iso_frame_head : frame_size(partial_);
      const std::size_t more = std::min(whole - partial_.size(), bytes.size());
      partial_.insert(partial_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(more));
      bytes = bytes.subspan(more);
      if (partial_.size() < iso_frame_head) return iso_error::ok;
      if (const iso_error e = check(partial_); e != iso_error::ok) return e;
      if (partial_.size() < frame_size(partial_)) continue;
      take(std::span<const char>(partial_).subspan(iso_frame_head));
      partial_.clear();
    }
    while (bytes.size() >= iso_frame_head) {
      if (const iso_error e = check(bytes); e != iso_error::ok) return e;
      const std::size_t whole = frame_size(bytes);
      if (bytes.size() < whole) break;
      take(bytes.subspan(iso_frame_head, whole - iso_frame_head));
      bytes = bytes.subspan(whole);
    }
    partial_.insert(partial_.end(), bytes.begin(), bytes.end());
    return iso_error::ok;
  }

  void reset() { partial_.clear(); }

 private:
  static std::size_t frame_size(std::span<const char> head) {
    return iso_frame_head +
           (std::size_t{static_cast<unsigned char>(head[0])} << 8 | static_cast<unsigned char>(head[1]));
  }
  static iso_error check(std::span<const char> head) {
    const std::size_t size = frame_size(head);
    return size == iso_frame_head                    ? iso_error::frame_empty
           : size > iso_frame_head + iso_message_max ? iso_error::frame_too_long
                                                     : iso_error::ok;
  }

  std::vector<char> partial_;  ///< the beginning of one frame; at most iso_frame_head + iso_message_max bytes
};

}  // namespace payloom::core

#pragma once
// Bytes of one connection to frames. Knows no socket: it says where the next bytes should go and is told how many
// arrived. Small frames are cut out of a shared scratch buffer, so an idle connection holds no buffer at all; the
// bodies of large ones are received straight into their frame.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <sys/uio.h>

#include "protocol/net/frame_pool.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::net {

/// Who gets the frames of a reader.
class frame_events {
 public:
  virtual ~frame_events() = default;
  /// Asked before memory is taken for a frame whose header is sound. `ok`: go on, on_frame or on_dropped follows.
  /// over_credit and handshake_expected end the connection. Anything else: on_refused follows and the body is skipped.
  virtual result_code admit(const frame_header& header, const wire::frame_type_info& info) = 0;
  /// A whole, checked frame with results zeroed; the receiver owns it now.
  virtual void on_frame(net_frame& frame, const wire::frame_type_info& info) = 0;
  virtual void on_refused(const frame_header& header, result_code code) = 0;
  /// An admitted frame that will not come: its body is damaged or the connection ends. The reader still owns it.
  virtual void on_dropped(const frame_header& header, const wire::frame_type_info& info) = 0;
};

class frame_reader {
 public:
  /// Body bytes that may be held before the frame's own memory is taken: what a slow writer costs at most, until it
  /// has shown a whole large frame once.
  static constexpr std::uint32_t stash_bytes = 16u << 10;

  frame_reader(frame_pool& pool, frame_events& events) : pool_(pool), events_(events) {
    // nop
  }
  frame_reader(const frame_reader&) = delete;
  frame_reader& operator=(const frame_reader&) = delete;
  ~frame_reader() { drop(); }

  /// Where the next bytes go; fills one or two pieces and returns how many.
  int target(std::span<std::byte> scratch, std::array<iovec, 2>& pieces) noexcept;
  /// `size` bytes lie where `target` said. After anything but ok the reader takes no more; failed_request() says which
  /// request it was, 0 if unknown.
  wire::decode_status took(std::size_t size, std::span<const std::byte> scratch);

  /// True while the first byte of a frame is here and its last is not.
  bool inside_frame() const noexcept { return state_ != state::header || have_ > 0; }
  /// Frames that are over: changes when another frame begins.
  std::uint64_t frames_done() const noexcept { return frames_done_; }
  std::uint64_t failed_request() const noexcept { return failed_request_; }
  /// Memory held for an unfinished frame, in bytes.
  std::size_t held_bytes() const noexcept;
  /// Forgets an unfinished frame.
  void drop() noexcept;

 private:
  enum class state : std::uint8_t { header, stash, body, skip };

  wire::decode_status consume(std::span<const std::byte> bytes);
  wire::decode_status begin(std::span<const std::byte, wire::header_bytes> header, std::size_t available);
  wire::decode_status open_frame();
  wire::decode_status body_arrived(std::size_t size);
  wire::decode_status finish_frame();
  wire::decode_status fail(wire::decode_status status) noexcept;

  frame_pool& pool_;
  frame_events& events_;
  const wire::frame_type_info* info_ = nullptr;
  net_frame* frame_ = nullptr;          // state body: being filled
  std::unique_ptr<std::byte[]> stash_;  // state stash: the first body bytes
  std::uint32_t have_ = 0;              // bytes of the header, of the stash or of the body that are here
  std::uint32_t left_ = 0;              // state skip: bytes to throw away
  std::uint32_t crc_ = 0;               // of the body so far; large bodies are summed while they are in the cache
  state state_ = state::header;
  bool large_before_ = false;  // the last frame was large: read the next header alone
  std::uint64_t frames_done_ = 0;
  std::uint64_t failed_request_ = 0;
  frame_header opened_{};                                         // the inspected header
  alignas(16) std::array<std::byte, wire::header_bytes> header_;  // while it arrives in pieces
};

}  // namespace payloom::net

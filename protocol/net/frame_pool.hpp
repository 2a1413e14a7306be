#pragma once
// Frames by size class, kept for reuse: a frame costs no allocation once its class has been used before.
#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/net/net_frame.hpp"
#include "protocol/net/reply_rows.hpp"
#include "protocol/net/total_credits.hpp"

namespace payloom::net {

/// One per I/O thread; not thread-safe. Frames that are out when the pool dies are a bug (asserted).
class frame_pool {
 public:
  /// Frames give back what they were charged to `credits`, which must outlive the pool.
  explicit frame_pool(total_credits& credits) : credits_(credits) {
    // nop
  }
  frame_pool(const frame_pool&) = delete;
  frame_pool& operator=(const frame_pool&) = delete;
  ~frame_pool();

  /// Room for `count` records (`body_bytes` in all) and as many results of up to 192 bytes. Fields are reset, memory is
  /// not cleared. Throws std::bad_alloc when the system has no memory.
  net_frame& take(std::uint32_t count, std::uint32_t body_bytes);
  /// Deletes the frame's rows and keeps the block, or frees it where enough are kept.
  void release(net_frame& frame) noexcept;

  /// Gives the charges of released frames back, all at once; called once a round.
  void settle() noexcept;

  std::size_t frames_out() const noexcept { return out_; }
  /// Bytes of address space held, in use and kept.
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  static constexpr std::size_t classes = 5;

  net_frame& make(std::uint32_t size_class);
  void destroy(net_frame& frame) noexcept;

  total_credits& credits_;
  std::uint64_t events_back_ = 0;
  std::uint64_t bytes_back_ = 0;
  std::array<net_frame*, classes> free_{};
  std::array<std::uint32_t, classes> free_count_{};
  std::size_t out_ = 0;
  std::size_t bytes_ = 0;
};

/// The rows of a frame, owned by it; null for commands.
inline reply_rows* rows_of(command_frame& frame) noexcept { return static_cast<reply_rows*>(frame.rows); }

}  // namespace payloom::net

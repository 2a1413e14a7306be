#pragma once
// The replies of one connection in one round, gathered for one write. One object per I/O thread.
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <sys/uio.h>

#include "protocol/net/frame_pool.hpp"

namespace payloom::net {

/// Small replies are copied together (their frames go back to the pool at once), large ones sent from where they are.
class write_batch {
 public:
  static constexpr std::size_t scratch_bytes = 128u << 10;
  static constexpr std::size_t pieces_max = 32;
  static constexpr std::size_t copy_up_to = 4096;  ///< above, an own piece is cheaper than the copy

  /// One piece to send. `frame` is owned by the piece and comes back to the pool after it; null: copied bytes.
  struct piece {
    const std::byte* data = nullptr;
    std::size_t size = 0;
    net_frame* frame = nullptr;
  };

  write_batch() : scratch_(std::make_unique_for_overwrite<std::byte[]>(scratch_bytes)) {
    // nop
  }

  /// Copies; false: no room, send first.
  bool add_bytes(std::span<const std::byte> bytes);
  /// Takes a frame whose reply header is complete; false: no room, send first.
  bool add_frame(net_frame& frame, frame_pool& pool);

  bool empty() const noexcept { return count_ == 0; }
  std::size_t bytes() const noexcept { return bytes_; }
  std::span<const piece> pieces() const noexcept { return {pieces_.data(), count_}; }
  /// Forgets everything; the frames are the caller's again (sent: release them).
  void clear() noexcept { count_ = used_ = bytes_ = 0; }

 private:
  std::unique_ptr<std::byte[]> scratch_;
  std::array<piece, pieces_max> pieces_;
  std::size_t count_ = 0;
  std::size_t used_ = 0;  // of scratch_
  std::size_t bytes_ = 0;
};

}  // namespace payloom::net

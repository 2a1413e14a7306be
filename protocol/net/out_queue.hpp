#pragma once
// What the socket of one connection did not take yet. Empty for every connection that reads its replies.
#include <cstddef>
#include <list>
#include <memory>
#include <span>

#include "protocol/net/write_batch.hpp"

namespace payloom::net {

/// How a write ended.
struct write_result {
  std::size_t bytes = 0;
  bool failed = false;  ///< the connection is gone; otherwise what was not taken has to wait
};

/// Sends pieces on a non-blocking socket in one system call.
write_result send_pieces(int socket, std::span<const write_batch::piece> pieces, std::size_t skip) noexcept;

class out_queue {
 public:
  explicit out_queue(frame_pool& pool) : pool_(pool) {
    // nop
  }
  out_queue(const out_queue&) = delete;
  out_queue& operator=(const out_queue&) = delete;
  ~out_queue() { clear(); }

  bool empty() const noexcept { return pieces_.empty(); }
  std::size_t bytes() const noexcept { return bytes_; }

  /// Takes over a batch of which `sent` bytes are gone: copies the copied, keeps the frames. The batch is cleared.
  void take_rest(write_batch& batch, std::size_t sent);
  /// Sends as much as the socket takes, in one system call.
  write_result send(int socket);
  void clear() noexcept;

 private:
  struct queued {
    write_batch::piece piece;
    std::unique_ptr<std::byte[]> copy;  // what piece.data points to, unless it lies in the frame
  };

  frame_pool& pool_;
  std::list<queued> pieces_;
  std::size_t head_sent_ = 0;  // of the first piece
  std::size_t bytes_ = 0;
};

}  // namespace payloom::net

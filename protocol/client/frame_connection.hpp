#pragma once
// The lean half of the client: one connected, non-blocking socket that sends prebuilt frames and takes replies apart.
// It waits for nothing: whoever owns it (the bench's epoll loop, the client's Asio loop) waits on `fd()` and then calls
// `flush` or `receive`. One send and one receive system call serve all frames of a round.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/types/frame.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::client {

enum class io_status {
  ok,       ///< flush: everything is out; receive: what had arrived was delivered
  blocked,  ///< flush only: the socket is full, call again when it is writable
  closed,   ///< the peer or the network ended the connection
  corrupt,  ///< the peer sent something that is no frame; close the connection
};

std::string_view name_of(io_status status);

/// Not thread-safe; movable. Memory: one receive buffer (64 KiB, growing to at most `wire::reply_bytes_max` plus 64
/// KiB) and small frames waiting to be sent; large ones are sent from the caller's memory.
class frame_connection {
 public:
  /// Frames up to this size are copied when queued; larger ones are referenced until `flush` returned `ok`.
  static constexpr std::size_t copied_bytes_max = 4096;
  /// Takes over a connected socket and makes it non-blocking without delay (TCP_NODELAY).
  /// `incoming` says which side this is: a client receives frames `to_client`.
  explicit frame_connection(int fd, wire::direction incoming = wire::direction::to_client);
  ~frame_connection();
  frame_connection(frame_connection&& other) noexcept;
  frame_connection& operator=(frame_connection&& other) noexcept;

  int fd() const { return fd_; }

  /// Appends a complete frame to the output. See `copied_bytes_max` for who keeps the bytes alive.
  void queue(std::span<const std::byte> frame);
  bool has_output() const { return !segments_.empty(); }
  /// Sends as much as the socket takes: `ok`, `blocked` or `closed`.
  io_status flush();

  /// Reads what has arrived and calls `on_frame(const frame_header&, std::span<const std::byte> body)` for every
  /// complete frame, checksums verified. The body is 16-byte aligned and lives until the callback returns.
  /// Returns `ok`, `closed` (frames that came before the end were delivered) or `corrupt`.
  template <class OnFrame>
  io_status receive(OnFrame&& on_frame) {
    for (;;) {
      bool drained = false;
      if (const io_status status = read_some(drained); status != io_status::ok) return status;
      for (;;) {
        std::span<const std::byte> frame;
        const io_status status = next_frame(frame);
        if (status == io_status::corrupt) return status;
        if (frame.empty()) break;
        on_frame(*reinterpret_cast<const frame_header*>(frame.data()), frame.subspan(sizeof(frame_header)));
      }
      if (drained) return io_status::ok;
    }
  }

  /// System calls made so far, for the figures of the bench.
  std::uint64_t sends() const { return sends_; }
  std::uint64_t receives() const { return receives_; }

 private:
  struct segment {
    const std::byte* outside;  ///< null: the bytes stand in `copied_` at `from`
    std::size_t from;
    std::size_t size;
  };
  struct aligned_delete {
    void operator()(std::byte* bytes) const;
  };

  io_status read_some(bool& drained);
  io_status next_frame(std::span<const std::byte>& frame);
  void make_room(std::size_t frame_bytes);

  int fd_ = -1;
  wire::direction incoming_ = wire::direction::to_client;
  std::vector<segment> segments_;
  std::vector<std::byte> copied_;
  std::unique_ptr<std::byte[], aligned_delete> in_;
  std::size_t in_capacity_ = 0;
  std::size_t in_from_ = 0;
  std::size_t in_to_ = 0;
  std::uint64_t sends_ = 0;
  std::uint64_t receives_ = 0;
};

}  // namespace payloom::client

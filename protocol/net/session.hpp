#pragma once
// One connection: reads frames, answers what concerns only the connection (hello, ping, bad frames, admission), hands
// the rest to its gateway and writes the replies. An object on the gateway's thread: no locks, no mailbox.
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "protocol/net/asio.hpp"
#include "protocol/net/frame_reader.hpp"
#include "protocol/net/handler_memory.hpp"
#include "protocol/net/out_queue.hpp"
#include "protocol/net/push_lane.hpp"

namespace payloom::net {

class gateway;

class session final : private frame_events {
 public:
  enum class phase : std::uint8_t {
    greeting,  ///< waits for hello
    open,
    closing,    ///< sends what is queued, then says end of file
    lingering,  ///< throws away what still arrives, so that the last reply is not lost to a reset
    closed,     ///< waits for its last Asio operation, then the gateway destroys it
  };

  session(gateway& home, std::uint32_t slot, std::uint32_t generation, tcp_socket socket);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session() override;

  /// Starts reading.
  void start();
  /// Refuses the connection: an error frame, then close.
  void refuse(result_code code);
  /// Takes a finished frame whose reply is to be sent by the next flush.
  void add_reply(net_frame& frame) noexcept;
  /// Takes a complete frame that nobody asked for, to be sent by the next flush.
  void add_push(net_frame& frame) noexcept;
  /// Something will be pushed: its lane is closed with the connection, which is not idle while one is open.
  void attach(std::shared_ptr<push_lane> lane);
  /// Writes everything that gathered since the last flush.
  void flush();
  /// Arms the wait for more input, unless there is one or the peer does not read its replies.
  void rearm();
  /// Every tick: closes what is too slow. `now` counts ticks.
  void tick(std::uint64_t now);
  /// Says goaway; the session ends when everything it had accepted is answered.
  void go_away();
  /// Ends the connection at once.
  void close() noexcept;

  phase state() const noexcept { return phase_; }
  bool destroyable() const noexcept { return phase_ == phase::closed && !reading_ && !writing_; }
  std::uint32_t slot() const noexcept { return slot_; }
  std::uint32_t generation() const noexcept { return generation_; }
  std::uint32_t requests_in_flight() const noexcept { return requests_; }
  /// Memory this connection holds beside itself: an unfinished frame and unsent replies.
  std::size_t held_bytes() const noexcept { return reader_.held_bytes() + out_.bytes() + control_.capacity(); }

  bool dirty = false;     ///< the gateway's: in its list of sessions to flush
  bool to_rearm = false;  ///< the gateway's: in its list of sessions to rearm

 private:
  struct on_readable;
  struct on_writable;

  result_code admit(const frame_header& header, const wire::frame_type_info& info) override;
  void on_frame(net_frame& frame, const wire::frame_type_info& info) override;
  void on_refused(const frame_header& header, result_code code) override;
  void on_dropped(const frame_header& header, const wire::frame_type_info& info) override;

  void readable();
  void writable();
  bool read_once(bool& drained);
  bool discard_input();
  void welcome(const net_frame& frame);
  void queue_frame(net_frame& frame) noexcept;
  bool has_open_lane() const noexcept;
  void push_control(frame_header header, std::span<const std::byte> body);
  void push_error(result_code code, std::uint64_t request);
  void end(result_code code, std::uint64_t request);
  bool send_batch();
  void begin_linger();
  void after_progress();

  gateway& home_;
  tcp_socket socket_;
  frame_reader reader_;
  out_queue out_;
  std::vector<std::byte> control_;  // replies the session makes itself, until the next flush
  std::vector<std::shared_ptr<push_lane>> lanes_;
  net_frame* replies_ = nullptr;  // in order of completion
  net_frame* replies_last_ = nullptr;
  const std::uint32_t slot_;
  const std::uint32_t generation_;
  std::uint32_t requests_ = 0;  // in flight: admitted and not yet answered
  std::uint32_t events_ = 0;
  phase phase_ = phase::greeting;
  bool reading_ = false;  // a wait for input is outstanding
  bool writing_ = false;  // a wait for room is outstanding
  bool going_away_ = false;
  bool peer_done_ = false;           // the peer sends nothing more, but may still read
  std::uint64_t phase_since_ = 0;    // ticks
  std::uint64_t heard_at_ = 0;       // ticks; the last byte
  std::uint64_t frame_since_ = 0;    // ticks; first byte of the unfinished frame
  std::uint64_t frame_seen_ = 0;     // which frame frame_since_ is about
  std::uint64_t stalled_since_ = 0;  // ticks; the last byte the peer took
  handler_memory read_memory_;
  handler_memory write_memory_;
};

}  // namespace payloom::net

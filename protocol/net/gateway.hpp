#pragma once
// One I/O thread: its connections, its frames and its poll rounds. A round reads what has arrived on all connections,
// hands all frames to the sink in one call, and writes all replies that are ready, one write a connection.
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "protocol/net/asio.hpp"
#include "protocol/net/frame_pool.hpp"
#include "protocol/net/gateway_counters.hpp"
#include "protocol/net/ports.hpp"
#include "protocol/net/session.hpp"
#include "protocol/net/shared_state.hpp"
#include "protocol/net/write_batch.hpp"

namespace payloom::net {

class gateway final : public push_port {
 public:
  static constexpr std::uint32_t tick_ms = 100;
  static constexpr std::size_t read_scratch_bytes = 256u << 10;

  gateway(shared_state& shared, request_sink& sink);
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;
  ~gateway() override;

  /// The thread's body; returns after stop().
  void run();

  // From any thread.
  void complete(command_frame& frame) override;
  void push(pushed_frame frame) override;
  /// Takes over a connected, non-blocking socket.
  void adopt(int socket);
  /// Runs one more round, so that the sink's idle() is called.
  void wake() noexcept;
  /// Every session says goaway and ends when it has answered what it accepted.
  void drain();
  /// run() closes everything that is left and returns.
  void stop();
  const gateway_counters& counters() const noexcept { return counters_; }

  // From the gateway's own thread: its sessions and the listener.
  asio::io_context& context() noexcept { return io_; }
  shared_state& shared() noexcept { return shared_; }
  const server_options& options() const noexcept { return shared_.options; }
  frame_pool& pool() noexcept { return pool_; }
  write_batch& batch() noexcept { return batch_; }
  std::span<std::byte> scratch() noexcept { return {scratch_.get(), read_scratch_bytes}; }
  gateway_counters& counts() noexcept { return counters_; }
  std::uint64_t ticks() const noexcept { return ticks_; }
  time_ns round_time() noexcept;
  void submit_later(net_frame& frame) { round_.push_back(&frame); }
  void flush_later(session& s);
  void rearm_later(session& s);
  void forget_later(session& s) { dead_.push_back(&s); }

 private:
  struct mailbox {
    std::vector<command_frame*> done;
    std::vector<int> sockets;
    std::vector<pushed_frame> pushed;
    bool drain = false;
    bool stop = false;
    bool wake = false;
    bool empty() const { return done.empty() && sockets.empty() && pushed.empty() && !drain && !stop && !wake; }
  };

  template <typename Fill>
  void post_mail(Fill fill) noexcept;
  bool read_mail();
  session* session_of(std::uint64_t owner) const noexcept;
  void route_reply(net_frame& frame);
  void route_push(pushed_frame& pushed);
  void build_reply(net_frame& frame);
  bool poll_round(std::size_t handled);
  void hand_over();
  void write_out();
  void open_session(int socket);
  void bury();
  void arm_ticker();
  void tick();
  void close_all();

  shared_state& shared_;
  request_sink& sink_;
  gateway_counters counters_;
  asio::io_context io_;
  asio::steady_timer ticker_;
  handler_memory ticker_memory_;
  frame_pool pool_;
  write_batch batch_;
  std::unique_ptr<std::byte[]> scratch_;
  std::vector<std::unique_ptr<session>> sessions_;  // by slot
  std::vector<std::uint32_t> free_slots_;
  std::uint32_t next_generation_ = 1;
  std::vector<command_frame*> round_;  // decoded, not yet submitted
  std::vector<session*> dirty_;        // have something to write
  std::vector<session*> to_rearm_;
  std::vector<session*> dead_;
  mailbox opened_;  // swapped with mail_ to read it
  std::uint64_t ticks_ = 0;
  time_ns round_time_ = 0;  // 0: not asked yet in this round
  bool draining_ = false;
  bool stopped_ = false;

  alignas(64) std::mutex mutex_;  // guards what follows
  mailbox mail_;
  bool sleeping_ = false;
};

}  // namespace payloom::net

#pragma once
// Drives the load: one thread, one epoll loop, all connections. Closed loop: `window` frames in flight on each
// connection, the next leaves when a reply arrives. Open loop: frames leave at their intended times, whatever the
// server does, and their latency counts from then.
#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "actors/app/bench/load_line.hpp"
#include "actors/app/bench/load_result.hpp"
#include "actors/app/bench/options.hpp"
#include "actors/app/bench/workload.hpp"

namespace payloom::bench {

class load_generator {
 public:
  /// Connects (throws client::connect_failure). `stop` ends the sending early when it becomes true (signal handlers).
  /// `orders` is what is sent with `opts.orders`, else nullptr.
  load_generator(const options& opts, const workload& load, const order_workload* orders,
                 const std::atomic<bool>& stop);
  ~load_generator();
  load_generator(const load_generator&) = delete;
  load_generator& operator=(const load_generator&) = delete;

  /// Called about once a second with the result so far and the seconds since the start.
  std::function<void(const load_result&, double)> on_second;

  /// Runs once. Never throws for what the server does. A connection that breaks is opened again and what was in flight
  /// on it sent again with the same ids; one that does not come back leaves events without an answer.
  load_result run();

 private:
  void connect_all();
  void watch(std::uint32_t number);
  void take_events(int timeout_ms);
  void receive(load_line& l);
  void take_reply(load_line& l, const frame_header& header, std::span<const std::byte> body);
  /// Returns how long the server asks to wait before more is sent, 0 = not at all.
  std::uint32_t count_results(load_slot& slot, const frame_header& header, std::span<const std::byte> body);
  void fill(load_line& l);
  void send_new(load_line& l, std::uint64_t intended_ns);
  void send_slot(load_line& l, std::uint32_t slot, bool again = false);
  void flush(load_line& l);
  /// The connection broke: what was in flight on it is unknown until it is sent again.
  void lose(load_line& l);
  void reconnect_lost();
  /// Nothing more will be heard of what is in flight or in doubt here: the check has to ask.
  void give_up(load_line& l);
  void settle_later(const load_slot& slot);
  void send_due();
  bool may_send() const;
  std::uint64_t remaining() const;
  void arm_timer();
  int wait_ms() const;
  void each_second();
  void finish();

  const options& opts_;
  const workload& load_;
  const order_workload* orders_;
  const std::atomic<bool>& stop_;
  load_result result_;
  std::vector<load_line> lines_;
  int epoll_ = -1;
  int timer_ = -1;
  std::uint64_t now_ns_ = 0;
  std::uint64_t start_ns_ = 0;
  std::uint64_t end_ns_ = ~std::uint64_t{0};
  std::uint64_t last_reply_ns_ = 0;
  std::uint64_t next_mark_ns_ = 0;
  std::uint64_t next_second_ns_ = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> marks_;  ///< (time, number) every 100 ms of the last seconds
  std::uint64_t in_flight_ = 0;                                 ///< frames
  std::uint64_t in_doubt_ = 0;                                  ///< frames of broken connections, to be sent again
  commit_seq start_sequence_ = 0;     ///< what was executed up to here was not executed by this run
  std::uint64_t events_planned_ = 0;  ///< numbers given out or dropped
  double interval_ns_ = 0;
  std::uint64_t due_ = 0;  ///< open loop: frames handled (sent or dropped) so far
  std::size_t next_line_ = 0;
};

}  // namespace payloom::bench

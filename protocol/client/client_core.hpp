#pragma once
// The client's mind: queue, batching, credits, deadlines, repeating. Runs on one strand; `client` is its face.
// Internal; held by shared_ptr so that queued handlers find it alive after the client object is gone.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "protocol/client/asio.hpp"
#include "protocol/client/client_options.hpp"
#include "protocol/client/link.hpp"
#include "protocol/client/operation.hpp"

namespace payloom::client {

class client_core : public link::listener, public std::enable_shared_from_this<client_core> {
 public:
  client_core(asio::io_context& io, client_options options);

  // Any thread.
  void submit(operation_ptr op);
  /// Nothing new is taken; what was taken goes on to its end, then the connections close.
  void close_gently();
  /// Everything ends now: `not_sent` or `unknown`.
  void close_now();
  /// True when every callback has been called and the connections are closed, after one of the closes; waits up to
  /// `patience`.
  bool wait_closed(std::chrono::milliseconds patience);
  std::string last_error() const;

 private:
  using timers = std::multimap<clock::time_point, operation_ptr>;
  enum class phase { running, closing, closed };

  void link_ready(link& which) override;
  void link_frame(link& which, const frame_header& header, std::span<const std::byte> body) override;
  void link_down(link& which, const std::string& why) override;

  void wake();
  void take_inbox();
  void accept(const operation_ptr& op);
  void pump();
  bool may_send(const link& to, std::uint32_t events) const;
  sent_frame gather(std::uint32_t events_max);
  void send(sent_frame frame);
  void connect();
  void drop(link& which, const std::string& why);
  void take_back(link& from);
  void answer_frame(sent_frame& frame, const frame_header& header, std::span<const std::byte> body, link& which);
  void answer_part(const operation_ptr& op, const frame_header& header, std::span<const std::byte> part);
  void repeat_later(const operation_ptr& op, std::uint32_t retry_after_ms);
  void finish(const operation_ptr& op, answer result);
  void expire(const operation_ptr& op);
  void arm_timer();
  void on_timer();
  void end_all();
  void close_if_done();
  void note_error(const std::string& why);

  const client_options options_;
  strand strand_;
  asio::steady_timer timer_;

  mutable std::mutex mutex_;  ///< guards inbox_, woken_, taking_, closed_, last_error_, queued_events_
  std::condition_variable closed_signal_;
  std::vector<operation_ptr> inbox_;
  bool woken_ = false;
  bool taking_ = true;
  bool closed_ = false;
  std::string last_error_;
  std::uint64_t queued_events_ = 0;  ///< accepted and not done

  // On the strand only.
  phase phase_ = phase::running;
  std::deque<operation_ptr> queue_;
  std::uint64_t queue_events_ = 0;  ///< events in queue_, operations that are done included
  timers deadlines_;
  timers delayed_;  ///< refused for now; sent again at this time
  std::shared_ptr<link> active_;
  std::vector<std::shared_ptr<link>> draining_;
  std::uint64_t next_request_ = 1;
  std::size_t next_address_ = 0;
  std::chrono::milliseconds backoff_{0};
  clock::time_point connect_not_before_{};
  clock::time_point timer_at_ = clock::time_point::max();
  std::minstd_rand jitter_{std::random_device{}()};
};

}  // namespace payloom::client

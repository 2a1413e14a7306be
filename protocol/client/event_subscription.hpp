#pragma once
// A subscription to the events of orders: the server pushes, and remembers how far this subscriber got.
//
//   event_subscription all({.addresses = {"127.0.0.1:7400"}}, {.name = 0x5eed, .merchant = 7},
//                          [&](std::span<const order_event_row> events) { handle(events); });
//
// Every event comes at least once, in commit order, and so in order for each order; `sequence` is its id. What was
// acknowledged does not come again: after a lost connection, a restart of the server or of this program it goes on
// behind that. What was handled and not acknowledged yet comes twice, but not twice to the same object. Unlike
// order_event_feed nobody here has to keep a cursor, and an event is on its way as soon as it is durable.
//
// It has a connection and a thread of its own, so a slow callback holds up nothing else: the server stops at the
// window.
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "protocol/client/blocking_connection.hpp"
#include "protocol/client/client_options.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/subscription_records.hpp"

namespace payloom::client {

/// Which events are wanted, and how. A filter of zero lets everything through; the filters of a subscription that
/// exists cannot be changed.
struct subscription_options {
  u128 name = 0;  ///< of the subscription, chosen by its user, one a tenant; not 0 or 2^128 - 1
  owner_number merchant = 0;
  u128 context_id = 0;
  u128 root_id = 0;
  order_id order{};
  commit_seq after = 0;               ///< a new one begins behind this commit
  std::uint32_t window = 1000;        ///< events pushed and not acknowledged, 1 .. subscription_window_max
  bool acknowledge_by_itself = true;  ///< each batch when its callback has returned; else `acknowledge` is called
};

/// How it ended.
enum class subscription_end : std::uint8_t {
  stopped,     ///< by `stop`
  taken_over,  ///< another connection subscribed under the same name: that one gets the events now
  refused,     ///< for a reason that repeating does not help against: `refusal` says which
};

class event_subscription {
 public:
  /// Called on the subscription's own thread, one batch after the other, oldest first. May block; must not throw (the
  /// process ends). May call `acknowledge` and `stop`.
  using batch_callback = std::function<void(std::span<const order_event_row>)>;

  /// Begins at once. Of `where` the addresses, name, tenant, shadow, connect_timeout and backoff count.
  event_subscription(client_options where, const subscription_options& what, batch_callback on_events);
  /// As `stop`. Not from the callback.
  ~event_subscription();
  event_subscription(const event_subscription&) = delete;
  event_subscription& operator=(const event_subscription&) = delete;

  /// A callback for each event, for those who want one at a time.
  static batch_callback each(std::function<void(const order_event_row&)> on_event) {
    return [on_event = std::move(on_event)](std::span<const order_event_row> events) {
      for (const order_event_row& row : events) on_event(row);
    };
  }

  /// Everything up to `sequence` has been handled. Sent soon, and again after a lost connection. Any thread.
  void acknowledge(commit_seq sequence);
  /// Ends it here: no callback begins after the return, and none is under way unless this is called from it. What was
  /// acknowledged is brought to the server first, for at most two seconds. The subscription itself stays. Any thread.
  void stop();
  /// Returns when it has ended.
  subscription_end wait();
  /// Why it was refused; ok otherwise.
  result_code refusal() const;

  /// Everything up to here was handed to the callback and came back. Any thread.
  commit_seq handled() const;
  /// The server's newest word on what is acknowledged durably. Any thread.
  commit_seq acknowledged() const;
  /// Why the last connection ended or could not be made; empty when none did.
  std::string last_error() const;

 private:
  class session;

  void run();
  bool pause(std::chrono::milliseconds time);
  bool stopping() const;
  void end(subscription_end how, result_code why);

  const client_options where_;
  const subscription_options what_;
  const batch_callback on_events_;
  int bell_ = -1;  ///< an eventfd: wakes the thread out of its wait for the socket

  mutable std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  std::thread::id runner_;
  bool stopping_ = false;
  bool ended_ = false;
  subscription_end how_ = subscription_end::stopped;
  result_code refusal_ = result_code::ok;
  commit_seq handled_ = 0;
  commit_seq to_acknowledge_ = 0;
  commit_seq acknowledged_ = 0;
  std::string last_error_;
  std::thread thread_;  ///< last: it uses all of the above
};

}  // namespace payloom::client

#pragma once
// Follows what happens to orders, from a commit on, for ever:
//
//   order_event_feed feed(c, {.after = kept_cursor}, [&](const order_event_row& row) { handle(row), keep(row.sequence);
//   });
//
// Every event comes at least once, in commit order, and so in order for each order; `sequence` is its id. The server
// keeps nothing for a feed: whoever keeps the cursor can go on from there, also in another process. Lost connections,
// restarts of the server and overload are waited out. A page is asked for when the one before was handled, so a slow
// callback is never run over.
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "protocol/client/client.hpp"

namespace payloom::client {

/// Which events are wanted. Zero does not filter.
struct feed_options {
  commit_seq after = 0;  ///< the cursor: events with a larger sequence
  owner_number merchant = 0;
  u128 context_id = 0;
  u128 root_id = 0;
  order_id order{};
  std::uint32_t page_rows = 500;           ///< rows asked for at once, 1 .. limits::order_rows_max
  std::chrono::milliseconds wait{10'000};  ///< how long the server may wait for news, at most order_wait_ms_max
};

class order_event_feed {
 public:
  /// Called on the feed's own thread, one event after the other. May block; must not throw (the process ends).
  using event_callback = std::function<void(const order_event_row&)>;

  /// Begins at once. `over` must live longer than this object; others may use it meanwhile.
  order_event_feed(client& over, const feed_options& what, event_callback on_event);
  /// As `stop`. Not from `on_event`.
  ~order_event_feed();
  order_event_feed(const order_event_feed&) = delete;
  order_event_feed& operator=(const order_event_feed&) = delete;

  /// Ends it: no call begins after the return, and none is under way unless this is called from `on_event`. Any thread.
  void stop();
  /// Returns when it has ended: `ok` after `stop`, else the refusal that repeating does not help against (a wrong
  /// query).
  result_code wait();
  /// Everything up to this commit was handed over: `after` of a later feed. Any thread.
  commit_seq cursor() const;

 private:
  // What the client's callbacks hold on to, so that a late answer finds it when the feed is gone.
  struct shared_state {
    std::mutex mutex;
    std::condition_variable changed;
    std::thread::id runner;
    bool stopping = false;
    bool ended = false;
    result_code ended_by = result_code::ok;
    commit_seq cursor = 0;
    std::optional<answer> arrived;
  };

  void follow();
  std::optional<answer> ask();
  bool take(const answer& page);
  bool pause(std::chrono::milliseconds time);

  client& client_;
  const feed_options what_;
  const event_callback on_event_;
  const std::shared_ptr<shared_state> state_;
  std::thread thread_;  ///< last: it uses all of the above
};

}  // namespace payloom::client

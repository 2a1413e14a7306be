#pragma once
// A client that follows what happens to orders, as a program outside would: it keeps its cursor on disk and knows
// nothing else when it comes back. Every event must come exactly once and in the order of commits. One thread follows
// between `begin` and `end`; everything else is the caller's.
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "protocol/client/blocking_connection.hpp"
#include "protocol/types/payment_records.hpp"
#include "tests/crash/verdict.hpp"

namespace payloom::crash {

class event_follower {
 public:
  /// `cursor_path`: where the cursor is kept; made anew. Throws std::runtime_error, as everything here does when the
  /// disk says no.
  event_follower(const std::string& cursor_path, verdict& into);
  ~event_follower();
  event_follower(const event_follower&) = delete;
  event_follower& operator=(const event_follower&) = delete;

  /// Follows in a thread, from the kept cursor on, until the connection ends.
  void begin(const std::string& address);
  /// Waits for that. The server has been killed, or is about to end the connection.
  void end();
  /// Follows up to everything that is durable now. Not between `begin` and `end`.
  void catch_up(client::blocking_connection& to);
  /// What came since the last call.
  std::vector<order_event_row> take() { return std::exchange(rows_, {}); }

 private:
  /// One page from the cursor on; true when there is more at once.
  bool page(client::blocking_connection& to, std::uint32_t wait_ms);
  void keep(commit_seq cursor);
  commit_seq kept() const;

  verdict& verdict_;
  int fd_ = -1;
  std::vector<order_event_row> rows_;
  int refused_ = 0;  ///< pages in a row
  std::thread thread_;
  std::atomic<bool> ending_{false};
};

}  // namespace payloom::crash

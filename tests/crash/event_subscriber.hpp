#pragma once
// A client that the server pushes events to, as a program outside would have it: it subscribes under one name for ever
// and acknowledges what it handled, sometimes late, sometimes not at all before the kill. It knows what it was pushed
// and what it was told is durable. After any kill: every event comes at least once, in the order of commits and of
// each order's versions, none is skipped, a repeat says what it said before, and the server has forgotten no
// acknowledgement that it answered. One thread follows between `begin` and `end`; everything else is the caller's.
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>

#include "protocol/client/blocking_connection.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/subscription_records.hpp"
#include "tests/crash/verdict.hpp"

namespace payloom::crash {

class event_subscriber {
 public:
  struct settings {
    u128 name = 0;
    owner_number merchant = 0;  ///< 0: events of all orders
    std::uint32_t window = 1000;
    std::uint32_t acknowledge_percent = 50;  ///< of the frames that are pushed
    std::uint64_t seed = 1;
  };
  event_subscriber(const settings& how, verdict& into) : how_(how), verdict_(into), engine_(how.seed) {}
  ~event_subscriber() { end(); }

  /// Takes what is pushed, in a thread, until the connection ends.
  void begin(const std::string& address);
  /// Waits for that. The server has been killed, or is about to end the connection.
  void end();
  /// An event that a follower saw, in commit order: it must be pushed to this one as well if it is for it.
  void expect(const order_event_row& row);
  /// Subscribes on `to` and takes what is pushed until everything expected has come. Not between `begin` and `end`.
  void catch_up(client::blocking_connection to);

  std::uint64_t pushed() const { return pushed_; }
  std::uint64_t repeated() const { return repeated_; }
  std::uint64_t confirmed() const { return confirmations_; }

 private:
  struct seen {
    commit_seq sequence = 0;
    std::uint64_t digest = 0;
  };
  void subscribe(client::blocking_connection& to);
  /// False when the subscription ended.
  bool take(client::blocking_connection& to, const client::reply& r);
  void take_event(const order_event_row& row);
  void acknowledge(client::blocking_connection& to, commit_seq sequence, std::uint32_t flags);
  void make_room(client::blocking_connection& to);
  void take_confirmation(const client::reply& r);
  void compare();
  void wrong(const std::string& what);
  void tell();

  const settings how_;
  verdict& verdict_;
  verdict found_;  ///< not told yet
  std::mt19937_64 engine_;
  std::deque<seen> expected_, received_;        ///< not compared yet
  std::map<commit_seq, std::uint64_t> unsure_;  ///< pushed, and not known to be acknowledged: it may come again
  commit_seq newest_ = 0;                       ///< pushed so far
  commit_seq confirmed_ = 0;                    ///< acknowledged, and answered so
  commit_seq last_ = 0;                         ///< of this connection
  std::deque<commit_seq> open_;                 ///< pushed on this connection and not acknowledged on it
  std::unordered_map<std::uint64_t, std::uint32_t> versions_;  ///< of orders, on this connection
  std::uint64_t request_ = 0;                                  ///< the subscribe frame's of this connection
  std::map<std::uint64_t, commit_seq> acknowledging_;          ///< by request
  std::uint64_t pushed_ = 0, repeated_ = 0, confirmations_ = 0;
  std::thread thread_;
};

}  // namespace payloom::crash

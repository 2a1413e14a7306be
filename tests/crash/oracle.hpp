#pragma once
// Knows what the server acknowledged and checks that it still says the same: outside the server's process, from results
// alone. Not thread-safe.
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "protocol/client/blocking_connection.hpp"
#include "tests/crash/account_plan.hpp"
#include "tests/crash/event_follower.hpp"
#include "tests/crash/event_subscriber.hpp"
#include "tests/crash/frame_file.hpp"
#include "tests/crash/life_book.hpp"
#include "tests/crash/load_frame.hpp"
#include "tests/crash/money_book.hpp"
#include "tests/crash/outcome_book.hpp"
#include "tests/crash/verdict.hpp"

namespace payloom::crash {

class oracle {
 public:
  /// `directory`: where acknowledged frames and the cursor of the events are kept.
  oracle(const std::string& directory, std::uint64_t seed, verdict& into);

  /// Takes the log of a worker whose connection has ended.
  void take(std::deque<load_frame>& frames);
  /// After a start: nothing acknowledged is missing at the end of the journal, and every unknown frame is repeated
  /// until it is definite.
  void resolve(client::blocking_connection& to);
  /// Repeats every acknowledged frame of the newest cycle, and older ones up to `older_events` events, drawn anew.
  void repeat(client::blocking_connection& to, std::uint64_t older_events);
  /// After `resolve` and `repeat`: every event of orders came once, is that of a command that was executed, and did
  /// what the rules say.
  void check_events(client::blocking_connection& to);
  /// Compares orders that something happened to since the last call, and `older` others, one by one.
  void check_orders(client::blocking_connection& to, std::size_t older);
  /// Compares balances, flags and holds of all accounts, the sums of each currency, and what the orders hold.
  void check_money(client::blocking_connection& to);
  /// Waits until every payment outside has come to its end, or to people: none is open for ever.
  void settle_payments(client::blocking_connection& to);
  /// Follows events while there is load.
  event_follower& follower() { return follower_; }
  /// Clients whom events are pushed to, while there is load.
  void begin_subscribers(const std::string& address);
  void end_subscribers();
  /// After `check_events`: everything that is durable is pushed to them, and nothing they acknowledged was forgotten.
  void check_subscribers(const std::string& address);
  const std::deque<event_subscriber>& subscribers() const { return subscribers_; }
  const life_book& lives() const { return lives_; }
  void check_sequences() { outcomes_.check_sequences(); }

  std::uint64_t unknown_events() const;

 private:
  void settle(const load_frame& frame);
  void settle_event(const load_frame& frame, std::uint32_t i, const result_record& result);
  void check_chains(const load_frame& frame, std::span<const result_record> results);
  void compare(const load_frame& first, std::span<const result_record> again);
  void compare_event(const load_frame& first, std::uint32_t i, const result_record& again);
  std::vector<result_record> ask(client::blocking_connection& to, const load_frame& frame);
  std::vector<transfer_id> expired_holds(client::blocking_connection& to, bool& overdue);
  std::vector<account_row> rows(client::blocking_connection& to);
  std::uint64_t take_events(client::blocking_connection& to);

  verdict& verdict_;
  outcome_book outcomes_;
  money_book books_;
  life_book lives_;
  event_follower follower_;
  std::deque<event_subscriber> subscribers_;
  frame_file file_;
  std::deque<load_frame> unknown_;
  std::size_t newest_from_ = 0;  ///< number in the file where the newest cycle begins
  std::mt19937_64 engine_;
};

}  // namespace payloom::crash

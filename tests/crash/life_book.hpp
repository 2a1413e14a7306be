#pragma once
// What became of every order: the events that followers see, each compared with the command that somebody was told was
// executed and with the tests' own rules (tests/sim/order_rules: states, sums, postings, fee), which share no code with
// the server. Books the postings. Not thread-safe.
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "protocol/types/payment_records.hpp"
#include "tests/crash/load_frame.hpp"
#include "tests/crash/money_book.hpp"
#include "tests/crash/verdict.hpp"
#include "tests/sim/order_rules.hpp"

namespace payloom::crash {

/// An order as the events left it. Digests stand for what cannot be kept of millions of events.
struct order_life {
  order_row row{};
  payment_row payment{};  ///< its newest with a channel or coupons
  bool has_payment = false;
  commit_seq last_seq = 0;
  std::uint64_t events_digest = 0, postings_digest = 0;
  std::uint32_t postings = 0;
  u128 last_command = 0;  ///< of its newest event
  bool last_had_postings = false;
};

/// Adds an event, or a posting, as the server shows it, to a digest.
std::uint64_t add_to_digest(std::uint64_t digest, const order_event_row& row);
std::uint64_t add_to_digest(std::uint64_t digest, const transfer_record& posting, commit_seq sequence);

class life_book {
 public:
  life_book(verdict& into, money_book& books) : verdict_(into), books_(books) {}

  /// The server said that this command on orders was executed; its event has come or will come.
  void executed(const load_frame& frame, std::uint32_t i, const result_record& result);
  /// The next event, in the order in which followers see them. All commands before it are known by now.
  void event(const order_event_row& row);
  /// All events came: every executed command had one.
  void check_complete();
  /// Escrow, frozen and transit accounts have what the orders hold, no more and no less.
  void check_held(std::span<const account_row> rows);

  /// The time of an order's state is over for long, and nothing happened.
  bool overdue(time_ns now) const;
  const order_life* find(u128 order) const;
  /// Orders with events since the last call.
  std::vector<u128> take_touched() { return std::exchange(touched_, {}); }
  /// Every order so far, in the order of their first events.
  const std::vector<u128>& all() const { return all_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t timers() const { return timers_; }
  std::uint64_t facts() const { return facts_.size(); }
  /// Orders whose payment is outside and not in people's hands.
  std::size_t outside() const { return outside_.size(); }

 private:
  struct command {
    load_frame frame;  ///< one record
    commit_seq sequence = 0;
    time_ns timestamp = 0;
  };
  struct hash {
    std::size_t operator()(u128 id) const { return static_cast<std::size_t>(lo64(id) ^ (hi64(id) * 0x9e3779b9u)); }
  };

  void wrong(const order_event_row& row, const std::string& what);
  bool take_command(const order_event_row& row);
  sim::order_outcome expected(const order_event_row& row, const order_life& before) const;
  void compare(const order_event_row& row, const order_life& before, const sim::order_outcome& must);
  void compare_rows(const order_event_row& row, const order_life& before, const sim::order_outcome& must);
  void compare_payments(const order_event_row& row, const sim::order_outcome& must);
  void hold(const order_life& before, const order_life& after);

  verdict& verdict_;
  money_book& books_;
  std::unordered_map<u128, command, hash> commands_;  ///< executed, their events have not come
  std::unordered_map<u128, order_life, hash> lives_;
  std::vector<u128> all_, touched_;
  std::set<std::pair<time_ns, u128>> due_;  ///< resident orders by the time of their timers
  sim::order_money held_;                   ///< all but frozen money
  std::map<owner_number, u128> frozen_;
  std::unordered_set<u128, hash> facts_;  ///< ids of what channels said: each has one event
  std::set<u128> outside_;
  commit_seq last_seq_ = 0;
  std::uint64_t events_ = 0, timers_ = 0;
};

}  // namespace payloom::crash

#pragma once
// What a simulated channel has really done: the one truth behind the simulators of all wires. Pure: attempts, questions
// and the time in, what is to be told out. One thread at a time; time never runs backwards.
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "actors/core/channels/outside/outside_fate.hpp"
#include "actors/core/channels/outside/outside_statement.hpp"
#include "actors/core/entity_table.hpp"

namespace payloom::core {

struct outside_request {
  channel_operation operation = channel_operation::none;  ///< pay, payout or refund
  u128 attempt_id = 0;
  u128 source = 0;  ///< refund: the attempt whose money goes back
  u128 amount_minor = 0;
  ledger_id ledger = 0;
  std::string_view reference;  ///< the platform's own text; belongs to the content, is not kept
};

/// What is told of an attempt that came.
struct outside_reply {
  channel_outcome outcome = channel_outcome::none;  ///< success, rejected, accepted, not_sent, unknown
  outside_code code = outside_code::approved;
  bool silent = false;    ///< nothing is told at all
  bool twice = false;     ///< the answer is told a second time
  bool repeated = false;  ///< the attempt had come before: its end as it stands now, nothing moved again
  u128 amount_minor = 0;  ///< that moved, 0: none
  u128 channel_txn = 0;   ///< the outside's own number of the attempt; 0: it has none
  std::uint64_t delay_ns = 0;
  std::vector<outside_callback> callbacks;  ///< to be sent by themselves, by time, each if `tells` when it is due
};

/// How an attempt stands.
struct outside_truth {
  /// success, rejected, accepted (not decided yet), closed (ended on request, nothing moved or it moved back); none: no
  /// such attempt came (code not_found), or the request cannot be done (busy).
  channel_outcome outcome = channel_outcome::none;
  outside_code code = outside_code::approved;
  u128 amount_minor = 0;  ///< that moved and did not move back, and what came back by itself as well
  u128 channel_txn = 0;
  bool came_back = false;  ///< success, and the money was sent back later
};

struct outside_counters {
  std::uint64_t attempts = 0;   ///< that came for the first time
  std::uint64_t repeated = 0;   ///< came again with the same content
  std::uint64_t conflicts = 0;  ///< came again with another content
  std::uint64_t busy = 0;       ///< refused because the book is full
  std::uint64_t closed = 0;     ///< ended by close or reverse
  std::uint64_t too_late = 0;   ///< came after their close or reversal
};

class outside_book {
 public:
  /// `settings` must have no problem (outside_settings::problem).
  explicit outside_book(const outside_settings& settings);

  /// An attempt comes. The same one again gets the same end, and money moves once; under the same id with another
  /// content: `unknown` with code conflict. A full book refuses with `not_sent`, code busy.
  outside_reply take(const outside_request& request, time_ns now);
  /// What became of an attempt.
  outside_truth query(u128 attempt_id, time_ns now) const;
  /// Ends an attempt that is not decided or has not come; one that comes afterwards is refused. A success stays one.
  outside_truth close(u128 attempt_id, time_ns now);
  /// Likewise, and what moved moves back, unless a part of it was refunded (code already_refunded). Again: the same.
  outside_truth reverse(u128 attempt_id, time_ns now);
  /// Whether a callback that is due may still be sent: not when the attempt was closed or reversed in between. Faults
  /// are sent whatever happened.
  bool tells(u128 attempt_id, const outside_callback& callback) const;

  /// The currency of an attempt; 0: it has not come.
  ledger_id ledger_of(u128 attempt_id) const;

  /// Movements that occurred in [from, to), in their order; equal times by channel_txn. `to` must not lie in the
  /// future: what is not decided may still be closed.
  std::vector<statement_line> statement(time_ns from, time_ns to) const;
  /// Sums over the same, by ledger.
  std::vector<statement_total> totals(time_ns from, time_ns to) const;

  std::size_t size() const { return entries_.size(); }
  std::size_t memory_bytes() const { return entries_.memory_bytes(); }
  const outside_counters& counters() const { return counters_; }
  const outside_settings& settings() const { return settings_; }

 private:
  /// How an attempt ended other than by its fate.
  enum class ended : std::uint8_t { by_fate, refused, closed, reversed };
  /// One attempt. 128 bytes.
  struct entry {
    u128 attempt_id = 0;
    u128 source = 0;
    u128 amount_minor = 0;    ///< asked for
    u128 moves_minor = 0;     ///< moves by its fate, 0: nothing
    u128 refunded_minor = 0;  ///< pay: promised to refunds or sent back by them
    time_ns took_at = 0;      ///< 0: it has not come, only its close
    time_ns ends_at = 0;      ///< when its end is there, or the money came back
    time_ns ended_at = 0;     ///< closed or reversed then
    std::uint64_t content = 0;
    ledger_id ledger = 0;
    channel_operation operation = channel_operation::none;
    channel_outcome before = channel_outcome::none;
    channel_outcome end = channel_outcome::none;
    ended how = ended::by_fate;
    outside_code code = outside_code::approved;  ///< of what was refused
    bool comes_back = false;

    u128 key_id() const { return attempt_id; }
    tenant_id key_tenant() const { return 0; }
  };
  static_assert(sizeof(entry) == 128);

  static std::uint64_t content_of(const outside_request& request);
  static bool decided(const entry& e, time_ns now) { return e.comes_back || e.ends_at <= now; }
  static bool moved(const entry& e, time_ns now);
  entry* find(u128 attempt_id);
  const entry* find(u128 attempt_id) const;
  entry* add(u128 attempt_id);  ///< nullptr: the book is full
  /// Why an attempt cannot be done; approved: it can.
  outside_code refusal(const outside_request& request, time_ns now) const;
  outside_reply refused(outside_code code, channel_outcome outcome) const;
  outside_truth truth_of(const entry& e, time_ns now) const;
  outside_truth end(u128 attempt_id, time_ns now, ended how);
  /// Whether less of its source is left for other refunds. One whose money comes back takes nothing in the end.
  bool uses_source(const entry& e) const;
  void give_back(const entry& refund);  ///< its source may be refunded again
  u128 fee_of(u128 amount_minor) const;
  /// The movements of an attempt, in order: at most two.
  std::size_t movements_of(const entry& e, std::array<statement_line, 2>& lines) const;

  const outside_settings settings_;
  const lognormal_delay delay_;
  entity_table<entry> entries_;
  outside_counters counters_;
  time_ns last_ = 0;  ///< the newest time seen, for the assertion alone
};

}  // namespace payloom::core

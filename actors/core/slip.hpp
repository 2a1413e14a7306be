#pragma once
// The routing slip: one command on its way through the shards (architecture.md section 2). A plain slip is one
// unlinked event and travels in vectors; it says where its claims are, so that commit and release find them again
// without a look-up. Whoever holds the slip owns its event's slots in the frame.
#include <cstdint>
#include <vector>

#include "protocol/types/command_frame.hpp"
#include "protocol/types/limits.hpp"
#include "protocol/types/order_records.hpp"

namespace payloom::core {

inline constexpr std::uint32_t no_slot = 0xffffffff;

/// 32 bytes. `mix_or_seq` carries the mix of the event's id towards the order shard and the commit sequence back to it;
/// in between the two halves are the account rows.
struct plain_slip {
  command_frame* frame = nullptr;
  std::uint16_t index_and_marks = 0;    ///< event index in the low 13 bits, marks above
  result_code code = result_code::ok;   ///< the smallest refusal so far
  std::uint32_t id_slot = no_slot;      ///< the id's claim at its order shard
  std::uint32_t target_slot = no_slot;  ///< the hold's row at its order shard (or no_slot)
  std::uint32_t debit_row = no_slot;    ///< the claim at the debit account's shard
  std::uint32_t credit_row = no_slot;   ///< the claim at the credit account's shard
  std::uint32_t answered = 0;           ///< 1: the result slot is filled in already (a replay)

  static constexpr std::uint16_t index_mask = 0x1fff;
  static constexpr std::uint16_t debit_seen = 1 << 13;   ///< the debit account's stop is behind
  static constexpr std::uint16_t credit_seen = 1 << 14;  ///< the credit account's stop is behind
  static constexpr std::uint16_t own_id_seen = 1 << 15;  ///< the own id's stop is behind (targeting events)

  std::uint32_t index() const { return index_and_marks & index_mask; }
  bool has(std::uint16_t mark) const { return (index_and_marks & mark) != 0; }
  void mark(std::uint16_t m) { index_and_marks = static_cast<std::uint16_t>(index_and_marks | m); }

  std::uint64_t mix() const { return (std::uint64_t{credit_row} << 32) | debit_row; }
  void set_mix(std::uint64_t v) {
    debit_row = static_cast<std::uint32_t>(v);
    credit_row = static_cast<std::uint32_t>(v >> 32);
  }

  transfer_record& transfer() const { return frame->transfer(index()); }
  result_record& result() const { return frame->result(index()); }
  event_notes& notes() const { return frame->notes[index()]; }
  bool refused() const { return code != result_code::ok; }
  /// Keeps the smaller code; remembers at which commit it was true.
  void refuse(result_code c, commit_seq as_of) {
    if (refused() && code <= c) return;
    code = c;
    result().sequence = as_of;
  }
};
static_assert(sizeof(plain_slip) == 32);
static_assert(limits::frame_events_max <= plain_slip::index_mask + 1u);

using slip_vector = std::vector<plain_slip>;

/// Whether the slip's command names an id beside its own, and which: a hold, an original, or the order of an action.
inline bool names_target(const plain_slip& s) {
  return s.frame->type() == frame_type::create_transfers || s.frame->type() == frame_type::act_on_orders;
}
inline u128 target_of(const plain_slip& s) {
  return s.frame->type() == frame_type::act_on_orders ? s.frame->order_action(s.index()).order.value
                                                      : s.transfer().target_id.value;
}
/// A refused command is journaled before its reply when it may not be tried again under the same id. An order that was
/// refused whole was never made: its business id stays free.
inline bool leaves_record(const plain_slip& s) {
  return s.answered == 0 && is_remembered(s.code) && !s.frame->from_server &&
         s.frame->type() != frame_type::create_orders;
}

/// Which fields of a request its target filled in; kept in event_notes::spare.
namespace filled_in {
inline constexpr std::uint64_t debit = 1, credit = 2, ledger = 4, code = 8, amount_was_max = 16, amount_was_zero = 32;
}  // namespace filled_in

/// Makes a completed record of a targeting event the request again: what is refused, or compared with what is stored,
/// is the request as it came.
inline void put_back_request(transfer_record& t, event_notes& n) {
  if (n.spare & filled_in::debit) t.debit_account.value = 0;
  if (n.spare & filled_in::credit) t.credit_account.value = 0;
  if (n.spare & filled_in::ledger) t.ledger = 0;
  if (n.spare & filled_in::code) t.code = 0;
  if (n.spare & filled_in::amount_was_max) t.amount_minor = u128_max;
  if (n.spare & filled_in::amount_was_zero) t.amount_minor = 0;
  n.spare = 0;
}
/// Remembers what is open in a request before its target completes it.
inline void note_open_fields(const transfer_record& t, event_notes& n) {
  n.spare = (t.debit_account.value == 0 ? filled_in::debit : 0) |
            (t.credit_account.value == 0 ? filled_in::credit : 0) | (t.ledger == 0 ? filled_in::ledger : 0) |
            (t.code == 0 ? filled_in::code : 0) | (t.amount_minor == u128_max ? filled_in::amount_was_max : 0) |
            (t.amount_minor == 0 ? filled_in::amount_was_zero : 0);
}

/// What the journal writer tells an account shard about one account of a committed event, or a later stop about a
/// refused one. 32 bytes.
struct apply_entry {
  u128 amount_minor = 0;
  std::uint32_t row = no_slot;
  std::uint32_t op = 0;   ///< apply_op bits
  std::uint64_t tag = 0;  ///< index into the batch's balance requests + 1, or 0
};
static_assert(sizeof(apply_entry) == 32);

namespace apply_op {
inline constexpr std::uint32_t credit = 1 << 0;        ///< the credit side, else the debit side
inline constexpr std::uint32_t post = 1 << 1;          ///< posted += amount
inline constexpr std::uint32_t hold = 1 << 2;          ///< pending += amount
inline constexpr std::uint32_t unhold = 1 << 3;        ///< pending -= amount
inline constexpr std::uint32_t unreserve = 1 << 4;     ///< reserved -= amount (if this account's claim reserves)
inline constexpr std::uint32_t unclaim = 1 << 5;       ///< one claim less
inline constexpr std::uint32_t more_claims_shift = 8;  ///< bits above: further claims that the same entry gives back
inline constexpr std::uint32_t open_up = 1 << 6;       ///< the claim was exclusive: others may enter again
}  // namespace apply_op

using apply_vector = std::vector<apply_entry>;

/// How a claim on a hold or an original ended; carries no frame, since the frame may be answered by then.
struct target_end {
  std::uint32_t target_slot = no_slot;
  bool resolved = false;  ///< committed: a hold is gone now; false: the claim is given back
};

/// How a claim on an order ended with a commit: the order as it is now. To the shard of the order.
struct order_end {
  std::uint32_t slot = no_slot;  ///< of the claim; no_slot: the order is new
  tenant_id tenant = 0;
  commit_seq seq = 0;               ///< of the order's event
  std::uint32_t payment = no_slot;  ///< place of its payment_row beside the ends; no_slot: it has none
  order_row row{};
};

/// A decided account change on its way to the journal and back to its account.
struct change_decision {
  plain_slip slip;  ///< debit_row is the account's row; after the commit `mix` is the sequence
  std::uint32_t row = no_slot;
  std::uint16_t flags_after = 0;
  u128 limit_after = 0;
};

}  // namespace payloom::core

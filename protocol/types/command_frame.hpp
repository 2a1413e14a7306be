#pragma once
// One request frame on its way through the shards: the buffer the session read, the result slots the shards fill, and
// the count of results still missing. Ownership: the gateway (an I/O thread) creates it; from `submit` until the count
// reaches zero it belongs to the shards, which touch disjoint events; whoever brings the count to zero hands it to the
// reply port, and from then on the gateway owns it again. Nobody else keeps a pointer beyond that.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/types/frame.hpp"
#include "protocol/types/order_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom {

struct command_frame;

/// Where finished frames go. `complete` may be called from any thread; it must not block.
class reply_port {
 public:
  virtual ~reply_port() = default;
  virtual void complete(command_frame& frame) = 0;
};

/// What a target or a balancing stop found out about an event; filled by shards, read by later stops and the journal
/// writer. (core owns the meaning; 48 bytes so that a frame's worth stays small)
struct event_notes {
  u128 target_amount_minor = 0;  ///< resolutions: the hold's amount; reversals: the original's amount
  u128 reserved_minor = 0;       ///< balancing: the amount claimed at an earlier stop
  commit_seq target_seq = 0;     ///< the hold's or original's own commit
  std::uint64_t spare = 0;
};
static_assert(sizeof(event_notes) == 48);

struct command_frame {
  frame_header header{};
  time_ns received_at = 0;          ///< wall clock at receipt
  time_ns deadline_at = 0;          ///< absolute; ~0 = none
  std::uint32_t count = 0;          ///< events
  std::uint32_t result_bytes = 32;  ///< stride of one result: 32, or 192 with balances / query rows
  /// The records, 64-byte aligned, `count` of the type's size. Shards complete targeting records in place (accounts,
  /// ledger, code, amount of the target); everything else in them is immutable.
  std::byte* records = nullptr;
  std::byte* results = nullptr;  ///< count * result_bytes, zeroed by the gateway
  event_notes* notes = nullptr;  ///< `count` slots, only for frames with targeting or balancing events, else null
  std::atomic<std::uint32_t> remaining{0};  ///< results still missing
  bool from_server = false;                 ///< made by an order shard (expiries), not by a client
  reply_port* port = nullptr;
  std::uint64_t owner = 0;     ///< the gateway's own (session slot and generation)
  void* owner_data = nullptr;  ///< the gateway's own
  /// Query replies: rows are written by the query service into a buffer of its own.
  void* rows = nullptr;

  transfer_record& transfer(std::uint32_t i) { return reinterpret_cast<transfer_record*>(records)[i]; }
  const order_record& order(std::uint32_t i) const { return reinterpret_cast<const order_record*>(records)[i]; }
  const order_action_record& order_action(std::uint32_t i) const {
    return reinterpret_cast<const order_action_record*>(records)[i];
  }
  result_record& result(std::uint32_t i) {
    return *reinterpret_cast<result_record*>(results + std::size_t{i} * result_bytes);
  }
  frame_type type() const { return static_cast<frame_type>(header.type); }
  bool wants_balances() const { return (header.flags & frame_flags::want_balances) != 0; }

  /// Says that `n` results are in their slots. Returns true to exactly one caller: the one that must call
  /// `port->complete(*this)`; nobody may touch the frame after a false return.
  bool finish(std::uint32_t n) { return remaining.fetch_sub(n, std::memory_order_acq_rel) == n; }
};

}  // namespace payloom

#pragma once
// How often the things happened that the simulation is about. None may be zero over a run of the suite.
#include <cstdint>

namespace payloom::sim {

struct world_counts {
  std::uint64_t events = 0;  ///< results delivered
  std::uint64_t mails = 0;
  std::uint64_t account_waits = 0;     ///< wait behind a claim on an account
  std::uint64_t order_waits = 0;       ///< duplicate in flight, or a target that another one has
  std::uint64_t partial_refusals = 0;  ///< refused after an earlier stop had been claimed
  std::uint64_t close_waits = 0;       ///< an account is to be closed with slips in flight
  std::uint64_t hot_waits = 0;         ///< marked or unmarked hot with slips in flight
  std::uint64_t moves = 0;             ///< accounts that went to a hot-account shard, or back
  std::uint64_t index_loads = 0;       ///< an id that only the index knew
  std::uint64_t expiries = 0;          ///< expiries submitted by order shards
  std::uint64_t expiry_races = 0;      ///< an expiry and a client's capture or void of one hold in flight together
  // Orders.
  std::uint64_t order_claim_waits = 0;  ///< an action waits behind another one on its order
  std::uint64_t order_races = 0;        ///< a payment and a cancellation or timer of one order in flight together
  std::uint64_t order_loads = 0;        ///< an order that no shard had in memory
  std::uint64_t timers = 0;             ///< timers submitted by order shards
  std::uint64_t full_orders = 0;        ///< refused because the journal had no space
  // Channels.
  std::uint64_t calls = 0;            ///< to channels: attempts, queries, closings
  std::uint64_t facts = 0;            ///< what channels said, as commands
  std::uint64_t facts_twice = 0;      ///< delivered a second time
  std::uint64_t facts_late = 0;       ///< delivered later than others that were said after them
  std::uint64_t facts_lost = 0;       ///< on their way when the process was gone
  std::uint64_t facts_refused = 0;    ///< that came to nothing: an account, a bound, a full disk
  std::uint64_t checks_restored = 0;  ///< payments whose checks a new process asks again
  std::uint64_t groups = 0, full_disks = 0;
  // Events that were refused because the journal had no space.
  std::uint64_t full_transfers = 0, full_resolutions = 0, full_chains = 0, full_expiries = 0, full_seals = 0;
  std::uint64_t full_changes = 0, full_creations = 0;
  std::uint64_t markers = 0;       ///< states at one commit that were compared
  std::uint64_t full_markers = 0;  ///< mails with a marker while the journal had no space
};

}  // namespace payloom::sim

#pragma once
// What the index must hold, as digests per chunk computed from the journal, to be compared with digests of what it does
// hold: every id, line and link exactly once. A digest is a count and a sum of mixed values, so order does not matter.
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "actors/follower/ledger_audit.hpp"
#include "storage/rocksdb/index_store.hpp"

namespace payloom::follower {

struct digest {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  void add(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d);
  friend bool operator==(const digest&, const digest&) = default;
};

class index_audit {
 public:
  /// Looks at the index as it stands now: up to `reach()`. What is indexed later is not looked at.
  explicit index_audit(const storage::index_store& store);

  commit_seq reach() const { return position_.indexed_seq; }
  commit_seq snapshot() const { return position_.snapshot_seq; }
  /// Adds what the event must have left in the index. Call after `books` applied it; events beyond reach are ignored.
  void apply(const storage::run_view& run, std::uint32_t index, const ledger_audit& books);
  /// When `books` stand at snapshot(): compares the account states.
  void compare_states(const ledger_audit& books, problem_list& problems) const;
  /// When `books` stand at reach(): compares the open holds.
  void compare_holds(const ledger_audit& books, problem_list& problems) const;
  /// When `books` stand at reach(): compares the resident orders.
  void compare_orders(const order_audit& books, problem_list& problems) const;
  /// After the last event: compares ids, lines and links chunk by chunk. Reads the whole index.
  void finish(problem_list& problems);

  struct totals {
    std::uint64_t ids = 0, lines = 0, links = 0;
  };
  const totals& found() const { return totals_; }

 private:
  struct chunk_digests {
    digest ids, lines, links, blocks;
  };
  /// An account's lines so far, to know the sums at each block's start.
  struct account_progress {
    std::uint32_t chunk = ~std::uint32_t{0};
    std::uint32_t lines = 0;
    u128 debits = 0, credits = 0;
  };
  void named_by_order(const storage::run_view& run, std::uint32_t index);
  void line(std::uint32_t ordinal, commit_seq sequence, bool credit, bool posted, u128 amount);
  std::size_t chunk_of(commit_seq sequence);
  void read_index(std::vector<chunk_digests>& found, problem_list& problems);

  const storage::index_store& store_;
  storage::index_position position_;
  std::unordered_map<std::uint32_t, storage::account_state> states_;  ///< by ordinal, at snapshot()
  std::vector<storage::open_hold> holds_;                             ///< at reach()
  std::unordered_map<commit_seq, std::uint64_t> orders_;              ///< resident: created -> content, at reach()
  std::vector<std::shared_ptr<const storage::chunk_info>> chunks_;
  std::vector<chunk_digests> expected_;
  std::vector<account_progress> progress_;
  std::size_t last_chunk_ = 0;
  totals totals_;
};

}  // namespace payloom::follower

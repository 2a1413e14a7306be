#pragma once
// Stage 2's work: one closed chunk of the tail and its events from the journal become an index run.
#include <memory>
#include <unordered_map>

#include "actors/follower/tail.hpp"
#include "storage/codec/group_reader.hpp"
#include "storage/rocksdb/index_run.hpp"

namespace payloom::follower {

/// Used by one thread.
class index_builder {
 public:
  explicit index_builder(storage::journal_source& source) : source_(source) {}

  /// Reads the chunk's groups again and returns the run. Throws storage_failure.
  storage::index_run build(const tail_chunk& chunk);

 private:
  void read_events(const tail_chunk& chunk, storage::index_run& run);
  void collect(const storage::run_view& view, storage::index_run& run);
  void collect_order(const order_event& event, const storage::run_view& view, std::uint32_t index,
                     storage::index_run& run);
  void settle_orders(storage::index_run& run);
  void collect_transfer(const transfer_record& record, const storage::run_view& view, std::uint32_t index, u128 posted,
                        storage::index_run& run);

  storage::journal_source& source_;
  std::unique_ptr<storage::journal_reader> reader_;
  commit_seq reader_next_ = 0;
  /// The chunk's orders by created(): place in orders_open + 1, or 0 for one of an earlier chunk that is not resident.
  std::size_t last_order_ = 0;  ///< 1 + place in orders_open of the newest event: its payment comes next; 0: not kept
  std::unordered_map<commit_seq, std::size_t> orders_;
};

}  // namespace payloom::follower

// The transfers behind an account's lines, fetched many at once.
#include <algorithm>

#include "actors/follower/query_engine.hpp"
#include "actors/follower/transfer_rows.hpp"

namespace payloom::follower {

namespace {
constexpr std::size_t filtered_batch_min = 256;  ///< fetched at once, at first, where a filter leaves out some
constexpr std::size_t batch_max = 8192;          ///< bounds the memory: 560 bytes each

const transfer_record& record_of(const fetched_event& event) {
  const transfer_record* record = executed(event);
  if (record == nullptr) throw storage::storage_failure("index: a line points at no transfer; rebuild the index");
  return *record;
}
}  // namespace

void query_engine::walk_transfers(const account_lines& lines, const line_walk& walk) {
  std::vector<commit_seq> pending;
  std::size_t least = walk.filtered ? filtered_batch_min : 1;
  const auto batch = [&] { return std::min(batch_max, std::max(least, walk.rows_left())); };
  std::size_t at_once = batch();
  bool going = true;
  const auto fetch = [&] {
    fetcher_.find_all(pending, fetched_);
    pending.clear();
    for (std::size_t i = 0; i < fetched_.size() && going; ++i) going = walk.take(fetched_[i], record_of(fetched_[i]));
    least *= 2;
    at_once = batch();
    return going;
  };
  lines.walk(walk.r.from, walk.r.to, walk.backward, [&](const tail_line& line) {
    if (!walk.wanted(line)) return true;
    pending.push_back(line.sequence);
    return pending.size() < at_once || fetch();
  });
  if (going && !pending.empty()) fetch();
}

void query_engine::amounts_of(std::span<const commit_seq> sequences, std::vector<u128>& out) {
  out.clear();
  for (std::size_t from = 0; from < sequences.size(); from += batch_max) {
    fetcher_.find_all(sequences.subspan(from, std::min(batch_max, sequences.size() - from)), fetched_);
    for (const fetched_event& event : fetched_) out.push_back(record_of(event).amount_minor);
  }
}

}  // namespace payloom::follower

#pragma once
// What was applied but is not in the index yet: per account a chain of its lines, per chunk a small hash of ids and the
// links, in arrays that are freed whole when the chunk's index run is readable. 32 bytes a transfer.
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "actors/follower/account_table.hpp"
#include "storage/rocksdb/index_run.hpp"

namespace payloom::follower {

/// Links of a chunk, found by their target. Those of one target (an order's events, reversals of one original) form a
/// chain, newest first: the table has one slot a target however many they are.
class link_table {
 public:
  void add(const storage::link_entry& link);
  template <class Visit>
  void for_each_of(commit_seq target, Visit&& visit) const {
    if (links_.empty()) return;
    for (std::uint32_t n = slots_[slot_of(target)]; n != 0; n = older_[n - 1]) visit(links_[n - 1]);
  }
  const storage::page_array<storage::link_entry>& all() const { return links_; }
  std::size_t memory_bytes() const {
    return links_.capacity_bytes() + older_.capacity_bytes() + slots_.capacity_bytes();
  }

 private:
  /// Names are chosen by clients: they are placed by a secret, so that nobody can choose many that fall into one place.
  static std::uint64_t scattered(commit_seq name);
  std::size_t home(commit_seq target) const {
    const bool named = target >> 63 != 0;
    return (named ? scattered(target) : target * 0x9e3779b97f4a7c15ull) >> 32 & (slots_.size() - 1);
  }
  /// The slot of a target's newest link, or the empty one where it would be.
  std::size_t slot_of(commit_seq target) const {
    std::size_t i = home(target);
    while (slots_[i] != 0 && links_[slots_[i] - 1].target != target) i = (i + 1) & (slots_.size() - 1);
    return i;
  }
  void place(std::uint32_t index);
  storage::page_array<storage::link_entry> links_;
  storage::page_array<std::uint32_t> older_;  ///< by link: index + 1 of the target's link before, 0 = none
  storage::page_array<std::uint32_t> slots_;  ///< index + 1, 0 = empty; a power of two, at most half full
};

/// One chunk of the tail. Complete (`closed`) it belongs to nobody's writing any more and stage 2 reads it unlocked.
struct tail_chunk {
  std::uint32_t number = 0;
  commit_seq first_seq = 0;
  commit_seq last_seq = 0;  ///< first_seq - 1 while empty
  time_ns first_time = 0, last_time = 0;
  std::uint32_t first_position = 0;
  bool closed = false;
  storage::page_array<std::uint64_t> entries;   ///< storage::pack_entry
  storage::page_array<std::uint32_t> previous;  ///< position of the account's line before
  /// Upper half of each event's id hash by offset, 0 = no id: written in order, so adding costs no cache miss.
  storage::page_array<std::uint32_t> id_hashes;
  /// tag << 20 | offset + 1; 0 = empty. Made from the first `ids_placed` hashes when many ids are looked for.
  mutable storage::page_array<std::uint32_t> id_slots;
  mutable std::uint32_t ids_placed = 0;
  mutable std::uint32_t scans = 0;  ///< questions answered by looking at all hashes
  std::string openings;             ///< per account with lines: ordinal u32, varint debits, varint credits
  link_table links;
  std::uint32_t accounts = 0;  ///< at its end
  bool snapshot = false;
  std::string states;  ///< as storage::index_run::states

  std::uint32_t events() const { return static_cast<std::uint32_t>(last_seq + 1 - first_seq); }
};

/// A line of an account in the tail.
struct tail_line {
  commit_seq sequence = 0;
  bool credit = false;
  bool posted = false;
};

/// Written by stage 1 under the follower's lock; read under it.
class tail {
 public:
  static constexpr std::uint32_t offset_bits = 20;
  static constexpr std::uint32_t group_events_max = 1u << 17;
  static constexpr std::uint32_t chunk_events_max = (1u << offset_bits) - group_events_max - 1;

  /// `chunk_events` (1 .. chunk_events_max): a chunk is closed at the first group boundary at or past it.
  explicit tail(std::uint32_t chunk_events);

  /// Everything before `sequence` is in the index; the next chunk has this number.
  void begin(commit_seq sequence, std::uint32_t chunk_number);
  /// Next sequence expected.
  commit_seq next_sequence() const { return open_->last_seq + 1; }
  commit_seq first_sequence() const { return chunks_.front()->first_seq; }
  std::uint32_t first_chunk() const { return chunks_.front()->number; }

  /// Events [first, first + count) with times from `time` are about to be added.
  void advance(commit_seq first, std::uint32_t count, time_ns time);
  void add_id(commit_seq sequence, std::uint64_t id_hash);
  /// `opening` are the account's posted sums before the line.
  void add_line(account_table& accounts, std::uint32_t ordinal, tail_line line, u128 debits_before,
                u128 credits_before) {
    tail_chunk& chunk = *open_;
    std::uint32_t& head = accounts.head(ordinal);
    if (!alive(head) || static_cast<std::int32_t>(head - chunk.first_position) < 0) {
      add_opening(ordinal, debits_before, credits_before);
    }
    chunk.entries.push_back(storage::pack_entry(
        ordinal, {static_cast<std::uint32_t>(line.sequence - chunk.first_seq), line.credit, line.posted}));
    chunk.previous.push_back(head);
    head = next_position_++;
  }
  void add_link(const storage::link_entry& link) { open_->links.add(link); }

  /// At a group boundary: true when the open chunk is full (or `force` and it is not empty).
  bool should_close(bool force) const;
  /// Closes the open chunk and opens the next. The caller has filled in `accounts`, `snapshot`, `states` of open().
  void close(account_table& accounts);
  tail_chunk& open() { return *open_; }

  /// Takes the oldest chunk off, a closed one.
  void drop_oldest();

  /// Lines of the account, newest first, until `visit(tail_line)` returns false.
  template <class Visit>
  void for_each_line(const account_table& accounts, std::uint32_t ordinal, Visit&& visit) const;
  /// The first questions scan a chunk's hashes; then its hash is made, 2-3 ms. Under the lock.
  /// Sequences whose ids may be the one hashed so, newest chunk first; the caller compares.
  void find_id(std::uint64_t id_hash, std::vector<commit_seq>& out) const;
  template <class Visit>
  void for_each_link(commit_seq target, Visit&& visit) const {
    for (const auto& chunk : chunks_) chunk->links.for_each_of(target, visit);
  }
  bool has_links() const;
  const std::deque<std::shared_ptr<tail_chunk>>& chunks() const { return chunks_; }
  std::size_t memory_bytes() const;

 private:
  bool alive(std::uint32_t position) const {
    return position != 0 &&
           position - chunks_.front()->first_position < next_position_ - chunks_.front()->first_position;
  }
  /// After so many scans of a chunk its ids are placed.
  static constexpr std::uint32_t scans_max = 48;
  void place_ids(const tail_chunk& chunk) const;
  static void scan_ids(const tail_chunk& chunk, std::uint32_t half, std::vector<commit_seq>& out);
  void add_opening(std::uint32_t ordinal, u128 debits_before, u128 credits_before);
  void open_chunk(commit_seq first_seq, std::uint32_t number);
  void sweep_heads(account_table& accounts);

  std::uint32_t chunk_events_;
  std::deque<std::shared_ptr<tail_chunk>> chunks_;  ///< oldest first; the last one is open
  tail_chunk* open_ = nullptr;
  /// Positions count lines modulo 2^32; 0 is none. Heads older than the tail are swept before positions come round.
  std::uint32_t next_position_ = 1;
  std::uint64_t lines_since_sweep_ = 0;
};

template <class Visit>
void tail::for_each_line(const account_table& accounts, std::uint32_t ordinal, Visit&& visit) const {
  std::uint32_t position = accounts.head(ordinal);
  auto chunk = chunks_.rbegin();
  while (alive(position)) {
    while (static_cast<std::int32_t>(position - (*chunk)->first_position) < 0) ++chunk;
    const std::uint32_t index = position - (*chunk)->first_position;
    const storage::entry_mark mark = storage::entry_mark_of((*chunk)->entries[index]);
    if (!visit(tail_line{(*chunk)->first_seq + mark.offset, mark.credit, mark.posted})) return;
    position = (*chunk)->previous[index];
  }
}

}  // namespace payloom::follower

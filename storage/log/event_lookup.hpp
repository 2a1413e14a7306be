#pragma once
// Finds single durable events by their sequence: the random reads of queries.
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/types/assert.hpp"
#include "storage/log/file.hpp"
#include "storage/log/segment_log.hpp"

namespace payloom::storage {

/// A copy of one event with what its run and group say about it.
struct found_event {
  found_event() {}  ///< not `= default`: `bytes` are not to be zeroed

  commit_seq sequence = 0;
  time_ns timestamp = 0;
  run_kind kind = run_kind::transfers;
  std::uint32_t size = 0;  ///< event_bytes(kind)
  context_entry context{};
  alignas(16) std::byte bytes[event_bytes_max];  ///< the first `size` are the event

  /// T is the kind's type (asserted by size).
  template <class T>
  const T& as() const {
    PAYLOOM_ASSERT(sizeof(T) == size && sizeof(T) <= sizeof bytes);
    return *reinterpret_cast<const T*>(bytes);
  }
};

/// Reads through the page cache, only the pages an event needs: 1-2 µs when they are cached, one disk read each when
/// not. Keeps the places of runs of the groups it met, so that a repeated look-up reads the event alone. Groups were
/// checked when this process wrote or recovered them, so their checksums are not computed again; structure is, and the
/// caller that knows the event's id compares it. One thread at a time: each thread makes its own. The log must outlive
/// it.
class event_lookup {
 public:
  /// `cached_runs_max`: memory bound, 16 bytes each; a group itself counts as `group_cost` runs.
  explicit event_lookup(const segment_log& log, std::size_t cached_runs_max = 1u << 18);

  /// False when `sequence` is 0 or not durable yet. Without `with_context` the context stays zero and a read is saved.
  /// Throws journal_corrupt when the bytes there are no such event, storage_failure for read errors.
  bool find(commit_seq sequence, found_event& out, bool with_context = true);

  /// find(sequences[i], out[i]) without contexts, for many at once: those that the page cache lacks are asked for
  /// together, so that the disk works on them side by side. False when one of them is not durable. Neighbours in a
  /// group are quickest.
  bool find_all(std::span<const commit_seq> sequences, std::span<found_event> out);

 private:
  static constexpr std::size_t open_files_max = 128;
  static constexpr std::size_t group_cost = 16;  ///< what a group's places take beside its runs, in runs

  struct run_place {
    std::uint32_t first;   ///< index of its first event in the group
    std::uint32_t offset;  ///< of its first event from the group's start
    std::uint32_t count;
    run_kind kind;
    std::uint16_t context;
  };
  /// The runs of one group.
  struct group_map {
    log_place place;
    group_header header;
    std::vector<run_place> runs;
    std::list<commit_seq>::iterator recency;
  };

  static std::size_t cost_of(const group_map& group) { return group.runs.size() + group_cost; }
  /// Fills in all but bytes and context; the event's place within the group.
  static std::uint64_t describe(const group_map& group, commit_seq sequence, found_event& out, std::uint16_t& context);
  const group_map& group_of(commit_seq sequence);
  const group_map& add_group(log_place place, const group_header& header);
  group_header read_header(log_place place);
  void read_runs(group_map& group);
  const file& segment_file(std::uint32_t number);
  void read(log_place place, std::uint64_t offset, std::span<std::byte> bytes);
  [[noreturn]] void refuse(log_place place, std::uint64_t offset, const char* what) const;

  /// An event that find_all did not find in the page cache.
  struct missing_event {
    log_place place;  ///< its own
    std::size_t index;
  };

  std::string journal_path_;
  std::shared_ptr<const segment_table> table_;
  std::size_t cached_runs_max_;
  std::size_t cached_runs_ = 0;
  std::map<commit_seq, group_map> groups_;  ///< by base sequence
  std::list<commit_seq> recency_;           ///< most recently used first
  std::unordered_map<std::uint32_t, file> files_;
  std::vector<missing_event> missing_;  ///< find_all's scratch
};

}  // namespace payloom::storage

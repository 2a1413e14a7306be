#pragma once
// The contracts between the actors and what persists (architecture.md section 4). Backends: storage/log (embedded
// default), storage/memory (tests and simulation), storage/mysql (later). One contract test suite runs against all.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/codec/format.hpp"

namespace payloom::storage {

enum class append_status {
  ok,        ///< durable
  no_space,  ///< nothing was written; the same group may be offered again later
};

/// Where the journal stands.
struct journal_position {
  commit_seq next_sequence = 1;  ///< sequence of the next event
  time_ns last_time = 0;         ///< timestamp of the last event, 0 if none
};

/// Counters for `payloom stats`. Written by the appending thread only, read by anyone (relaxed).
struct journal_stats {
  std::uint64_t groups = 0, bytes = 0, events = 0, segments_sealed = 0;
  std::uint64_t last_sync_ns = 0, sync_ns_total = 0;
};

/// The journal as its one writer sees it. Single-threaded use: exactly one thread at a time appends.
class journal {
 public:
  virtual ~journal() = default;

  /// Where it stands after recovery and after each append.
  virtual journal_position position() const = 0;

  /// Appends one group and returns when it is durable. `group` is a buffer aligned to sector_bytes whose size is a
  /// multiple of sector_bytes, made by codec's group_builder: everything is filled in but segment, previous_crc,
  /// synced_through and crc, which the journal writes itself. An I/O or sync error does not return: it throws
  /// storage_failure, and the process must stop (nothing was answered; recovery decides).
  virtual append_status append(std::span<std::byte> group) = 0;

  /// When nothing was appended for a while: writes an empty group with synced_through, so that damage to the last
  /// real group is told from a torn tail. No-op if the last group already is one.
  virtual append_status mark_idle() = 0;

  /// False while the next segment could not be prepared for lack of space: admission must close (`unavailable`).
  virtual bool has_space() const = 0;

  virtual journal_stats stats() const = 0;
};

struct storage_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One durable group as readers see it (verified).
struct group_view {
  const group_header* header = nullptr;
  std::span<const std::byte> bytes;  ///< header, runs and contexts, without padding
};

/// Reads durable groups in order. Thread-safe against the appending thread: sees a prefix of what is durable.
class journal_reader {
 public:
  virtual ~journal_reader() = default;

  /// The next group, or nullptr header when the reader has caught up with the durable end. The view lives until the
  /// next call. Corruption throws storage_failure naming file and offset.
  virtual group_view next() = 0;

  /// Positions on the group that contains `sequence` (or the first after it).
  virtual void seek(commit_seq sequence) = 0;
};

/// Makes readers; thread-safe.
class journal_source {
 public:
  virtual ~journal_source() = default;
  virtual std::unique_ptr<journal_reader> open_reader(commit_seq from) = 0;
  /// Last durable sequence (0 = none).
  virtual commit_seq durable_through() const = 0;
};

}  // namespace payloom::storage

#pragma once
// Builds one group in place (layout: format.hpp). Made for the journal writer's hot path: no allocation after the
// constructor, no virtual call, and the caller writes its events straight into the buffer that goes to the disk.
#include <cstdint>
#include <span>

#include "storage/codec/aligned_buffer.hpp"

namespace payloom::storage {

/// Life of a group: begin(), then any number of add_context() and append(), then finish(). Every "does not fit" answer
/// leaves the group as it was: the caller finishes it, journals it, begins the next and repeats the call there.
/// An empty group takes at least one context and limits::frame_events_max events of any kind. One thread at a time.
class group_builder {
 public:
  static constexpr std::uint32_t no_context = ~std::uint32_t{0};
  static constexpr std::uint32_t contexts_max = 65535;
  static constexpr std::uint32_t runs_max = 65535;

  group_builder();

  /// Starts an empty group; whatever was there is forgotten.
  void begin();

  /// Index of a context equal to `entry`, or no_context when the group is full. Equal neighbours share an entry.
  std::uint32_t add_context(const context_entry& entry);

  /// Room for `count` (>= 1) events of `kind` as a new run; the caller writes count * event_bytes(kind) bytes there
  /// before the next call. nullptr: does not fit. A chain is one run, so it must come through this call.
  std::byte* append_run(run_kind kind, std::uint32_t context, std::uint32_t count);

  /// The same as a continuation of the last run; nullptr also when the last run has another kind or context or is a
  /// chain.
  std::byte* extend_run(run_kind kind, std::uint32_t context, std::uint32_t count);

  /// extend_run where possible, else append_run: what the writer calls per message.
  std::byte* append(run_kind kind, std::uint32_t context, std::uint32_t count);

  /// Whether `runs` more runs with `body_bytes` of events together fit: for what must stand in one group.
  bool has_room(std::uint32_t runs, std::size_t body_bytes) const {
    return runs_ + runs <= runs_max && fits(runs * sizeof(run_header) + body_bytes);
  }

  /// How many events of `kind` a new run could hold now.
  std::uint32_t room(run_kind kind) const;

  /// Index within the group of the next event: its sequence will be base_sequence + this.
  std::uint32_t event_count() const { return events_; }
  bool empty() const { return events_ == 0; }
  /// Bytes of the group as it stands, without padding.
  std::size_t bytes() const { return used_ + contexts_used_ * sizeof(context_entry); }

  /// Completes the group (not empty) and pads it with zeros to whole sectors. `base_sequence` and `base_time` belong to
  /// its first event. The bytes are good for journal::append and live until the next begin().
  std::span<std::byte> finish(commit_seq base_sequence, time_ns base_time);

 private:
  bool fits(std::size_t more) const { return bytes() + more <= limits::group_bytes_max; }
  std::byte* take(std::size_t size);
  context_entry* contexts_end() { return reinterpret_cast<context_entry*>(buffer_.data() + limits::group_bytes_max); }

  aligned_buffer buffer_;  ///< header and runs from its start; contexts from its end, until finish() moves them
  std::size_t used_ = 0;   ///< bytes of header and runs
  std::uint32_t contexts_used_ = 0;
  std::uint32_t events_ = 0;
  std::uint32_t runs_ = 0;
  run_header* last_run_ = nullptr;
  bool finished_ = false;
};

}  // namespace payloom::storage

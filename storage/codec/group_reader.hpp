#pragma once
// Decodes groups from bytes that nobody vouches for. parse_group checks everything that the layout promises; after it
// succeeded, walking the runs needs no further checks and cannot leave the group.
#include <cstdint>
#include <span>

#include "protocol/types/assert.hpp"
#include "storage/codec/format.hpp"
#include "storage/codec/group_error.hpp"
#include "storage/ports.hpp"

namespace payloom::storage {

/// One run of a parsed group. Pointers lead into the group's bytes and live as long as they do.
struct run_view {
  run_kind kind = run_kind::transfers;
  const context_entry* context = nullptr;
  commit_seq first_sequence = 0;  ///< of its first event; event i has first_sequence + i
  time_ns first_time = 0;         ///< timestamp of its first event; event i has first_time + i
  std::uint32_t count = 0;
  std::uint32_t offset = 0;         ///< of its header, from the start of the group
  std::span<const std::byte> body;  ///< count * event_bytes(kind) bytes

  /// The events; T must be the kind's type (asserted by size).
  template <class T>
  std::span<const T> events() const {
    PAYLOOM_ASSERT(sizeof(T) == event_bytes(kind));
    return {reinterpret_cast<const T*>(body.data()), count};
  }
};

/// Checks header, checksum and the whole structure of the group at the start of `bytes` (which may be longer and must
/// be aligned to 16), and fills `out` on success. No error means: every run can be walked. Never reads beyond `bytes`.
group_error parse_group(std::span<const std::byte> bytes, group_view& out);

/// The part of parse_group that needs the header alone: tells whether, and how many, bytes a group here would have.
/// `header_bytes` holds at least 64 bytes.
group_error parse_group_header(std::span<const std::byte> header_bytes);

/// The group's context table.
std::span<const context_entry> contexts_of(const group_view& group);

/// Walks the runs of a group that parse_group accepted.
class run_cursor {
 public:
  explicit run_cursor(const group_view& group);
  /// The next run into `out`; false at the end.
  bool next(run_view& out);

 private:
  const group_view* group_;
  std::uint32_t offset_ = sizeof(group_header);
  std::uint32_t left_;
};

/// Calls visitor(run) for each run of a parsed group, in order.
template <class Visitor>
void for_each_run(const group_view& group, Visitor&& visitor) {
  run_cursor cursor(group);
  run_view run;
  while (cursor.next(run)) visitor(static_cast<const run_view&>(run));
}

/// Calls visitor(run, i, event) for each event of a run; `event` is a const reference to the kind's type (the visitor
/// is overloaded or generic).
template <class Visitor>
void for_each_event(const run_view& run, Visitor&& visitor) {
  const auto visit_all = [&](auto events) {
    for (std::uint32_t i = 0; i < run.count; ++i) visitor(run, i, events[i]);
  };
  switch (run.kind) {
    case run_kind::transfers:
      return visit_all(run.events<transfer_event>());
    case run_kind::resolutions:
    case run_kind::chain:
      return visit_all(run.events<resolution_event>());
    case run_kind::refusals:
      return visit_all(run.events<refusal_event>());
    case run_kind::accounts:
      return visit_all(run.events<account_record>());
    case run_kind::changes:
      return visit_all(run.events<change_event>());
    case run_kind::seals:
      return visit_all(run.events<seal_event>());
    case run_kind::orders:
      return visit_all(run.events<order_event>());
    case run_kind::payments:
      return visit_all(run.events<payment_row>());
  }
}

/// The same over a whole parsed group.
template <class Visitor>
void for_each_event(const group_view& group, Visitor&& visitor) {
  for_each_run(group, [&](const run_view& run) { for_each_event(run, visitor); });
}

}  // namespace payloom::storage

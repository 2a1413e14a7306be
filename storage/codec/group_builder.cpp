#include "storage/codec/group_builder.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"

namespace payloom::storage {

static_assert(sizeof(group_header) + sizeof(context_entry) + sizeof(run_header) +
                      std::size_t{limits::frame_events_max} * event_bytes(run_kind::orders) <=
                  limits::group_bytes_max,
              "an empty group must take a whole frame of the largest events that stand alone");
static_assert(sizeof(group_header) + sizeof(context_entry) +
                      limits::combined_orders_max * (3 * sizeof(run_header) + event_bytes(run_kind::orders) +
                                                     8 * event_bytes(run_kind::chain) + event_bytes_max) <=
                  limits::group_bytes_max,
              "and linked commands on orders, each with its payment");
static_assert(limits::group_bytes_max % sector_bytes == 0);

group_builder::group_builder() : buffer_(limits::group_bytes_max) { begin(); }

void group_builder::begin() {
  used_ = sizeof(group_header);
  contexts_used_ = 0;
  events_ = 0;
  runs_ = 0;
  last_run_ = nullptr;
  finished_ = false;
}

std::uint32_t group_builder::add_context(const context_entry& entry) {
  context_entry* newest = contexts_end() - contexts_used_;
  if (contexts_used_ > 0 && std::memcmp(newest, &entry, sizeof entry) == 0) return contexts_used_ - 1;
  if (contexts_used_ == contexts_max || !fits(sizeof entry)) return no_context;
  newest[-1] = entry;
  return contexts_used_++;
}

std::byte* group_builder::take(std::size_t size) {
  std::byte* place = buffer_.data() + used_;
  used_ += size;
  return place;
}

std::byte* group_builder::append_run(run_kind kind, std::uint32_t context, std::uint32_t count) {
  const std::size_t body = std::size_t{event_bytes(kind)} * count;
  PAYLOOM_ASSERT(!finished_ && body > 0 && context < contexts_used_);
  if (runs_ == runs_max || !fits(sizeof(run_header) + body)) return nullptr;
  auto* header = reinterpret_cast<run_header*>(take(sizeof(run_header)));
  *header = run_header{.kind = kind,
                       .context = static_cast<std::uint16_t>(context),
                       .count = count,
                       .body_bytes = static_cast<std::uint32_t>(body),
                       .first = events_,
                       .reserved = {}};
  last_run_ = header;
  ++runs_;
  events_ += count;
  return take(body);
}

std::byte* group_builder::extend_run(run_kind kind, std::uint32_t context, std::uint32_t count) {
  if (last_run_ == nullptr || last_run_->kind != kind || last_run_->context != context || kind == run_kind::chain) {
    return nullptr;
  }
  const std::size_t body = std::size_t{event_bytes(kind)} * count;
  PAYLOOM_ASSERT(!finished_ && body > 0);
  if (!fits(body)) return nullptr;
  last_run_->count += count;
  last_run_->body_bytes += static_cast<std::uint32_t>(body);
  events_ += count;
  return take(body);
}

std::byte* group_builder::append(run_kind kind, std::uint32_t context, std::uint32_t count) {
  std::byte* place = extend_run(kind, context, count);
  return place != nullptr ? place : append_run(kind, context, count);
}

std::uint32_t group_builder::room(run_kind kind) const {
  if (runs_ == runs_max || !fits(sizeof(run_header))) return 0;
  return static_cast<std::uint32_t>((limits::group_bytes_max - bytes() - sizeof(run_header)) / event_bytes(kind));
}

std::span<std::byte> group_builder::finish(commit_seq base_sequence, time_ns base_time) {
  PAYLOOM_ASSERT(!finished_ && events_ > 0 && base_sequence > 0);
  finished_ = true;
  const std::size_t contexts = contexts_used_ * sizeof(context_entry);
  // They stand at the buffer's end, the first one last; the places may overlap.
  std::reverse(contexts_end() - contexts_used_, contexts_end());
  std::memmove(take(contexts), contexts_end() - contexts_used_, contexts);
  const std::size_t padded = padded_bytes(used_);
  std::memset(buffer_.data() + used_, 0, padded - used_);
  *reinterpret_cast<group_header*>(buffer_.data()) =
      group_header{.magic = group_magic,
                   .crc = 0,
                   .version = journal_version,
                   .flags = 0,
                   .segment = 0,
                   .base_sequence = base_sequence,
                   .base_time = base_time,
                   .length = static_cast<std::uint32_t>(used_),
                   .event_count = events_,
                   .previous_crc = 0,
                   .context_count = static_cast<std::uint16_t>(contexts_used_),
                   .run_count = static_cast<std::uint16_t>(runs_),
                   .synced_through = 0,
                   .segment_salt = 0};
  return buffer_.first(padded);
}

}  // namespace payloom::storage

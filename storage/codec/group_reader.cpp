#include "storage/codec/group_reader.hpp"

#include <cstddef>

#include "protocol/types/crc32c.hpp"

namespace payloom::storage {

namespace {

group_error at(group_fault fault, std::size_t offset) { return {fault, static_cast<std::uint32_t>(offset)}; }

/// Checks the runs between the header and the context table.
group_error check_runs(std::span<const std::byte> bytes, const group_header& header, std::size_t runs_end) {
  std::size_t offset = sizeof(group_header);
  std::uint32_t events = 0;
  for (std::uint32_t i = 0; i < header.run_count; ++i) {
    if (runs_end - offset < sizeof(run_header)) return at(group_fault::bad_counts, offset);
    const auto& run = *reinterpret_cast<const run_header*>(bytes.data() + offset);
    const std::uint64_t one = event_bytes(run.kind);
    if (one == 0) return at(group_fault::bad_run_kind, offset);
    if (run.count == 0 || one * run.count != run.body_bytes || runs_end - offset - sizeof run < run.body_bytes) {
      return at(group_fault::bad_run_size, offset);
    }
    if (run.context >= header.context_count) return at(group_fault::bad_run_context, offset);
    if (run.reserved[0] != 0 || run.reserved[1] != 0) return at(group_fault::reserved_not_zero, offset);
    if (run.first != events) return at(group_fault::bad_counts, offset);
    events += run.count;
    offset += sizeof run + run.body_bytes;
  }
  if (offset != runs_end) return at(group_fault::bad_counts, offset);
  if (events != header.event_count) return at(group_fault::bad_counts, offsetof(group_header, event_count));
  return {};
}

}  // namespace

group_error parse_group_header(std::span<const std::byte> header_bytes) {
  if (header_bytes.size() < sizeof(group_header)) return at(group_fault::too_short, header_bytes.size());
  if (reinterpret_cast<std::uintptr_t>(header_bytes.data()) % alignof(context_entry) != 0) {
    return at(group_fault::misaligned, 0);
  }
  const auto& header = *reinterpret_cast<const group_header*>(header_bytes.data());
  if (header.magic != group_magic) return at(group_fault::bad_magic, 0);
  if (header.length < sizeof header || header.length > limits::group_bytes_max) {
    return at(group_fault::bad_length, offsetof(group_header, length));
  }
  return {};
}

group_error parse_group(std::span<const std::byte> bytes, group_view& out) {
  if (const group_error error = parse_group_header(bytes)) return error;
  const auto& header = *reinterpret_cast<const group_header*>(bytes.data());
  if (bytes.size() < header.length) return at(group_fault::too_short, offsetof(group_header, length));
  const std::span<const std::byte> group = bytes.first(header.length);
  if (crc32c(group.subspan(offsetof(group_header, version))) != header.crc) {
    return at(group_fault::bad_checksum, offsetof(group_header, crc));
  }
  if (header.version != journal_version) return at(group_fault::newer_version, offsetof(group_header, version));
  if ((header.flags & ~group_flags::idle_mark) != 0)
    return at(group_fault::unknown_flag, offsetof(group_header, flags));
  const bool idle = (header.flags & group_flags::idle_mark) != 0;
  if (idle != (header.event_count == 0)) return at(group_fault::bad_counts, offsetof(group_header, event_count));
  if (header.base_sequence == 0 || header.base_sequence + header.event_count < header.base_sequence ||
      header.base_time + header.event_count < header.base_time) {
    return at(group_fault::bad_sequence, offsetof(group_header, base_sequence));
  }
  const std::size_t contexts = std::size_t{header.context_count} * sizeof(context_entry);
  if (header.length - sizeof header < contexts)
    return at(group_fault::bad_counts, offsetof(group_header, context_count));
  const std::size_t runs_end = header.length - contexts;
  if (runs_end % alignof(context_entry) != 0) return at(group_fault::bad_length, offsetof(group_header, length));
  if (const group_error error = check_runs(group, header, runs_end)) return error;
  out = {&header, group};
  return {};
}

std::span<const context_entry> contexts_of(const group_view& group) {
  const std::size_t bytes = std::size_t{group.header->context_count} * sizeof(context_entry);
  return {reinterpret_cast<const context_entry*>(group.bytes.data() + group.bytes.size() - bytes),
          group.header->context_count};
}

run_cursor::run_cursor(const group_view& group) : group_(&group), left_(group.header->run_count) {}

bool run_cursor::next(run_view& out) {
  if (left_ == 0) return false;
  const auto& header = *reinterpret_cast<const run_header*>(group_->bytes.data() + offset_);
  out.kind = header.kind;
  out.context = &contexts_of(*group_)[header.context];
  out.first_sequence = group_->header->base_sequence + header.first;
  out.first_time = group_->header->base_time + header.first;
  out.count = header.count;
  out.offset = offset_;
  out.body = group_->bytes.subspan(offset_ + sizeof header, header.body_bytes);
  offset_ += static_cast<std::uint32_t>(sizeof header) + header.body_bytes;
  --left_;
  return true;
}

}  // namespace payloom::storage

#include "storage/log/event_lookup.hpp"

#include <algorithm>

#include "storage/codec/aligned_buffer.hpp"
#include "storage/log/errors.hpp"
#include "storage/log/segment_format.hpp"

namespace payloom::storage {

namespace {
constexpr std::size_t dense_read_bytes = 64 * 1024;  ///< at once, where runs are small and all of them will be met
constexpr std::size_t sparse_read_bytes = 64;        ///< at once, where runs are large and are jumped over
}  // namespace

event_lookup::event_lookup(const segment_log& log, std::size_t cached_runs_max)
    : journal_path_(log.journal_path()), table_(log.table()), cached_runs_max_(cached_runs_max) {}

std::uint64_t event_lookup::describe(const group_map& group, commit_seq sequence, found_event& out,
                                     std::uint16_t& context) {
  const auto index = static_cast<std::uint32_t>(sequence - group.header.base_sequence);
  const auto after = std::partition_point(group.runs.begin(), group.runs.end(),
                                          [index](const run_place& run) { return run.first <= index; });
  PAYLOOM_ASSERT(after != group.runs.begin());
  const run_place& run = *std::prev(after);
  PAYLOOM_ASSERT(index - run.first < run.count);
  out.sequence = sequence;
  out.timestamp = group.header.base_time + index;
  out.kind = run.kind;
  out.size = event_bytes(run.kind);
  out.context = {};
  context = run.context;
  return run.offset + std::uint64_t{out.size} * (index - run.first);
}

bool event_lookup::find(commit_seq sequence, found_event& out, bool with_context) {
  if (sequence == 0 || sequence > table_->durable_through()) return false;
  const group_map& group = group_of(sequence);
  std::uint16_t context = 0;
  const std::uint64_t event_offset = describe(group, sequence, out, context);
  read(group.place, event_offset, {out.bytes, out.size});
  if (with_context) {
    const std::uint64_t table_offset = group.header.length - sizeof(context_entry) * group.header.context_count;
    read(group.place, table_offset + sizeof(context_entry) * context,
         std::as_writable_bytes(std::span(&out.context, 1)));
  }
  return true;
}

bool event_lookup::find_all(std::span<const commit_seq> sequences, std::span<found_event> out) {
  PAYLOOM_ASSERT(out.size() >= sequences.size());
  const commit_seq durable = table_->durable_through();
  missing_.clear();
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (sequences[i] == 0 || sequences[i] > durable) return false;
    const group_map& group = group_of(sequences[i]);
    std::uint16_t context = 0;
    log_place place = group.place;
    place.offset += describe(group, sequences[i], out[i], context);
    const file& in = segment_file(place.segment);
    if (!in.read_cached({out[i].bytes, out[i].size}, place.offset)) missing_.push_back({place, i});
  }
  log_place wanted;
  for (const missing_event& event : missing_) {
    const log_place page{event.place.segment, event.place.offset / sector_bytes};
    if (page == wanted) continue;
    wanted = page;
    segment_file(event.place.segment).want(event.place.offset, out[event.index].size);
  }
  for (const missing_event& event : missing_) {
    found_event& to = out[event.index];
    read(event.place, 0, {to.bytes, to.size});
  }
  return true;
}

const event_lookup::group_map& event_lookup::group_of(commit_seq sequence) {
  const auto after = groups_.upper_bound(sequence);
  if (after != groups_.begin()) {
    group_map& known = std::prev(after)->second;
    if (sequence - known.header.base_sequence < known.header.event_count) {
      recency_.splice(recency_.begin(), recency_, known.recency);
      return known;
    }
  }
  log_place place = table_->find(sequence);
  while (true) {
    // The end first: a segment that is the newest no more has its own end by then.
    const log_place end = table_->end();
    const auto info = table_->segment(place.segment);
    PAYLOOM_ASSERT(info.has_value());
    const std::uint64_t limit = place.segment == end.segment ? end.offset : info->end;
    if (place.offset >= limit) {
      if (place.segment >= end.segment) refuse(place, 0, "the event is not where it must be");
      place = {place.segment + 1, sector_bytes};
      continue;
    }
    const group_header header = read_header(place);
    if (header.segment_salt != info->salt || header.segment != place.segment)
      refuse(place, 0, "no group of this segment");
    if (header.base_sequence > sequence) refuse(place, 0, "groups are missing");
    if (sequence - header.base_sequence < header.event_count) return add_group(place, header);
    place.offset += padded_bytes(header.length);
  }
}

group_header event_lookup::read_header(log_place place) {
  group_header header;
  read(place, 0, std::as_writable_bytes(std::span(&header, 1)));
  if (header.magic != group_magic || header.length < sizeof header || header.length > limits::group_bytes_max ||
      std::size_t{header.context_count} * sizeof(context_entry) > header.length - sizeof header) {
    refuse(place, 0, "no group starts here");
  }
  return header;
}

const event_lookup::group_map& event_lookup::add_group(log_place place, const group_header& header) {
  group_map group{.place = place, .header = header, .runs = {}, .recency = {}};
  read_runs(group);
  cached_runs_ += cost_of(group);
  while (cached_runs_ > cached_runs_max_ && !recency_.empty()) {
    const auto oldest = groups_.find(recency_.back());
    cached_runs_ -= cost_of(oldest->second);
    groups_.erase(oldest);
    recency_.pop_back();
  }
  recency_.push_front(header.base_sequence);
  group.recency = recency_.begin();
  return groups_.emplace(header.base_sequence, std::move(group)).first->second;
}

void event_lookup::read_runs(group_map& group) {
  const std::uint64_t runs_end = group.header.length - sizeof(context_entry) * group.header.context_count;
  std::vector<std::byte> block(dense_read_bytes);
  std::uint64_t block_start = 0, block_held = 0, offset = sizeof(group_header);
  std::uint32_t events = 0;
  const std::uint64_t average = (runs_end - offset) / std::max<std::uint64_t>(group.header.run_count, 1);
  const std::uint64_t step = average < dense_read_bytes / 4 ? dense_read_bytes : sparse_read_bytes;
  group.runs.reserve(group.header.run_count);
  for (std::uint32_t i = 0; i < group.header.run_count; ++i) {
    if (runs_end - offset < sizeof(run_header)) refuse(group.place, offset, "a run is cut");
    if (offset + sizeof(run_header) > block_start + block_held) {
      block_start = offset;
      block_held = std::min(step, runs_end - offset);
      read(group.place, offset, {block.data(), static_cast<std::size_t>(block_held)});
    }
    run_header run;
    std::memcpy(&run, block.data() + (offset - block_start), sizeof run);
    const std::uint64_t one = event_bytes(run.kind);
    if (one == 0 || run.count == 0 || run.first != events || run.context >= group.header.context_count ||
        one * run.count != run.body_bytes || runs_end - offset - sizeof run < run.body_bytes) {
      refuse(group.place, offset, "a run is damaged");
    }
    group.runs.push_back({.first = run.first,
                          .offset = static_cast<std::uint32_t>(offset + sizeof run),
                          .count = run.count,
                          .kind = run.kind,
                          .context = run.context});
    events += run.count;
    offset += sizeof run + run.body_bytes;
  }
  if (events != group.header.event_count) refuse(group.place, 0, "events are missing");
}

const file& event_lookup::segment_file(std::uint32_t number) {
  if (const auto found = files_.find(number); found != files_.end()) return found->second;
  if (files_.size() >= open_files_max) files_.clear();
  const std::string name = journal_path_ + "/" + journal_file_name(journal_file_kind::segment, number);
  file in;
  require(file::open(name, {.random = true}, nullptr, in), "open", name);
  return files_.emplace(number, std::move(in)).first->second;
}

void event_lookup::read(log_place place, std::uint64_t offset, std::span<std::byte> bytes) {
  const file& in = segment_file(place.segment);
  require(in.read(bytes, place.offset + offset), "read", in.path());
}

void event_lookup::refuse(log_place place, std::uint64_t offset, const char* what) const {
  throw journal_corrupt(journal_path_ + "/" + journal_file_name(journal_file_kind::segment, place.segment),
                        place.offset + offset, what);
}

}  // namespace payloom::storage

#include "storage/log/segment_log.hpp"

#include <sys/random.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>

#include "protocol/types/assert.hpp"
#include "protocol/types/kill_point.hpp"
#include "storage/codec/group_seal.hpp"
#include "storage/log/errors.hpp"
#include "storage/log/log_reader.hpp"

namespace payloom::storage {

namespace {

constexpr std::uint64_t segment_bytes_max = std::uint64_t{4} << 30;

void check_options(const log_options& options) {
  const bool sectors = options.segment_bytes % sector_bytes == 0 && options.group_bytes_max % sector_bytes == 0;
  if (!sectors || options.group_bytes_max < sector_bytes || options.group_bytes_max > limits::group_bytes_max) {
    throw std::invalid_argument("journal: segment and group sizes must be multiples of 4096 within their bounds");
  }
  if (options.segment_bytes < sector_bytes + options.group_bytes_max || options.segment_bytes > segment_bytes_max) {
    throw std::invalid_argument("journal: a segment must hold the largest group and have at most 4 GiB");
  }
}

/// Prepared files never hold groups (a segment is renamed before its first), so those of an earlier life can go, and
/// hash files that were not finished.
void remove_unused_files(const std::string& journal_path, io_faults* faults) {
  for (const auto& entry : std::filesystem::directory_iterator(journal_path)) {
    const std::string name = entry.path().filename().string();
    const bool unfinished = name.ends_with(".sha.new");
    if (parse_journal_file_name(name).kind != journal_file_kind::prepared && !unfinished) continue;
    require(remove_file(entry.path(), faults), "remove", entry.path());
  }
}

std::uint64_t random_salt() {
  std::uint64_t salt = 0;
  while (::getrandom(&salt, sizeof salt, 0) != sizeof salt) {
    if (errno != EINTR) throw storage_failure("no random numbers");
  }
  return salt;
}

std::uint64_t nanoseconds_since(std::chrono::steady_clock::time_point start) {
  return static_cast<std::uint64_t>((std::chrono::steady_clock::now() - start).count());
}

}  // namespace

segment_log::segment_log(const data_directory& directory, log_options options)
    : options_(options),
      journal_path_(directory.journal_path()),
      stamp_(directory.stamp()),
      table_(std::make_shared<segment_table>()),
      idle_mark_(sector_bytes) {
  check_options(options_);
  const recovered_log log = recover(journal_path_, stamp_, *table_, options_.faults);
  report_ = log.report;
  position_ = log.position;
  last_crc_ = log.last_crc;
  last_is_idle_mark_ = log.last_is_idle_mark;
  number_ = log.newest_segment;
  if (log.newest_segment > 0) offset_ = table_->end().offset;
  if (log.newest_is_open) {
    const segment_info info = *table_->segment(number_);
    const std::string name = journal_path_ + "/" + journal_file_name(journal_file_kind::segment, number_);
    const file_mode mode{.write = true, .direct = true, .synced = true};
    require(file::open(name, mode, options_.faults, current_), "open", name);
    salt_ = info.salt;
    file_bytes_ = info.file_bytes;
  }
  remove_unused_files(journal_path_, options_.faults);
  preparer_ = std::make_unique<segment_preparer>(segment_preparer::options{.journal_path = journal_path_,
                                                                           .segment_bytes = options_.segment_bytes,
                                                                           .prewrite = options_.prewrite,
                                                                           .space_retry = options_.space_retry,
                                                                           .faults = options_.faults});
  preparer_->request(number_ + 1);
  if (options_.hash_segments) {
    const segment_sealer::options sealing{
        .journal_path = journal_path_, .space_retry = options_.space_retry, .faults = options_.faults};
    sealer_ = std::make_unique<segment_sealer>(sealing, number_ > 0 ? number_ - 1 : 0);
  }
  if (!current_.is_open()) {
    // Start-up may wait for the zeroing; on a full disk the first append tries again.
    preparer_->wait_prepared();
    static_cast<void>(roll());
  }
}

segment_log::~segment_log() = default;

append_status segment_log::append(std::span<std::byte> group) {
  const auto& header = *reinterpret_cast<const group_header*>(group.data());
  PAYLOOM_ASSERT(group.size() % sector_bytes == 0 && group.size() <= options_.group_bytes_max);
  PAYLOOM_ASSERT(header.event_count > 0 && header.length <= group.size());
  PAYLOOM_ASSERT(header.base_sequence == position_.next_sequence && header.base_time > position_.last_time);
  return write(group);
}

append_status segment_log::mark_idle() {
  if (last_is_idle_mark_ || position_.next_sequence == 1) return append_status::ok;
  const auto mark = idle_mark_.first(sector_bytes);
  make_idle_mark(mark, position_.next_sequence, position_.last_time);
  return write(mark);
}

append_status segment_log::write(std::span<std::byte> group) {
  if (failed_) throw storage_failure("journal: a write failed before, nothing can be appended");
  if (sealer_ && sealer_->failed()) throw storage_failure(sealer_->failure());
  if (!current_.is_open() || offset_ + group.size() > file_bytes_) {
    if (const append_status status = roll(); status != append_status::ok) return status;
  }
  const group_seal seal{.segment = number_,
                        .segment_salt = salt_,
                        .previous_crc = last_crc_,
                        .synced_through = position_.next_sequence - 1};
  const std::uint32_t crc = seal_group(group, seal);
  const auto start = std::chrono::steady_clock::now();
  if (const int error = current_.write(group, offset_)) {
    failed_ = true;
    require(error, "write", current_.path());
  }
  const std::uint64_t sync_ns = nanoseconds_since(start);

  const auto& header = *reinterpret_cast<const group_header*>(group.data());
  const log_place place{number_, offset_};
  offset_ += group.size();
  last_crc_ = crc;
  last_is_idle_mark_ = header.event_count == 0;
  position_.next_sequence += header.event_count;
  if (header.event_count > 0) position_.last_time = header.base_time + header.event_count - 1;
  table_->add_group(place, offset_, header.base_sequence, header.event_count);

  // Only this thread writes the counters, so no atomic addition is needed.
  const auto add = [](std::atomic<std::uint64_t>& counter, std::uint64_t more) {
    counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  };
  add(counters_.groups, 1);
  add(counters_.bytes, group.size());
  add(counters_.events, header.event_count);
  add(counters_.sync_ns_total, sync_ns);
  counters_.last_sync_ns.store(sync_ns, std::memory_order_relaxed);
  return append_status::ok;
}

append_status segment_log::roll() {
  std::string prepared;
  if (preparer_->take(prepared) == prepare_status::no_space) return append_status::no_space;
  try {
    begin_segment(prepared);
  } catch (...) {
    failed_ = true;
    throw;
  }
  preparer_->request(number_ + 1);
  if (sealer_ && number_ > 1) sealer_->closed(number_ - 1);
  return append_status::ok;
}

void segment_log::wait_hashed() {
  if (sealer_) sealer_->wait_done();
}

void segment_log::begin_segment(const std::string& prepared_path) {
  const std::uint32_t number = number_ + 1;
  const std::uint64_t salt = random_salt();
  file next;
  const file_mode mode{.write = true, .direct = true, .synced = true};
  require(file::open(prepared_path, mode, options_.faults, next), "open", prepared_path);
  segment_header header{};
  header.shadow = stamp_.shadow ? 1 : 0;
  header.number = number;
  header.base_sequence = position_.next_sequence;
  header.file_bytes = options_.segment_bytes;
  header.salt = salt;
  header.previous_crc = last_crc_;
  header.partition = stamp_.partition;
  header.cluster = stamp_.cluster;
  const aligned_buffer sector = encode_segment_header(header);
  require(next.write(sector.first(sector_bytes), 0), "write", prepared_path);
  // The name makes it a segment: renamed, and that made durable, before the first group is written.
  const std::string name = journal_path_ + "/" + journal_file_name(journal_file_kind::segment, number);
  require(rename_file(prepared_path, name, options_.faults), "rename", prepared_path);
  require(sync_directory(journal_path_, options_.faults), "sync", journal_path_);
  pass_kill_point(kill_point::segment_named);
  next.close();
  require(file::open(name, mode, options_.faults, next), "open", name);

  const std::uint64_t previous_end = offset_;
  if (number_ > 0) {
    counters_.segments_sealed.store(counters_.segments_sealed.load(std::memory_order_relaxed) + 1,
                                    std::memory_order_relaxed);
  }
  current_ = std::move(next);
  number_ = number;
  salt_ = salt;
  offset_ = sector_bytes;
  file_bytes_ = header.file_bytes;
  table_->add_segment({.number = number,
                       .base_sequence = header.base_sequence,
                       .salt = salt,
                       .previous_crc = header.previous_crc,
                       .file_bytes = header.file_bytes,
                       .end = 0},
                      previous_end);
}

bool segment_log::has_space() const { return !preparer_->out_of_space(); }

journal_stats segment_log::stats() const {
  const auto get = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  return {.groups = get(counters_.groups),
          .bytes = get(counters_.bytes),
          .events = get(counters_.events),
          .segments_sealed = get(counters_.segments_sealed),
          .last_sync_ns = get(counters_.last_sync_ns),
          .sync_ns_total = get(counters_.sync_ns_total)};
}

std::unique_ptr<journal_reader> segment_log::open_reader(commit_seq from) {
  return std::make_unique<log_reader>(journal_path_, table_, options_.faults, from);
}

}  // namespace payloom::storage

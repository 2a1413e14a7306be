#include "storage/log/recovery.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

#include "storage/log/errors.hpp"
#include "storage/log/segment_hash.hpp"
#include "storage/log/segment_scanner.hpp"

namespace payloom::storage {

namespace {

constexpr std::size_t scan_chunk_bytes = 4u << 20;

/// The state of one walk over all segments.
class log_recovery {
 public:
  log_recovery(const std::string& journal_path, const data_stamp& stamp, segment_table& table, io_faults* faults)
      : path_(journal_path), stamp_(stamp), table_(table), faults_(faults), scanner_(scan_chunk_bytes) {}

  recovered_log run() {
    const auto begun = std::chrono::steady_clock::now();
    list_segments();
    check_hashes();
    for (std::uint32_t number = 1; number <= last_; ++number) scan_segment(number);
    log_.newest_segment = last_;
    log_.report.segments = last_;
    log_.report.nanoseconds = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - begun).count());
    return log_;
  }

 private:
  std::string name_of(std::uint32_t number) const {
    return path_ + "/" + journal_file_name(journal_file_kind::segment, number);
  }

  void list_segments() {
    std::vector<std::uint32_t> numbers;
    std::uint32_t hashed = 0;
    std::error_code failed;
    const std::filesystem::directory_iterator entries(path_, failed);
    if (failed) throw directory_refused("cannot read " + path_ + ": " + failed.message());
    for (const auto& entry : entries) {
      const journal_file found = parse_journal_file_name(entry.path().filename().string());
      if (found.kind == journal_file_kind::segment) numbers.push_back(found.number);
      if (found.kind == journal_file_kind::hashes) hashed = std::max(hashed, found.number);
    }
    std::sort(numbers.begin(), numbers.end());
    for (std::uint32_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] != i + 1) throw journal_corrupt(name_of(i + 1), 0, "the segment is missing, later ones exist");
    }
    last_ = static_cast<std::uint32_t>(numbers.size());
    // A segment is hashed only after its successor was there.
    if (hashed >= last_ && hashed > 0) {
      throw journal_corrupt(name_of(last_ + 1), 0, "the segment is missing, the one before it was closed");
    }
  }

  /// The small files with hashes must be whole and chained; whether they are right only `verify` computes.
  void check_hashes() {
    std::optional<segment_hash> previous;
    for (std::uint32_t number = 1; number < last_; ++number) {
      const auto hash = read_segment_hash(path_, number, faults_);
      if (hash && (number == 1 || previous) && hash->previous != (previous ? previous->chain() : sha256_digest{})) {
        throw journal_corrupt(path_ + "/" + journal_file_name(journal_file_kind::hashes, number), 0,
                              "it does not follow on the hash of the segment before");
      }
      previous = hash;
    }
  }

  /// Opens a segment, checks its header against the directory and the chain, and returns the header.
  segment_header open_segment(std::uint32_t number, file& in) {
    const std::string name = name_of(number);
    require(file::open(name, {.direct = true}, faults_, in), "open", name);
    std::uint64_t size = 0;
    require(in.size(size), "stat", name);
    if (size < sector_bytes) throw journal_corrupt(name, size, "the file ends in its header");
    aligned_buffer sector(sector_bytes);
    require(in.read(sector.first(sector_bytes), 0), "read", name);
    const std::string wrong = check_segment_header(sector.first(sector_bytes));
    if (!wrong.empty()) throw journal_corrupt(name, 0, wrong);
    segment_header header;
    std::memcpy(&header, sector.data(), sizeof header);
    if (header.number != number) {
      throw journal_corrupt(name, 0, "the header says segment " + std::to_string(header.number));
    }
    if (header.cluster != stamp_.cluster || header.partition != stamp_.partition ||
        (header.shadow != 0) != stamp_.shadow) {
      throw journal_corrupt(name, 0, "the segment belongs to another cluster or partition");
    }
    if (header.file_bytes != size) {
      throw journal_corrupt(
          name, std::min(size, header.file_bytes),
          "the file has " + std::to_string(size) + " bytes instead of " + std::to_string(header.file_bytes));
    }
    return header;
  }

  void scan_segment(std::uint32_t number) {
    file in;
    const segment_header header = open_segment(number, in);
    if (header.base_sequence != log_.position.next_sequence || header.previous_crc != log_.last_crc) {
      if (number == 1) throw journal_corrupt(in.path(), 0, "the first segment does not start the journal");
      throw journal_corrupt(name_of(number - 1), end_,
                            "groups that the next segment follows on are damaged or missing: " + end_reason_);
    }
    table_.add_segment({.number = number,
                        .base_sequence = header.base_sequence,
                        .salt = header.salt,
                        .previous_crc = header.previous_crc,
                        .file_bytes = header.file_bytes,
                        .end = 0},
                       end_);
    log_.report.bytes += header.file_bytes;
    scanner_.use(in, number, header.salt);
    end_ = sector_bytes;
    group_view group;
    while (true) {
      const group_error error = scanner_.group_at(end_, header.file_bytes, group);
      if (error) {
        end_reason_ = describe(error.fault);
        break;
      }
      accept(group, {number, end_}, in.path());
      end_ += padded_bytes(group.header->length);
    }
    if (number == last_) judge_tail(in.path(), header.file_bytes);
  }

  void accept(const group_view& group, log_place place, const std::string& name) {
    const group_header& header = *group.header;
    if (header.base_sequence != log_.position.next_sequence || header.previous_crc != log_.last_crc) {
      throw journal_corrupt(name, place.offset, "a group stands here that does not follow on the one before it");
    }
    if (header.event_count > 0 && header.base_time <= log_.position.last_time) {
      throw journal_corrupt(name, place.offset, "time runs backwards");
    }
    table_.add_group(place, place.offset + padded_bytes(header.length), header.base_sequence, header.event_count);
    log_.position.next_sequence += header.event_count;
    if (header.event_count > 0) log_.position.last_time = header.base_time + header.event_count - 1;
    log_.last_crc = header.crc;
    log_.last_is_idle_mark = header.event_count == 0;
    log_.report.groups += 1;
    log_.report.events += header.event_count;
  }

  /// The newest segment's end: full, blank behind it, a torn last write, or damage.
  void judge_tail(const std::string& name, std::uint64_t file_bytes) {
    const segment_rest rest = scan_ahead(scanner_, end_, file_bytes, log_.position.next_sequence);
    if (rest.valid_group_follows) {
      throw journal_corrupt(
          name, end_,
          "a damaged group, and a valid one follows at offset " + std::to_string(rest.follower) + ": " + end_reason_);
    }
    // Nothing may be written over what a torn write left, so the journal goes on in a new segment.
    log_.newest_is_open = rest.blank;
    if (rest.blank) return;
    log_.report.torn_tail = true;
    log_.report.torn_file = name;
    log_.report.torn_offset = end_;
  }

  const std::string& path_;
  const data_stamp& stamp_;
  segment_table& table_;
  io_faults* faults_;
  segment_scanner scanner_;
  recovered_log log_;
  std::uint32_t last_ = 0;
  std::uint64_t end_ = 0;   ///< where the groups of the segment scanned last end
  std::string end_reason_;  ///< why they end there
};

}  // namespace

recovered_log recover(const std::string& journal_path, const data_stamp& stamp, segment_table& table,
                      io_faults* faults) {
  return log_recovery(journal_path, stamp, table, faults).run();
}

}  // namespace payloom::storage

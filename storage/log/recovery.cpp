#include "storage/log/recovery.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/log/errors.hpp"
#include "storage/log/segment_hash.hpp"
#include "storage/log/segment_walk.hpp"

namespace payloom::storage {

namespace {

constexpr std::size_t scan_chunk_bytes = 1u << 20;
/// Threads that read, and how many segments may be read before the one that is joined next.
constexpr std::uint32_t walkers_max = 8, ahead_max = 2 * walkers_max;

/// The state of one walk over all segments. The thread that made it joins them; helpers only fill `walked_`.
class log_recovery {
 public:
  log_recovery(const std::string& journal_path, const data_stamp& stamp, segment_table& table, io_faults* faults)
      : path_(journal_path), stamp_(stamp), table_(table), faults_(faults), scanner_(scan_chunk_bytes) {}

  recovered_log run() {
    const auto begun = std::chrono::steady_clock::now();
    list_segments();
    check_hashes();
    join_segments();
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

  /// Walks all segments, several at a time, and joins them in order.
  void join_segments() {
    const std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
    // Injected faults happen at the n-th call: those need one order.
    const std::uint32_t threads = faults_ != nullptr ? 1 : std::min({cores, walkers_max, last_});
    std::vector<std::thread> walkers;
    alone_ = threads <= 1;
    try {
      for (std::uint32_t i = 0; i < threads && !alone_; ++i) walkers.emplace_back([this] { walk_ahead(); });
      for (std::uint32_t number = 1; number <= last_; ++number) join(number, take(number));
    } catch (...) {
      stop(walkers);
      throw;
    }
    stop(walkers);
  }

  void stop(std::vector<std::thread>& walkers) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& walker : walkers) walker.join();
    walkers.clear();
  }

  struct walk {
    walked_segment segment;
    std::exception_ptr error;
  };

  walk walk_one(std::uint32_t number, segment_scanner& scanner) const {
    walk out;
    try {
      out.segment = walk_segment(name_of(number), number, stamp_, faults_, scanner);
    } catch (...) {
      out.error = std::current_exception();  // thrown in its turn: segments before it may be wrong as well
    }
    return out;
  }

  /// A helper: walks segments that nobody walks yet, a bounded number before the one that is to be joined next.
  void walk_ahead() {
    segment_scanner scanner(scan_chunk_bytes);
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || next_ > last_ || next_ < joining_ + ahead_max; });
      if (stopping_ || next_ > last_) return;
      const std::uint32_t number = next_++;
      lock.unlock();
      walk done = walk_one(number, scanner);
      lock.lock();
      walked_.emplace(number, std::move(done));
      changed_.notify_all();
    }
  }

  /// The walk of a segment: a helper's, or made here when there are none.
  walked_segment take(std::uint32_t number) {
    walk done;
    if (alone_) {
      done = walk_one(number, scanner_);
    } else {
      std::unique_lock lock(mutex_);
      joining_ = number;
      changed_.notify_all();
      changed_.wait(lock, [&] { return walked_.contains(number); });
      done = std::move(walked_.extract(number).mapped());
    }
    if (done.error) std::rethrow_exception(done.error);
    return std::move(done.segment);
  }

  void join(std::uint32_t number, const walked_segment& walked) {
    const segment_header& header = walked.header;
    if (header.base_sequence != log_.position.next_sequence || header.previous_crc != log_.last_crc) {
      if (number == 1) throw journal_corrupt(name_of(number), 0, "the first segment does not start the journal");
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
    for (const walked_group& group : walked.groups) accept(group, number);
    end_ = walked.end;
    end_reason_ = walked.end_reason;
    if (number == last_) judge_tail(number, header);
  }

  void accept(const walked_group& group, std::uint32_t number) {
    if (group.base_sequence != log_.position.next_sequence || group.previous_crc != log_.last_crc) {
      throw journal_corrupt(name_of(number), group.offset,
                            "a group stands here that does not follow on the one before it");
    }
    if (group.event_count > 0 && group.base_time <= log_.position.last_time) {
      throw journal_corrupt(name_of(number), group.offset, "time runs backwards");
    }
    table_.add_group({number, group.offset}, group.end, group.base_sequence, group.event_count);
    log_.position.next_sequence += group.event_count;
    if (group.event_count > 0) log_.position.last_time = group.base_time + group.event_count - 1;
    log_.last_crc = group.crc;
    log_.last_is_idle_mark = group.event_count == 0;
    log_.report.groups += 1;
    log_.report.events += group.event_count;
  }

  /// The newest segment's end: full, blank behind it, a torn last write, or damage.
  void judge_tail(std::uint32_t number, const segment_header& header) {
    const std::string name = name_of(number);
    file in;
    require(file::open(name, {}, faults_, in), "open", name);
    scanner_.use(in, number, header.salt);
    const segment_rest rest = scan_ahead(scanner_, end_, header.file_bytes, log_.position.next_sequence);
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

  bool alone_ = true;  ///< no helpers
  std::mutex mutex_;   ///< guards what follows
  std::condition_variable changed_;
  std::map<std::uint32_t, walk> walked_;
  std::uint32_t next_ = 1;     ///< nobody walks this one yet
  std::uint32_t joining_ = 1;  ///< is joined next
  bool stopping_ = false;
};

}  // namespace

recovered_log recover(const std::string& journal_path, const data_stamp& stamp, segment_table& table,
                      io_faults* faults) {
  return log_recovery(journal_path, stamp, table, faults).run();
}

}  // namespace payloom::storage

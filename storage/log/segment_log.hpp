#pragma once
// The embedded journal: a segmented append-only log in the journal/ folder of a data directory (README.md).
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "storage/codec/aligned_buffer.hpp"
#include "storage/log/data_directory.hpp"
#include "storage/log/recovery.hpp"
#include "storage/log/segment_preparer.hpp"
#include "storage/log/segment_sealer.hpp"
#include "storage/log/segment_table.hpp"
#include "storage/ports.hpp"

namespace payloom::storage {

struct log_options {
  /// Size of new segments: a multiple of sector_bytes that holds a header and the largest group, at most 4 GiB.
  std::uint64_t segment_bytes = 64u << 20;
  /// Largest group that will be appended, with padding. Smaller only in tests that want small segments.
  std::size_t group_bytes_max = limits::group_bytes_max;
  bool prewrite = true;                        ///< zero segments ahead of use
  bool hash_segments = true;                   ///< hash closed segments in the background
  std::chrono::milliseconds space_retry{500};  ///< after a full disk: how often space is asked for again
  io_faults* faults = nullptr;                 ///< tests only; must outlive the log
};

/// One thread appends (journal's side); readers come from open_reader on any thread and must be gone before the log.
/// The data directory must outlive the log.
class segment_log final : public journal, public journal_source {
 public:
  /// Recovers: reads and checks the whole journal. Throws std::invalid_argument for options out of bounds, else as
  /// recover() does. No existing segment is changed; unused prepared files go; after a torn tail, and in an empty
  /// journal, a new segment begins.
  explicit segment_log(const data_directory& directory, log_options options = {});
  ~segment_log() override;

  journal_position position() const override { return position_; }
  append_status append(std::span<std::byte> group) override;
  append_status mark_idle() override;
  bool has_space() const override;
  journal_stats stats() const override;

  std::unique_ptr<journal_reader> open_reader(commit_seq from) override;
  commit_seq durable_through() const override { return table_->durable_through(); }

  const recovery_report& recovered() const { return report_; }
  /// Shared with readers and look-ups of this journal.
  std::shared_ptr<const segment_table> table() const { return table_; }
  const std::string& journal_path() const { return journal_path_; }
  /// Waits until the closed segments are hashed (tests and tools).
  void wait_hashed();

 private:
  append_status write(std::span<std::byte> group);
  /// Closes the current segment and begins the next.
  append_status roll();
  void begin_segment(const std::string& prepared_path);

  log_options options_;
  std::string journal_path_;
  data_stamp stamp_;
  std::shared_ptr<segment_table> table_;
  recovery_report report_;

  // The appending thread's own.
  journal_position position_;
  std::uint32_t last_crc_ = 0;
  bool last_is_idle_mark_ = false;
  bool failed_ = false;       ///< an I/O error happened: nothing is appended any more
  std::uint32_t number_ = 0;  ///< newest segment, 0 = none yet
  file current_;              ///< closed (start on a full disk): the next append begins a segment
  std::uint64_t salt_ = 0;
  std::uint64_t offset_ = 0;  ///< where the next group goes
  std::uint64_t file_bytes_ = 0;
  aligned_buffer idle_mark_;

  struct counters {
    std::atomic<std::uint64_t> groups{0}, bytes{0}, events{0}, segments_sealed{0}, last_sync_ns{0}, sync_ns_total{0};
  } counters_;
  std::unique_ptr<segment_preparer> preparer_;
  std::unique_ptr<segment_sealer> sealer_;  ///< none: hashing is switched off
};

}  // namespace payloom::storage

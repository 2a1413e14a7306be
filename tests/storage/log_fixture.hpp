#pragma once
// A log in a temporary data directory, with segments small enough that tests cross many.
#include <memory>
#include <optional>

#include "storage/log/segment_format.hpp"
#include "storage/log/segment_log.hpp"
#include "tests/storage/sample_events.hpp"
#include "tests/storage/temp_directory.hpp"

namespace payloom::storage::testing {

inline constexpr data_stamp test_stamp{.cluster = make_u128(0xabc, 0xdef), .partition = 0, .shadow = false};

/// Options for tests: segments of 256 KiB, groups of up to 64 KiB.
inline log_options small_segments() {
  log_options options;
  options.segment_bytes = 256 * 1024;
  options.group_bytes_max = 64 * 1024;
  return options;
}

/// A data directory whose log can be opened, closed and opened again.
class log_home {
 public:
  explicit log_home(log_options options = small_segments()) : options_(options) {
    init_data_directory(path(), test_stamp);
  }

  std::string path() const { return root_.path() + "/data"; }
  std::string journal_path() const { return path() + "/journal"; }
  std::string segment_path(std::uint32_t number) const {
    return journal_path() + "/" + journal_file_name(journal_file_kind::segment, number);
  }

  segment_log& open() {
    close();
    directory_.emplace(path());
    log_ = std::make_unique<segment_log>(*directory_, options_);
    return *log_;
  }
  void close() {
    log_.reset();
    directory_.reset();
  }
  segment_log& log() { return *log_; }
  log_options& options() { return options_; }

  /// Appends a group of `count` transfers.
  append_status append(std::uint32_t count) { return log_->append(make_group(builder_, log_->position(), count)); }
  /// Appends groups of `count` transfers until segment `number` is the newest.
  void append_until_segment(std::uint32_t number, std::uint32_t count = 100) {
    while (log_->table()->end().segment < number) append(count);
  }

 private:
  temp_directory root_;
  log_options options_;
  group_builder builder_;
  std::optional<data_directory> directory_;
  std::unique_ptr<segment_log> log_;
};

}  // namespace payloom::storage::testing

#pragma once
// Reads the durable groups of a segment_log in order, also while it grows.
#include <memory>
#include <string>

#include "storage/log/segment_scanner.hpp"
#include "storage/log/segment_table.hpp"
#include "storage/ports.hpp"

namespace payloom::storage {

/// Reads through the page cache: that is quicker than around it, and what a first reader (the indexer) read, queries
/// find there. One thread at a time. Holds about 5 MiB.
class log_reader final : public journal_reader {
 public:
  log_reader(std::string journal_path, std::shared_ptr<const segment_table> table, io_faults* faults, commit_seq from);

  /// Throws journal_corrupt for damaged bytes, storage_failure for read errors.
  group_view next() override;
  void seek(commit_seq sequence) override;

 private:
  /// Where the durable bytes of the current segment end.
  std::uint64_t durable_limit(log_place end) const;
  void open(std::uint32_t number);

  std::string journal_path_;
  std::shared_ptr<const segment_table> table_;
  io_faults* faults_;
  file file_;
  segment_scanner scanner_;
  log_place place_;            ///< of the next group; segment 0: nothing there yet
  std::uint32_t opened_ = 0;   ///< segment that file_ is
  commit_seq skip_below_ = 0;  ///< after seek: groups that end before this are passed over
};

}  // namespace payloom::storage

#pragma once
// Reads the whole journal once at start: proves that it is unbroken, finds its end and fills the segment table.
#include <cstdint>
#include <string>

#include "storage/log/data_directory.hpp"
#include "storage/log/io_faults.hpp"
#include "storage/log/segment_table.hpp"
#include "storage/ports.hpp"

namespace payloom::storage {

/// What recovery found. For logs and `payloom journal inspect`.
struct recovery_report {
  std::uint64_t segments = 0, groups = 0, events = 0, bytes = 0;  ///< bytes: of the segment files
  std::uint64_t nanoseconds = 0;
  bool torn_tail = false;  ///< an unfinished last write was cut
  std::string torn_file;
  std::uint64_t torn_offset = 0;
};

/// Where the journal goes on.
struct recovered_log {
  recovery_report report;
  journal_position position;
  std::uint32_t last_crc = 0;  ///< of the last group
  bool last_is_idle_mark = false;
  std::uint32_t newest_segment = 0;  ///< 0: there is none
  bool newest_is_open = false;       ///< the newest segment may be written on, at the table's end
};

/// Scans every group of every segment under `journal_path` and fills `table`. Throws journal_corrupt (a damaged group
/// with a later valid one, a segment that is missing, cut, swapped or of another directory), directory_refused (newer
/// format), storage_failure (read error). Changes nothing on the disk.
recovered_log recover(const std::string& journal_path, const data_stamp& stamp, segment_table& table,
                      io_faults* faults);

}  // namespace payloom::storage

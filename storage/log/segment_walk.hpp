#pragma once
// One segment read from its start for recovery: its header checked against the directory, its groups one after the
// other. Segments are walked independently of each other, so several can be walked at once; whether they and their
// groups follow on one another is for the caller to check.
#include <cstdint>
#include <string>
#include <vector>

#include "storage/log/data_directory.hpp"
#include "storage/log/io_faults.hpp"
#include "storage/log/segment_format.hpp"
#include "storage/log/segment_scanner.hpp"

namespace payloom::storage {

/// What recovery keeps of a group.
struct walked_group {
  std::uint64_t offset = 0;
  std::uint64_t end = 0;
  commit_seq base_sequence = 0;
  time_ns base_time = 0;
  std::uint32_t event_count = 0;
  std::uint32_t crc = 0;
  std::uint32_t previous_crc = 0;
};

struct walked_segment {
  segment_header header{};
  std::vector<walked_group> groups;
  std::uint64_t end = 0;   ///< where the valid groups end
  std::string end_reason;  ///< why they end there
};

/// Opens a segment and checks its header. Throws journal_corrupt, storage_failure.
segment_header open_segment(const std::string& path, std::uint32_t number, const data_stamp& stamp, io_faults* faults,
                            file& in);

/// Reads segment `number` up to its first group that is not valid. Throws journal_corrupt (of its header) and
/// storage_failure.
walked_segment walk_segment(const std::string& path, std::uint32_t number, const data_stamp& stamp, io_faults* faults,
                            segment_scanner& scanner);

}  // namespace payloom::storage

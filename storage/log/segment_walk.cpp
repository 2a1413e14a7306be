#include "storage/log/segment_walk.hpp"

#include <algorithm>
#include <cstring>

#include "storage/log/errors.hpp"

namespace payloom::storage {

segment_header open_segment(const std::string& path, std::uint32_t number, const data_stamp& stamp, io_faults* faults,
                            file& in) {
  // Through the page cache: read ahead by the system it is quicker than direct reads, and queries find it warm.
  require(file::open(path, {}, faults, in), "open", path);
  std::uint64_t size = 0;
  require(in.size(size), "stat", path);
  if (size < sector_bytes) throw journal_corrupt(path, size, "the file ends in its header");
  aligned_buffer sector(sector_bytes);
  require(in.read(sector.first(sector_bytes), 0), "read", path);
  const std::string wrong = check_segment_header(sector.first(sector_bytes));
  if (!wrong.empty()) throw journal_corrupt(path, 0, wrong);
  segment_header header;
  std::memcpy(&header, sector.data(), sizeof header);
  if (header.number != number) {
    throw journal_corrupt(path, 0, "the header says segment " + std::to_string(header.number));
  }
  if (header.cluster != stamp.cluster || header.partition != stamp.partition || (header.shadow != 0) != stamp.shadow) {
    throw journal_corrupt(path, 0, "the segment belongs to another cluster or partition");
  }
  if (header.file_bytes != size) {
    throw journal_corrupt(
        path, std::min(size, header.file_bytes),
        "the file has " + std::to_string(size) + " bytes instead of " + std::to_string(header.file_bytes));
  }
  return header;
}

walked_segment walk_segment(const std::string& path, std::uint32_t number, const data_stamp& stamp, io_faults* faults,
                            segment_scanner& scanner) {
  file in;
  walked_segment walked;
  walked.header = open_segment(path, number, stamp, faults, in);
  scanner.use(in, number, walked.header.salt);
  walked.end = sector_bytes;
  group_view group;
  while (true) {
    const group_error error = scanner.group_at(walked.end, walked.header.file_bytes, group);
    if (error) {
      walked.end_reason = describe(error.fault);
      return walked;
    }
    const group_header& g = *group.header;
    const std::uint64_t end = walked.end + padded_bytes(g.length);
    walked.groups.push_back({walked.end, end, g.base_sequence, g.base_time, g.event_count, g.crc, g.previous_crc});
    walked.end = end;
  }
}

}  // namespace payloom::storage

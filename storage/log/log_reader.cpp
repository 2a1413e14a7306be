#include "storage/log/log_reader.hpp"

#include "protocol/types/assert.hpp"
#include "storage/log/errors.hpp"

namespace payloom::storage {

namespace {
/// A synced write waits behind at most one such read.
constexpr std::size_t read_chunk_bytes = 256u << 10;
}  // namespace

log_reader::log_reader(std::string journal_path, std::shared_ptr<const segment_table> table, io_faults* faults,
                       commit_seq from)
    : journal_path_(std::move(journal_path)), table_(std::move(table)), faults_(faults), scanner_(read_chunk_bytes) {
  seek(from);
}

void log_reader::seek(commit_seq sequence) {
  place_ = table_->find(sequence);
  skip_below_ = sequence;
}

void log_reader::open(std::uint32_t number) {
  const auto info = table_->segment(number);
  PAYLOOM_ASSERT(info.has_value());
  const std::string name = journal_path_ + "/" + journal_file_name(journal_file_kind::segment, number);
  // The system may read ahead by megabytes: past the durable end each write would have to throw that out again, and
  // anywhere else a synced write would wait behind it.
  require(file::open(name, {.random = true}, faults_, file_), "open", name);
  scanner_.use(file_, number, info->salt);
  opened_ = number;
}

std::uint64_t log_reader::durable_limit(log_place end) const {
  return place_.segment == end.segment ? end.offset : table_->segment(place_.segment)->end;
}

group_view log_reader::next() {
  const log_place end = table_->end();
  if (end.segment == 0) return {};
  while (true) {
    const std::uint64_t limit = durable_limit(end);
    if (place_.offset == limit) {
      if (place_.segment == end.segment) return {};
      place_ = {place_.segment + 1, sector_bytes};
      continue;
    }
    if (opened_ != place_.segment) open(place_.segment);
    group_view group;
    if (const group_error error = scanner_.group_at(place_.offset, limit, group)) {
      throw journal_corrupt(file_.path(), place_.offset + error.offset, std::string(describe(error.fault)));
    }
    place_.offset += padded_bytes(group.header->length);
    if (group.header->base_sequence + group.header->event_count > skip_below_) return group;
  }
}

}  // namespace payloom::storage

#include "storage/log/inspect.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "storage/log/data_directory.hpp"
#include "storage/log/errors.hpp"
#include "storage/log/event_text.hpp"
#include "storage/log/log_reader.hpp"
#include "storage/log/segment_hash.hpp"
#include "storage/log/segment_scanner.hpp"

namespace payloom::storage {

namespace {

constexpr std::size_t inspect_chunk_bytes = 4u << 20;

std::string segment_path(const std::string& journal_path, std::uint32_t number) {
  return journal_path + "/" + journal_file_name(journal_file_kind::segment, number);
}

std::vector<std::uint32_t> segment_numbers(const std::string& journal_path) {
  std::vector<std::uint32_t> numbers;
  for (const auto& entry : std::filesystem::directory_iterator(journal_path)) {
    const journal_file found = parse_journal_file_name(entry.path().filename().string());
    if (found.kind == journal_file_kind::segment) numbers.push_back(found.number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

void add_group(segment_summary& summary, const group_header& group) {
  summary.groups += 1;
  summary.used_bytes += padded_bytes(group.length);
  if (group.event_count == 0) return;
  if (summary.events == 0) {
    summary.first_sequence = group.base_sequence;
    summary.first_time = group.base_time;
  }
  summary.events += group.event_count;
  summary.last_time = group.base_time + group.event_count - 1;
}

void read_segment(segment_summary& summary, segment_scanner& scanner, bool newest) {
  file in;
  require(file::open(summary.path, {.direct = true}, nullptr, in), "open", summary.path);
  require(in.size(summary.file_bytes), "stat", summary.path);
  aligned_buffer sector(sector_bytes);
  if (summary.file_bytes >= sector_bytes) require(in.read(sector.first(sector_bytes), 0), "read", summary.path);
  summary.problem = check_segment_header(sector.first(sector_bytes));
  segment_header header;
  std::memcpy(&header, sector.data(), sizeof header);
  if (summary.problem.empty() && header.file_bytes != summary.file_bytes) summary.problem = "the file's size is wrong";
  if (!summary.problem.empty()) {
    summary.state = segment_state::damaged;
    return;
  }
  scanner.use(in, summary.number, header.salt);
  summary.used_bytes = sector_bytes;
  commit_seq next = header.base_sequence;
  group_view group;
  while (!scanner.group_at(summary.used_bytes, summary.file_bytes, group)) {
    next = group.header->base_sequence + group.header->event_count;
    add_group(summary, *group.header);
  }
  const segment_rest rest = scan_ahead(scanner, summary.used_bytes, summary.file_bytes, next);
  summary.state = !newest ? segment_state::closed : rest.blank ? segment_state::open : segment_state::torn;
  if (!rest.valid_group_follows) return;
  summary.state = segment_state::damaged;
  summary.problem = "damaged group at offset " + std::to_string(summary.used_bytes) + ", a valid one follows at " +
                    std::to_string(rest.follower);
}

/// Recomputes the hashes of the closed segments; throws journal_corrupt at the first that is wrong.
void verify_hashes(const std::string& journal_path, std::uint32_t newest, verify_report& report) {
  sha256_digest chain{};
  for (std::uint32_t number = 1; number < newest; ++number) {
    const auto stored = read_segment_hash(journal_path, number, nullptr);
    const std::string path = segment_path(journal_path, number);
    const auto content = hash_file(path, nullptr, [] { return false; });
    const segment_hash actual{
        .number = number, .file_bytes = std::filesystem::file_size(path), .content = *content, .previous = chain};
    chain = actual.chain();
    report.hashes_checked += stored ? 1 : 0;
    report.hashes_missing += stored ? 0 : 1;
    if (!stored) continue;
    if (stored->content != actual.content || stored->file_bytes != actual.file_bytes) {
      throw journal_corrupt(path, 0, "its SHA-256 is not the one stored when it was closed");
    }
    if (stored->previous != actual.previous) {
      throw journal_corrupt(path, 0, "its stored hash does not follow on the segment before");
    }
  }
}

}  // namespace

std::string_view name_of(segment_state state) {
  switch (state) {
    case segment_state::closed:
      return "closed";
    case segment_state::open:
      return "open";
    case segment_state::torn:
      return "torn";
    case segment_state::damaged:
      return "damaged";
  }
  return "unknown";
}

std::vector<segment_summary> inspect_journal(const std::string& data_path) {
  static_cast<void>(read_data_stamp(data_path));
  const std::string journal_path = data_path + "/journal";
  const std::vector<std::uint32_t> numbers = segment_numbers(journal_path);
  std::vector<segment_summary> segments;
  segment_scanner scanner(inspect_chunk_bytes);
  for (const std::uint32_t number : numbers) {
    segment_summary summary;
    summary.number = number;
    summary.path = segment_path(journal_path, number);
    summary.hashed = std::filesystem::exists(journal_path + "/" + journal_file_name(journal_file_kind::hashes, number));
    read_segment(summary, scanner, number == numbers.back());
    segments.push_back(std::move(summary));
  }
  return segments;
}

verify_report verify_journal(const std::string& data_path) {
  verify_report report;
  try {
    const data_stamp stamp = read_data_stamp(data_path);
    segment_table table;
    const recovered_log log = recover(data_path + "/journal", stamp, table, nullptr);
    report.journal = log.report;
    report.position = log.position;
    verify_hashes(data_path + "/journal", log.newest_segment, report);
    report.ok = true;
  } catch (const journal_corrupt& damage) {
    report.problem = damage.what();
    report.file = damage.file;
    report.offset = damage.offset;
  } catch (const storage_failure& failure) {
    report.problem = failure.what();
  }
  return report;
}

void dump_journal(const std::string& data_path, commit_seq first, commit_seq last,
                  const std::function<bool(const std::string& line)>& line) {
  const data_stamp stamp = read_data_stamp(data_path);
  const std::string journal_path = data_path + "/journal";
  const auto table = std::make_shared<segment_table>();
  recover(journal_path, stamp, *table, nullptr);
  log_reader reader(journal_path, table, nullptr, first);
  for (group_view group = reader.next(); group.header != nullptr; group = reader.next()) {
    run_cursor cursor(group);
    run_view run;
    while (cursor.next(run)) {
      for (std::uint32_t i = 0; i < run.count; ++i) {
        const commit_seq sequence = run.first_sequence + i;
        if (sequence < first) continue;
        if ((last != 0 && sequence > last) || !line(event_text(run, i))) return;
      }
    }
  }
}

}  // namespace payloom::storage

// Recovery: what a crash may leave is cut or kept, everything else is refused with file and offset.
#include "storage/log/recovery.hpp"

#include <random>

#include "tests/storage/journal_damage.hpp"

namespace payloom::storage::testing {
namespace {

namespace fs = std::filesystem;

log_options without_hashes() {
  log_options options = small_segments();
  options.hash_segments = false;
  return options;
}

/// A journal of three segments whose newest ends in a group of five sectors.
class recovery : public ::testing::Test {
 protected:
  recovery() {
    home_.open();
    home_.append_until_segment(3);
    home_.append(10);
    home_.append(150);
    next_ = home_.log().position().next_sequence;
    home_.close();
    newest_ = home_.segment_path(3);
    last_ = groups_in(newest_).back();
    intact_ = read_file(newest_);
  }

  /// The newest segment as if of its last group only what `written` says had reached the disk.
  void tear_last_group(const std::vector<bool>& written, std::uint64_t unit) {
    file_bytes bytes = intact_;
    for (std::uint64_t i = 0; i < last_.padded; ++i) {
      if (!written[i / unit]) bytes[last_.offset + i] = 0;
    }
    write_file(newest_, bytes);
  }

  /// The last group is cut and nothing else; the journal goes on and is whole again.
  void expect_cut_and_going_on(bool torn) {
    const recovery_outcome outcome = try_recover(home_.path());
    ASSERT_FALSE(outcome.refused) << outcome.message;
    ASSERT_TRUE(outcome.events_intact);
    ASSERT_EQ(outcome.log.position.next_sequence, last_.base_sequence);
    ASSERT_EQ(outcome.log.report.torn_tail, torn);
    if (torn) {
      ASSERT_EQ(outcome.log.report.torn_file, newest_);
      ASSERT_EQ(outcome.log.report.torn_offset, last_.offset);
    }
  }

  log_home home_{without_hashes()};
  commit_seq next_ = 0;
  std::string newest_;
  group_place last_;
  file_bytes intact_;
};

TEST_F(recovery, a_whole_journal_is_whole) {
  ASSERT_GE(last_.padded, 5 * sector_bytes);
  const recovery_outcome outcome = try_recover(home_.path());
  ASSERT_FALSE(outcome.refused) << outcome.message;
  EXPECT_TRUE(outcome.events_intact);
  EXPECT_FALSE(outcome.log.report.torn_tail);
  EXPECT_TRUE(outcome.log.newest_is_open);
  EXPECT_EQ(outcome.log.position.next_sequence, next_);
  EXPECT_EQ(outcome.log.report.segments, 3u);
}

TEST_F(recovery, every_subset_of_the_last_groups_sectors_is_a_torn_tail) {
  const auto sectors = static_cast<std::uint32_t>(last_.padded / sector_bytes);
  for (std::uint32_t subset = 0; subset + 1 < (1u << sectors); ++subset) {
    std::vector<bool> written(sectors);
    for (std::uint32_t i = 0; i < sectors; ++i) written[i] = (subset >> i & 1) != 0;
    tear_last_group(written, sector_bytes);
    expect_cut_and_going_on(subset != 0);
  }
}

TEST_F(recovery, every_prefix_of_the_last_group_in_device_blocks_and_odd_lengths_is_a_torn_tail) {
  // Cutting off nothing but zeros leaves the group whole, so the last byte that is set must be missing.
  std::uint64_t last_set = last_.length - 1;
  while (intact_[last_.offset + last_set] == 0) --last_set;
  std::vector<std::uint64_t> lengths{63, 64, 65, last_set};
  for (std::uint64_t length = 512; length < last_set; length += 512) lengths.push_back(length);
  for (std::uint64_t length = 1; length < last_set; length += 331) lengths.push_back(length);
  for (const std::uint64_t length : lengths) {
    std::vector<bool> written(last_.padded, false);
    std::fill_n(written.begin(), length, true);
    tear_last_group(written, 1);
    expect_cut_and_going_on(true);
  }
}

TEST_F(recovery, after_a_torn_tail_the_journal_goes_on_in_a_new_segment_and_the_torn_bytes_stay_out) {
  for (std::uint32_t round = 0; round < 3; ++round) {
    std::vector<bool> written(last_.padded / sector_bytes, false);
    written[0] = written[2] = true;
    tear_last_group(written, sector_bytes);
    const file_bytes torn = read_file(newest_);
    segment_log& log = home_.open();
    EXPECT_TRUE(log.recovered().torn_tail);
    EXPECT_EQ(log.position().next_sequence, last_.base_sequence);
    EXPECT_EQ(log.table()->end().segment, 4 + round);
    ASSERT_EQ(home_.append(150), append_status::ok);
    next_ = log.position().next_sequence;
    home_.close();
    EXPECT_EQ(read_file(newest_), torn) << "a written sector was written again";
    const recovery_outcome outcome = try_recover(home_.path());
    ASSERT_FALSE(outcome.refused) << outcome.message;
    EXPECT_TRUE(outcome.events_intact);
    EXPECT_EQ(outcome.log.position.next_sequence, next_);
    newest_ = home_.segment_path(4 + round);
    last_ = groups_in(newest_).back();
    intact_ = read_file(newest_);
  }
}

TEST_F(recovery, a_damaged_group_with_a_valid_later_one_is_refused_with_its_place) {
  for (std::uint32_t number = 1; number <= 3; ++number) {
    const std::string path = home_.segment_path(number);
    const file_bytes original = read_file(path);
    const auto groups = groups_in(path);
    for (const std::size_t index : {std::size_t{0}, groups.size() / 2, groups.size() - 2}) {
      overwrite(path, groups[index].offset + 200, {'x', 'y', 'z'});
      const recovery_outcome outcome = try_recover(home_.path());
      EXPECT_TRUE(outcome.refused);
      EXPECT_EQ(outcome.file, path);
      EXPECT_EQ(outcome.offset, groups[index].offset);
      write_file(path, original);
    }
  }
}

TEST_F(recovery, a_closed_segments_last_group_is_held_by_the_next_header) {
  const std::string path = home_.segment_path(2);
  const group_place last = groups_in(path).back();
  overwrite(path, last.offset, file_bytes(last.padded, '\0'));
  const recovery_outcome outcome = try_recover(home_.path());
  EXPECT_TRUE(outcome.refused);
  EXPECT_EQ(outcome.file, path);
  EXPECT_EQ(outcome.offset, last.offset);
}

TEST_F(recovery, the_idle_mark_tells_damage_to_the_last_real_group_from_a_torn_tail) {
  home_.open().mark_idle();
  home_.close();
  const auto groups = groups_in(newest_);
  ASSERT_EQ(groups.back().events, 0u);
  const file_bytes marked = read_file(newest_);
  overwrite(newest_, last_.offset + 100, {'!'});
  const recovery_outcome damaged = try_recover(home_.path());
  EXPECT_TRUE(damaged.refused);
  EXPECT_EQ(damaged.offset, last_.offset);

  write_file(newest_, marked);
  overwrite(newest_, groups.back().offset + 20, {'!'});
  const recovery_outcome mark_lost = try_recover(home_.path());
  ASSERT_FALSE(mark_lost.refused) << mark_lost.message;
  EXPECT_EQ(mark_lost.log.position.next_sequence, next_);
  EXPECT_TRUE(mark_lost.events_intact);
}

TEST_F(recovery, groups_of_another_segment_or_another_life_behind_the_end_are_no_data) {
  const std::uint64_t end = last_.offset + last_.padded;
  // Recycled space: the first groups of segment 1 lie behind the end of segment 3.
  const file_bytes recycled = read_file(home_.segment_path(1));
  file_bytes bytes = intact_;
  std::copy_n(recycled.begin() + sector_bytes, std::min<std::size_t>(60000, bytes.size() - end),
              bytes.begin() + static_cast<std::ptrdiff_t>(end));
  write_file(newest_, bytes);
  recovery_outcome outcome = try_recover(home_.path());
  ASSERT_FALSE(outcome.refused) << outcome.message;
  EXPECT_TRUE(outcome.events_intact);
  EXPECT_EQ(outcome.log.position.next_sequence, next_);
  EXPECT_TRUE(outcome.log.report.torn_tail);

  // The same segment number of another journal: same sequences, right checksums, another salt.
  log_home other(without_hashes());
  other.open();
  other.append_until_segment(3);
  while (other.log().position().next_sequence < next_ + 200) other.append(10);
  other.close();
  const file_bytes foreign = read_file(other.segment_path(3));
  bytes = intact_;
  std::copy(foreign.begin() + static_cast<std::ptrdiff_t>(end), foreign.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(end));
  write_file(newest_, bytes);
  outcome = try_recover(home_.path());
  ASSERT_FALSE(outcome.refused) << outcome.message;
  EXPECT_TRUE(outcome.events_intact);
  EXPECT_EQ(outcome.log.position.next_sequence, next_);
}

TEST_F(recovery, a_group_repeated_in_its_own_segment_is_refused) {
  const group_place first = groups_in(newest_).front();
  file_bytes bytes = intact_;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(first.offset), first.padded,
              bytes.begin() + static_cast<std::ptrdiff_t>(last_.offset + last_.padded));
  write_file(newest_, bytes);
  const recovery_outcome outcome = try_recover(home_.path());
  EXPECT_TRUE(outcome.refused);
  EXPECT_EQ(outcome.offset, last_.offset + last_.padded);
}

TEST_F(recovery, a_missing_segment_is_refused_by_name) {
  for (const std::uint32_t number : {1u, 2u}) {
    const std::string path = home_.segment_path(number);
    fs::rename(path, path + ".away");
    const recovery_outcome outcome = try_recover(home_.path());
    EXPECT_TRUE(outcome.refused);
    EXPECT_EQ(outcome.file, path);
    fs::rename(path + ".away", path);
  }
}

TEST_F(recovery, the_newest_segment_missing_is_noticed_by_the_hash_of_the_one_before) {
  home_.options().hash_segments = true;
  home_.open().wait_hashed();
  home_.close();
  fs::remove(newest_);
  const recovery_outcome outcome = try_recover(home_.path());
  EXPECT_TRUE(outcome.refused);
  EXPECT_EQ(outcome.file, newest_);
}

TEST_F(recovery, a_cut_segment_is_refused) {
  for (std::uint32_t number = 1; number <= 3; ++number) {
    const std::string path = home_.segment_path(number);
    const file_bytes original = read_file(path);
    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{100}, std::uint64_t{4096}, std::uint64_t{100000}, original.size() - 1}) {
      fs::resize_file(path, size);
      const recovery_outcome outcome = try_recover(home_.path());
      EXPECT_TRUE(outcome.refused) << size;
      EXPECT_EQ(outcome.file, path);
      write_file(path, original);
    }
  }
}

TEST_F(recovery, swapped_segments_are_refused) {
  const std::string one = home_.segment_path(1), two = home_.segment_path(2);
  fs::rename(one, one + ".x");
  fs::rename(two, one);
  fs::rename(one + ".x", two);
  const recovery_outcome outcome = try_recover(home_.path());
  EXPECT_TRUE(outcome.refused);
  EXPECT_EQ(outcome.file, one);
}

TEST_F(recovery, a_segment_of_another_cluster_is_refused) {
  log_home other(without_hashes());
  fs::remove(other.path() + "/FORMAT");
  init_data_directory(other.path(), {.cluster = 99, .partition = 0, .shadow = false});
  other.open();
  other.append(3);
  other.close();
  write_file(home_.segment_path(1), read_file(other.segment_path(1)));
  const recovery_outcome outcome = try_recover(home_.path());
  EXPECT_TRUE(outcome.refused);
  EXPECT_NE(outcome.message.find("another cluster"), std::string::npos) << outcome.message;
}

TEST_F(recovery, prepared_files_of_an_earlier_life_are_removed) {
  write_file(home_.journal_path() + "/00000004.prep", file_bytes(5000, 'x'));
  write_file(home_.journal_path() + "/00000009.prep", file_bytes(10, 'x'));
  home_.open();
  home_.append_until_segment(5);
  EXPECT_FALSE(fs::exists(home_.journal_path() + "/00000009.prep"));
  home_.close();
  EXPECT_TRUE(try_recover(home_.path()).events_intact);
}

TEST_F(recovery, the_segment_size_may_change_between_starts) {
  home_.options().segment_bytes = 1u << 20;
  home_.open();
  home_.append_until_segment(5, 300);
  home_.options().segment_bytes = 128 * 1024;
  home_.open();
  home_.append_until_segment(8, 300);
  home_.close();
  const recovery_outcome outcome = try_recover(home_.path());
  ASSERT_FALSE(outcome.refused) << outcome.message;
  EXPECT_TRUE(outcome.events_intact);
}

}  // namespace
}  // namespace payloom::storage::testing

// One flipped bit anywhere in any file of a data directory is refused at start, reported by `verify`, or harmless:
// every event is still there with its content. None is silent, also in the last real group, which an idle mark follows.
#include <random>

#include "storage/log/inspect.hpp"
#include "tests/storage/journal_damage.hpp"

namespace payloom::storage::testing {
namespace {

class bit_flips : public ::testing::Test {
 protected:
  bit_flips() {
    home_.options().segment_bytes = 80 * 1024;
    home_.options().group_bytes_max = 32 * 1024;
    home_.open();
    home_.append_until_segment(3, 60);
    for (const std::uint32_t count : {1u, 90u, 31u}) home_.append(count);
    home_.log().mark_idle();
    next_ = home_.log().position().next_sequence;
    home_.log().wait_hashed();
    home_.close();
    groups_ = groups_in(home_.segment_path(3));
  }

  enum class effect { refused, harmless, silent };

  effect flip(const std::string& path, std::uint64_t bit) {
    flip_bit(path, bit);
    const recovery_outcome outcome = try_recover(home_.path());
    flip_bit(path, bit);
    if (outcome.refused) return effect::refused;
    return outcome.events_intact && outcome.log.position.next_sequence == next_ ? effect::harmless : effect::silent;
  }

  /// Flips bits [from, to) of the file in steps; every one must be refused at start.
  void expect_refused(const std::string& path, std::uint64_t from, std::uint64_t to, std::uint64_t step = 1) {
    for (std::uint64_t bit = from; bit < to; bit += step)
      ASSERT_EQ(flip(path, bit), effect::refused) << path << " bit " << bit;
  }

  log_home home_;
  commit_seq next_ = 0;
  std::vector<group_place> groups_;
};

TEST_F(bit_flips, segment_headers) {
  for (std::uint32_t number = 1; number <= 3; ++number) {
    expect_refused(home_.segment_path(number), 0, 64 * 8);
    expect_refused(home_.segment_path(number), 64 * 8, sector_bytes * 8, 331);
  }
}

TEST_F(bit_flips, headers_of_groups) {
  ASSERT_EQ(groups_.back().events, 0u);
  for (std::size_t i = 0; i + 1 < groups_.size(); ++i) {
    expect_refused(home_.segment_path(3), groups_[i].offset * 8, (groups_[i].offset + 64) * 8,
                   i + 2 == groups_.size() ? 1 : 7);
  }
  const group_place closed = groups_in(home_.segment_path(1)).back();
  expect_refused(home_.segment_path(1), closed.offset * 8, (closed.offset + 64) * 8, 3);
}

TEST_F(bit_flips, runs_events_and_contexts_of_groups) {
  for (std::size_t i = 0; i + 1 < groups_.size(); ++i) {
    expect_refused(home_.segment_path(3), (groups_[i].offset + 64) * 8, (groups_[i].offset + groups_[i].length) * 8,
                   1013);
  }
}

TEST_F(bit_flips, idle_mark_is_harmless) {
  const std::uint64_t start = groups_.back().offset * 8;
  for (std::uint64_t bit = start; bit < start + 64 * 8; ++bit) {
    ASSERT_EQ(flip(home_.segment_path(3), bit), effect::harmless) << bit;
  }
}

TEST_F(bit_flips, small_files_with_text) {
  for (const std::string& path :
       {home_.path() + "/FORMAT", home_.journal_path() + "/00000001.sha", home_.journal_path() + "/00000002.sha"}) {
    const std::uint64_t bits = std::filesystem::file_size(path) * 8;
    ASSERT_GT(bits, 500u);
    expect_refused(path, 0, bits);
  }
}

TEST_F(bit_flips, anywhere_never_silent) {
  std::mt19937_64 random(20261122);
  std::uint32_t refused = 0, harmless = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string path = home_.segment_path(static_cast<std::uint32_t>(1 + random() % 3));
    const std::uint64_t bit = random() % (home_.options().segment_bytes * 8);
    const effect got = flip(path, bit);
    ASSERT_NE(got, effect::silent) << path << " bit " << bit;
    refused += got == effect::refused ? 1 : 0;
    harmless += got == effect::harmless ? 1 : 0;
  }
  EXPECT_GT(refused, 100u);
  EXPECT_GT(harmless, 100u) << "padding and blank space";
}

TEST_F(bit_flips, verify_reports_every_bit_of_a_closed_segment_padding_included) {
  ASSERT_TRUE(verify_journal(home_.path()).ok) << verify_journal(home_.path()).problem;
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    const std::string path = home_.segment_path(static_cast<std::uint32_t>(1 + random() % 2));
    const std::uint64_t bit = random() % (home_.options().segment_bytes * 8);
    flip_bit(path, bit);
    const verify_report report = verify_journal(home_.path());
    flip_bit(path, bit);
    ASSERT_FALSE(report.ok) << path << " bit " << bit;
    ASSERT_EQ(report.file, path) << report.problem;
  }
}

}  // namespace
}  // namespace payloom::storage::testing

// The memory journal: the common contract, and the faults that simulations inject.
#include "storage/memory/memory_journal.hpp"

#include "tests/storage/journal_contract.hpp"

namespace payloom::storage::testing {
namespace {

struct memory_backend {
  memory_journal& log() { return journal_; }
  memory_journal& source() { return journal_; }
  void restart() { journal_.crash(journal_.group_count()); }
  memory_journal journal_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(memory, journal_contract, memory_backend);

class memory_faults : public ::testing::Test {
 protected:
  append_status append(std::uint32_t count) {
    return journal_.append(make_group(builder_, journal_.position(), count));
  }
  memory_journal journal_;
  group_builder builder_;
};

TEST_F(memory_faults, crash_keeps_exactly_the_prefix_asked_for) {
  for (std::uint32_t i = 1; i <= 10; ++i) append(i);
  for (std::size_t keep = 10;; --keep) {
    journal_.crash(keep);
    EXPECT_EQ(journal_.group_count(), keep);
    EXPECT_EQ(journal_.position().next_sequence, keep * (keep + 1) / 2 + 1);
    EXPECT_EQ(journal_.durable_through(), keep * (keep + 1) / 2);
    EXPECT_EQ(journal_.position().last_time == 0, keep == 0);
    if (keep == 0) break;
  }
  EXPECT_EQ(append(3), append_status::ok);
  EXPECT_EQ(journal_.open_reader(1)->next().header->event_count, 3u);
}

TEST_F(memory_faults, no_space_writes_nothing_and_the_same_group_may_come_again) {
  append(2);
  journal_.inject(append_fault::no_space, 2);
  journal_.set_space(false);
  EXPECT_FALSE(journal_.has_space());
  const std::span<std::byte> group = make_group(builder_, journal_.position(), 4);
  EXPECT_EQ(journal_.append(group), append_status::no_space);
  EXPECT_EQ(journal_.append(group), append_status::no_space);
  EXPECT_EQ(journal_.durable_through(), 2u);
  EXPECT_EQ(journal_.append(group), append_status::ok);
  EXPECT_EQ(journal_.durable_through(), 6u);
}

TEST_F(memory_faults, write_errors_lose_or_keep_the_group) {
  append(2);
  journal_.inject(append_fault::lost);
  EXPECT_THROW(append(2), storage_failure);
  EXPECT_EQ(journal_.group_count(), 1u);
  journal_.inject(append_fault::kept);
  EXPECT_THROW(append(2), storage_failure);
  EXPECT_EQ(journal_.group_count(), 2u);
  journal_.crash(2);
  EXPECT_EQ(journal_.position().next_sequence, 5u);
}

TEST_F(memory_faults, the_delay_runs_before_the_group_is_durable) {
  commit_seq durable_in_delay = 99;
  std::size_t bytes = 0;
  journal_.set_delay([&](std::size_t size) {
    durable_in_delay = journal_.durable_through();
    bytes = size;
  });
  append(4);
  EXPECT_EQ(durable_in_delay, 0u);
  EXPECT_EQ(bytes, sector_bytes);
  EXPECT_EQ(journal_.durable_through(), 4u);
}

TEST_F(memory_faults, a_flipped_bit_reaches_the_reader_as_an_error) {
  append(2);
  append(2);
  journal_.corrupt(1, 8 * 300 + 3);
  auto reader = journal_.open_reader(1);
  EXPECT_EQ(reader->next().header->event_count, 2u);
  EXPECT_THROW(reader->next(), storage_failure);
}

}  // namespace
}  // namespace payloom::storage::testing

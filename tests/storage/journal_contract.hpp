#pragma once
// The contract of storage/ports.hpp as typed tests. A backend is a fixture type with: a default constructor that makes
// an empty journal; journal& log(); journal_source& source(); void restart(), which closes and recovers it.
#include <gtest/gtest.h>

#include <thread>

#include "storage/codec/group_reader.hpp"
#include "tests/storage/sample_events.hpp"

namespace payloom::storage::testing {

template <class Backend>
class journal_contract : public ::testing::Test {
 protected:
  void append(std::uint32_t count) {
    const std::span<std::byte> group = make_group(builder_, backend_.log().position(), count);
    ASSERT_FALSE(group.empty());
    ASSERT_EQ(backend_.log().append(group), append_status::ok);
  }

  /// Reads everything from `from`, checking that sequences are dense and contents those of make_group; returns the
  /// sequence after the last.
  commit_seq read_through(journal_reader& reader, commit_seq expected) {
    for (group_view group = reader.next(); group.header != nullptr; group = reader.next()) {
      EXPECT_EQ(group.header->base_sequence, expected);
      for_each_run(group, [&](const run_view& run) {
        EXPECT_EQ(run.kind, run_kind::transfers);
        EXPECT_EQ(run.first_sequence, expected);
        for (const transfer_event& event : run.events<transfer_event>()) {
          const transfer_record wanted = sample_transfer(expected);
          EXPECT_EQ(std::memcmp(&event, &wanted, sizeof wanted), 0) << "sequence " << expected;
          ++expected;
        }
      });
    }
    return expected;
  }

  Backend backend_;
  group_builder builder_;
};

TYPED_TEST_SUITE_P(journal_contract);

TYPED_TEST_P(journal_contract, empty_journal) {
  EXPECT_EQ(this->backend_.log().position().next_sequence, 1u);
  EXPECT_EQ(this->backend_.log().position().last_time, 0u);
  EXPECT_EQ(this->backend_.source().durable_through(), 0u);
  EXPECT_TRUE(this->backend_.log().has_space());
  EXPECT_EQ(this->backend_.source().open_reader(1)->next().header, nullptr);
}

TYPED_TEST_P(journal_contract, appends_are_read_back_in_order) {
  for (std::uint32_t count : {1u, 7u, 100u, 8190u, 3u}) this->append(count);
  EXPECT_EQ(this->backend_.log().position().next_sequence, 8302u);
  EXPECT_EQ(this->backend_.source().durable_through(), 8301u);
  auto reader = this->backend_.source().open_reader(1);
  EXPECT_EQ(this->read_through(*reader, 1), 8302u);
}

TYPED_TEST_P(journal_contract, reader_goes_on_after_catching_up) {
  auto reader = this->backend_.source().open_reader(1);
  commit_seq next = 1;
  for (std::uint32_t round = 1; round <= 20; ++round) {
    this->append(round);
    next = this->read_through(*reader, next);
    EXPECT_EQ(next, this->backend_.log().position().next_sequence);
  }
}

TYPED_TEST_P(journal_contract, position_and_content_survive_a_restart) {
  for (std::uint32_t count = 1; count <= 50; ++count) this->append(count);
  const journal_position before = this->backend_.log().position();
  this->backend_.restart();
  EXPECT_EQ(this->backend_.log().position().next_sequence, before.next_sequence);
  EXPECT_EQ(this->backend_.log().position().last_time, before.last_time);
  EXPECT_EQ(this->backend_.source().durable_through(), before.next_sequence - 1);
  this->append(5);
  auto reader = this->backend_.source().open_reader(1);
  EXPECT_EQ(this->read_through(*reader, 1), before.next_sequence + 5);
}

TYPED_TEST_P(journal_contract, seek_finds_the_group_that_holds_a_sequence) {
  for (std::uint32_t i = 0; i < 200; ++i) this->append(10);
  auto reader = this->backend_.source().open_reader(1);
  for (const commit_seq wanted : {1u, 2u, 10u, 11u, 999u, 1000u, 1001u, 2000u}) {
    reader->seek(wanted);
    const group_view group = reader->next();
    ASSERT_NE(group.header, nullptr) << wanted;
    EXPECT_LE(group.header->base_sequence, wanted);
    EXPECT_GT(group.header->base_sequence + group.header->event_count, wanted);
  }
  reader->seek(2001);
  EXPECT_EQ(reader->next().header, nullptr);
  this->append(4);
  EXPECT_EQ(this->read_through(*reader, 2001), 2005u);
}

TYPED_TEST_P(journal_contract, idle_mark_once_and_without_events) {
  EXPECT_EQ(this->backend_.log().mark_idle(), append_status::ok);
  EXPECT_EQ(this->backend_.log().stats().groups, 0u) << "an empty journal needs no mark";
  this->append(3);
  const auto groups = this->backend_.log().stats().groups;
  EXPECT_EQ(this->backend_.log().mark_idle(), append_status::ok);
  EXPECT_EQ(this->backend_.log().mark_idle(), append_status::ok);
  EXPECT_EQ(this->backend_.log().stats().groups, groups + 1);
  EXPECT_EQ(this->backend_.log().position().next_sequence, 4u);
  this->append(2);
  this->backend_.restart();
  auto reader = this->backend_.source().open_reader(1);
  EXPECT_EQ(reader->next().header->event_count, 3u);
  const group_view mark = reader->next();
  EXPECT_EQ(mark.header->event_count, 0u);
  EXPECT_EQ(mark.header->flags, group_flags::idle_mark);
  EXPECT_EQ(mark.header->base_sequence, 4u);
  EXPECT_EQ(mark.header->synced_through, 3u);
  EXPECT_EQ(this->read_through(*reader, 4), 6u);
}

TYPED_TEST_P(journal_contract, groups_are_chained) {
  for (std::uint32_t i = 0; i < 5; ++i) this->append(2);
  auto reader = this->backend_.source().open_reader(1);
  std::uint32_t previous = 0;
  for (group_view group = reader->next(); group.header != nullptr; group = reader->next()) {
    EXPECT_EQ(group.header->previous_crc, previous);
    EXPECT_EQ(group.header->synced_through, group.header->base_sequence - 1);
    previous = group.header->crc;
  }
  EXPECT_NE(previous, 0u);
}

TYPED_TEST_P(journal_contract, reader_on_another_thread_sees_a_growing_prefix) {
  constexpr commit_seq last = 4000;
  commit_seq seen = 1;
  std::thread follower([&] {
    auto reader = this->backend_.source().open_reader(1);
    while (seen <= last) {
      const commit_seq durable = this->backend_.source().durable_through();
      seen = this->read_through(*reader, seen);
      EXPECT_GT(seen, durable) << "a reader must see what was durable before it looked";
      std::this_thread::yield();
    }
  });
  for (commit_seq next = 1; next <= last; next += 20) this->append(20);
  follower.join();
  EXPECT_EQ(seen, last + 1);
}

REGISTER_TYPED_TEST_SUITE_P(journal_contract, empty_journal, appends_are_read_back_in_order,
                            reader_goes_on_after_catching_up, position_and_content_survive_a_restart,
                            seek_finds_the_group_that_holds_a_sequence, idle_mark_once_and_without_events,
                            groups_are_chained, reader_on_another_thread_sees_a_growing_prefix);

}  // namespace payloom::storage::testing

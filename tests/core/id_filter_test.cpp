// Goal: the filter never says "new" to an id it has seen, stays within its memory, and is rarely wrong the other way.
// Method: random ids from a fixed seed; a twin with a std::unordered_set for small sizes.
#include <gtest/gtest.h>

#include <unordered_set>

#include "actors/core/id_filter.hpp"
#include "tests/sim/sim_random.hpp"

namespace payloom::core {
namespace {

TEST(id_filter, forgets_nothing_while_it_grows) {
  for (const std::uint32_t tables : {1u, 2u, 256u}) {
    id_filter filter(tables);
    sim::sim_random random(tables);
    std::vector<std::uint64_t> all;
    for (std::size_t step = 1; step < 100'000; step += step / 4 + 1) {
      while (all.size() < step) {
        all.push_back(random.next());
        filter.test_and_add(all.back());
      }
      for (const std::uint64_t mix : all) ASSERT_TRUE(filter.may_contain(mix)) << all.size();
    }
  }
}

TEST(id_filter, a_table_beyond_two_megabytes_grows_on) {  // the way of growing changes there
  for (const std::uint64_t reserved : {0ull, 800'000ull}) {
    id_filter filter(1);
    filter.reserve(reserved);
    sim::sim_random random(11);
    std::vector<std::uint64_t> all;
    for (int i = 0; i < 900'000; ++i) {
      all.push_back(random.next());
      filter.test_and_add(all.back());
    }
    EXPECT_GT(filter.memory_bytes(), 2u << 20);
    for (const std::uint64_t mix : all) ASSERT_TRUE(filter.may_contain(mix));
  }
}

TEST(id_filter, a_repeat_is_always_noticed) {
  id_filter filter(4);
  sim::sim_random random(7);
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t false_alarms = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t mix = random.below(3) == 0 && !seen.empty() ? *seen.begin() : random.next();
    const bool known = seen.contains(mix);
    const bool said = filter.test_and_add(mix);
    ASSERT_TRUE(said || !known);
    false_alarms += said && !known;
    seen.insert(mix);
  }
  EXPECT_LT(false_alarms, 200u);
}

TEST(id_filter, many_neighbouring_prints_find_room) {  // in the last 1/2,048 of their range
  id_filter filter(1);
  sim::sim_random random(9);
  std::vector<std::uint64_t> all;
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t print = 0xffe00000ull + random.below(0x1fffff);
    all.push_back((random.next() & 0xff) | (print << 8));
    filter.test_and_add(all.back());
  }
  for (const std::uint64_t mix : all) ASSERT_TRUE(filter.may_contain(mix));
}

TEST(id_filter, chosen_ids_do_not_blow_it_up_when_there_is_a_salt) {
  // Neighbouring prints of one sub-table, as a client could choose them from the published mix.
  id_filter filter(256, 0x1234'5678'9abc'def1ull);
  const std::size_t empty = filter.memory_bytes();
  for (std::uint64_t print = 0; print < 20'000; ++print) filter.test_and_add((print << 8) | (std::uint64_t{7} << 44));
  EXPECT_EQ(filter.size(), 20'000u);
  EXPECT_EQ(filter.memory_bytes(), empty) << "they fall into all tables; one that had them all would have grown";
}

TEST(id_filter, ten_million_ids_take_few_bytes_and_rarely_collide) {
  constexpr std::uint64_t n = 10'000'000;
  id_filter filter(256);
  sim::sim_random random(11);
  for (std::uint64_t i = 0; i < n; ++i) filter.test_and_add(random.next());
  EXPECT_LE(static_cast<double>(filter.memory_bytes()) / n, 4.9)
      << "a table that grows once more than it must is 25 % larger";
  EXPECT_GT(filter.size(), n - 10);  // what is missing was taken for a repeat
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) wrong += filter.may_contain(random.next());
  EXPECT_LT(wrong, 4u);  // each is a question to the index, for which a whole frame waits
}

TEST(id_filter, what_the_ids_of_a_long_run_cost_does_not_depend_on_how_many_there_are) {
  id_filter filter(256);
  sim::sim_random random(12);
  std::uint64_t ids = 0;
  std::size_t before = 0;
  for (int step = 0; step < 5; ++step) {
    for (; ids < 4'000'000u + 1'000'000u * static_cast<unsigned>(step); ++ids) filter.test_and_add(random.next());
    if (before != 0) {
      EXPECT_LE(static_cast<double>(filter.memory_bytes() - before) / 1e6, 5.1) << ids;
    }
    before = filter.memory_bytes();
  }
}

TEST(id_filter, sub_tables_grow_one_after_the_other) {  // they fill at the same speed: a frame must not meet many
  for (const std::uint64_t reserved : {0ull, 3'000'000ull}) {
    id_filter filter(256);
    filter.reserve(reserved);
    sim::sim_random random(13);
    std::size_t before = 0, most = 0;
    for (int i = 0; i < 5'000'000; ++i) {
      filter.test_and_add(random.next());
      if (i % 4096 != 0) continue;
      const std::size_t bytes = filter.memory_bytes();
      if (i > 3'000'000) most = std::max(most, bytes - before);
      before = bytes;
    }
    EXPECT_LT(most, 512u << 10) << "of about 30 MiB; all at once it would be 6";
  }
}

}  // namespace
}  // namespace payloom::core

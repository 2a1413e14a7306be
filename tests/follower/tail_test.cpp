// Goal: an id in the tail is found whether its chunk is asked rarely (all hashes are looked at) or often (they stand
// in a table). Method: more questions than a chunk answers by looking, over a closed and an open chunk.
#include <gtest/gtest.h>

#include <algorithm>

#include "actors/follower/tail.hpp"

namespace payloom::follower {
namespace {

std::uint64_t hash_of(commit_seq sequence) { return sequence * 0x9e3779b97f4a7c15ull; }

TEST(tail, ids_are_found_by_rare_and_by_frequent_questions) {
  constexpr commit_seq events = 1000, closed_at = 600;
  account_table accounts;
  tail t(closed_at);
  t.begin(1, 0);
  for (commit_seq sequence = 1; sequence <= events; ++sequence) {
    t.advance(sequence, 1, sequence);
    if (sequence % 3 != 0) t.add_id(sequence, hash_of(sequence));  // not every event has an id
    if (t.should_close(false)) t.close(accounts);
  }
  ASSERT_EQ(t.chunks().size(), 2u);
  for (int round = 0; round < 2; ++round) {
    for (commit_seq sequence = 1; sequence <= events; ++sequence) {
      std::vector<commit_seq> found;
      t.find_id(hash_of(sequence), found);
      const bool there = std::ranges::find(found, sequence) != found.end();
      ASSERT_EQ(there, sequence % 3 != 0) << sequence;
    }
  }
  EXPECT_FALSE(t.chunks().front()->id_slots.empty());
}

TEST(tail, links_of_one_target_are_all_found_among_many_others) {
  link_table links;
  const auto visited = [&](commit_seq target) {
    std::vector<commit_seq> out;
    links.for_each_of(target, [&](const storage::link_entry& link) {
      EXPECT_EQ(link.target, target);
      out.push_back(link.sequence);
    });
    return out;
  };
  EXPECT_TRUE(visited(7).empty());
  for (commit_seq i = 0; i < 30'000; ++i) {
    links.add({i % 3 == 0 ? 7 : 1000 + i, 100'000 + i, 0, storage::link_kind::order_step});
  }
  EXPECT_EQ(links.all().size(), 30'000u);
  const auto many = visited(7);
  ASSERT_EQ(many.size(), 10'000u);
  for (std::size_t i = 0; i < many.size(); ++i) ASSERT_EQ(many[i], 100'000 + 3 * (9'999 - i));  // newest first
  for (commit_seq i = 1; i < 30'000; i += 3) ASSERT_EQ(visited(1000 + i), std::vector<commit_seq>{100'000 + i});
  EXPECT_TRUE(visited(1003).empty());
  const auto name = [](std::uint64_t i) {
    return storage::name_target(storage::link_kind::named_root, 0, make_u128(0, i));
  };
  for (commit_seq i = 0; i < 3'000; ++i) links.add({name(i % 1'000), 200'000 + i, i, storage::link_kind::named_root});
  for (commit_seq i = 0; i < 1'000; ++i)
    ASSERT_EQ(visited(name(i)), (std::vector<commit_seq>{202'000 + i, 201'000 + i, 200'000 + i}));
  EXPECT_TRUE(visited(name(1'000)).empty());
  EXPECT_EQ(visited(7).size(), 10'000u);
}

}  // namespace
}  // namespace payloom::follower

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

}  // namespace
}  // namespace payloom::follower

// Goal: an id is found until its generation was dropped, and no generation with a claim or a commit that a look-up may
// not find yet is dropped. Method: random claims, ends and drops beside a std::map.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "actors/core/recent_ids.hpp"
#include "protocol/types/shard_map.hpp"
#include "tests/sim/sim_random.hpp"
#include "tests/support/twin_ids.hpp"

namespace payloom::core {
namespace {

using state = recent_ids::state;

struct known {
  recent_ids::handle handle;
  state st;
  commit_seq seq;
};

TEST(recent_ids, finds_what_it_must_and_drops_what_it_may) {
  recent_ids ids(64);
  sim::sim_random random(3);
  std::map<u128, known> twin;
  commit_seq next = 1, indexed = 0;
  const auto mix = [](u128 id) { return mix_id(5, id); };
  for (int i = 0; i < 15'000; ++i) {
    const std::uint64_t what = random.below(10);
    if (what < 5) {
      const u128 id = random.id();
      twin[id] = {ids.claim(mix(id), 5, id), state::claimed, 0};
    } else if (what < 9 && !twin.empty()) {
      auto at = twin.lower_bound(random.id());
      if (at == twin.end()) at = twin.begin();
      known& k = at->second;
      if (k.st == state::claimed) {
        const std::uint64_t end = random.below(3);
        if (end == 0) ids.commit(k.handle, k.seq = next++);
        if (end == 1) ids.vacate(k.handle);
        if (end == 2) ids.doubt(k.handle);
        k.st = end == 0 ? state::committed : end == 1 ? state::vacant : state::doubtful;
      } else if (k.st != state::committed && ids.find(mix(at->first), 5, at->first) == k.handle) {
        ids.reclaim(k.handle);
        k.st = state::claimed;
      }
    } else if (random.chance(20)) {
      ids.drop_through(indexed = indexed + random.below(next - indexed));
    }
    if (i % 500 != 0) continue;
    for (const auto& [id, k] : twin) {
      const recent_ids::handle h = ids.find(mix(id), 5, id);
      const bool must = k.st == state::claimed || (k.st == state::committed && k.seq > indexed);
      ASSERT_TRUE(!must || h == k.handle);
      if (h == k.handle) {
        ASSERT_EQ(ids.at(h).st, k.st);
      }
      ASSERT_EQ(ids.find(mix(id), 6, id), recent_ids::none) << "another tenant's";
    }
    std::erase_if(twin, [&](const auto& x) { return ids.find(mix(x.first), 5, x.first) == recent_ids::none; });
  }
  for (auto& [id, k] : twin)
    if (k.st == state::claimed) ids.commit(k.handle, next++);
  ids.drop_through(next);
  EXPECT_LE(ids.live_slots(), 64u) << "only the generation in use is left";
  EXPECT_LE(ids.memory_bytes(), (1 + recent_ids::spares_max) * 64 * sizeof(recent_ids::slot)) << "and spare ones";
}

TEST(recent_ids, the_same_memory_is_used_again_and_again) {
  constexpr std::size_t generation = 64 * sizeof(recent_ids::slot);
  recent_ids ids(64);
  sim::sim_random random(5);
  std::set<const recent_ids::slot*> pages;
  commit_seq next = 1;
  for (int i = 0; i < 20'000; ++i) {
    const u128 id = random.id();
    const recent_ids::handle h = ids.claim(mix_id(5, id), 5, id);
    EXPECT_EQ(ids.at(h).id, id);
    EXPECT_EQ(ids.find(mix_id(5, id), 5, id), h) << "nothing of an earlier generation is left in a place used again";
    pages.insert(&ids.at(h));
    ids.commit(h, next++);
    if (i % 100 == 0) ids.drop_through(next - 50);
    ASSERT_LE(ids.memory_bytes(), (4 + recent_ids::spares_max) * generation);
  }
  EXPECT_LE(pages.size(), (4 + recent_ids::spares_max) * 64) << "of 20,000 claims";
}

TEST(recent_ids, nobody_can_choose_ids_that_fall_into_one_place) {
  constexpr std::uint32_t count = 500;
  recent_ids ids(8192, 0x5eed);
  std::uint32_t behind_another = 0;
  recent_ids::handle last = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const u128 id = support::twin_of(5, 77, i);
    ASSERT_EQ(mix_id(5, id), mix_id(5, 77));
    const recent_ids::handle h = ids.claim(mix_id(5, id), 5, id);
    behind_another += h == last + 1;
    last = h;
  }
  EXPECT_LT(behind_another, count / 10) << "a run as long as there are such ids";
}

}  // namespace
}  // namespace payloom::core

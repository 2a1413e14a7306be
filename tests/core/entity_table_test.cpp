// Goal: the table is a map from (tenant, id) to a row that never moves, whatever is inserted and erased. Method: random
// operations beside a std::map, with ids chosen so that many probe over the same slots.
#include <gtest/gtest.h>

#include <map>

#include "actors/core/entity_table.hpp"
#include "actors/core/hold_entity.hpp"
#include "tests/sim/sim_random.hpp"
#include "tests/support/twin_ids.hpp"

namespace payloom::core {
namespace {

TEST(entity_table, behaves_like_a_map) {
  for (const std::uint32_t ids : {30u, 3000u}) {
    entity_table<hold_entity> table(16, ids, 4);
    std::map<std::pair<tenant_id, u128>, std::uint32_t> twin;
    sim::sim_random random(ids);
    for (int i = 0; i < 60'000; ++i) {
      const auto tenant = static_cast<tenant_id>(random.below(2));
      const u128 id = 1 + random.below(ids);
      const std::uint64_t mix = mix_id(tenant, id);
      const std::uint32_t row = table.find(mix, tenant, id);
      const auto at = twin.find({tenant, id});
      ASSERT_EQ(row, at == twin.end() ? table.none : at->second);
      if (at == twin.end()) {
        const std::uint32_t fresh = table.insert(mix, id);
        hold_entity h;
        h.id.value = id;
        h.tenant = tenant;
        h.amount_minor = static_cast<u128>(i);
        table.at(fresh) = h;
        twin[{tenant, id}] = fresh;
      } else {
        ASSERT_EQ(table.at(row).id.value, id);
        if (random.chance(60)) {
          table.erase(row);
          twin.erase(at);
        }
      }
      ASSERT_EQ(table.size(), twin.size());
    }
    for (const auto& [key, row] : twin) {
      const std::uint64_t mix = mix_id(key.first, key.second);
      EXPECT_EQ(table.find(mix, key.first, key.second), row);
      EXPECT_NE(table.candidate(table.place_of(mix, key.second)), table.none);
    }
    EXPECT_LE(table.rows(), 2 * ids) << "rows of erased entities are used again";
  }
}

/// Counts how often the table looks at a key.
struct counting_entity {
  u128 id = 0;
  static inline std::uint64_t looks = 0;
  u128 key_id() const {
    ++looks;
    return id;
  }
  tenant_id key_tenant() const { return 0; }
};

TEST(entity_table, nobody_can_choose_ids_that_fall_into_one_place) {
  constexpr std::uint64_t count = 4000;
  entity_table<counting_entity> table(64, 0x5eed, 4096 * 4);
  const std::uint64_t mix = mix_id(0, 77);
  for (std::uint64_t i = 0; i < count; ++i) {
    const u128 id = support::twin_of(0, 77, i);
    ASSERT_EQ(mix_id(0, id), mix);
    table.at(table.insert(mix, id)).id = id;
  }
  counting_entity::looks = 0;
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_NE(table.find(mix, 0, support::twin_of(0, 77, i)), table.none);
  EXPECT_LE(counting_entity::looks, 2 * count) << "each is found about at once";
}

}  // namespace
}  // namespace payloom::core

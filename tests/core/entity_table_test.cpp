// Goal: the table is a map from (tenant, id) to a row that never moves, whatever is inserted and erased. Method: random
// operations beside a std::map, with ids chosen so that many probe over the same slots.
#include <gtest/gtest.h>

#include <map>

#include "actors/core/entity_table.hpp"
#include "actors/core/hold_entity.hpp"
#include "tests/sim/sim_random.hpp"

namespace payloom::core {
namespace {

TEST(entity_table, behaves_like_a_map) {
  for (const std::uint32_t ids : {30u, 3000u}) {
    entity_table<hold_entity> table(16, 4);
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
        const std::uint32_t fresh = table.insert(mix);
        hold_entity h;
        h.id.value = id;
        h.tenant = tenant;
        h.amount_minor = static_cast<u128>(i);
        table.at(fresh) = h;
        twin[{tenant, id}] = fresh;
      } else {
        ASSERT_EQ(table.at(row).id.value, id);
        if (random.chance(60)) {
          table.erase(row, mix);
          twin.erase(at);
        }
      }
      ASSERT_EQ(table.size(), twin.size());
    }
    for (const auto& [key, row] : twin) {
      const std::uint64_t mix = mix_id(key.first, key.second);
      EXPECT_EQ(table.find(mix, key.first, key.second), row);
      EXPECT_NE(table.candidate(mix), table.none);
    }
    EXPECT_LE(table.rows(), 2 * ids) << "rows of erased entities are used again";
  }
}

}  // namespace
}  // namespace payloom::core

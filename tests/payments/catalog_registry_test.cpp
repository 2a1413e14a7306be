// Goal: new orders begin with the newest version whose time has come, an order finds the one it began with for ever
// (PC-4), and a version can be taken back at once (PC-5). Method: random histories against a naive list.
#include <algorithm>
#include <random>

#include "actors/core/catalog/catalog_registry.hpp"
#include "actors/core/catalog/version_counts.hpp"
#include "tests/payments/payments_fixture.hpp"
#include "tests/support/edited_catalog.hpp"

namespace payloom::test {
namespace {

using core::catalog::catalog_registry;
using core::catalog::version_state;

/// Effective dates are days of December 2026; 0 = at once.
std::shared_ptr<const core::catalog::payment_catalog> version(std::uint32_t number, unsigned december = 0) {
  support::edited_catalog edit;
  edit.version(number);
  if (december != 0) edit.header("effective_from: 2026-12-" + std::to_string(december));
  const auto loaded = config::read_payment_catalog(edit, config::ledger_directory{});
  for (const config::problem& p : loaded.problems) ADD_FAILURE() << config::to_string(p);
  return loaded.value;
}

time_ns december(unsigned of) { return (20'787 + of) * day; }  // 2026-12-01 is day 20,788 since 1970

TEST(catalog_registry, effective_dates_are_days_in_utc) {
  EXPECT_EQ(version(1, 10)->header().effective_from, december(10));
}

TEST(catalog_registry, one_version_is_active_whatever_the_time) {
  const auto one = catalog_registry::of(version(3, 20));
  EXPECT_EQ(one->active(0).version(), 3u);
  EXPECT_EQ(one->find(3), &one->newest());
  EXPECT_EQ(one->find(2), nullptr);
  EXPECT_EQ(one->find(4), nullptr);
  EXPECT_FALSE(one->may_retire(3, december(31)));
}

TEST(catalog_registry, a_version_waits_for_its_time_and_can_be_taken_back) {
  const auto first = catalog_registry::of(version(1));
  const auto both = first->with(version(5, 15));
  EXPECT_EQ(both->active(december(15) - 1).version(), 1u);
  EXPECT_EQ(both->active(december(15)).version(), 5u);
  EXPECT_EQ(both->state_of(both->entries()[1], december(14)), version_state::scheduled);
  EXPECT_EQ(both->state_of(both->entries()[0], december(16)), version_state::superseded);
  EXPECT_FALSE(both->may_retire(1, december(14))) << "nothing would be active";
  ASSERT_TRUE(both->may_retire(5, december(16)));
  const auto back = both->retire(5);
  EXPECT_EQ(back->active(december(16)).version(), 1u);
  EXPECT_EQ(back->state_of(back->entries()[1], december(16)), version_state::retired);
  EXPECT_EQ(back->find(5), both->find(5)) << "its orders go on with the same catalogue";
  EXPECT_EQ(first->active(december(16)).version(), 1u) << "a registry never changes";
}

TEST(catalog_registry, random_histories) {
  std::vector<std::shared_ptr<const core::catalog::payment_catalog>> made;
  for (std::uint32_t n = 1; n <= 6; ++n) made.push_back(version(n * 2, n % 2 == 0 ? 30 - n * 3 : 0));
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    std::shared_ptr<const catalog_registry> registry = catalog_registry::of(made[0]);
    struct known {
      std::uint32_t version;
      time_ns from;
      bool retired;
    };
    std::vector<known> naive{{2, 0, false}};
    std::size_t next = 1;
    for (int step = 0; step < 12; ++step) {
      const time_ns now = december(1 + static_cast<unsigned>(random() % 30));
      if (random() % 2 == 0 && next < made.size()) {
        registry = registry->with(made[next]);
        naive.push_back({made[next]->version(), made[next]->header().effective_from, false});
        ++next;
      } else if (known& k = naive[random() % naive.size()]; !k.retired && registry->may_retire(k.version, now)) {
        registry = registry->retire(k.version);
        k.retired = true;
      }
      std::uint32_t active = 0;
      for (const known& k : naive)
        if (!k.retired && k.from <= now) active = k.version;
      if (active != 0) {
        ASSERT_EQ(registry->active(now).version(), active) << "seed " << seed << " step " << step;
      }
      for (std::uint32_t v = 0; v <= 14; ++v) {
        const bool is_known = std::ranges::find(naive, v, &known::version) != naive.end();
        ASSERT_EQ(registry->find(v) != nullptr, is_known) << "seed " << seed;
        if (is_known) {
          ASSERT_EQ(registry->find(v)->version(), v);
        }
      }
    }
  }
}

TEST(version_counts, counts_whatever_the_order) {
  core::catalog::version_counts counts;
  for (const std::uint32_t v : {3u, 3u, 7u, 3u, 7u, 3u}) counts.add(v);
  ASSERT_EQ(counts.all().size(), 2u);
  EXPECT_EQ(counts.all()[0], (core::catalog::version_counts::count{3, 4}));
  EXPECT_EQ(counts.all()[1], (core::catalog::version_counts::count{7, 2}));
}

}  // namespace
}  // namespace payloom::test

// Goal: the core answers every row of the rule table, with any number of shards. Method: each row in a partition of
// its own (books, desk and a journal in memory), every step run until nothing is left to do.
#include <gtest/gtest.h>

#include "tests/sim/shard_world.hpp"
#include "tests/support/all_rules.hpp"

namespace payloom::core {
namespace {

using sim::audit_request;

/// A partition with a fake clock.
class small_ledger {
 public:
  explicit small_ledger(const sim::world_options& o)
      : feed_(journal_),
        world_(o,
               {journal_, feed_, index_, random_, counts_, outside_, now_, [](const auto&) {}, [](sim::sim_frame&) {},
                [this](sim::sim_frame& f) { results_ = f.all_results(); },
                [](const std::string& what) { ADD_FAILURE() << what; }},
               0) {}

  std::vector<result_record> run(const rule_rows::rule_step& s) {
    for (std::uint32_t i = 0; i < s.advance_s; ++i) {
      now_ += 1'000'000'000u;
      world_.tick();
      world_.run_all();
    }
    if (s.records.empty()) return {};
    audit_request q{.type = rule_rows::type_of(s), .tenant = s.tenant, .records = {}};
    for (const rule_rows::rule_record& r : s.records)
      std::visit([&](const auto& record) { q.records.emplace_back(record); }, r);
    results_.clear();
    now_ += 1000;
    world_.submit(std::make_unique<sim::sim_frame>(q, now_, ~time_ns{0}, false));
    world_.run_all();
    EXPECT_EQ(results_.size(), q.records.size());
    results_.resize(q.records.size());
    return results_;
  }
  std::size_t left() const { return world_.parked() + world_.frames_in_flight(); }

 private:
  storage::memory_journal journal_;
  sim::journal_feed feed_;
  sim::stored_index index_;
  sim::sim_random random_{1};
  sim::world_counts counts_;
  sim::outside_book outside_{[](const std::string& what) { ADD_FAILURE() << what; }};
  time_ns now_ = 1'700'000'000'000'000'000u;
  std::vector<result_record> results_;
  sim::shard_world world_;
};

void run_all_rows(std::uint32_t order_shards, std::uint32_t account_shards) {
  for (const rule_rows::rule_row& row : rule_rows::all_rule_rows()) {
    SCOPED_TRACE(row.name);
    sim::world_options o;
    o.order_shards = order_shards;
    o.account_shards = row.accounts_max != 0 ? 1 : account_shards;  // the bound is each shard's own
    if (row.accounts_max != 0) o.accounts_max = static_cast<std::uint32_t>(row.accounts_max);
    small_ledger ledger(o);
    for (const rule_rows::rule_step& s : row.setup) {
      const auto results = ledger.run(s);
      if (results.empty()) continue;
      EXPECT_EQ(name_of(results.back().code), name_of(s.expect)) << "in the setup";
    }
    const auto results = ledger.run(row.request);
    ASSERT_EQ(results.size(), row.expected.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(name_of(results[i].code), name_of(row.expected[i].code)) << "record " << i;
      EXPECT_EQ((results[i].flags & result_flags::replayed) != 0, row.expected[i].replayed) << "record " << i;
    }
    EXPECT_EQ(ledger.left(), 0u);
  }
}

TEST(core_rule_table, one_shard_of_each) { run_all_rows(1, 1); }
TEST(core_rule_table, three_and_five_shards) { run_all_rows(3, 5); }

}  // namespace
}  // namespace payloom::core

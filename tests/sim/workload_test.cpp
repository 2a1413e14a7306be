// Goal: the workload is deterministic, reaches every code a ledger command can get, and the auditor accepts what the
// model makes of it, fast enough. Method: run it against the sequential ledger, with replies that arrive late.
#include <gtest/gtest.h>

#include <deque>

#include "tests/sim/auditor.hpp"
#include "tests/sim/sequential_ledger.hpp"
#include "tests/sim/workload.hpp"

namespace payloom::sim {
namespace {

TEST(workload, same_seed_same_requests) {
  workload a(7), b(7), c(8);
  bool c_differs = false;
  for (int i = 0; i < 300; ++i) {
    const time_ns now = 1'700'000'000'000'000'000u + static_cast<time_ns>(i);
    const audit_request x = a.next(now), y = b.next(now), z = c.next(now);
    ASSERT_EQ(x.records, y.records) << i;
    ASSERT_EQ(x.type, y.type);
    c_differs |= x.records != z.records;
  }
  EXPECT_TRUE(c_differs);
}

// A frame between its submission and its reply.
struct flight {
  audit_request request;
  std::uint64_t handle = 0;
};

// Frames are submitted in order and executed in seeded other order, several submissions apart: refusals and replays
// rest on later states than those at their submission.
audit_stats run(std::uint64_t seed, std::uint64_t events) {
  sequential_ledger ledger;
  auditor judge;
  workload load(seed);
  sim_random random(seed ^ 0x5eed);
  std::deque<flight> flying;
  std::size_t told = 0;
  const auto tell_journal = [&] {
    for (; told < ledger.journal().size(); ++told) judge.journaled(ledger.journal()[told]);
  };
  while (judge.stats().requests < events) {
    flight f{.request = load.next(ledger.now()), .handle = 0};
    f.handle = judge.submitted(f.request, ledger.now() + 1, judge.model().head());
    flying.push_back(std::move(f));
    while (flying.size() > 6) {
      const auto next = flying.begin() + static_cast<std::ptrdiff_t>(random.below(flying.size()));
      ledger.advance(random.below(20'000'000));
      const auto results = ledger.execute(next->request);
      tell_journal();
      judge.finished(next->handle, results, ledger.model().head());
      load.on_result(next->request, results);
      flying.erase(next);
    }
    if (random.below(2000) == 0) {  // a crash: what was in flight is never answered
      judge.restarted(judge.model().head());
      flying.clear();
    }
  }
  judge.final_state(ledger.snapshot());
  EXPECT_TRUE(judge.violations().empty()) << judge.violation_count() << ", first: " << judge.violations().front();
  return judge.stats();
}

TEST(workload, reaches_every_code_and_the_auditor_agrees) {
  const audit_stats stats = run(1, 300'000);
  for (const result_code_info& info : all_result_codes()) {
    const auto number = static_cast<std::uint16_t>(info.code);
    if (number < 30 || number > 160) continue;  // 161 needs a configured bound
    EXPECT_TRUE(stats.by_code.contains(info.code)) << number << " " << info.name;
  }
  EXPECT_GT(stats.by_code.at(result_code::ok), stats.requests / 4);
  EXPECT_GT(stats.expiries, 100u);
  EXPECT_GT(stats.chains, 1000u);
  EXPECT_GT(stats.replays, 1000u);
}

TEST(workload, other_seeds) {
  for (std::uint64_t seed = 2; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    run(seed, 20'000);
  }
}

}  // namespace
}  // namespace payloom::sim

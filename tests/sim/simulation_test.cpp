// Goal: the core keeps every rule under interleaving, loss, repetition, crashes and a full disk. Method: the simulation
// (simulation.hpp) with fixed seeds; the auditor must have nothing to say, and everything the simulation is about must
// have happened in them together.
#include <gtest/gtest.h>

#include <map>

#include "tests/sim/simulation.hpp"

namespace payloom::sim {
namespace {

#ifndef SIMULATION_TRANSFERS
#error "the build says how long the runs are"
#endif
constexpr std::uint64_t seeds = SIMULATION_SEEDS;

TEST(simulation, seeds_hold_and_everything_happens_in_them) {
  simulation_counts total;
  std::map<result_code, std::uint64_t> answers;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    simulation s({seed, SIMULATION_TRANSFERS});
    const bool held = s.run();
    total.add(s.counts());
    for (const auto& [code, count] : s.judge().stats().by_code) answers[code] += count;
    const std::string replay =
        "scripts/sim --seed " + std::to_string(seed) + " --transfers " + std::to_string(SIMULATION_TRANSFERS);
    ASSERT_TRUE(held) << replay << "\n"
                      << (s.violations().empty() ? s.judge().violations().front() : s.violations().front());
  }
  for (const auto& [name, count] : total.required()) {
    EXPECT_GT(count, 0u) << name;
    std::printf("%10llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
  }
  for (const result_code_info& info : all_result_codes()) {
    const auto number = static_cast<std::uint16_t>(info.code);
    // Of orders; 209 and 236 need another configuration, 214, 233, 234 and all from 260 on another catalogue, 242 and
    // 250 to 259 persons and settlement, which are not simulated.
    const bool elsewhere =
        number == 209 || number == 233 || number == 234 || number == 236 || number == 242 || number > 244;
    if (number < 200 || elsewhere) continue;
    EXPECT_GT(answers[info.code], 0u) << number << " " << info.name;
    std::printf("%10llu  answer %s\n", static_cast<unsigned long long>(answers[info.code]), info.name.data());
  }
}

TEST(simulation, the_same_seed_gives_the_same_run) {
  simulation a({3, 3000}), b({3, 3000});
  EXPECT_EQ(a.run(), b.run());
  EXPECT_EQ(a.counts().world.mails, b.counts().world.mails);
  EXPECT_EQ(a.counts().world.events, b.counts().world.events);
  EXPECT_EQ(a.judge().stats().by_code, b.judge().stats().by_code);
}

}  // namespace
}  // namespace payloom::sim

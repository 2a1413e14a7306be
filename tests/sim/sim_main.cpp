// `payloom_sim --seed N --transfers M [--seeds K]`: K runs from seed N on. Exit code 1 when one fails.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "actors/core/mutation.hpp"
#include "tests/sim/simulation.hpp"

namespace {

using payloom::sim::simulation;
using payloom::sim::simulation_counts;

#ifdef PAYLOOM_MUTATIONS
// What `--mutation N` breaks.
const char* const mutations[] = {"none",
                                 "a limit is checked without others' reservations",
                                 "a refused transfer's credit claim is never given back",
                                 "a credit is spendable before it is durable",
                                 "a posting is applied twice",
                                 "a partial capture does not release the rest",
                                 "a hold can be resolved twice",
                                 "a refusal is not remembered",
                                 "a refused chain gives back a part of its claims",
                                 "a duplicate executes again",
                                 "a hold expires too early",
                                 "what a full disk refused keeps its claim on the credit account",
                                 "a refused command keeps its claim on the order",
                                 "a timer of an older state counts",
                                 "refunds are not added up",
                                 "the claim on an order ends before the order is what it became",
                                 "postings are laid without their order",
                                 "a repeated order command executes again",
                                 "a paid order is laid without its postings",
                                 "nobody looks at the expected version",
                                 "two commands on one order at a time"};
#endif

struct arguments {
  std::uint64_t seed = 1, transfers = 100'000, seeds = 1;
};

bool parse(int argc, char** argv, arguments& a) {
  for (int i = 1; i + 1 < argc; i += 2) {
    char* end = nullptr;
    const std::uint64_t n = std::strtoull(argv[i + 1], &end, 10);
    if (end == argv[i + 1] || *end != 0) return false;
    if (std::strcmp(argv[i], "--seed") == 0) {
      a.seed = n;
    } else if (std::strcmp(argv[i], "--transfers") == 0) {
      a.transfers = n;
    } else if (std::strcmp(argv[i], "--seeds") == 0) {
      a.seeds = n;
#ifdef PAYLOOM_MUTATIONS
    } else if (std::strcmp(argv[i], "--mutation") == 0 && n < std::size(mutations)) {
      payloom::core::mutation = static_cast<int>(n);
      std::printf("mutation %llu: %s\n", static_cast<unsigned long long>(n), mutations[n]);
#endif
    } else {
      return false;
    }
  }
  return argc % 2 == 1;
}

bool run_one(std::uint64_t seed, std::uint64_t transfers, simulation_counts& total) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  simulation s({seed, transfers});
  const bool good = s.run();
  total.add(s.counts());
  if (good) return true;
  for (const std::string& v : s.judge().violations()) std::printf("  violation: %s\n", v.c_str());
  for (const std::string& v : s.violations()) std::printf("  violation: %s\n", v.c_str());
  std::printf("  replay: scripts/sim --seed %llu --transfers %llu\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(transfers));
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  arguments a;
  if (!parse(argc, argv, a)) {
    std::fprintf(stderr, "usage: payloom_sim [--seed N] [--transfers M] [--seeds K]\n");
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  simulation_counts total;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = a.seed; seed < a.seed + a.seeds; ++seed) failed += !run_one(seed, a.transfers, total);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  for (const auto& [name, count] : total.required())
    std::printf("%10llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
  std::printf("%10llu  events answered, %.0f a second\n", static_cast<unsigned long long>(total.world.events),
              static_cast<double>(total.world.events) / took.count());
  std::printf("%s: %llu of %llu seeds failed\n", failed == 0 ? "PASS" : "FAIL", static_cast<unsigned long long>(failed),
              static_cast<unsigned long long>(a.seeds));
  return failed == 0 ? 0 : 1;
}

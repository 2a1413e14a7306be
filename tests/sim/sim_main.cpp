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
                                 "two commands on one order at a time",
                                 "an amount that differs is booked as paid",
                                 "nobody remembers money that came late",
                                 "silence ends a payment outside",
                                 "what is unknown is sent again",
                                 "a failed payment keeps its reservations",
                                 "a failed refund counts as sent back",
                                 "coupons go back as money",
                                 "a channel is asked by sending the attempt again",
                                 "nobody asks the channel to end a cancelled payment",
                                 "a case ends with money in suspense",
                                 "nobody looks at news of earlier payments",
                                 "the answer to another question is another fact",
                                 "each order of a combined payment is told of all that moved",
                                 "each order's part of what moved is rounded by itself",
                                 "orders are not told that another sum moved for all",
                                 "one order of a combined payment is cancelled alone",
                                 "each order of a combined payment asks the channel by itself",
                                 "linked payments are not one payment at their channel",
                                 "linked actions are laid without their last",
                                 "a repeated refusal of linked actions is stored again",
                                 "a refund goes the newest payment's way",
                                 "a payment goes on whatever its checks said"};

#endif

constexpr std::uint64_t seeds_max = 1'000'000'000;

struct arguments {
  std::uint64_t seed = 1, transfers = 100'000, seeds = 1, payments = 0, orders_percent = 25, funding = 1;
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
    } else if (std::strcmp(argv[i], "--payments") == 0) {
      a.payments = n;
      a.seeds = seeds_max;
    } else if (std::strcmp(argv[i], "--orders-percent") == 0 && n <= 100) {
      a.orders_percent = n;
    } else if (std::strcmp(argv[i], "--funding") == 0 && n >= 1 && n <= 1000) {
      a.funding = n;
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

bool run_one(const arguments& a, std::uint64_t seed, simulation_counts& total) {
  if (a.payments == 0) {
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
  }
  simulation s(
      {seed, a.transfers, static_cast<std::uint32_t>(a.orders_percent), static_cast<std::uint32_t>(a.funding)});
  const bool good = s.run();
  total.add(s.counts());
  if (good) return true;
  for (const std::string& v : s.judge().violations()) std::printf("  violation: %s\n", v.c_str());
  for (const std::string& v : s.violations()) std::printf("  violation: %s\n", v.c_str());
  std::printf("  replay: scripts/sim --seed %llu --transfers %llu --orders-percent %llu --funding %llu\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(a.transfers),
              static_cast<unsigned long long>(a.orders_percent), static_cast<unsigned long long>(a.funding));
  return false;
}

/// Resident memory of this process in MiB, 0 when it cannot be read.
unsigned long long resident_mib() {
  unsigned long long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*u %llu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * 4096 >> 20;
}

/// A line now and then in long runs: how far, how fast, how large. A seed's memory is given back when it ends.
class progress {
 public:
  void tell(const arguments& a, std::uint64_t seed, const simulation_counts& total) {
    constexpr double every_seconds = 5;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began_;
    if (a.payments == 0 || passed.count() < next_) return;
    next_ = passed.count() + every_seconds;
    std::printf("%6.0f s  seed %llu  %llu of %llu payments, %.0f a second, %llu events, %llu restarts, %llu MiB\n",
                passed.count(), static_cast<unsigned long long>(seed), static_cast<unsigned long long>(total.payments),
                static_cast<unsigned long long>(a.payments), static_cast<double>(total.payments) / passed.count(),
                static_cast<unsigned long long>(total.world.events), static_cast<unsigned long long>(total.restarts),
                resident_mib());
    std::fflush(stdout);
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double next_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  arguments a;
  if (!parse(argc, argv, a)) {
    std::fprintf(stderr,
                 "usage: payloom_sim [--seed N] [--transfers M] [--seeds K | --payments P] "
                 "[--orders-percent Q] [--funding F]\n");
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  simulation_counts total;
  progress so_far;
  std::uint64_t failed = 0, runs = 0;
  for (; runs < a.seeds && (a.payments == 0 || total.payments < a.payments); ++runs) {
    failed += !run_one(a, a.seed + runs, total);
    so_far.tell(a, a.seed + runs, total);
    if (failed != 0 && a.payments != 0) break;
  }
  // A run of payments is about all that can happen to them.
  for (const auto& [name, count] : total.required()) {
    if (a.payments == 0 || failed != 0 || count != 0) continue;
    std::printf("  never happened: %s\n", name.c_str());
    ++failed;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  for (const auto& [name, count] : total.required())
    std::printf("%10llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
  std::printf("%10llu  payments, %.0f a second\n", static_cast<unsigned long long>(total.payments),
              static_cast<double>(total.payments) / took.count());
  std::printf("%10llu  events answered, %.0f a second\n", static_cast<unsigned long long>(total.world.events),
              static_cast<double>(total.world.events) / took.count());
  std::printf("%s: %llu of %llu seeds failed, from seed %llu on\n", failed == 0 ? "PASS" : "FAIL",
              static_cast<unsigned long long>(failed), static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(a.seed));
  return failed == 0 ? 0 : 1;
}

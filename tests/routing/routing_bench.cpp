// Goal: what routing costs an attempt: ns per `route` and per `report`, and that neither allocates. Method: 8 channels
// with limits and costs, 64 banks, random questions, one thread. usage: routing_bench [ROUNDS]. Aim: below 200 ns each.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <random>
#include <vector>

#include "actors/core/routing/router.hpp"

namespace {

std::uint64_t allocations = 0;

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  void* p = std::malloc(bytes);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace {

using namespace payloom;
using namespace payloom::core::routing;

constexpr time_ns start = 1'790'000'000'000'000'000;
constexpr std::size_t questions = 4096;
constexpr channel_number channels = 8;

std::uint64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(t.tv_nsec);
}

route_plan plan_of(bool least_cost, bool rules) {
  core::catalog::problem_list problems;
  std::vector<core::catalog::channel_plan> all(channels);
  routing_definition said;
  said.version = 1;
  said.least_cost = least_cost;
  said.channels.resize(channels);
  for (channel_number i = 0; i < channels; ++i) {
    all[i].name = "channel_" + std::to_string(i);
    all[i].number = i + 1;
    all[i].operations = 0x3e;
    said.channels[i].channel.text = all[i].name;
    said.channels[i].closed.resize(1);
    said.channels[i].closed[0].from = 1;
    said.channels[i].closed[0].to = 2;
    said.channels[i].day_limits.resize(1);
    said.channels[i].day_limits[0].ledger = 978;
    said.channels[i].day_limits[0].max_minor = u128_max;
    said.channels[i].unknown_limits = said.channels[i].day_limits;
    said.channels[i].costs.resize(1);
    said.channels[i].costs[0].fixed_minor = 100 - i;
    said.channels[i].costs[0].rate = 1000 * i;
  }
  for (std::uint16_t id = 1; rules && id <= 8; ++id) {
    route_rule_definition& r = said.rules.emplace_back();
    r.name.text = "rule_" + std::to_string(id);
    r.id = id;
    r.state = core::rules::rule_state::active;
    r.kind = route_rule_kind::percentage;
    r.bank = id * 8u;
    r.channels.resize(2);
    r.channels[0].channel.text = "channel_1";
    r.channels[0].share = 300;
    r.channels[1].channel.text = "channel_2";
    r.channels[1].share = 700;
  }
  const auto plans = core::catalog::channel_plans::make(std::move(all), problems);
  route_plan made = route_plan::make(plans, said, false, problems);
  for (const auto& p : problems.all()) std::fprintf(stderr, "%s\n", p.message.c_str());
  if (!problems.empty()) std::exit(1);
  return made;
}

struct bench {
  explicit bench(const route_plan& p) : plan(p), state(p.health()), asked(questions), outcomes(questions) {
    std::mt19937_64 random(7);
    for (route_question& q : asked) {
      q.payment = make_u128(random(), random());
      q.amount_minor = 1 + random() % 1'000'000;
      q.ledger = 978;
      q.bank = 1 + static_cast<bank_number>(random() % 64);
    }
    for (std::size_t i = 0; i < questions; ++i) {
      attempt_report& r = outcomes[i];
      r = {};
      r.channel = 1 + static_cast<channel_number>(random() % channels);
      r.bank = asked[i].bank;
      r.ledger = 978;
      r.operation = channel_operation::pay;
      r.outcome = random() % 100 == 0 ? attempt_outcome::technical_failure : attempt_outcome::ok;
      r.latency_ns = random() % 1'000'000'000;
    }
    for (const attempt_report& r : outcomes) state.report(r, start);
  }
  template <class F>
  void measure(const char* what, std::uint64_t rounds, F f) {
    const std::uint64_t allocated = allocations, began = now_ns();
    for (std::uint64_t round = 0; round < rounds; ++round)
      for (std::size_t i = 0; i < questions; ++i) f(i, round);
    const std::uint64_t took = now_ns() - began;
    std::printf("%-52s %6.1f ns, %llu allocations\n", what,
                static_cast<double>(took) / static_cast<double>(rounds * questions),
                static_cast<unsigned long long>(allocations - allocated));
  }
  void route_all(const char* what, std::uint64_t rounds) {
    std::uint64_t without = 0;
    state.tick(start);
    measure(what, rounds, [&](std::size_t i, std::uint64_t round) {
      without +=
          route(asked[i], plan, state, static_cast<std::uint32_t>((i * 7 + round) % 1'000'000), start).channel == 0;
    });
    if (without != 0) std::printf("%llu without a channel: wrong\n", static_cast<unsigned long long>(without));
  }

  const route_plan& plan;
  route_state state;
  std::vector<route_question> asked;
  std::vector<attempt_report> outcomes;
};

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t rounds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500;
  const route_plan first = plan_of(false, false), cheap = plan_of(true, false), ruled = plan_of(true, true);
  bench(first).route_all("route, 8 channels, the first that can", rounds);
  bench(cheap).route_all("route, 8 channels, least cost", rounds);
  bench(ruled).route_all("route, 8 channels, 8 rules, least cost", rounds);
  bench b(cheap);
  time_ns now = start;
  b.measure("report, 512 banks' keys, 10 us apart", rounds,
            [&](std::size_t i, std::uint64_t) { b.state.report(b.outcomes[i], now += 10'000); });
  b.measure("tick a second later: judges 520 keys", 1,
            [&](std::size_t, std::uint64_t) { b.state.tick(now += 1'000'000'000); });
  return 0;
}

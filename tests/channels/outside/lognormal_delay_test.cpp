// Integer lognormal delays against the formula in floating point.
#include "actors/core/channels/outside/lognormal_delay.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace payloom::test {
namespace {

using core::lognormal_delay;

TEST(lognormal_delay, mean_and_deviation_are_as_asked) {
  struct row {
    std::uint32_t mean_ms, sigma_ms;
  };
  for (const row r : {row{100, 1}, row{100, 30}, row{100, 100}, row{20, 40}, row{5'000, 2'500}}) {
    const lognormal_delay delay(r.mean_ms, r.sigma_ms, 1'000'000);
    std::mt19937_64 chance(7);
    double sum = 0, squares = 0;
    constexpr int draws = 200'000;
    for (int i = 0; i < draws; ++i) {
      const double ms = static_cast<double>(delay.of({chance(), chance(), chance()})) / 1e6;
      sum += ms;
      squares += ms * ms;
    }
    const double mean = sum / draws, sigma = std::sqrt(squares / draws - mean * mean);
    EXPECT_NEAR(mean, r.mean_ms, r.mean_ms * 0.02 + 0.01) << r.mean_ms << " " << r.sigma_ms;
    EXPECT_NEAR(sigma, r.sigma_ms, r.sigma_ms * 0.1 + 0.01) << r.mean_ms << " " << r.sigma_ms;
  }
}

TEST(lognormal_delay, one_chance_gives_what_the_formula_gives) {
  const double mean = 100e6, sigma = 50e6;
  const double variance = std::log(1 + sigma * sigma / (mean * mean));
  const lognormal_delay delay(100, 50, 1'000'000);
  std::mt19937_64 chance(8);
  for (int i = 0; i < 10'000; ++i) {
    const std::array<std::uint64_t, 3> bits = {chance(), chance(), chance()};
    double normal = -6;
    for (const std::uint64_t b : bits)
      for (int part = 0; part < 64; part += 16) normal += (static_cast<double>(b >> part & 0xffff) + 0.5) / 65536;
    const double expected = mean * std::exp(std::sqrt(variance) * normal - variance / 2);
    ASSERT_NEAR(static_cast<double>(delay.of(bits)) / expected, 1, 1e-6);
  }
}

TEST(lognormal_delay, edges) {
  EXPECT_EQ(lognormal_delay(0, 0, 10).of({1, 2, 3}), 0u);
  EXPECT_EQ(lognormal_delay(70, 0, 100).of({1, 2, 3}), 70'000'000u);
  EXPECT_EQ(lognormal_delay(70, 0, 50).of({1, 2, 3}), 50'000'000u);
  EXPECT_EQ(lognormal_delay(1000, 10'000, 60'000).of({~0ull, ~0ull, ~0ull}), 60'000'000'000u);
  EXPECT_LT(lognormal_delay(1000, 10'000, 60'000).of({0, 0, 0}), 100'000u);
  EXPECT_GT(lognormal_delay(4'294'967'295, 0, 4'294'967'295).of({0, 0, 0}), 4'000'000'000'000'000u);
}

}  // namespace
}  // namespace payloom::test

#include "actors/app/bench/scenario/zipf.hpp"

#include <cmath>

#include "protocol/types/assert.hpp"

namespace payloom::bench {

zipf::zipf(std::uint64_t n, double exponent) : columns_(n) {
  PAYLOOM_ASSERT(n >= 1 && n <= UINT32_MAX);
  constexpr double whole = 4294967296.0;
  std::vector<double> share(n);  // of the mean
  double sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) sum += share[i] = std::pow(static_cast<double>(i + 1), -exponent);
  std::vector<std::uint32_t> small, large;
  for (std::uint64_t i = 0; i < n; ++i) {
    share[i] *= static_cast<double>(n) / sum;
    (share[i] < 1 ? small : large).push_back(static_cast<std::uint32_t>(i));
  }
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back(), high = large.back();
    small.pop_back();
    columns_[low] = {static_cast<std::uint32_t>(share[low] * whole), high};
    share[high] -= 1 - share[low];
    if (share[high] >= 1) continue;
    large.pop_back();
    small.push_back(high);
  }
  for (const auto* rest : {&small, &large}) {
    for (const std::uint32_t i : *rest) columns_[i] = {UINT32_MAX, i};
  }
}

}  // namespace payloom::bench

#pragma once
// Delays with a lognormal distribution, in integers alone: the same on every machine and compiler. Pure; any thread.
#include <array>
#include <cstdint>

namespace payloom::core {

class lognormal_delay {
 public:
  /// Mean and standard deviation in ms; sigma at most 10 times the mean. Longer delays are cut to `max_ms`.
  lognormal_delay(std::uint32_t mean_ms, std::uint32_t sigma_ms, std::uint32_t max_ms);

  /// The delay in ns that belongs to 192 bits of chance. A sum of twelve even numbers stands for the normal one, so no
  /// delay is more than six deviations (of the logarithm) away.
  std::uint64_t of(const std::array<std::uint64_t, 3>& chance) const;

 private:
  std::uint64_t mean_ns_, max_ns_;
  std::uint64_t deviation_ = 0;  ///< of the binary logarithm, 32 bits behind the point
  std::uint64_t shift_ = 0;      ///< by which the median's binary logarithm is below the mean's, likewise
};

}  // namespace payloom::core

#include "actors/core/channels/outside/outside_settings.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace payloom::core {

std::string_view outside_settings::problem() const {
  constexpr std::uint32_t all = 1000;
  const std::array<std::uint32_t, 8> ends = {rejected,     accepted,     accepted_rejected, unknown_moved,
                                             unknown_lost, other_amount, late_success,      returned};
  if (std::accumulate(ends.begin(), ends.end(), 0u) > all) return "the ends add up to more than 1,000 per mille";
  const std::array<std::uint32_t, 9> told = {answered_twice,  callback,        callback_early,
                                             callback_late,   callback_twice,  contradictory,
                                             callback_amount, callback_ledger, forged};
  if (std::ranges::any_of(told, [](std::uint32_t share) { return share > all; }))
    return "a share is over 1,000 per mille";
  if (fee_basis_points > 10'000) return "fee_basis_points is over 10,000";
  if (latency_sigma_ms > std::uint64_t{latency_mean_ms} * 10)
    return "latency_sigma_ms is over 10 times latency_mean_ms";
  if (latency_mean_ms > latency_max_ms) return "latency_mean_ms is over latency_max_ms";
  if (entries_max == 0 || entries_max > entries_limit) return "entries_max is 0 or too large";
  return {};
}

}  // namespace payloom::core

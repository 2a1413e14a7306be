#pragma once
// The figures of one run, as one JSON object and as a table for people.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "actors/app/bench/lag.hpp"
#include "actors/app/bench/load_result.hpp"
#include "actors/app/bench/money_check.hpp"
#include "actors/app/bench/options.hpp"

namespace payloom::bench {

struct run_report {
  load_result load;
  lag_result lag;
  std::optional<check_result> check;  ///< empty with --no-check
  std::uint64_t seed = 0;
  std::uint64_t server_rss_bytes = 0;  ///< 0: not known
  double server_cpu_seconds = 0;       ///< over the load, 0: not known
  std::uint64_t rss_before_open = 0;   ///< before and after the orders that wait were made; 0: there are none
  std::uint64_t rss_with_open = 0;

  bool passed() const { return (!check || check->passed) && lag.within_bound && load.unanswered == 0; }
  double per_second() const { return load.seconds > 0 ? static_cast<double>(load.accepted) / load.seconds : 0; }
  /// Accepted events over the time until the follower had caught up.
  double per_second_caught_up() const {
    const double seconds = load.seconds + lag.catch_up_seconds;
    return seconds > 0 ? static_cast<double>(load.accepted) / seconds : 0;
  }
};

nlohmann::ordered_json to_json(const run_report& report, const options& opts);
std::string to_text(const run_report& report, const options& opts);

}  // namespace payloom::bench

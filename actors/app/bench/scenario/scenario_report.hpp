#pragma once
// The figures of a scenario's run, as one JSON object and as a table for people.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "actors/app/bench/lag.hpp"
#include "actors/app/bench/money_check.hpp"
#include "actors/app/bench/scenario/scenario_driver.hpp"

namespace payloom::bench {

struct scenario_report {
  std::string file;
  scenario how;
  std::uint64_t seed = 0;
  drive_result load;
  std::array<kind_figures, kind_count> kinds;
  std::uint64_t done = 0, duplicates = 0, wrong = 0, unanswered = 0;
  std::string why;  ///< the first wrong answer
  lag_result lag;
  std::optional<check_result> check;   ///< empty with --no-check
  std::uint64_t server_rss_bytes = 0;  ///< 0: not known

  bool passed() const { return wrong == 0 && unanswered == 0 && lag.within_bound && (!check || check->passed); }
  /// Operations answered as business successes, each once.
  double per_second() const { return load.seconds > 0 ? static_cast<double>(done) / load.seconds : 0; }
};

nlohmann::ordered_json to_json(const scenario_report& report);
std::string to_text(const scenario_report& report);

}  // namespace payloom::bench

#pragma once
// `payloom bench --sweep KEY=a,b,c`: one run for each value.
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "actors/app/bench/options.hpp"
#include "actors/app/bench/report.hpp"

namespace payloom::bench {

struct sweep_plan {
  std::string key;
  std::vector<std::string> values;
};

/// Takes KEY=a,b,c apart. Throws std::invalid_argument with a sentence for people.
sweep_plan parse_sweep(const std::string& text);

/// The options of one point: load keys change the options, server keys become settings of the embedded server.
/// Throws std::invalid_argument when the key is unknown, the value bad, or a server key comes without --embedded.
options with_value(const options& opts, const std::string& key, const std::string& value);

/// Runs all points with `run`, prints a table (or JSON) and the best value. 0 when every run passed its checks, else 1.
int run_sweep(const options& opts, const std::function<run_report(const options&)>& run);

}  // namespace payloom::bench

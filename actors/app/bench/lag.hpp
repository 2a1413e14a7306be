#pragma once
// How far the follower is behind, from the server's statistics.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "protocol/client/blocking_connection.hpp"

namespace payloom::bench {

/// The reply to a `stats` request, null when it is no JSON. Throws client::connection_lost.
nlohmann::json read_stats(client::blocking_connection& from);

/// The first number named `key` anywhere in `tree`, outer levels first.
std::optional<std::int64_t> find_number(const nlohmann::json& tree, const char* key);

struct lag_result {
  std::optional<std::int64_t> at_end;   ///< events behind when the load ended; empty: the server does not say
  std::optional<std::int64_t> finally;  ///< after waiting
  double catch_up_seconds = 0;
  bool within_bound = true;
};

/// Waits until the lag is at most `bound` events, at most `patience_seconds`.
lag_result wait_for_follower(client::blocking_connection& from, std::int64_t bound, double patience_seconds);

}  // namespace payloom::bench

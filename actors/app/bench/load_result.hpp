#pragma once
// What a run of the load produced, before and for the check.
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "actors/app/bench/histogram.hpp"
#include "actors/app/bench/outcome_set.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::bench {

struct load_result {
  std::uint64_t numbers = 0;     ///< transfer numbers 0 .. numbers-1 were given out
  std::uint64_t sent = 0;        ///< events sent (two-phase: holds and captures)
  std::uint64_t accepted = 0;    ///< events executed and durable
  std::uint64_t replayed = 0;    ///< events whose id was executed before this run
  std::uint64_t unknown = 0;     ///< events whose answer a broken connection took with it
  std::uint64_t repeated = 0;    ///< events sent again with the same ids for that
  std::uint64_t unanswered = 0;  ///< events without an answer to the end: the check asks what became of them
  std::uint64_t connections_broken = 0;
  std::uint64_t late = 0;     ///< open loop: sent more than 1 ms after their time
  std::uint64_t dropped = 0;  ///< open loop: never sent, the backlog was full
  std::uint64_t frames = 0;
  std::array<std::uint64_t, 256> rejected{};  ///< by result code
  double seconds = 0;                         ///< from the first send to the last reply
  double client_cpu_seconds = 0;
  std::uint64_t window_used = 0;          ///< frames per connection after the server's credits
  histogram latency_ns;                   ///< per frame; open loop: from the intended time
  histogram service_ns;                   ///< per frame, from the actual send
  std::vector<std::uint64_t> per_second;  ///< events accepted
  outcome_set accepted_set;               ///< transfers (two-phase: holds) executed in this run
  outcome_set captured_set;               ///< two-phase: holds captured in this run
  std::vector<std::pair<std::uint64_t, std::uint64_t>> unknown_transfers;  ///< [first, count): to ask about
  std::vector<std::pair<std::uint64_t, std::uint64_t>> unknown_captures;
  std::uint64_t last_second_first = 0;  ///< numbers from here on were sent in the last second

  std::uint64_t rejected_total() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : rejected) sum += n;
    return sum;
  }
};

}  // namespace payloom::bench

#pragma once
// Opens and funds the accounts of a run, and notes where they stand.
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "actors/app/bench/workload.hpp"
#include "protocol/client/blocking_connection.hpp"

namespace payloom::bench {

/// The server refused the set-up: no run.
struct setup_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An account's sums; 64 bits are enough for what the bench moves.
struct sums {
  std::uint64_t debits = 0;
  std::uint64_t credits = 0;
  std::uint64_t debits_pending = 0;
  std::uint64_t credits_pending = 0;
  friend bool operator==(const sums&, const sums&) = default;
};

/// Opens accounts 0 .. accounts(), limited ones if `limits`, which the last one then funds; returns the sums of all by
/// account number. Repeating with the same seed finds everything in place.
/// Throws setup_failure, client::connection_lost.
std::vector<sums> prepare(client::blocking_connection& to, const workload& load, bool limits);

/// Reads the sums of all accounts. Throws setup_failure when one is missing.
std::vector<sums> read_sums(client::blocking_connection& from, const workload& load);

}  // namespace payloom::bench

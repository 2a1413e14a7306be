#pragma once
// Opens and funds the accounts of a run, and notes where they stand.
#include <cstdint>
#include <functional>
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

/// Throws setup_failure, which begins with `what`, unless every result of the frame is ok or `also`.
void expect_done(const client::reply& answer, std::uint32_t count, result_code also, const char* what);

/// Opens accounts 0 .. accounts(), limited ones if `limits`, which the last one then funds; returns the sums of all by
/// account number. Repeating with the same seed finds everything in place.
/// Throws setup_failure, client::connection_lost.
std::vector<sums> prepare(client::blocking_connection& to, const workload& load, bool limits);

/// Reads the sums of accounts 0 .. count-1. Throws setup_failure when one is missing.
std::vector<sums> read_sums(client::blocking_connection& from, std::uint64_t count,
                            const std::function<account_id(std::uint64_t)>& account);
/// The same of all accounts of a run.
std::vector<sums> read_sums(client::blocking_connection& from, const workload& load);

}  // namespace payloom::bench

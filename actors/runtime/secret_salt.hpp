#pragma once
// Salts of tables in memory (core::place_hash): secret, drawn at each start.
#include <cstdint>
#include <random>

namespace payloom::actors {

inline std::uint64_t secret_salt() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

}  // namespace payloom::actors

#pragma once
// Random 128-bit ids. Never one that is reserved: zero, all ones, and those that begin with 0xfa1d (accounts and
// postings of payments). One object per thread.
#include <cstdint>
#include <random>

#include "protocol/types/ids.hpp"

namespace payloom::client {

class id_generator {
 public:
  /// Seeded by the system: ids that nobody else makes, with the certainty of 128 random bits.
  id_generator() {
    std::random_device source;
    for (std::uint64_t& word : state_) word = (std::uint64_t{source()} << 32) | source();
  }
  /// Always the same ids for the same seed: for tests, and for programs that must be able to repeat after a restart.
  explicit id_generator(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15ull;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
      word = z ^ (z >> 31);
    }
  }

  u128 next() {
    for (;;) {
      const std::uint64_t hi = word();
      const u128 id = make_u128(hi, word());
      if (!id_is_reserved(id) && hi >> 48 != payments_tag) return id;
    }
  }
  transfer_id transfer() { return {next()}; }
  account_id account() { return {next()}; }

 private:
  static constexpr std::uint64_t payments_tag = 0xfa1d;

  // xoshiro256**: 256 bits of state, so that a collision of two generators is one of their seeds.
  std::uint64_t word() {
    const auto rotate = [](std::uint64_t x, int by) { return (x << by) | (x >> (64 - by)); };
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }
  std::uint64_t state_[4];
};

}  // namespace payloom::client

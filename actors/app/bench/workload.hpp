#pragma once
// What the load consists of, as pure functions of a seed and a counter: transfer n, its id, its accounts and its amount
// can be made again at any time, so nothing has to be stored for the check afterwards.
#include <cstdint>

#include "protocol/types/ids.hpp"

namespace payloom::bench {

struct movement {
  std::uint64_t debit;   ///< account number, 0 .. accounts-1
  std::uint64_t credit;  ///< another one
  std::uint64_t amount;  ///< 1 .. 100 minor units
};

class workload {
 public:
  static constexpr ledger_id ledger = 978;  ///< EUR
  static constexpr std::uint16_t code = 1;
  static constexpr std::uint64_t funding_amount = std::uint64_t{1} << 40;  ///< minor units an account starts with
  static constexpr std::uint64_t hot_account =
      0;  ///< the number of the account that `hot_percent` of the credits go to

  /// `accounts` >= 2; `hot_percent` 0..100.
  constexpr workload(std::uint64_t seed, std::uint64_t accounts, unsigned hot_percent)
      : seed_(scramble(seed + 0x9e3779b97f4a7c15ull)), accounts_(accounts), hot_percent_(hot_percent) {}

  std::uint64_t accounts() const { return accounts_; }
  unsigned hot_percent() const { return hot_percent_; }

  /// Account `i`; `i == accounts()` is the account without limits that funds the others.
  constexpr account_id account(std::uint64_t i) const { return {derive(1, i)}; }
  constexpr transfer_id transfer(std::uint64_t n) const { return {derive(2, n)}; }
  constexpr transfer_id capture(std::uint64_t n) const { return {derive(3, n)}; }
  constexpr transfer_id funding(std::uint64_t i) const { return {derive(4, i)}; }
  /// What a merchant calls order `n` of a kind, and the number of a user or merchant (0 by the chance of 64 bits).
  constexpr u128 business_id(std::uint64_t kind, std::uint64_t n) const { return derive(16 + kind, n); }
  constexpr std::uint64_t owner(std::uint64_t i) const { return lo64(derive(6, i)); }

  constexpr movement movement_of(std::uint64_t n) const {
    const std::uint64_t h = scramble(start(5) + n * step);
    const std::uint64_t g = h * 0xff51afd7ed558ccdull;
    movement m{};
    m.amount = 1 + scale(static_cast<std::uint32_t>(g >> 32), 100);
    m.debit = scale(static_cast<std::uint32_t>(h), accounts_);
    if (hot_percent_ > 0 && scale(static_cast<std::uint32_t>(g), 100) < hot_percent_) {
      m.credit = hot_account;
      m.debit = 1 + scale(static_cast<std::uint32_t>(h), accounts_ - 1);
      return m;
    }
    m.credit = scale(static_cast<std::uint32_t>(h >> 32), accounts_ - 1);
    if (m.credit >= m.debit) ++m.credit;
    return m;
  }

  static constexpr std::uint64_t scramble(std::uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9ull;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebull;
    return x ^ (x >> 31);
  }

 private:
  static constexpr std::uint64_t step = 0x9e3779b97f4a7c15ull;  // odd: n -> n * step loses nothing

  constexpr std::uint64_t start(std::uint64_t domain) const { return seed_ ^ (domain * 0xd1342543de82ef95ull); }
  // The low half is a bijection of n, so ids of one kind never meet; kinds and seeds meet by the chance of 128 bits.
  constexpr u128 derive(std::uint64_t domain, std::uint64_t n) const {
    const std::uint64_t lo = scramble(start(domain) + n * step);
    const std::uint64_t hi = scramble(lo ^ seed_);
    return make_u128(hi, lo);
  }
  static constexpr std::uint64_t scale(std::uint32_t random, std::uint64_t bound) { return (random * bound) >> 32; }

  std::uint64_t seed_;
  std::uint64_t accounts_;
  unsigned hot_percent_;
};

}  // namespace payloom::bench

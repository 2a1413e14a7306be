#include "protocol/types/portion.hpp"

#include "protocol/types/assert.hpp"

namespace payloom {
namespace {

struct u256 {
  u128 hi, lo;
};

u256 multiply(u128 a, u128 b) {
  const u128 low = u128{lo64(a)} * lo64(b);
  const u128 mid1 = u128{hi64(a)} * lo64(b) + hi64(low);
  const u128 mid2 = u128{lo64(a)} * hi64(b) + lo64(mid1);
  return {u128{hi64(a)} * hi64(b) + hi64(mid1) + hi64(mid2), (mid2 << 64) | lo64(low)};
}

// Quotient of a 256-bit number by c, where it fits in 128 bits (n.hi < c): long division bit by bit.
u128 divide(u256 n, u128 c) {
  u128 rest = n.hi, quotient = 0;
  for (int bit = 127; bit >= 0; --bit) {
    const bool carry = (rest >> 127) != 0;
    rest = (rest << 1) | ((n.lo >> bit) & 1);
    quotient <<= 1;
    if (carry || rest >= c) {
      rest -= c;
      quotient |= 1;
    }
  }
  return quotient;
}

}  // namespace

u128 portion(u128 a, u128 b, u128 c) {
  PAYLOOM_ASSERT(c != 0 && b <= c);
  if (b == c) return a;
  if (hi64(a) == 0 && hi64(b) == 0) return a * b / c;
  const u256 product = multiply(a, b);
  PAYLOOM_ASSERT(product.hi < c);  // a < 2^128 and b <= c
  return divide(product, c);
}

bool divide_proportionally(std::span<const u128> left, u128 amount, std::span<u128> shares) {
  PAYLOOM_ASSERT(left.size() == shares.size());
  u128 all = 0;
  for (const u128 part : left) {
    if (!checked_add(all, part, all)) return false;
  }
  if (amount > all) return false;
  // The share of a part is the difference of two rounded prefixes: so the shares add up whatever is rounded, and none
  // passes its part, because no part of a whole number's size can be crossed by more than itself.
  u128 before = 0, given = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    before += left[i];
    const u128 upto = all == 0 ? 0 : portion(before, amount, all);
    shares[i] = upto - given;
    given = upto;
    PAYLOOM_ASSERT(shares[i] <= left[i]);
  }
  PAYLOOM_ASSERT(given == amount);
  return true;
}

}  // namespace payloom

#pragma once
// A set of transfer numbers: one bit each, grown as needed. What was accepted, kept for the check after the run.
#include <cstdint>
#include <vector>

namespace payloom::bench {

class outcome_set {
 public:
  void insert(std::uint64_t n) {
    reserve_for(n);
    words_[n / 64] |= std::uint64_t{1} << (n % 64);
  }
  void insert_range(std::uint64_t first, std::uint64_t count) {
    if (count == 0) return;
    reserve_for(first + count - 1);
    for (std::uint64_t n = first; n < first + count;) {
      if (n % 64 == 0 && first + count - n >= 64) {
        words_[n / 64] = ~std::uint64_t{0};
        n += 64;
      } else {
        words_[n / 64] |= std::uint64_t{1} << (n % 64);
        ++n;
      }
    }
  }
  bool contains(std::uint64_t n) const { return n / 64 < words_.size() && ((words_[n / 64] >> (n % 64)) & 1) != 0; }

 private:
  void reserve_for(std::uint64_t n) {
    if (n / 64 >= words_.size()) words_.resize((n / 64 + 1) * 2);
  }
  std::vector<std::uint64_t> words_;
};

}  // namespace payloom::bench

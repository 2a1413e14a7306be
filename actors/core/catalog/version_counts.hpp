#pragma once
// How many orders began with each version of the catalogue. One thread; the usual version costs one comparison.
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace payloom::core::catalog {

class version_counts {
 public:
  using count = std::pair<std::uint32_t, std::uint64_t>;  ///< version, orders

  void add(std::uint32_t version) {
    if (last_ >= all_.size() || all_[last_].first != version) {
      for (last_ = 0; last_ < all_.size() && all_[last_].first != version;) ++last_;
      if (last_ == all_.size()) all_.emplace_back(version, 0);
    }
    ++all_[last_].second;
  }
  /// In the order in which they were first met.
  std::span<const count> all() const { return all_; }

 private:
  std::vector<count> all_;
  std::size_t last_ = 0;
};

}  // namespace payloom::core::catalog

#include "actors/app/bench/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace payloom::bench {

histogram::histogram() : counts_(bucket_count) {}

void histogram::merge(const histogram& other) {
  for (std::size_t i = 0; i < bucket_count; ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
  min_ = std::min(min_, other.min_);
}

std::uint64_t histogram::percentile(double percent) const {
  if (total_ == 0) return 0;
  // 99.9 % of 1,000 is rank 999, whatever the binary fraction of 99.9 makes of it.
  const double rank = std::ceil(percent / 100.0 * static_cast<double>(total_) * (1 - 1e-12));
  const auto wanted = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, total_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    seen += counts_[i];
    if (seen >= wanted) return std::min(highest_of(i), max_);
  }
  return max_;
}

void histogram::write_hgrm(std::ostream& out, double unit) const {
  out << fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
  std::uint64_t seen = 0;
  double next = 0;
  for (std::size_t i = 0; i < bucket_count && total_ > 0; ++i) {
    if (counts_[i] == 0) continue;
    seen += counts_[i];
    const double share = static_cast<double>(seen) / static_cast<double>(total_);
    if (share < next && seen < total_) continue;
    const double value = static_cast<double>(std::min(highest_of(i), max_)) / unit;
    if (seen == total_) {
      out << fmt::format("{:12.3f} {:2.12f} {:10d}\n", value, share, seen);
    } else {
      out << fmt::format("{:12.3f} {:2.12f} {:10d} {:14.2f}\n", value, share, seen, 1 / (1 - share));
    }
    // Five lines for each halving of what remains, as plotters expect.
    next = share + (1 - share) / 5;
  }
  out << fmt::format("#[Mean    = {:12.3f}, Total count    = {:12d}]\n", mean() / unit, total_);
  out << fmt::format("#[Max     = {:12.3f}, Min            = {:12.3f}]\n", static_cast<double>(max_) / unit,
                     static_cast<double>(min()) / unit);
}

}  // namespace payloom::bench

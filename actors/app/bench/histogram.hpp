#pragma once
// A log-linear histogram with three significant digits: every value up to 2^40 lands in a bucket at most 1/1024 of its
// size wide. Fixed memory (248 KiB), recording is a few instructions.
#include <bit>
#include <cstdint>
#include <iosfwd>
#include <vector>

namespace payloom::bench {

class histogram {
 public:
  static constexpr unsigned linear_bits = 11;  ///< values below 2^11 are exact
  static constexpr unsigned value_bits = 40;   ///< larger values count as 2^40 - 1 (in nanoseconds: 18 minutes)

  histogram();

  void record(std::uint64_t value, std::uint64_t times = 1) {
    if (value > max_) max_ = value;
    if (value < min_) min_ = value;
    counts_[bucket_of(value)] += times;
    total_ += times;
    sum_ += static_cast<double>(value) * static_cast<double>(times);
  }
  void merge(const histogram& other);

  std::uint64_t total() const { return total_; }
  std::uint64_t min() const { return total_ == 0 ? 0 : min_; }
  std::uint64_t max() const { return max_; }
  double mean() const { return total_ == 0 ? 0 : sum_ / static_cast<double>(total_); }
  /// The largest value of the bucket that holds the `percent` percentile (0..100); 0 when empty, never above max().
  std::uint64_t percentile(double percent) const;

  /// The percentile distribution in the `.hgrm` text form that histogram plotters read; values divided by `unit`.
  void write_hgrm(std::ostream& out, double unit) const;

  static constexpr std::size_t bucket_of(std::uint64_t value) {
    if (value >= std::uint64_t{1} << value_bits) value = (std::uint64_t{1} << value_bits) - 1;
    if (value < std::uint64_t{1} << linear_bits) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - linear_bits;  // 1 ..
    return (static_cast<std::size_t>(shift) << (linear_bits - 1)) + static_cast<std::size_t>(value >> shift);
  }
  /// The largest value that falls into `bucket`.
  static constexpr std::uint64_t highest_of(std::size_t bucket) {
    if (bucket < std::size_t{1} << linear_bits) return bucket;
    const std::size_t half = std::size_t{1} << (linear_bits - 1);
    const auto shift = static_cast<unsigned>(bucket / half) - 1;
    const std::uint64_t step = bucket - half * shift;
    return ((step + 1) << shift) - 1;
  }
  static constexpr std::size_t bucket_count =
      (std::size_t{value_bits - linear_bits} << (linear_bits - 1)) + (std::size_t{1} << linear_bits);

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  double sum_ = 0;
};

}  // namespace payloom::bench

// Goal: the bench's histogram keeps three significant digits over its whole range, and its percentiles are exact there.
#include "actors/app/bench/histogram.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace payloom::bench {
namespace {

TEST(Histogram, EveryValueLandsInABucketThatHoldsIt) {
  for (std::uint64_t value = 1; value < std::uint64_t{1} << 39; value = value * 9 / 8 + 1) {
    const std::size_t bucket = histogram::bucket_of(value);
    ASSERT_LT(bucket, histogram::bucket_count);
    EXPECT_GE(histogram::highest_of(bucket), value);
    EXPECT_LT(histogram::highest_of(bucket - 1), value);
    EXPECT_LE(histogram::highest_of(bucket) - value, value / 1024);
  }
}

TEST(Histogram, NeighbouringBucketsMeetWithoutGap) {
  for (std::size_t bucket = 1; bucket < histogram::bucket_count; ++bucket) {
    ASSERT_EQ(histogram::bucket_of(histogram::highest_of(bucket - 1) + 1), bucket);
    ASSERT_EQ(histogram::bucket_of(histogram::highest_of(bucket)), bucket);
  }
}

TEST(Histogram, PercentilesOfSmallValuesAreExact) {
  histogram h;
  for (std::uint64_t v = 1; v <= 1000; ++v) h.record(v);
  EXPECT_EQ(h.percentile(50), 500u);
  EXPECT_EQ(h.percentile(99), 990u);
  EXPECT_EQ(h.percentile(99.9), 999u);
  EXPECT_EQ(h.percentile(100), 1000u);
  EXPECT_EQ(h.percentile(0), 1u);
  EXPECT_EQ(h.min(), 1u);
  EXPECT_EQ(h.max(), 1000u);
  EXPECT_DOUBLE_EQ(h.mean(), 500.5);
}

TEST(Histogram, ValuesBeyondTheRangeCountAsTheLargestButKeepTheirMaximum) {
  histogram h;
  h.record(~std::uint64_t{0});
  EXPECT_EQ(h.total(), 1u);
  EXPECT_EQ(h.max(), ~std::uint64_t{0});
  EXPECT_EQ(h.percentile(50), (std::uint64_t{1} << histogram::value_bits) - 1);
}

TEST(Histogram, MergingIsRecordingEverythingInOne) {
  histogram a, b, both;
  for (std::uint64_t v = 1; v < 100'000; v += 7) {
    (v % 2 == 0 ? a : b).record(v);
    both.record(v);
  }
  a.merge(b);
  EXPECT_EQ(a.total(), both.total());
  for (const double p : {1.0, 50.0, 90.0, 99.0, 99.99}) EXPECT_EQ(a.percentile(p), both.percentile(p));
  EXPECT_EQ(a.min(), both.min());
}

TEST(Histogram, AnEmptyOneSaysZero) {
  const histogram h;
  EXPECT_EQ(h.percentile(99), 0u);
  EXPECT_EQ(h.min(), 0u);
  EXPECT_DOUBLE_EQ(h.mean(), 0);
}

TEST(Histogram, TheWrittenDistributionEndsAtTheMaximumWithTheWholeCount) {
  histogram h;
  for (std::uint64_t v = 1; v <= 10'000; ++v) h.record(v * 1000);
  std::ostringstream out;
  h.write_hgrm(out, 1000.0);
  const std::string text = out.str();
  EXPECT_NE(text.find("Value     Percentile TotalCount 1/(1-Percentile)"), std::string::npos) << text;
  EXPECT_NE(text.find("10000.000 1.000000000000      10000\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Total count    =        10000]"), std::string::npos) << text;
}

}  // namespace
}  // namespace payloom::bench

// CRC-32C against the published vectors (RFC 3720 appendix B.4) and a bit-by-bit reference over every lane border.
#include "protocol/types/crc32c.hpp"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace payloom {
namespace {

std::uint32_t reference(std::span<const std::byte> bytes) {
  std::uint32_t crc = ~0u;
  for (const std::byte b : bytes) {
    crc ^= static_cast<std::uint32_t>(b);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78u : crc >> 1;
  }
  return ~crc;
}

std::vector<std::byte> sample(std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::uint64_t state = 88172645463325252ull;
  for (std::byte& b : bytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    b = static_cast<std::byte>(state);
  }
  return bytes;
}

TEST(crc32c, published_vectors) {
  const std::string_view digits = "123456789";
  EXPECT_EQ(crc32c(std::as_bytes(std::span(digits))), 0xe3069283u);
  EXPECT_EQ(crc32c({}), 0u);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32)), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xff})), 0x62a8ab43u);
  std::vector<std::byte> rising(32);
  for (std::size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<std::byte>(i);
  EXPECT_EQ(crc32c(rising), 0x46dd794eu);
}

TEST(crc32c, equals_the_reference_at_every_length_and_lane_border) {
  const auto bytes = sample(40000);
  for (std::size_t size = 0; size < 2000; ++size)
    ASSERT_EQ(crc32c(std::span(bytes).first(size)), reference(std::span(bytes).first(size))) << size;
  for (std::size_t size = 12280; size < 12300; ++size)
    ASSERT_EQ(crc32c(std::span(bytes).first(size)), reference(std::span(bytes).first(size))) << size;
  EXPECT_EQ(crc32c(std::span(bytes).subspan(3)), reference(std::span(bytes).subspan(3)));
}

TEST(crc32c, continues_from_a_seed) {
  const auto bytes = sample(30000);
  const std::uint32_t whole = crc32c(bytes);
  for (const std::size_t cut : {0ul, 1ul, 7ul, 128ul, 769ul, 12288ul, 29999ul})
    EXPECT_EQ(crc32c(std::span(bytes).subspan(cut), crc32c(std::span(bytes).first(cut))), whole) << cut;
}

}  // namespace
}  // namespace payloom

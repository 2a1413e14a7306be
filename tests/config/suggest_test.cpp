// Goal: a typo leads to the key that was meant, nonsense to none. Method: table.
#include "config/suggest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace payloom::config {
namespace {

constexpr std::array<std::string_view, 3> words = {"server.listen", "log.level", "log.format"};

TEST(suggest, near_words_are_found) {
  EXPECT_EQ(nearest("server.listn", words), "server.listen");
  EXPECT_EQ(nearest("server.lisetn", words), "server.listen");
  EXPECT_EQ(nearest("log.levels", words), "log.level");
}

TEST(suggest, far_words_are_not) {
  EXPECT_EQ(nearest("bandwidth", words), std::nullopt);
  EXPECT_EQ(nearest("", words), std::nullopt);
  EXPECT_EQ(nearest(std::string(200, 'x'), words), std::nullopt);
}

}  // namespace
}  // namespace payloom::config

// Goal: a marked place ends the process by SIGKILL at the passing that was asked for, and nowhere else.
#include "protocol/types/kill_point.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <string>

namespace payloom {
namespace {

TEST(KillPoint, OnlyTheArmedPlaceEndsTheProcessAndOnlyAtItsPassing) {
  const auto passes = [](int times) {
    if (!arm_kill_point("group_written:3")) std::_Exit(1);
    for (int i = 0; i < 10; ++i) pass_kill_point(kill_point::group_closed);
    for (int i = 0; i < times; ++i) pass_kill_point(kill_point::group_written);
    std::_Exit(0);
  };
  EXPECT_EXIT(passes(2), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(passes(3), testing::KilledBySignal(SIGKILL), "");
}

TEST(KillPoint, NothingIsArmedUnlessItIsAskedFor) {
  for (const kill_point_info& place : all_kill_points()) pass_kill_point(place.point);
  for (const char* wrong : {"", "group", "none", "group_written:", "group_written:0", "group_written:x",
                            "group_written:3x", "group_written:-1", ":1"}) {
    EXPECT_FALSE(arm_kill_point(wrong)) << wrong;
  }
  for (const kill_point_info& place : all_kill_points()) pass_kill_point(place.point);
}

TEST(KillPoint, EveryPlaceCanBeArmedByItsName) {
  for (const kill_point_info& place : all_kill_points()) {
    const auto dies = [&] {
      if (!arm_kill_point(std::string(place.name) + ":1")) std::_Exit(1);
      pass_kill_point(place.point);
      std::_Exit(0);
    };
    EXPECT_EXIT(dies(), testing::KilledBySignal(SIGKILL), "") << place.name;
  }
}

}  // namespace
}  // namespace payloom

// Goal: lines machines can read, never more than allowed. Method: a logger with its own sink and clock.
#include "config/log.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace payloom::config {
namespace {

using namespace std::chrono_literals;

// A logger that writes into `lines` and whose clocks are moved by hand.
struct fixture {
  std::vector<std::string> lines;
  std::chrono::steady_clock::time_point steady{};
  std::chrono::system_clock::time_point wall{1'700'000'000'123ms};
  logger log;
  explicit fixture(log_format format, log_level least = log_level::info)
      : log(least, format, [this](std::string_view line) { lines.emplace_back(line); },
            {[this] { return steady; }, [this] { return wall; }}) {}
};

TEST(log, logfmt) {
  fixture f(log_format::logfmt);
  f.log.log(log_level::info, "listening", {{"address", "127.0.0.1:7400"}, {"shards", 4u}, {"inline", true}});
  f.log.log(log_level::error, "disk_full", {{"path", "/a b=\"c\"\n"}, {"free_bytes", -1}, {"share", 0.25}, {"x", ""}});
  ASSERT_EQ(f.lines.size(), 2u);
  EXPECT_EQ(f.lines[0],
            "time=2023-11-14T22:13:20.123Z level=info listening address=127.0.0.1:7400 shards=4 inline=true\n");
  EXPECT_EQ(f.lines[1],
            "time=2023-11-14T22:13:20.123Z level=error disk_full path=\"/a b=\\\"c\\\"\\n\" free_bytes=-1"
            " share=0.25 x=\"\"\n");
}

TEST(log, json) {
  fixture f(log_format::json);
  f.log.log(log_level::warn, "drain", {{"reason", "a \"quote\", a \\ and \x01"}, {"left", 18446744073709551615ull}});
  ASSERT_EQ(f.lines.size(), 1u);
  EXPECT_EQ(f.lines[0],
            "{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"warn\",\"event\":\"drain\","
            "\"reason\":\"a \\\"quote\\\", a \\\\ and \\u0001\",\"left\":18446744073709551615}\n");
}

TEST(log, lower_levels_are_left_out) {
  fixture f(log_format::logfmt, log_level::warn);
  f.log.log(log_level::info, "a", {});
  f.log.log(log_level::warn, "b", {});
  f.log.configure(log_level::debug, log_format::json);
  f.log.log(log_level::debug, "c", {});
  ASSERT_EQ(f.lines.size(), 2u);
  EXPECT_NE(f.lines[0].find(" b"), std::string::npos);
  EXPECT_EQ(f.lines[1].front(), '{');
}

TEST(log, a_flood_of_one_event_is_bounded_and_counted) {
  fixture f(log_format::logfmt);
  for (int i = 0; i < 100; ++i) f.log.log(log_level::info, "flood", {});
  f.log.log(log_level::info, "other_event", {});
  EXPECT_EQ(f.lines.size(), logger::lines_per_second + 1);
  f.steady += 1s;
  f.log.log(log_level::info, "flood", {});
  EXPECT_NE(f.lines.back().find("suppressed=80"), std::string::npos) << f.lines.back();
  f.log.log(log_level::info, "flood", {});
  EXPECT_EQ(f.lines.back().find("suppressed"), std::string::npos) << f.lines.back();
}

TEST(log, ever_new_names_share_one_allowance) {
  fixture f(log_format::logfmt);
  for (std::size_t i = 0; i < logger::names_max + 100; ++i)
    f.log.log(log_level::info, std::string("e").append(std::to_string(i)), {});
  EXPECT_EQ(f.lines.size(), logger::names_max + logger::lines_per_second);
}

TEST(log, threads_do_not_mix_lines) {
  fixture f(log_format::logfmt);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&f, t] {
      for (int i = 0; i < 15; ++i) f.log.log(log_level::info, std::string("t").append(std::to_string(t)), {{"i", i}});
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(f.lines.size(), 60u);
  for (const std::string& line : f.lines) EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace payloom::config

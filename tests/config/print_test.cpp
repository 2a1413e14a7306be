// Goal: what is shown is what is in force, and the shipped texts follow the key table. Method: round trips and
// comparison.
#include "config/print.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "config/key.hpp"
#include "config/loader.hpp"

namespace payloom::config {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(std::string(PAYLOOM_SOURCE_DIR) + "/" + path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(print, shows_what_reads_back) {
  settings value = default_settings();
  value.server.listen = endpoint{"::1", 9};
  value.storage.directory = "with \"quotes\" and # signs";
  value.topology.order_shards = 12;
  value.partition.cluster = make_u128(1, 2);
  value.ledgers = {{1000, "POINTS", 0}, {1001, "ETH", 18}};
  value.hot_accounts = {{5}, {make_u128(3, 4)}};
  value.server.idle_timeout = milliseconds(1500);
  const std::string text = print_yaml(value);
  const load_result again = load_text(text, "f");
  ASSERT_TRUE(again.ok()) << to_string(again.problems[0]);
  EXPECT_EQ(print_yaml(again.value), text);
  EXPECT_EQ(again.value.server.listen, value.server.listen);
  EXPECT_EQ(again.value.storage.directory, value.storage.directory);
  EXPECT_EQ(again.value.ledgers, value.ledgers);
  EXPECT_EQ(again.value.hot_accounts, value.hot_accounts);
}

TEST(print, every_key_has_a_comment_and_no_line_is_long) {
  std::istringstream lines(print_yaml(default_settings()));
  std::string line, previous;
  std::size_t shown = 0;
  while (std::getline(lines, line)) {
    EXPECT_LE(line.size(), 120u) << line;
    const bool is_value = line.find(": ") != std::string::npos && line.find('#') == std::string::npos;
    if (is_value) {
      ++shown;
      EXPECT_NE(previous.find('#'), std::string::npos) << line;
    }
    previous = line;
  }
  EXPECT_EQ(shown, keys().size());
}

TEST(print, names_what_differs_from_the_defaults) {
  settings value = default_settings();
  EXPECT_EQ(print_changed(value), "all defaults");
  value.log.format = log_format::json;
  value.server.io_threads = 2;
  EXPECT_EQ(print_changed(value), "server.io_threads=2, log.format=json");
}

TEST(print, the_shipped_file_is_the_table) {
  EXPECT_EQ(file_text("config/payloom.yaml"), print_yaml(default_settings()))
      << "make it anew: build/release/payloom print-config > config/payloom.yaml";
}

TEST(print, the_operators_page_has_the_table) {
  EXPECT_NE(file_text("OPERATIONS.md").find(print_key_table()), std::string::npos) << "put this into OPERATIONS.md:\n"
                                                                                   << print_key_table();
}

}  // namespace
}  // namespace payloom::config

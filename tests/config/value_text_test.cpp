// Goal: every value reads strictly and is written so that it reads back. Method: one row = key, text, outcome.
#include "config/value_text.hpp"

#include <gtest/gtest.h>

#include "config/loader.hpp"

namespace payloom::config {
namespace {

struct row {
  const char* path;
  const char* text;
  const char* written;  // what write_value gives afterwards; nullptr: refused
  const char* message;  // part of the refusal
};

constexpr row rows[] = {
    {"server.io_threads", "4", "4", ""},
    {"server.io_threads", "0", nullptr, "out of bounds: 1 .. 256"},
    {"server.io_threads", "257", nullptr, "out of bounds"},
    {"server.io_threads", "-1", nullptr, "a sign is not allowed"},
    {"server.io_threads", "+1", nullptr, "a sign is not allowed"},
    {"server.io_threads", "010", nullptr, "leading zero"},
    {"server.io_threads", "0x10", nullptr, "hexadecimal"},
    {"server.io_threads", "0o10", nullptr, "octal"},
    {"server.io_threads", "1.5", nullptr, "unknown unit `.5`"},
    {"server.io_threads", "1e3", nullptr, "unknown unit"},
    {"server.io_threads", "", nullptr, "a number is expected"},
    {"server.io_threads", "four", nullptr, "a number is expected"},
    {"server.io_threads", "4 ", nullptr, "unknown unit"},
    {"server.io_threads", "auto", nullptr, "a number is expected"},
    {"server.io_threads", "99999999999999999999999999", nullptr, "too large"},
    {"topology.order_shards", "auto", "auto", ""},
    {"topology.order_shards", "4096", "4096", ""},
    {"topology.order_shards", "4097", nullptr, "1 .. 4096 or auto"},
    {"topology.order_shards", "0", nullptr, "out of bounds"},
    {"index.lag_events_max", "16M", "16M", ""},
    {"index.lag_events_max", "16000000", "16M", ""},
    {"index.lag_events_max", "500k", "500k", ""},
    {"index.lag_events_max", "16MiB", nullptr, "counts are written like"},
    {"index.lag_events_max", "18446744073709551615G", nullptr, "too large"},
    {"storage.segment_bytes", "64MiB", "64MiB", ""},
    {"storage.segment_bytes", "67108864B", "64MiB", ""},
    {"storage.segment_bytes", "1GiB", "1GiB", ""},
    {"storage.segment_bytes", "67108864", nullptr, "a unit is missing"},
    {"storage.segment_bytes", "64MB", nullptr, "unknown unit `MB`"},
    {"storage.segment_bytes", "64 MiB", nullptr, "unknown unit"},
    {"storage.segment_bytes", "1KiB", nullptr, "1KiB is out of bounds: 16MiB .. 4GiB"},
    {"journal.inline_bytes", "0B", "0B", ""},
    {"server.idle_timeout", "250ms", "250ms", ""},
    {"server.idle_timeout", "60s", "1min", ""},
    {"server.idle_timeout", "2h", "2h", ""},
    {"server.idle_timeout", "1500ms", "1500ms", ""},
    {"server.idle_timeout", "60", nullptr, "a unit is missing: durations"},
    {"server.idle_timeout", "60m", nullptr, "unknown unit `m`"},
    {"server.idle_timeout", "99ms", nullptr, "99ms is out of bounds: 100ms .. 24h"},
    {"partition.shadow", "true", "true", ""},
    {"partition.shadow", "false", "false", ""},
    {"partition.shadow", "yes", nullptr, "true or false is expected"},
    {"partition.shadow", "True", nullptr, "true or false is expected"},
    {"scheduler.policy", "stealing", "stealing", ""},
    {"scheduler.policy", "Sharing", nullptr, "none of: sharing, stealing"},
    {"log.level", "warn", "warn", ""},
    {"log.format", "xml", nullptr, "none of: logfmt, json"},
    {"partition.cluster", "0xDeadBeef", "0xdeadbeef", ""},
    {"partition.cluster", "12", nullptr, "hexadecimal number is expected"},
    {"partition.cluster", "0x", nullptr, "hexadecimal number"},
    {"server.listen", "0.0.0.0:0", "0.0.0.0:0", ""},
    {"server.listen", "[::1]:7400", "\"[::1]:7400\"", ""},
    {"server.listen", "ledger.internal:7400", "ledger.internal:7400", ""},
    {"server.listen", "::1:7400", nullptr, "an address is written like"},
    {"server.listen", "127.0.0.1", nullptr, "an address is written like"},
    {"server.listen", ":7400", nullptr, "an address is written like"},
    {"server.listen", "127.0.0.1:65536", nullptr, "the port must be"},
    {"server.listen", "127.0.0.1:", nullptr, "the port must be"},
    {"server.listen", "a b:1", nullptr, "an address is written like"},
    {"server.listen", "", nullptr, "an address is written like"},
    {"shadow.listen", "", "\"\"", ""},
    {"storage.directory", "/var/lib/payloom", "/var/lib/payloom", ""},
    {"storage.directory", "my \"data\"", "\"my \\\"data\\\"\"", ""},
    {"storage.directory", "", nullptr, "a text is expected"},
    {"storage.directory", "a\nb", nullptr, "control characters"},
    {"hot_accounts", "[1]", nullptr, "a list is expected"},
};

TEST(value_text, table) {
  for (const row& r : rows) {
    SCOPED_TRACE(std::string(r.path) + " = " + r.text);
    const key* k = find_key(r.path);
    ASSERT_NE(k, nullptr);
    settings value = default_settings();
    const std::string before = write_value(*k, value);
    const auto wrong = read_value(*k, r.text, value);
    if (r.written != nullptr) {
      EXPECT_EQ(wrong, std::nullopt);
      EXPECT_EQ(write_value(*k, value), r.written);
    } else {
      ASSERT_TRUE(wrong.has_value());
      EXPECT_NE(wrong->find(r.message), std::string::npos) << *wrong;
      EXPECT_EQ(write_value(*k, value), before) << "a refused value changes nothing";
    }
  }
}

TEST(value_text, bounds_themselves_are_allowed) {
  for (const key& k : keys()) {
    settings value = default_settings();
    for (const std::uint64_t bound : {k.min, k.max}) {
      const field place = k.locate(value);
      if (std::holds_alternative<std::uint64_t*>(place)) {
        const std::string text = std::to_string(bound) + (k.measure == unit::bytes ? "B" : "");
        EXPECT_EQ(read_value(k, text, value), std::nullopt) << k.path << " " << text;
      } else if (std::holds_alternative<milliseconds*>(place)) {
        EXPECT_EQ(read_value(k, std::to_string(bound) + "ms", value), std::nullopt) << k.path;
      }
    }
  }
}

TEST(value_text, every_key_says_what_it_does) {
  for (const key& k : keys()) {
    EXPECT_GE(k.sentence.size(), 20u) << k.path;
    EXPECT_EQ(k.sentence.back(), '.') << k.path;
    EXPECT_FALSE(bounds_text(k).empty()) << k.path;
  }
}

TEST(value_text, accounts) {
  account_id id;
  EXPECT_EQ(read_account("0x2a", id), std::nullopt);
  EXPECT_EQ(id.value, u128{42});
  EXPECT_EQ(read_account("43", id), std::nullopt);
  EXPECT_EQ(id.value, u128{43});
  for (const char* text : {"0", "0x0", "042", "-1", "x", "", "0xffffffffffffffffffffffffffffffff"}) {
    EXPECT_TRUE(read_account(text, id).has_value()) << text;
  }
}

}  // namespace
}  // namespace payloom::config

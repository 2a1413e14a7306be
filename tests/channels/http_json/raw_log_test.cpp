// The raw log: what is masked and what is not, rotation, the queue's bound, torn ends, reading back.
#include "actors/channels/raw_log.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "actors/channels/secret_mask.hpp"
#include "tests/support/temporary_directory.hpp"

namespace payloom::test {
namespace {

using actors::raw_exchange;
using actors::raw_log;
using actors::raw_log_options;
using support::temporary_directory;

std::string masked(std::string text, const std::vector<std::string>& secrets = {}) {
  actors::mask_secrets(text, secrets);
  return text;
}

TEST(secret_mask, what_is_masked_and_what_stays) {
  struct row {
    std::string text, expected;
  };
  const row rows[] = {
      {"POST / HTTP/1.1\r\nX-Signature: abc\r\nX-Key-Id: k1\r\n\r\n{}",
       "POST / HTTP/1.1\r\nX-Signature:****\r\nX-Key-Id: k1\r\n\r\n{}"},
      {"x-signature: abc\nAUTHORIZATION: Bearer q\n", "x-signature:****\nAUTHORIZATION:*********\n"},
      {"a: b\r\n\r\nX-Signature: in the body", "a: b\r\n\r\nX-Signature: in the body"},
      {R"({"pan":"123","pin" : 77,"amount":"123"})", R"({"pan":"***","pin" : **,"amount":"123"})"},
      {R"({"api_key":"a\"b","TOKEN":"x","keys":"x"})", R"({"api_key":"****","TOKEN":"*","keys":"x"})"},
      {R"({"secret":"cut)", R"({"secret":"***)"},
      {"card 4111111111111111.", "card 411111******1111."},
      {"card 4111 1111 1111 1111", "card 4111 11** **** 1111"},
      {"card 4111-1111-1111-1111", "card 4111-11**-****-1111"},
      {"4111111111111112", "4111111111111112"},    // fails the check
      {"a4111111111111111", "a4111111111111111"},  // a part of a word
      {"4111111111111111f", "4111111111111111f"},
      {"00000000000000004111111111111111", "00000000000000004111111111111111"},  // an id, 32 digits
      {"6011000990139424", "601100******9424"},
      {"378282246310005", "378282*****0005"},
      {"411111111111", "411111111111"},
      {"k DEADBEEF01 k deadbeef01", "k ********** k **********"},
      {"", ""},
      {"\"", "\""},
      {"\"key\":", "\"key\":"},
      {"{\"key\":\"\\", "{\"key\":\"*"},
  };
  for (const row& r : rows) EXPECT_EQ(masked(r.text, {"deadbeef01", ""}), r.expected);
}

TEST(secret_mask, any_bytes_keep_their_length) {
  std::uint64_t state = 1;
  const std::string alphabet = "\"\\:{}0123456789 -\r\nkeyx";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (int c = 0; c < 40; ++c) {
      state = state * 6364136223846793005ull + 1442695040888963407ull;
      text += alphabet[(state >> 33) % alphabet.size()];
    }
    const std::size_t size = text.size();
    ASSERT_EQ(masked(text).size(), size);
  }
}

raw_exchange exchange_of(u128 id, const std::string& request,
                         const std::string& response = "HTTP/1.1 200 OK\r\n\r\n{}") {
  raw_exchange e;
  e.attempt_id = id;
  e.began_at = 7;
  e.connect_us = 1;
  e.tls_us = 2;
  e.first_byte_us = 3;
  e.total_us = 4;
  e.request = request;
  e.response = response;
  return e;
}

TEST(raw_log, exchanges_are_found_by_their_attempt_with_secrets_masked) {
  const temporary_directory directory;
  raw_log log({directory.path(), 1u << 20, 0, 1u << 20, {"deadbeef"}});
  for (u128 id = 1; id <= 100; ++id)
    ASSERT_TRUE(log.add(
        exchange_of(id % 10 + 1, "GET /" + std::to_string(lo64(id)) + "\r\nX-Signature: 00\r\n\r\nDEADBEEF\n")));
  log.flush();
  const auto found = raw_log::read(directory.path(), 4);
  ASSERT_EQ(found.size(), 10u);
  EXPECT_EQ(found[1].request, "GET /13\r\nX-Signature:***\r\n\r\n********\n");
  EXPECT_EQ(found[1].response, "HTTP/1.1 200 OK\r\n\r\n{}");
  EXPECT_EQ(found[1].began_at, 7u);
  EXPECT_EQ(found[1].connect_us + 10 * found[1].tls_us + 100 * found[1].first_byte_us + 1000 * found[1].total_us,
            4321u);
  EXPECT_EQ(raw_log::read(directory.path(), 4, 3).size(), 3u);
  EXPECT_TRUE(raw_log::read(directory.path(), 99).empty());
  EXPECT_TRUE(raw_log::read(directory.path() / "nowhere", 1).empty());
  EXPECT_EQ(log.counters().written, 100u);
}

TEST(raw_log, files_are_bounded_old_ones_go_and_a_restart_begins_a_new_one) {
  const temporary_directory directory;
  const auto count = [&] {
    std::size_t files = 0;
    for (const auto& f : std::filesystem::directory_iterator(directory.path())) {
      EXPECT_LE(f.file_size(), 1000u);
      ++files;
    }
    return files;
  };
  for (int run = 0; run < 2; ++run) {
    raw_log log({directory.path(), 1000, 3, 1u << 20, {}});
    for (u128 id = 1; id <= 20; ++id) log.add(exchange_of(id, std::string(300, run == 0 ? 'a' : 'b')));
    log.stop();
    EXPECT_FALSE(log.add(exchange_of(1, "late")));
    EXPECT_EQ(log.counters().dropped, 1u);
    EXPECT_EQ(count(), 3u);
  }
  EXPECT_TRUE(raw_log::read(directory.path(), 1).empty()) << "its file is gone";
  const auto last = raw_log::read(directory.path(), 20);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].request, std::string(300, 'b'));
}

TEST(raw_log, a_full_queue_drops_and_counts) {
  const temporary_directory directory;
  raw_log log({directory.path(), 1u << 20, 0, 2000, {}});
  EXPECT_FALSE(log.add(exchange_of(1, std::string(3000, 'x'))));
  EXPECT_TRUE(log.add(exchange_of(2, std::string(300, 'x'))));
  log.flush();
  EXPECT_EQ(log.counters().dropped, 1u);
  EXPECT_EQ(log.counters().written, 1u);
}

TEST(raw_log, a_torn_end_hides_nothing_before_it) {
  const temporary_directory directory;
  raw_log({directory.path(), 1u << 20, 0, 1u << 20, {}}).add(exchange_of(1, "whole"));
  std::filesystem::path file = std::filesystem::directory_iterator(directory.path())->path();
  std::ofstream(file, std::ios::app) << "exchange 0x1 7 1 2 3 4 999 2\nnot that long";
  raw_log({directory.path(), 1u << 20, 0, 1u << 20, {}}).add(exchange_of(1, "next file"));
  const auto found = raw_log::read(directory.path(), 1);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].request, "next file");
}

TEST(raw_log, a_disk_that_does_not_take_it_is_counted) {
  const temporary_directory directory;
  const auto in_the_way = directory.path() / "file";
  std::ofstream(in_the_way) << "x";
  raw_log log({in_the_way / "below", 1u << 20, 0, 1u << 20, {}});
  log.add(exchange_of(1, "x"));
  log.flush();
  EXPECT_EQ(log.counters().failed, 1u);
}

}  // namespace
}  // namespace payloom::test

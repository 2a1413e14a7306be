// explain: sound frames field by field, broken ones with the place and the reason, and never an end of the process.
#include "protocol/wire/explain.hpp"
#include "protocol/types/check_records.hpp"

#include <random>

#include <gtest/gtest.h>

#include "tests/wire/golden_frames.hpp"

namespace payloom::wire {
namespace {

using namespace testing;

std::string explain(const std::vector<std::byte>& bytes) { return explain_hex(hex_lines(bytes)); }

void expect_line(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in:\n" << text;
}

TEST(explain, a_request_with_its_records) {
  const std::string text = explain(golden_transfers());
  expect_line(text, "frame of 384 bytes, client to server: 0x10 = create_transfers\n");
  expect_line(text, "        0  magic                        \"PAYL\"\n");
  expect_line(text, "       40  timeout_ms                   2000\n");
  expect_line(text, "transfer 0:\n      128  id                           0x123456789abcdeffedcba9876543210\n");
  expect_line(text, "      176  amount_minor                 1999\n");
  expect_line(text, "      246  flags                        0x2 = hold\n");
  expect_line(text, "transfer 1:\n      256  id ");
  expect_line(text, "amount_minor                 max (2^128 - 1)\n");
  expect_line(text, "0x4 = capture\n");
  EXPECT_EQ(text.find("WRONG"), std::string::npos);
}

TEST(explain, a_reply_with_code_names) {
  const std::string text = explain(golden_results());
  expect_line(text, "server to client: 0x8010 = create_transfers, reply\n");
  expect_line(text, "code                         0 ok\n");
  expect_line(text, "code                         108 hold_already_captured, class new_key: ");
  expect_line(text, "timestamp                    1700000000.000001000 s\n");
}

TEST(explain, nested_records_and_text) {
  balances_result result{};
  result.credit.credits_posted = 77;
  frame_header header = golden_reply(frame_type::create_transfers, 1);
  header.flags = frame_flags::want_balances;
  expect_line(explain(sealed(header, std::vector{result})), "      256  credit.credits_posted        77\n");
  const std::string_view json = "{\"a\":1}\n";
  frame_header stats = golden_reply(frame_type::stats, 1);
  expect_line(explain(sealed(stats, std::vector<char>(json.begin(), json.end()))), "text of 8 bytes: {\"a\":1}.\n");
}

TEST(explain, subscriptions_and_what_is_pushed) {
  const std::string ask = explain(golden_subscribe());
  expect_line(ask, "client to server: 0x2b = subscribe\n");
  expect_line(ask, "subscribe 0:\n      128  name                         0x5eed0000000000000001\n");
  expect_line(ask, "      208  window                       500\n");
  expect_line(explain(golden_acknowledge()), "acknowledge 0:\n      128  name ");
  expect_line(explain(golden_subscribed()), "subscription_row 0:\n      128  name ");
  const std::string pushed = explain(golden_pushed_events());
  expect_line(pushed, "server to client: 0x2d = pushed_events\n");
  expect_line(pushed, "order_event_row 0:\n");
  expect_line(pushed, "  sequence                     1003\n");
  EXPECT_EQ(pushed.find("WRONG"), std::string::npos) << pushed;
  expect_line(explain(golden_push_end()), "code                         24 draining, class ");
}

TEST(explain, orders_and_actions) {
  const std::string order = explain(golden_orders());
  expect_line(order, "client to server: 0x14 = create_orders\n");
  expect_line(order, "order 0:\n      128  id                           0x463fe7b5bb7d3e791288f9b9e11e74ac\n");
  expect_line(order, "      228  timeout_s                    900\n");
  expect_line(order, "      236  product                      101\n");
  const std::string actions = explain(golden_actions());
  expect_line(actions, "      212  action                       1 pay\n");
  expect_line(actions, "order_action 1:\n      256  id ");
  expect_line(actions, "      340  action                       7 refund\n");
  auto pay_now = golden_order();
  pay_now.flags = order_flags::pay_now;
  expect_line(explain(sealed(golden_request(frame_type::create_orders, 1), std::vector{pay_now})), "0x1 = pay_now\n");
}

TEST(explain, an_event_shows_its_command_and_its_order) {
  const std::string paid = explain(golden_timeline_reply());
  expect_line(paid, "order_event_row 0:\n      128  event.request.id ");
  expect_line(paid, "event.request.action         1 pay\n");
  expect_line(paid, "event.order.paid_minor       1200\n");
  expect_line(paid, "event.order.flags            0x1 = resident\n");
  expect_line(paid, "event.request_type           21 act_on_orders\n");
  expect_line(paid, "      640  sequence                     1003\n");
  order_event_row row = golden_event_row();
  const order_record order = golden_order();
  std::memcpy(row.event.request, &order, sizeof order);
  row.event.request_type = static_cast<std::uint16_t>(frame_type::create_orders);
  const auto explained = [&] { return explain(sealed(golden_reply(frame_type::order_timeline, 1), std::vector{row})); };
  expect_line(explained(), "event.request.product        101\n");
  check_fact_record fact{};
  fact.action = order_action::check_fact;
  fact.passed = 5;
  fact.took_ms[2] = 48;
  std::memcpy(row.event.request, &fact, sizeof fact);
  row.event.request_type = static_cast<std::uint16_t>(frame_type::act_on_orders);
  expect_line(explained(), "event.request.action         66 check_fact\n");
  expect_line(explained(), "event.request.passed         5\n");
  expect_line(explained(), "event.request.took_ms_3      48\n");
  row.event.request_type = 999;
  expect_line(explained(), "event.request                no command that this version knows\n");
  expect_line(explained(), "event.request_type           999 (no such type)\n");
}

TEST(explain, several_frames_one_after_the_other) {
  auto bytes = golden_hello();
  const auto second = golden_error();
  bytes.insert(bytes.end(), second.begin(), second.end());
  const std::string text = explain(bytes);
  expect_line(text, "client to server: 0x1 = hello\n");
  expect_line(text, "\"example\"");
  expect_line(text, "server to client: 0x4 = error\n");
  EXPECT_TRUE(is_sound_hex(hex_lines(bytes)));
}

TEST(explain, long_frames_are_cut) {
  const std::vector<id_record> ids(100);
  const std::string text = explain(sealed(golden_request(frame_type::seal_transfers, 1), ids));
  expect_line(text, "id 63:\n");
  expect_line(text, "and 36 more\n");
}

TEST(explain, what_is_broken_is_named_with_its_place) {
  struct {
    const char* name;
    std::vector<std::byte> bytes;
    std::string expected;
  } const cases[] = {
      {"magic",
       [] {
         auto b = golden_hello();
         b[0] = std::byte{'X'};
         return b;
       }(),
       "WRONG at byte 0: frame_malformed (1): the magic is not PAYL"},
      {"header",
       [] {
         auto b = golden_hello();
         b[33] = std::byte{1};
         return b;
       }(),
       "WRONG at byte 4: frame_checksum_mismatch (2): header_crc does not match\n"
       "  the CRC-32C of bytes 8 to 127 is 0x"},
      {"body",
       [] {
         auto b = golden_hello();
         b[150] = std::byte{1};
         return b;
       }(),
       "WRONG at byte 8: frame_checksum_mismatch (2): body_crc does not match\n  the CRC-32C of the body is 0x"},
      {"reserved", sealed([] {
         auto h = golden_request(frame_type::ping, 1);
         h.reserved[2] = 9;
         return h;
       }()),
       "WRONG at byte 114: frame_reserved_not_zero (6)"},
      {"reserved field", sealed([] {
         auto h = golden_request(frame_type::ping, 1);
         h.reserved[2] = 9;
         return h;
       }()),
       "reserved                     NOT ZERO at byte 2 of this field"},
      {"type", sealed(golden_header(99, 1)), "WRONG at byte 18: frame_type_unknown (5)"},
      {"flag", sealed([] {
         auto h = golden_request(frame_type::ping, 1);
         h.flags = 32;
         return h;
       }()),
       "0x20 = bit 5 (no meaning)"},
      {"short header", std::vector<std::byte>(57), "WRONG: a header has 128 bytes, 57 are given"},
      {"short body",
       [] {
         auto b = golden_hello();
         b.resize(200);
         return b;
       }(),
       "WRONG at byte 12: frame_malformed (1): the frame is longer than what is given"},
      {"nothing", {}, "nothing to explain"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    expect_line(explain(c.bytes), c.expected);
    EXPECT_FALSE(is_sound_hex(hex_lines(c.bytes)));
  }
}

TEST(explain, text_that_is_no_hex) {
  EXPECT_EQ(explain_hex("50 4g"), "WRONG: character 5 ('g') is no hexadecimal digit\n");
  EXPECT_EQ(explain_hex("50 4"), "WRONG: the number of hexadecimal digits is odd\n");
  EXPECT_FALSE(is_sound_hex("50 4"));
}

TEST(explain, any_bytes_are_explained) {
  std::mt19937_64 random(5);
  const auto frames = golden_frames();
  for (int round = 0; round < 3000; ++round) {
    auto bytes = frames[random() % frames.size()].bytes;
    for (std::size_t i = random() % 20; i > 0; --i) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    if (random() % 3 == 0) bytes.resize(random() % (bytes.size() + 1));
    // Half of them with a checksum that fits, so that the checks behind it are reached.
    if (bytes.size() >= header_bytes && random() % 2 == 0) {
      const std::uint32_t crc = crc32c(std::span(bytes).subspan(8, header_bytes - 8));
      std::memcpy(bytes.data() + 4, &crc, sizeof crc);
    }
    ASSERT_FALSE(explain(bytes).empty());
  }
}

}  // namespace
}  // namespace payloom::wire

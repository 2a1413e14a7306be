// Requests as exact texts; responses and callbacks as tables, cut and flipped.
#include "actors/channels/http_json/http_messages.hpp"

#include <gtest/gtest.h>

#include "actors/channels/http_json/echo_reference.hpp"
#include "actors/channels/http_json/wire_text.hpp"
#include "tests/channels/http_json/calls.hpp"

namespace payloom::test {
namespace {

using http_json::code_map;
using http_json::message_errc;
using http_json::read_answer;
using http_json::read_callback;
using http_json::read_response;
using http_json::request_text;
using enum channel_outcome;

const code_map& codes() {
  static const code_map map = [] {
    std::string problem;
    return *code_map::make(http_json::simulator_codes(), problem);
  }();
  return map;
}

std::string echo_of(const core::channel_call& c) {
  std::string text;
  http_json::append_echo(text, c);
  return text;
}

TEST(http_messages, requests_are_these_texts) {
  const core::channel_call pay = call_of(0xa1), refund = call_of(0xa2, channel_operation::refund, 7, 0xa1);
  const core::channel_call payout = call_of(0xa3, channel_operation::payout, u128_max - 1);
  const std::string a1 = "000000000000000000000000000000a1";
  struct row {
    core::channel_call call;
    std::string method, path, body;
  };
  const row rows[] = {
      {pay, "POST", "/v1/payments",
       R"({"attempt_id":")" + a1 + R"(","amount":"1050","currency":978,"reference":")" + echo_of(pay) + "\"}"},
      {refund, "POST", "/v1/refunds",
       R"({"attempt_id":"000000000000000000000000000000a2","amount":"7","currency":978,"source":")" + a1 +
           R"(","reference":")" + echo_of(refund) + "\"}"},
      {payout, "POST", "/v1/payouts",
       R"({"attempt_id":"000000000000000000000000000000a3","amount":"340282366920938463463374607431768211454",)"
       R"("currency":978,"reference":")" +
           echo_of(payout) + "\"}"},
      {asking(pay, channel_operation::query), "GET", "/v1/attempts/" + a1, ""},
      {asking(pay, channel_operation::close), "POST", "/v1/attempts/" + a1 + "/close", "{}"},
  };
  request_text text;
  for (const row& r : rows) {
    http_json::write_request(r.call, text);
    EXPECT_EQ(text.method, r.method);
    EXPECT_EQ(text.path, r.path);
    EXPECT_EQ(text.body, r.body);
    http_json::message_fields fields;
    if (!text.body.empty()) {
      EXPECT_TRUE(http_json::read_fields(text.body, fields).ok());
    }
  }
}

constexpr const char* good =
    R"({"attempt_id":"000000000000000000000000000000a1","code":"APPROVED","amount":"1050","currency":978,)"
    R"("channel_txn":"000000000000000000000000000000f1"})";

std::string with(std::string_view from, std::string_view to) {
  std::string text = good;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(http_messages, responses_by_precedence) {
  using enum message_errc;
  struct row {
    unsigned status;
    std::string body;
    message_errc problem;
    channel_outcome outcome;
    u128 amount_minor;
  };
  const row rows[] = {
      {200, good, ok, success, 1050},
      {201, with("1050", "525"), ok, success, 525},  // another amount is a fact, and marked as one
      {200, with("APPROVED", "DECLINED"), ok, rejected, 0},
      {402, with("APPROVED", "DECLINED"), ok, rejected, 0},
      {202, with("APPROVED", "PROCESSING"), ok, accepted, 0},
      {429, with("APPROVED", "BUSY"), ok, not_sent, 0},
      {409, with("APPROVED", "CONFLICT"), ok, unknown, 0},
      {404, with("APPROVED", "NOT_FOUND"), ok, unknown, 0},
      {200, with("APPROVED", "CLOSED"), ok, closed, 0},
      {500, with("APPROVED", "DECLINED"), status_open, unknown, 0},  // a 5xx says nothing, whatever its body does
      {302, good, status_open, unknown, 0},
      {100, good, status_open, unknown, 0},
      {200, std::string(http_json::body_bytes_max + 1, ' '), too_large, unknown, 0},
      {200, "", not_json, unknown, 0},
      {200, "[]", not_json, unknown, 0},
      {200, "7", not_json, unknown, 0},
      {200, "\"text\"", not_json, unknown, 0},
      {200, std::string(good) + "x", not_json, unknown, 0},
      {200, with("{", "{\"more\":[[[[1]]]],"), too_deep, unknown, 0},
      {200, with("{", "{\"more\":[[{\"code\":null}]],"), ok, success, 1050},  // what is not ours does not matter
      {200, with("{", "{\"code\":\"DECLINED\","), member_twice, unknown, 0},
      {200, "{}", member_missing, unknown, 0},
      {200, with("\"code\"", "\"cod\""), member_missing, unknown, 0},
      {200, with("\"amount\"", "\"amoun\""), member_missing, unknown, 0},
      {200, with("\"currency\"", "\"currenc\""), member_missing, unknown, 0},
      {200, with("\"1050\"", "1050"), member_type, unknown, 0},
      {200, with("\"1050\"", "1050.0"), member_type, unknown, 0},
      {200, with("\"1050\"", "[1050]"), member_type, unknown, 0},
      {200, with("978", "\"978\""), member_type, unknown, 0},
      {200, with("978", "978.0"), member_type, unknown, 0},
      {200, with("0a1", "0A1"), bad_id, unknown, 0},
      {200, with("0f1", "0f"), bad_id, unknown, 0},
      {200, with("000000000000000000000000000000a1", std::string(32, 'f')), bad_id, unknown, 0},
      {200, with("1050", "-1"), bad_amount, unknown, 0},
      {200, with("1050", "01"), bad_amount, unknown, 0},
      {200, with("1050", "10.5"), bad_amount, unknown, 0},
      {200, with("1050", "340282366920938463463374607431768211455"), bad_amount, unknown, 0},
      {200, with("978", "0"), bad_currency, unknown, 0},
      {200, with("978", "4294967296"), bad_currency, unknown, 0},
      {200, with("978", "-978"), member_type, unknown, 0},
      {200, with("APPROVED", ""), bad_code, unknown, 0},
      {200, with("APPROVED", std::string(33, 'A')), bad_code, unknown, 0},
      {200, with("0a1", "0a2"), attempt_differs, unknown, 0},
      {200, with("APPROVED", "NEW_CODE"), code_open, unknown, 0},
      {400, with("APPROVED", "NEW_CODE"), code_open, unknown, 0},
      {200, with("\"1050\"", "\"0\""), amount_missing, unknown, 0},
      {200, with("978", "840"), ledger_differs, unknown, 0},
  };
  for (const row& r : rows) {
    const read_answer read = read_response(call_of(0xa1), r.status, r.body, codes());
    const std::string what = std::to_string(r.status) + " " + r.body.substr(0, 200);
    EXPECT_EQ(read.problem.code, r.problem) << what;
    EXPECT_EQ(read.answer.outcome, r.outcome) << what;
    EXPECT_TRUE(read.answer.amount_minor == r.amount_minor) << what;
    EXPECT_TRUE(read.answer.call.attempt_id == 0xa1);
  }
  EXPECT_TRUE(read_response(call_of(0xa1), 200, good, codes()).answer.reference == 0xf1);
  EXPECT_EQ(read_response(call_of(0xa1), 200, "{\"a\" 1}", codes()).problem.offset, 6u);
  EXPECT_EQ(read_response(call_of(0xa1), 200, with("978", "0"), codes()).problem.member, "currency");
}

TEST(http_messages, a_cut_response_is_never_an_outcome) {
  const std::string text = good;
  for (std::size_t size = 0; size < text.size(); ++size) {
    const read_answer r = read_response(call_of(0xa1), 200, std::string_view(text).substr(0, size), codes());
    ASSERT_EQ(r.answer.outcome, unknown) << size;
    ASSERT_FALSE(r.problem.ok()) << size;
  }
}

TEST(http_messages, a_flipped_bit_never_makes_another_outcome_and_never_breaks_the_reader) {
  for (const std::string& text : {std::string(good), with("APPROVED", "DECLINED")}) {
    const channel_outcome before = read_response(call_of(0xa1), 200, text, codes()).answer.outcome;
    for (std::size_t i = 0; i < text.size(); ++i)
      for (int bit = 0; bit < 8; ++bit) {
        std::string bad = text;
        bad[i] = static_cast<char>(bad[i] ^ 1 << bit);
        const read_answer r = read_response(call_of(0xa1), 200, bad, codes());
        ASSERT_TRUE(r.answer.outcome == before || r.answer.outcome == unknown) << bad;
        ASSERT_EQ(r.answer.outcome == unknown, !r.problem.ok()) << bad;
      }
  }
}

std::string callback_of(const core::channel_call& call, const char* code = "APPROVED", u128 amount_minor = 1050) {
  http_json::message_fields f;
  f.attempt_id = call.attempt_id;
  f.code = code;
  f.amount_minor = amount_minor;
  f.currency = call.ledger;
  f.channel_txn = 9;
  f.reference = echo_of(call);
  std::string body;
  http_json::write_fields(f, body);
  return body;
}

TEST(http_messages, a_callback_finds_its_orders_by_itself) {
  const core::channel_call call = combined_call(0xb1);
  const read_answer r = read_callback(callback_of(call, "APPROVED", 600), codes());
  ASSERT_TRUE(r.problem.ok());
  EXPECT_EQ(r.answer.outcome, success);
  ASSERT_NE(r.answer.call.members, nullptr);
  u128 sum = 0;
  for (const core::channel_call& m : *r.answer.call.members) sum += core::fact_of(r.answer, m).amount_minor;
  EXPECT_TRUE(sum == 600);
  EXPECT_EQ(read_callback(callback_of(call, "RETURNED", 600), codes()).answer.outcome, returned);
}

TEST(http_messages, a_bad_callback_is_no_answer) {
  const core::channel_call call = call_of(0xb1);
  const std::string body = callback_of(call);
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = body;
    return text.replace(text.find(from), from.size(), to);
  };
  struct row {
    std::string body;
    message_errc problem;
  };
  using enum message_errc;
  const row rows[] = {
      {changed("\"reference\"", "\"referenc\""), member_missing},
      {changed("\"attempt_id\"", "\"attempt\""), member_missing},
      {changed("978", "840"), ledger_differs},
      {changed("0b1", "0b2"), attempt_differs},
      {changed("APPROVED", "WHATEVER"), code_open},
      {changed("\"reference\":\"01", "\"reference\":\"02"), bad_reference},
      {changed("\"reference\":\"", "\"reference\":\"" + std::string(http_json::echo_text_max, '0')), bad_reference},
      {"{", not_json}};
  for (const row& r : rows) {
    const read_answer read = read_callback(r.body, codes());
    EXPECT_EQ(read.problem.code, r.problem) << r.body.substr(0, 150);
    EXPECT_EQ(read.answer.outcome, none);
  }
  for (std::size_t size = 0; size < body.size(); ++size)
    ASSERT_FALSE(read_callback(std::string_view(body).substr(0, size), codes()).problem.ok());
}

TEST(code_map, what_makes_no_sense_is_said) {
  std::string problem;
  EXPECT_FALSE(code_map::make({{"A", success, 1}, {"A", rejected, 2}}, problem).has_value());
  EXPECT_EQ(problem, "code A is there twice");
  EXPECT_FALSE(code_map::make({{"", success, 1}}, problem).has_value());
  EXPECT_FALSE(code_map::make({{"A B", success, 1}}, problem).has_value());
  EXPECT_FALSE(code_map::make({{std::string(33, 'A'), success, 1}}, problem).has_value());
  EXPECT_FALSE(code_map::make({{"A", none, 1}}, problem).has_value());
  EXPECT_FALSE(code_map::make(std::vector<http_json::code_entry>(4097), problem).has_value());
  const auto map = code_map::make({{"B", success, 1}, {"A", rejected, 2}}, problem);
  ASSERT_TRUE(map.has_value());
  EXPECT_EQ(map->find("A")->number, 2);
  EXPECT_EQ(map->find("AB"), nullptr);
}

TEST(wire_text, numbers) {
  for (const u128 value : {u128{0}, u128{7}, u128{10}, make_u128(1, 0), u128_max}) {
    std::string hex, decimal;
    http_json::append_hex32(hex, value);
    u128 back = 1;
    EXPECT_TRUE(http_json::read_hex32(hex, back));
    EXPECT_TRUE(back == value);
    http_json::append_decimal(decimal, value);
    EXPECT_EQ(decimal.size(), value == u128_max ? 39u : value == make_u128(1, 0) ? 20u : value == 10 ? 2u : 1u);
  }
}

}  // namespace
}  // namespace payloom::test

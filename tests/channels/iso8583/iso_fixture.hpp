#pragma once
// What the tests of this folder share: a line's settings, calls, bytes as hexadecimal digits, and one line to a host
// that the test plays itself.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "actors/core/channels/iso8583/iso_link.hpp"
#include "actors/core/channels/iso8583/iso_writer.hpp"

namespace payloom::test {

inline constexpr time_ns second = 1'000'000'000;
inline constexpr time_ns start = 1'700'000'000 * second;  // 2023-11-14 22:13:20 UTC

inline const core::iso_codes& usual_codes() {
  static const core::iso_codes codes(core::iso_usual_codes());
  return codes;
}

inline core::iso_settings small_settings() {
  core::iso_settings s;
  s.terminal = "TERM0001";
  s.merchant = "MERCHANT      X";
  s.in_flight_max = 8;
  s.reversals_max = 8;
  s.remembered_max = 64;
  return s;
}

inline core::channel_call call_of(u128 attempt, channel_operation operation = channel_operation::pay,
                                  u128 amount_minor = 12'345) {
  core::channel_call c;
  c.operation = operation;
  const bool asks = operation == channel_operation::query || operation == channel_operation::close;
  c.attempt_operation = asks ? channel_operation::pay : operation;
  c.channel = 3;
  c.attempt_id = attempt;
  c.payment = attempt + 1'000'000;
  c.amount_minor = amount_minor;
  c.ledger = 978;
  return c;
}

inline std::string hex_of(std::span<const char> bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

inline std::vector<char> bytes_of(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::vector<char> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  return bytes;
}

/// A copy of a message that outlives its bytes.
struct kept_message {
  std::vector<char> bytes;
  core::iso_message message() const {
    core::iso_message m;
    EXPECT_FALSE(core::iso_message::read(bytes, m));
    return m;
  }
  std::uint16_t type() const { return message().type(); }
  std::string text(core::iso_field f) const { return std::string(message().text(f)); }
};

/// One line; the test is the host.
class line_fixture {
 public:
  explicit line_fixture(const core::iso_settings& settings = small_settings()) : link(settings, usual_codes()) {}

  /// All messages that the link hands out.
  std::vector<kept_message> sent() {
    std::vector<char> out;
    std::vector<kept_message> all;
    if (!link.take_output(out)) return all;
    core::iso_framer framer;
    EXPECT_EQ(framer.feed(out,
                          [&](std::span<const char> m) {
                            all.push_back({{m.begin(), m.end()}});
                          }),
              core::iso_error::ok);
    return all;
  }
  std::vector<core::channel_answer> told() {
    std::vector<core::channel_answer> all;
    link.take_answers(1000, all);
    return all;
  }
  void connect() {
    link.connected(now);
    const auto hello = sent();
    ASSERT_EQ(hello.size(), 1u);
    answer(hello[0], "00");
    ASSERT_EQ(link.line(), core::iso_line::up);
  }
  /// The host's answer to a message; `amount` and `currency` other than asked for where they are given.
  void answer(const kept_message& to, std::string_view code, std::string_view amount = {},
              std::string_view currency = {}) {
    using field = core::iso_field;
    const auto copied = [&](field f) { return to.text(f); };
    const bool network = to.type() == core::iso_type::network_request;
    std::vector<char> out;
    core::iso_writer w(out, static_cast<std::uint16_t>(to.type() / 10 * 10 + 10));
    if (!network) {
      w.text(field::processing_code, copied(field::processing_code));
      w.text(field::amount, amount.empty() ? copied(field::amount) : std::string(amount));
    }
    w.text(field::transmitted_at, copied(field::transmitted_at));
    w.text(field::stan, copied(field::stan));
    if (!network) w.text(field::retrieval_reference, copied(field::retrieval_reference));
    w.text(field::response_code, code);
    if (network) {
      w.text(field::network_code, copied(field::network_code));
    } else {
      w.text(field::attempt, copied(field::attempt));
      w.text(field::currency, currency.empty() ? copied(field::currency) : std::string(currency));
    }
    w.finish();
    link.received(out, now);
  }
  /// The only message that was sent.
  kept_message one() {
    auto all = sent();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? kept_message{} : all[0];
  }
  core::channel_answer one_told() {
    auto all = told();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? core::channel_answer{} : all[0];
  }
  void pass(time_ns time) {
    now += time;
    link.tick(now);
  }

  core::iso_link link;
  time_ns now = start;
};

}  // namespace payloom::test

// The opaque reference: all of a call comes back from it, and nothing that is damaged does.
#include "actors/channels/http_json/echo_reference.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/channels/http_json/calls.hpp"

namespace payloom::test {
namespace {

using core::channel_answer;
using core::channel_call;
using http_json::read_echo;

std::string echo_of(const channel_call& c) {
  std::string text;
  http_json::append_echo(text, c);
  return text;
}

/// The facts that an answer to this call makes, as bytes.
std::vector<std::string> facts_of(const channel_call& call) {
  std::vector<std::string> all;
  for (const channel_outcome o : {channel_outcome::success, channel_outcome::rejected}) {
    const channel_answer a{call, o, o == channel_outcome::success ? call.amount_minor : 0, 99, 7};
    const auto add = [&](const channel_call& member) {
      const channel_fact_record f = core::fact_of(a, member);
      all.emplace_back(reinterpret_cast<const char*>(&f), sizeof f);
      all.back() += std::to_string(member.tenant);
    };
    if (call.members == nullptr) add(call);
    if (call.members != nullptr)
      for (const channel_call& m : *call.members) add(m);
  }
  return all;
}

TEST(echo_reference, a_call_comes_back_as_the_same_facts) {
  const channel_call calls[] = {call_of(77), call_of(78, channel_operation::payout, u128_max - 1),
                                call_of(79, channel_operation::refund, 5, 77), combined_call(80)};
  for (const channel_call& c : calls) {
    const auto back = read_echo(echo_of(c));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(facts_of(*back), facts_of(c));
    EXPECT_EQ(back->operation, c.attempt_operation);
    EXPECT_TRUE(back->source == c.source);
    EXPECT_EQ(echo_of(*back), echo_of(c));
  }
}

TEST(echo_reference, the_layout_is_fixed) {
  EXPECT_EQ(echo_of(call_of(0xabcd)),
            "0101000004000000d20300000500000006000000010000000300000000000000"
            "cdab0000000000000000000000000000ceab0000000000000000000000000000"
            "00000000000000000000000000000000cfab0000000000000000000000000000"
            "1a040000000000000000000000000000000000000000000000000000000000000000000000000000"
            "0000000000000000" +
                echo_of(call_of(0xabcd)).substr(288));
  EXPECT_EQ(echo_of(call_of(1)).size(), (http_json::echo_fixed_bytes + 4) * 2);
  EXPECT_EQ(echo_of(combined_call(1)).size(), (http_json::echo_fixed_bytes + 3 * http_json::echo_member_bytes + 4) * 2);
}

TEST(echo_reference, every_cut_and_every_flipped_bit_is_noticed) {
  for (const channel_call& c : {call_of(77), combined_call(80)}) {
    const std::string text = echo_of(c);
    for (std::size_t size = 0; size < text.size(); ++size)
      ASSERT_FALSE(read_echo(std::string_view(text).substr(0, size)).has_value()) << size;
    EXPECT_FALSE(read_echo(text + "00").has_value());
    for (std::size_t i = 0; i < text.size(); ++i)
      for (int bit = 0; bit < 8; ++bit) {
        std::string bad = text;
        bad[i] = static_cast<char>(bad[i] ^ 1 << bit);
        if (std::tolower(bad[i]) == text[i]) continue;  // the same digit in upper case
        ASSERT_FALSE(read_echo(bad).has_value()) << i << " " << bit;
      }
  }
  EXPECT_FALSE(read_echo(std::string(http_json::echo_text_max + 2, '0')).has_value());
}

TEST(echo_reference, what_no_call_of_ours_says_is_not_taken) {
  channel_call reserved = call_of(77), nothing = call_of(77), count = call_of(77), beyond = combined_call(80);
  reserved.attempt_id = u128_max;
  nothing.amount_minor = 0;
  count.combined_count = 2;
  auto members = *beyond.members;
  members[0].before_minor = u128_max;
  beyond.members = std::make_shared<const core::channel_call_members>(members);
  for (const channel_call& c : {reserved, nothing, count, beyond}) EXPECT_FALSE(read_echo(echo_of(c)).has_value());
}

}  // namespace
}  // namespace payloom::test

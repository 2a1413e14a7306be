// The line's rules, one test for each: life of the line, what is taken, time-outs and reversals, late and stray
// responses, questions, and the bounds.
#include "tests/channels/iso8583/iso_fixture.hpp"

namespace payloom::test {
namespace {

using core::iso_field;
using core::iso_line;
using core::iso_refusal;
namespace iso_type = core::iso_type;

constexpr u128 attempt = make_u128(1, 2);

std::uint16_t number(iso_refusal r) { return core::number_of(r); }

TEST(iso_line, nothing_leaves_before_the_sign_on_is_answered) {
  line_fixture f;
  f.link.call(call_of(attempt), f.now);
  EXPECT_EQ(f.one_told().code, number(iso_refusal::line_down));
  f.link.connected(f.now);
  const kept_message hello = f.one();
  EXPECT_EQ(hello.text(iso_field::network_code), "001");
  f.link.call(call_of(attempt), f.now);
  const auto refused = f.one_told();
  EXPECT_EQ(refused.outcome, channel_outcome::not_sent);
  EXPECT_EQ(refused.code, number(iso_refusal::line_down));
  EXPECT_TRUE(f.sent().empty());
  f.answer(hello, "00");
  f.link.call(call_of(attempt), f.now);
  EXPECT_EQ(f.one().type(), iso_type::request);
}

TEST(iso_line, a_sign_on_that_is_refused_or_not_answered_ends_the_line) {
  line_fixture refused, silent;
  refused.link.connected(refused.now);
  refused.answer(refused.one(), "91");
  EXPECT_TRUE(refused.link.must_close());
  silent.link.connected(silent.now);
  EXPECT_EQ(silent.link.next_at(), silent.now + 5 * second);
  silent.pass(5 * second - 1);
  EXPECT_FALSE(silent.link.must_close());
  silent.pass(1);
  EXPECT_TRUE(silent.link.must_close());
}

TEST(iso_line, echo_when_idle_and_dead_after_three_unanswered) {
  line_fixture f;
  f.connect();
  f.pass(30 * second);
  kept_message echo = f.one();
  EXPECT_EQ(echo.text(iso_field::network_code), "301");
  f.answer(echo, "00");
  f.pass(29 * second);
  EXPECT_TRUE(f.sent().empty()) << "an answered echo begins the time anew";
  f.pass(1 * second);
  EXPECT_EQ(f.sent().size(), 1u);
  f.pass(5 * second);
  EXPECT_EQ(f.sent().size(), 1u) << "asked again";
  f.pass(5 * second);
  EXPECT_EQ(f.sent().size(), 1u);
  EXPECT_FALSE(f.link.must_close());
  f.pass(5 * second);
  EXPECT_TRUE(f.link.must_close());
  EXPECT_EQ(f.link.counters().echoes_lost, 3u);
}

TEST(iso_line, answers_the_hosts_echo) {
  line_fixture f;
  f.connect();
  std::vector<char> out;
  core::iso_writer w(out, iso_type::network_request);
  w.text(iso_field::transmitted_at, "1114221320");
  w.number(iso_field::stan, 77);
  w.number(iso_field::network_code, 301);
  w.finish();
  f.link.received(out, f.now);
  const kept_message reply = f.one();
  EXPECT_EQ(reply.type(), iso_type::network_response);
  EXPECT_EQ(reply.text(iso_field::stan), "000077");
}

TEST(iso_line, signs_off_after_the_last_request_has_ended) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt), f.now);
  const kept_message request = f.one();
  f.link.shut(f.now);
  EXPECT_TRUE(f.sent().empty());
  f.link.call(call_of(attempt + 1), f.now);
  EXPECT_EQ(f.one_told().code, number(iso_refusal::stopping));
  f.answer(request, "00");
  EXPECT_EQ(f.one_told().outcome, channel_outcome::success);
  const kept_message off = f.one();
  EXPECT_EQ(off.text(iso_field::network_code), "002");
  f.answer(off, "00");
  EXPECT_TRUE(f.link.must_close());
}

TEST(iso_line, a_stream_that_cannot_be_followed_ends_the_line) {
  line_fixture f;
  f.connect();
  f.link.received(bytes_of("ffff"), f.now);
  EXPECT_TRUE(f.link.must_close());
  EXPECT_EQ(f.link.counters().bad_messages, 1u);
}

TEST(iso_line, a_message_that_cannot_be_read_is_counted_and_the_next_one_is_found) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt), f.now);
  const kept_message request = f.one();
  f.link.received(bytes_of("0003414243"), f.now);
  EXPECT_EQ(f.link.counters().bad_messages, 1u);
  f.answer(request, "00");
  EXPECT_EQ(f.one_told().outcome, channel_outcome::success);
}

TEST(iso_response, codes_become_outcomes_as_the_list_says) {
  const struct {
    const char* code;
    channel_outcome outcome;
    std::uint16_t number;
    bool reversed, alert;
  } rows[] = {
      {"00", channel_outcome::success, 1, false, false},   {"10", channel_outcome::success, 10, false, false},
      {"51", channel_outcome::rejected, 51, false, false}, {"14", channel_outcome::source_closed, 14, false, false},
      {"96", channel_outcome::unknown, 96, true, false},   {"Z9", channel_outcome::unknown, 0, true, true},
      {"zz", channel_outcome::unknown, 0, true, true},     {"  ", channel_outcome::unknown, 0, true, true},
  };
  for (const auto& row : rows) {
    line_fixture f;
    f.connect();
    f.link.call(call_of(attempt), f.now);
    f.answer(f.one(), row.code);
    const core::channel_answer a = f.one_told();
    EXPECT_EQ(a.outcome, row.outcome) << row.code;
    EXPECT_EQ(a.code, row.number) << row.code;
    EXPECT_EQ(a.amount_minor, row.outcome == channel_outcome::success ? 12'345u : 0u) << row.code;
    EXPECT_EQ(a.call.payment, attempt + 1'000'000);
    EXPECT_EQ(f.link.counters().unmapped_codes, row.alert ? 1u : 0u) << row.code;
    EXPECT_EQ(f.sent().size(), row.reversed ? 1u : 0u) << row.code;
  }
}

TEST(iso_response, an_approval_that_does_not_fit_the_request_is_reversed) {
  const struct {
    const char *amount, *currency;
    channel_outcome outcome;
  } rows[] = {
      {"000000012345", "978", channel_outcome::success},
      {"000000006172", "978", channel_outcome::success},  // another sum: the platform sees it
      {"000000000000", "978", channel_outcome::unknown},
      {"000000012345", "840", channel_outcome::unknown},
  };
  for (const auto& row : rows) {
    line_fixture f;
    f.connect();
    f.link.call(call_of(attempt), f.now);
    f.answer(f.one(), "00", row.amount, row.currency);
    EXPECT_EQ(f.one_told().outcome, row.outcome) << row.amount << row.currency;
    EXPECT_EQ(f.sent().size(), row.outcome == channel_outcome::unknown ? 1u : 0u);
  }
}

TEST(iso_response, only_the_whole_key_matches) {
  for (const iso_field wrong : {iso_field::stan, iso_field::retrieval_reference, iso_field::attempt}) {
    line_fixture f;
    f.connect();
    f.link.call(call_of(attempt), f.now);
    kept_message request = f.one();
    const std::string_view place = request.message().text(wrong);
    request.bytes[static_cast<std::size_t>(place.data() - request.bytes.data()) + place.size() - 1] = '9';
    f.answer(request, "51");
    EXPECT_TRUE(f.told().empty());
    EXPECT_EQ(f.link.counters().stray_responses, 1u);
    EXPECT_EQ(f.link.in_flight(), 1u);
  }
}

TEST(iso_reversal, a_time_out_is_unknown_and_is_undone) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt), f.now);
  const kept_message request = f.one();
  f.pass(15 * second);
  const core::channel_answer a = f.one_told();
  EXPECT_EQ(a.outcome, channel_outcome::unknown);
  EXPECT_EQ(a.code, number(iso_refusal::no_response));
  const kept_message reversal = f.one();
  EXPECT_EQ(reversal.type(), iso_type::reversal);
  EXPECT_EQ(reversal.text(iso_field::original),
            "0200" + request.text(iso_field::stan) + request.text(iso_field::transmitted_at) + std::string(22, '0'));
  EXPECT_EQ(reversal.text(iso_field::attempt), request.text(iso_field::attempt));
  EXPECT_NE(reversal.text(iso_field::stan), request.text(iso_field::stan));
  f.pass(10 * second - 1);
  EXPECT_TRUE(f.sent().empty());
  f.pass(1);
  const kept_message repeat = f.one();
  EXPECT_EQ(repeat.type(), iso_type::reversal_repeat);
  EXPECT_EQ(repeat.text(iso_field::stan), reversal.text(iso_field::stan));
  f.answer(repeat, "00");
  EXPECT_EQ(f.one_told().outcome, channel_outcome::closed);
  f.pass(100 * second);
  for (const kept_message& m : f.sent()) EXPECT_EQ(m.type(), iso_type::network_request) << "echoes alone";
  EXPECT_EQ(f.link.counters().reversals_acknowledged, 1u);
}

TEST(iso_reversal, an_original_that_the_host_does_not_know_is_closed_too_and_other_codes_are_repeated) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt), f.now);
  f.pass(15 * second);
  f.told();
  kept_message reversal = f.sent().back();
  for (const char* code : {"96", "12", "ZZ", "51"}) {
    f.answer(reversal, code);
    EXPECT_TRUE(f.told().empty()) << code;
    f.pass(10 * second);
    reversal = f.sent().back();
    EXPECT_EQ(reversal.type(), iso_type::reversal_repeat);
  }
  EXPECT_EQ(f.link.counters().reversals_refused, 4u);
  f.answer(reversal, "25");
  EXPECT_EQ(f.one_told().outcome, channel_outcome::closed);
}

TEST(iso_reversal, a_late_response_never_becomes_a_success) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt), f.now);
  const kept_message request = f.one();
  f.pass(15 * second);
  EXPECT_EQ(f.one_told().outcome, channel_outcome::unknown);
  const kept_message reversal = f.one();
  f.answer(request, "00");
  EXPECT_TRUE(f.told().empty());
  EXPECT_EQ(f.link.counters().late_responses, 1u);
  f.answer(reversal, "00");
  EXPECT_EQ(f.one_told().outcome, channel_outcome::closed);
  f.answer(request, "00");  // and once more behind the end: undone again, nobody is told
  EXPECT_TRUE(f.told().empty());
  const kept_message again = f.one();
  EXPECT_EQ(again.type(), iso_type::reversal);
  f.answer(again, "00");
  EXPECT_TRUE(f.told().empty());
  EXPECT_EQ(f.link.counters().reversals_waiting, 0u);
}

TEST(iso_reversal, is_given_up_after_its_repeats) {
  core::iso_settings s = small_settings();
  s.reversal_repeats_max = 2;
  s.echo_idle_ms = 3'600'000;
  line_fixture f(s);
  f.connect();
  f.link.call(call_of(attempt), f.now);
  f.pass(15 * second);
  f.told();
  EXPECT_EQ(f.sent().size(), 2u);  // request and reversal
  for (int i = 0; i < 2; ++i) {
    f.pass(10 * second);
    EXPECT_EQ(f.one().type(), iso_type::reversal_repeat);
  }
  f.pass(10 * second);
  EXPECT_TRUE(f.sent().empty());
  EXPECT_EQ(f.link.counters().reversals_given_up, 1u);
  f.link.call(call_of(attempt, channel_operation::query), f.now);
  EXPECT_EQ(f.one().type(), iso_type::reversal) << "a new question begins anew";
}

TEST(iso_stray, a_response_to_a_request_before_our_restart_is_reversed_when_it_may_have_moved_money) {
  for (const char* code : {"00", "51", "ZZ"}) {
    line_fixture before, after;
    before.connect();
    before.link.call(call_of(attempt, channel_operation::payout), before.now);
    const kept_message request = before.one();
    after.connect();
    after.answer(request, code);
    EXPECT_TRUE(after.told().empty());
    EXPECT_EQ(after.link.counters().stray_responses, 1u);
    const auto sent = after.sent();
    if (std::string_view(code) == "51") {
      EXPECT_TRUE(sent.empty());
      continue;
    }
    ASSERT_EQ(sent.size(), 1u) << code;
    EXPECT_EQ(sent[0].type(), iso_type::reversal);
    EXPECT_EQ(sent[0].text(iso_field::processing_code), "260000");
    EXPECT_EQ(sent[0].text(iso_field::amount), "000000012345");
    EXPECT_EQ(sent[0].text(iso_field::original), "0200" + std::string(38, '0'));
    after.link.call(call_of(attempt, channel_operation::query), after.now);  // now somebody waits
    EXPECT_TRUE(after.sent().empty());
    after.answer(sent[0], "00");
    EXPECT_EQ(after.one_told().outcome, channel_outcome::closed);
  }
}

TEST(iso_stray, a_success_that_is_told_twice_stays_and_an_approval_after_a_refusal_is_undone) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt), f.now);
  f.link.call(call_of(attempt + 1), f.now);
  const auto requests = f.sent();
  ASSERT_EQ(requests.size(), 2u);
  f.answer(requests[0], "00");
  f.answer(requests[0], "00");
  EXPECT_EQ(f.one_told().outcome, channel_outcome::success);
  EXPECT_TRUE(f.sent().empty());
  f.answer(requests[1], "51");
  EXPECT_EQ(f.one_told().outcome, channel_outcome::rejected);
  f.answer(requests[1], "51");
  EXPECT_TRUE(f.sent().empty());
  f.answer(requests[1], "00");
  EXPECT_TRUE(f.told().empty());
  EXPECT_EQ(f.one().type(), iso_type::reversal);
  EXPECT_EQ(f.link.counters().repeated_responses, 3u);
}

TEST(iso_question, nothing_new_while_the_request_waits_or_is_reversed) {
  for (const auto operation : {channel_operation::query, channel_operation::close}) {
    line_fixture f;
    f.connect();
    f.link.call(call_of(attempt), f.now);
    EXPECT_EQ(f.sent().size(), 1u);
    f.link.call(call_of(attempt, operation), f.now);
    EXPECT_TRUE(f.sent().empty());
    f.pass(15 * second);
    EXPECT_EQ(f.sent().size(), 1u);
    EXPECT_EQ(f.one_told().outcome, channel_outcome::unknown);
    f.link.call(call_of(attempt, operation), f.now);
    EXPECT_TRUE(f.sent().empty());
    EXPECT_TRUE(f.told().empty());
  }
}

TEST(iso_question, of_an_attempt_that_nobody_remembers_reverses_it) {
  line_fixture f;
  f.link.call(call_of(attempt, channel_operation::query), f.now);  // it needs no line
  EXPECT_EQ(f.link.counters().reversals_waiting, 1u);
  f.connect();
  // `connect` takes the sign-on; the reversal follows it.
  const kept_message reversal = f.one();
  EXPECT_EQ(reversal.type(), iso_type::reversal);
  EXPECT_EQ(reversal.text(iso_field::original), "0200" + std::string(38, '0'));
  f.answer(reversal, "25");
  const core::channel_answer a = f.one_told();
  EXPECT_EQ(a.outcome, channel_outcome::closed);
  EXPECT_EQ(a.call.operation, channel_operation::query);
}

TEST(iso_question, an_end_that_was_told_is_told_again) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt), f.now);
  f.answer(f.one(), "00");
  const core::channel_answer first = f.one_told();
  core::channel_call question = call_of(attempt, channel_operation::query);
  question.asked = 1;
  f.link.call(question, f.now);
  const core::channel_answer again = f.one_told();
  EXPECT_EQ(again.outcome, channel_outcome::success) << "the question crossed the answer: nothing is undone";
  EXPECT_EQ(again.amount_minor, first.amount_minor);
  EXPECT_EQ(again.reference, first.reference);
  EXPECT_EQ(again.call.asked, 1u);
  EXPECT_TRUE(f.sent().empty());
  f.link.call(call_of(attempt), f.now);  // the same attempt again: never a second request
  EXPECT_EQ(f.one_told().outcome, channel_outcome::success);
  EXPECT_TRUE(f.sent().empty());
}

TEST(iso_question, of_an_amount_that_can_never_have_left_is_closed_at_once) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt, channel_operation::query, 1'000'000'000'000), f.now);
  EXPECT_EQ(f.one_told().outcome, channel_outcome::closed);
  EXPECT_TRUE(f.sent().empty());
}

TEST(iso_broken_line, what_was_handed_out_is_unknown_and_the_rest_has_not_left) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt), f.now);
  EXPECT_EQ(f.sent().size(), 1u);
  f.link.call(call_of(attempt + 1), f.now);
  f.link.call(call_of(attempt + 2), f.now);
  f.link.disconnected(f.now);
  const auto told = f.told();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].outcome, channel_outcome::not_sent);
  EXPECT_EQ(told[0].call.attempt_id, attempt + 1);
  EXPECT_EQ(told[0].code, number(iso_refusal::line_lost));
  EXPECT_EQ(told[1].outcome, channel_outcome::not_sent);
  EXPECT_EQ(told[2].outcome, channel_outcome::unknown);
  EXPECT_EQ(told[2].code, number(iso_refusal::line_broke));
  f.connect();
  const kept_message reversal = f.one();
  EXPECT_EQ(reversal.type(), iso_type::reversal);
  EXPECT_EQ(f.link.counters().in_flight, 0u);
  f.link.disconnected(f.now);
  f.connect();
  EXPECT_EQ(f.one().type(), iso_type::reversal_repeat) << "it may have arrived";
}

TEST(iso_broken_line, a_request_that_timed_out_in_the_output_is_not_told_as_never_sent) {
  line_fixture f;
  f.connect();
  f.link.call(call_of(attempt), f.now);
  f.pass(1 * second);
  f.link.call(call_of(attempt + 1), f.now);
  f.pass(14 * second);
  EXPECT_EQ(f.one_told().outcome, channel_outcome::unknown);
  f.link.disconnected(f.now);
  EXPECT_EQ(f.one_told().outcome, channel_outcome::not_sent);
  EXPECT_EQ(f.link.counters().reversals_waiting, 1u);
}

}  // namespace
}  // namespace payloom::test

// The simulated host: what it answers, its faults, and that it keeps what it reversed.
#include "actors/core/channels/iso8583/iso_host_desk.hpp"

#include "tests/channels/iso8583/iso_fixture.hpp"

namespace payloom::test {
namespace {

using core::iso_field;
using core::iso_host_desk;

constexpr u128 attempt = make_u128(5, 6);

/// A link that makes the requests, and the host.
struct host_fixture {
  explicit host_fixture(const core::outside_settings& outside = {}, const core::iso_host_settings& settings = {})
      : book(outside), desk(settings, book), c(desk.opened()) {}

  /// What the host says to all that the link has to say.
  std::vector<kept_message> exchange() {
    std::vector<char> out;
    if (line.link.take_output(out)) desk.received(c, out, line.now);
    return heard();
  }
  std::vector<kept_message> heard() {
    std::vector<char> out;
    std::vector<kept_message> all;
    if (!desk.take_output(c, out)) return all;
    core::iso_framer framer;
    framer.feed(out, [&](std::span<const char> m) { all.push_back({{m.begin(), m.end()}}); });
    line.link.received(out, line.now);
    return all;
  }
  void sign_on() {
    line.link.connected(line.now);
    EXPECT_EQ(exchange().size(), 1u);
    EXPECT_EQ(line.link.line(), core::iso_line::up);
  }
  void pass(time_ns time) {
    line.now += time;
    desk.tick(line.now);
    line.link.tick(line.now);
  }

  core::outside_book book;
  iso_host_desk desk;
  iso_host_desk::connection c;
  line_fixture line;
};

TEST(iso_host_desk, answers_a_payment_and_knows_it) {
  host_fixture f;
  f.sign_on();
  f.line.link.call(call_of(attempt), f.line.now);
  const auto heard = f.exchange();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].text(iso_field::response_code), "00");
  const auto told = f.line.one_told();
  EXPECT_EQ(told.outcome, channel_outcome::success);
  const core::outside_truth truth = f.book.query(attempt, f.line.now);
  EXPECT_EQ(truth.outcome, channel_outcome::success);
  EXPECT_EQ(truth.amount_minor, 12'345u);
  EXPECT_EQ(truth.channel_txn, told.reference);
}

TEST(iso_host_desk, takes_nothing_before_the_sign_on) {
  host_fixture f;
  line_fixture other;
  other.connect();
  other.link.call(call_of(attempt), other.now);
  std::vector<char> out;
  other.link.take_output(out);
  f.desk.received(f.c, out, other.now);
  out.clear();
  ASSERT_TRUE(f.desk.take_output(f.c, out));
  other.link.received(out, other.now);
  EXPECT_EQ(other.one_told().outcome, channel_outcome::rejected);
  EXPECT_EQ(f.book.size(), 0u);
}

TEST(iso_host_desk, a_reversal_that_overtakes_its_original_wins) {
  host_fixture f;
  f.sign_on();
  f.line.link.call(call_of(attempt), f.line.now);
  std::vector<char> original;
  ASSERT_TRUE(f.line.link.take_output(original));  // on its way
  f.pass(15 * second);
  EXPECT_EQ(f.line.one_told().outcome, channel_outcome::unknown);
  const auto heard = f.exchange();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].text(iso_field::response_code), "25") << "the host does not know the original";
  EXPECT_EQ(f.line.one_told().outcome, channel_outcome::closed);
  f.desk.received(f.c, original, f.line.now);
  const auto late = f.heard();
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].text(iso_field::response_code), "77") << "reversed before it came";
  EXPECT_TRUE(f.line.told().empty());
  EXPECT_EQ(f.book.query(attempt, f.line.now).amount_minor, 0u);
}

TEST(iso_host_desk, gives_back_what_moved_in_silence) {
  core::outside_settings silent;
  silent.unknown_moved = 1000;
  host_fixture f(silent);
  f.sign_on();
  f.line.link.call(call_of(attempt), f.line.now);
  EXPECT_TRUE(f.exchange().empty());
  EXPECT_EQ(f.book.query(attempt, f.line.now).amount_minor, 12'345u);
  f.pass(15 * second);
  const auto heard = f.exchange();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].text(iso_field::response_code), "00");
  EXPECT_EQ(f.book.query(attempt, f.line.now).outcome, channel_outcome::closed);
  EXPECT_EQ(f.book.statement(0, f.line.now + 1).size(), 2u) << "there and back";
}

TEST(iso_host_desk, answers_later_and_twice) {
  core::outside_settings slow;
  slow.latency_mean_ms = 100;
  slow.answered_twice = 1000;
  host_fixture f(slow);
  f.sign_on();
  f.line.link.call(call_of(attempt), f.line.now);
  EXPECT_TRUE(f.exchange().empty());
  const time_ns first = f.desk.next_at();
  EXPECT_GT(first, f.line.now);
  f.pass(first - f.line.now - 1);
  EXPECT_TRUE(f.heard().empty());
  f.pass(1);
  EXPECT_EQ(f.heard().size(), 1u);
  EXPECT_EQ(f.line.one_told().outcome, channel_outcome::success);
  f.pass(second);
  EXPECT_EQ(f.heard().size(), 1u);
  EXPECT_TRUE(f.line.told().empty());
  EXPECT_EQ(f.desk.next_at(), 0u);
}

TEST(iso_host_desk, what_is_decided_later_comes_as_a_later_response) {
  core::outside_settings later;
  later.accepted = 1000;
  later.later_ms = 2'000;
  host_fixture f(later);
  f.sign_on();
  f.line.link.call(call_of(attempt), f.line.now);
  EXPECT_TRUE(f.exchange().empty());
  f.pass(3 * second);
  EXPECT_EQ(f.heard().size(), 1u);
  EXPECT_EQ(f.line.one_told().outcome, channel_outcome::success);
}

TEST(iso_host_desk, a_cut_line_loses_what_it_should) {
  for (const bool before : {true, false}) {
    core::iso_host_settings settings;
    core::iso_host_settings calm;
    (before ? settings.dropped_before : settings.dropped_after) = 100'000;
    core::outside_book book({});
    iso_host_desk desk(settings, book);
    line_fixture line;
    line.connect();
    line.link.call(call_of(attempt), line.now);
    std::vector<char> out;
    line.link.take_output(out);
    const auto c = desk.opened();
    desk.received(c, out, line.now);
    EXPECT_TRUE(desk.must_close(c));
    EXPECT_EQ(desk.counters().requests, before ? 0u : 1u);
    std::vector<iso_host_desk::connection> changed;
    desk.take_changed(changed);
    EXPECT_EQ(changed, std::vector<iso_host_desk::connection>{c});
    desk.closed(c);
    EXPECT_EQ(desk.opened(), c) << "its number is free again";
    EXPECT_FALSE(desk.must_close(c));
  }
}

TEST(iso_host_desk, connections_are_bounded) {
  core::iso_host_settings settings;
  settings.connections_max = 2;
  core::outside_book book({});
  iso_host_desk desk(settings, book);
  EXPECT_NE(desk.opened(), iso_host_desk::none);
  const auto second_one = desk.opened();
  EXPECT_EQ(desk.opened(), iso_host_desk::none);
  desk.closed(second_one);
  EXPECT_EQ(desk.opened(), second_one);
}

TEST(iso_host_desk, settings_are_checked) {
  core::iso_host_settings s;
  EXPECT_EQ(s.problem(), "");
  s.dropped_after = 100'001;
  EXPECT_NE(s.problem(), "");
}

}  // namespace
}  // namespace payloom::test

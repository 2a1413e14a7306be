// The sockets: a wire of four lines and a simulated host in one process. Goal: with silence, cut lines, repeats and
// late answers all calls end as the host's book says; nothing is told after `stop`; lines come back by themselves.
#include <map>

#include "tests/channels/iso8583/iso_wire_fixture.hpp"

namespace payloom::test {
namespace {

using core::channel_answer;
using core::channel_call;

/// What was told, by attempt.
class listener {
 public:
  actors::tell_answers tell() {
    return [this](std::vector<channel_answer> answers) {
      const std::lock_guard lock(mutex_);
      for (channel_answer& a : answers) told_.push_back(std::move(a));
    };
  }
  std::vector<channel_answer> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(told_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<channel_answer> told_;
};

core::iso_codes codes() { return core::iso_codes(core::iso_usual_codes()); }

struct end_of {
  channel_call call;
  channel_outcome end = channel_outcome::none;
  u128 moved = 0;
  int contradictions = 0;
};

/// Takes what was told; calls that were not sent go into `again`.
void settle(listener& heard, std::map<u128, end_of>& all, std::size_t& open, std::vector<channel_call>& again) {
  for (const channel_answer& a : heard.take()) {
    end_of& e = all.at(a.call.attempt_id);
    if (a.outcome == channel_outcome::unknown) continue;
    if (a.outcome == channel_outcome::not_sent) {
      again.push_back(e.call);
    } else if (e.end == channel_outcome::none) {
      e.end = a.outcome;
      e.moved = a.amount_minor;
      --open;
    } else if (e.end != a.outcome) {
      ++e.contradictions;
    }
  }
}

TEST(iso_wire, ten_thousand_calls_with_faults_end_as_the_book_says) {
  actors::iso_host_options options;
  options.outside.rejected = 50;
  options.outside.accepted = 20;
  options.outside.later_ms = 100;
  options.outside.unknown_moved = 10;
  options.outside.unknown_lost = 10;
  options.outside.other_amount = 10;
  options.outside.answered_twice = 20;
  options.outside.latency_mean_ms = 20;
  options.outside.latency_sigma_ms = 60;
  options.outside.latency_max_ms = 1'000;
  options.outside.sources_checked = false;
  options.lines.dropped_before = 60;
  options.lines.dropped_after = 60;
  options.lines.reversals_silent = 20'000;
  host_thread host(options);
  listener heard;
  context_thread io;
  actors::iso_wire_settings settings = wire_settings(host.host.port());
  settings.line.response_timeout_ms = 300;
  settings.line.reversal_repeat_ms = 150;
  const auto wire = actors::iso_wire::make(io.context, settings, codes(), wall_clock, heard.tell());
  ASSERT_TRUE(wait_until([&] { return wire->counters().connections == 4; }));

  std::map<u128, end_of> all;
  std::vector<channel_call> calls;
  constexpr channel_operation kinds[] = {channel_operation::pay, channel_operation::refund, channel_operation::payout};
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    const channel_call c = call_of(make_u128(mix_id(1, i), i), kinds[i % 3], 100 + i);
    all[c.attempt_id].call = c;
    calls.push_back(c);
  }
  std::size_t open = all.size(), given = 0;
  std::vector<channel_call> again;
  const bool ended = wait_until([&] {
    const std::size_t part = std::min<std::size_t>(50, calls.size() - given);
    wire->call({calls.begin() + static_cast<std::ptrdiff_t>(given),
                calls.begin() + static_cast<std::ptrdiff_t>(given + part)});
    given += part;
    settle(heard, all, open, again);
    wire->call(std::exchange(again, {}));
    return open == 0;
  });
  EXPECT_TRUE(ended) << open << " are open";
  ASSERT_TRUE(wait_until([&] { return wire->counters().reversals_waiting == 0; }));
  wire->stop();
  settle(heard, all, open, again);
  host.stop();
  std::map<channel_outcome, int> ends;
  for (const auto& [attempt, e] : all) {
    ++ends[e.end];
    ASSERT_EQ(e.contradictions, 0);
    ASSERT_EQ(host.host.book().query(attempt, wall_clock()).amount_minor,
              e.end == channel_outcome::success ? e.moved : 0)
        << static_cast<int>(e.end);
  }
  EXPECT_GT(ends[channel_outcome::success], 8'000);
  EXPECT_GT(ends[channel_outcome::rejected], 200);
  EXPECT_GT(ends[channel_outcome::closed], 100);
  EXPECT_GT(wire->counters().reconnects, 0u);
  EXPECT_EQ(wire->counters().in_flight, 0u);
  EXPECT_EQ(wire->counters().unmapped_codes, 0u);
  EXPECT_GT(host.host.counters().lines_cut, 0u);
}

TEST(iso_wire, without_a_host_nothing_is_sent_and_the_line_comes_when_the_host_does) {
  std::uint16_t port = 0;
  {
    host_thread gone({});
    port = gone.host.port();
  }
  listener heard;
  context_thread io;
  const auto wire = actors::iso_wire::make(io.context, wire_settings(port), codes(), wall_clock, heard.tell());
  wire->call({call_of(1)});
  std::vector<channel_answer> told;
  ASSERT_TRUE(wait_until([&] { return !(told = heard.take()).empty(); }));
  EXPECT_EQ(told[0].outcome, channel_outcome::not_sent);
  EXPECT_EQ(told[0].code, core::number_of(core::iso_refusal::line_down));
  actors::iso_host_options options;
  options.port = port;
  host_thread host(options);
  ASSERT_TRUE(wait_until([&] { return wire->counters().connections == 4; }));
  wire->call({call_of(1)});
  ASSERT_TRUE(wait_until([&] { return !(told = heard.take()).empty(); }));
  EXPECT_EQ(told[0].outcome, channel_outcome::success);
  wire->stop();
}

TEST(iso_wire, stop_waits_for_what_is_in_flight_and_nothing_is_told_afterwards) {
  actors::iso_host_options options;
  options.outside.latency_mean_ms = 200;
  host_thread host(options);
  listener heard;
  context_thread io;
  const auto wire =
      actors::iso_wire::make(io.context, wire_settings(host.host.port()), codes(), wall_clock, heard.tell());
  ASSERT_TRUE(wait_until([&] { return wire->counters().connections == 4; }));
  std::vector<channel_call> calls;
  for (std::uint64_t i = 1; i <= 100; ++i) calls.push_back(call_of(make_u128(i, i)));
  wire->call(calls);
  wire->stop();
  const auto told = heard.take();
  EXPECT_EQ(told.size(), 100u);
  for (const channel_answer& a : told) EXPECT_EQ(a.outcome, channel_outcome::success);
  wire->call({call_of(make_u128(7, 7))});
  wire->stop();  // a second time: nothing
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(heard.take().empty());
}

TEST(iso_wire, stop_does_not_wait_longer_than_it_may) {
  actors::iso_host_options options;
  options.outside.unknown_moved = 1000;
  host_thread host(options);
  listener heard;
  context_thread io;
  actors::iso_wire_settings settings = wire_settings(host.host.port());
  settings.drain_ms = 100;
  const auto wire = actors::iso_wire::make(io.context, settings, codes(), wall_clock, heard.tell());
  ASSERT_TRUE(wait_until([&] { return wire->counters().connections == 4; }));
  wire->call({call_of(1)});
  ASSERT_TRUE(wait_until([&] { return wire->counters().sent == 1; }));
  const auto before = std::chrono::steady_clock::now();
  wire->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  EXPECT_TRUE(heard.take().empty());
}

TEST(iso_wire, calls_that_wait_for_the_wires_thread_are_bounded) {
  listener heard;
  context_thread io;
  actors::iso_wire_settings settings = wire_settings(9);
  settings.calls_waiting_max = 10;
  const auto wire = actors::iso_wire::make(io.context, settings, codes(), wall_clock, heard.tell());
  std::vector<channel_call> calls;
  for (std::uint64_t i = 1; i <= 25; ++i) calls.push_back(call_of(make_u128(i, i)));
  wire->call(calls);
  std::vector<channel_answer> told;
  ASSERT_TRUE(wait_until([&] {
    for (channel_answer& a : heard.take()) told.push_back(std::move(a));
    return told.size() == 25;
  }));
  const auto full = std::ranges::count_if(told, [](const channel_answer& a) { return a.code == actors::wire_full; });
  EXPECT_EQ(full, 15);
  for (const channel_answer& a : told) EXPECT_EQ(a.outcome, channel_outcome::not_sent);
  wire->stop();
}

TEST(iso_wire, settings_are_checked) {
  EXPECT_EQ(wire_settings(1).problem(), "");
  const std::vector<void (*)(actors::iso_wire_settings&)> wrong = {
      [](auto& s) { s.connection.host = ""; },
      [](auto& s) { s.connection.port = 0; },
      [](auto& s) { s.connection.connect_timeout_ms = 0; },
      [](auto& s) { s.connection.reconnect_ms_min = 0; },
      [](auto& s) { s.connection.reconnect_ms_max = 1; },
      [](auto& s) { s.lines = 0; },
      [](auto& s) { s.lines = 65; },
      [](auto& s) { s.line.terminal = "1234567"; },
      [](auto& s) { s.drain_ms = 60'001; },
      [](auto& s) { s.calls_waiting_max = 0; },
      [](auto& s) { s.line.in_flight_max = 0; },
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    actors::iso_wire_settings s = wire_settings(1);
    wrong[i](s);
    EXPECT_NE(s.problem(), "") << i;
  }
}

}  // namespace
}  // namespace payloom::test

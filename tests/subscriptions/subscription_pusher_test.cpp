// Goal (SG-3): nothing is pushed beyond windows, sockets and the bound over all; a slow reader keeps nobody waiting.
#include <gtest/gtest.h>

#include "actors/app/subscription_pusher.hpp"

namespace payloom::app {
namespace {

/// Keeps what is pushed, as a socket that takes nothing would.
struct kept_frames final : net::push_port {
  void complete(command_frame&) override {}
  void push(net::pushed_frame frame) override { frames.push_back(std::move(frame)); }
  std::vector<net::pushed_frame> frames;
};

struct pusher_fixture : ::testing::Test {
  subscription& add(u128 name, std::uint32_t window) {
    subscribe_record asked{};
    asked.name = name;
    asked.window = window;
    subscription& s = book.make(0, asked);
    s.state = subscription::phase::lasting;
    s.begin({&port, lo64(name), 100 + lo64(name), window, pusher.make_lane()});
    return s;
  }
  /// One round in which there are events without end.
  std::uint64_t round() {
    pusher.make_room(book);
    for (follower::event_reader* one : pusher.readers()) {
      for (std::size_t i = 0; i < one->room; ++i) {
        order_event_row row{};
        row.sequence = ++one->looked;
        row.timestamp = row.sequence * 10;
        one->rows.push_back(row);
      }
    }
    return pusher.push(book);
  }

  kept_frames port;
  subscription_book book;
  subscription_pusher pusher;
};

TEST_F(pusher_fixture, the_window_is_the_bound_until_something_is_acknowledged) {
  subscription& s = add(1, 10);
  EXPECT_EQ(round(), 10u);
  port.frames.clear();
  EXPECT_EQ(round(), 0u);
  EXPECT_EQ(s.waiting.size(), 10u);
  s.acknowledge(4, 1);
  EXPECT_EQ(round(), 4u);
  ASSERT_EQ(port.frames.size(), 1u);
  const net::pushed_frame& f = port.frames[0];
  EXPECT_EQ(f.header.type, static_cast<std::uint16_t>(frame_type::pushed_events));
  EXPECT_EQ(f.header.request, 101u);
  EXPECT_EQ(f.header.context_id, 1u);
  EXPECT_EQ(f.rows->record_count, 4u);
  EXPECT_EQ(f.rows->cursor, 14u);
  EXPECT_EQ(f.rows->sequence, 14u);
  EXPECT_EQ(s.reached, 14u);
}

TEST_F(pusher_fixture, what_the_socket_has_not_taken_is_bounded_for_each_and_for_all) {
  constexpr std::size_t readers = 200;
  for (u128 name = 1; name <= readers; ++name) add(name, limits::subscription_window_max);
  std::uint64_t events = 0;
  for (int i = 0; i < 50; ++i) events += round();
  constexpr std::uint64_t sure = subscription_pusher::frame_rows_sure * sizeof(order_event_row);
  EXPECT_LE(pusher.unsent_bytes(), subscription_pusher::total_bytes_max + readers * sure);
  EXPECT_EQ(pusher.unsent_bytes(), events * sizeof(order_event_row));
  for (auto& [key, s] : book.all()) {
    EXPECT_GE(s.waiting.size(), subscription_pusher::frame_rows_sure) << "nobody goes empty";
    EXPECT_LT(s.to.lane->unsent(), 2 * subscription_pusher::lane_bytes_max);
  }
  port.frames.clear();  // the sockets took all of it
  EXPECT_EQ(pusher.unsent_bytes(), 0u);
  EXPECT_GT(round(), 0u);
}

TEST_F(pusher_fixture, a_slow_reader_keeps_nobody_waiting) {
  for (u128 name = 1; name <= 100; ++name) add(name, limits::subscription_window_max);
  for (int i = 0; i < 50; ++i) round();  // a hundred sockets that take nothing: the sum is used up
  ASSERT_GE(pusher.unsent_bytes() + sizeof(order_event_row), subscription_pusher::total_bytes_max);
  subscription& quick = add(500, 1000);
  EXPECT_GE(round(), subscription_pusher::frame_rows_sure);
  EXPECT_EQ(quick.waiting.size(), subscription_pusher::frame_rows_sure);
}

TEST_F(pusher_fixture, who_has_no_connection_any_more_gets_nothing_and_its_place_stays) {
  subscription& s = add(1, 10);
  round();
  s.acknowledge(3, 1);
  s.to.lane->close();  // the connection ended
  EXPECT_EQ(round(), 0u);
  EXPECT_FALSE(s.pushing());
  EXPECT_FALSE(pusher.anybody());
  EXPECT_EQ(s.reader.looked, 3u) << "the others come again";
}

TEST_F(pusher_fixture, the_last_frame_says_why) {
  subscription& s = add(1, 10);
  round();
  port.frames.clear();
  subscription_pusher::push_end(s, result_code::draining);
  s.end();
  ASSERT_EQ(port.frames.size(), 1u);
  EXPECT_EQ(port.frames[0].rows->code, result_code::draining);
  EXPECT_EQ(port.frames[0].rows->record_count, 0u);
  EXPECT_EQ(port.frames[0].rows->cursor, 10u);
  subscription_pusher::push_end(s, result_code::draining);
  EXPECT_EQ(port.frames.size(), 1u) << "who gets nothing is told nothing";
}

}  // namespace
}  // namespace payloom::app

// Goal: what is pushed reaches its connection behind the reply that began it, counts as unsent until the socket took
// it, and ends with the connection; one to which something is pushed is not idle, and may acknowledge while the server
// drains.
#include <gtest/gtest.h>

#include <future>

#include "protocol/types/payment_records.hpp"
#include "protocol/types/subscription_records.hpp"
#include "tests/net/server_fixture.hpp"

namespace payloom::net {
namespace {

using namespace testing;

constexpr std::uint64_t row_bytes = sizeof(order_event_row);

struct pushed_server : running_server {
  explicit pushed_server(server_options options = {}) : running_server(options) { sink().hold(); }

  /// Lets a client subscribe with request 5 and answers it; the lane is open then.
  void subscribe(raw_client& client) {
    subscribe_record ask{};
    ask.name = 9;
    ask.window = 10;
    client.send(frame_of(request(frame_type::subscribe, 5), std::vector{ask}));
    command_frame& f = *sink().take(1).front();
    gate = dynamic_cast<push_port*>(f.port);
    owner = f.owner;
    auto rows = std::make_unique<reply_rows>();
    rows->bytes.resize(sizeof(subscription_row));
    rows->record_count = 1;
    rows->opens = lane;
    f.rows = rows.release();
    if (f.finish(1)) f.port->complete(f);
  }
  void push(std::uint32_t rows, result_code code = result_code::ok) {
    pushed_frame frame;
    frame.owner = owner;
    frame.header.type = static_cast<std::uint16_t>(frame_type::pushed_events);
    frame.header.request = 5;
    frame.header.context_id = 9;
    frame.rows = std::make_unique<reply_rows>();
    frame.rows->bytes.resize(rows * row_bytes);
    frame.rows->record_count = rows;
    frame.rows->cursor = 77;
    frame.rows->sequence = 78;
    frame.rows->code = code;
    frame.rows->charge = push_charge(lane, rows * row_bytes);
    gate->push(std::move(frame));
  }

  std::shared_ptr<std::atomic<std::uint64_t>> total = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<push_lane> lane = std::make_shared<push_lane>(total);
  push_port* gate = nullptr;
  std::uint64_t owner = 0;
};

TEST(push, frames_come_behind_the_reply_and_say_whose_they_are) {
  pushed_server server;
  server.durable = 90;
  raw_client client(server.port());
  client.greet();
  server.subscribe(client);
  server.push(3);
  server.push(1);
  server.push(0, result_code::draining);
  EXPECT_EQ(client.expect().header.type, static_cast<std::uint16_t>(reply_type(frame_type::subscribe)));
  const answer first = client.expect();
  EXPECT_EQ(first.header.type, static_cast<std::uint16_t>(frame_type::pushed_events));
  EXPECT_EQ(first.header.request, 5u);
  EXPECT_EQ(first.header.context_id, 9u);
  EXPECT_EQ(first.header.cursor, 77u);
  EXPECT_EQ(first.header.sequence, 78u);
  EXPECT_EQ(first.header.record_count, 3u);
  EXPECT_EQ(first.body.size(), 3 * row_bytes);
  EXPECT_GT(first.header.credits, 0u);
  EXPECT_EQ(client.expect().header.record_count, 1u);
  const answer last = client.expect();
  EXPECT_EQ(last.header.code, result_code::draining);
  EXPECT_TRUE(last.body.empty());
  EXPECT_TRUE(server.eventually([&] { return server.lane->unsent() == 0 && *server.total == 0; }));
  EXPECT_TRUE(server.lane->open());
}

TEST(push, what_the_socket_does_not_take_counts_as_unsent) {
  pushed_server server;
  raw_client client(server.port(), 4096);
  client.greet();
  server.subscribe(client);
  client.expect();
  // The system's buffers take a few MiB; then it stays.
  std::uint64_t pushed = 0;
  while (server.lane->unsent() < (4u << 20)) {
    server.push(1000);
    pushed += 1000;
    ASSERT_LT(pushed, 100'000u);
  }
  EXPECT_EQ(server.lane->unsent(), *server.total);
  for (std::uint64_t got = 0; got < pushed;) got += client.expect().header.record_count;
  EXPECT_TRUE(server.eventually([&] { return server.lane->unsent() == 0; }));
}

TEST(push, a_connection_that_ends_closes_its_lane_and_gives_back_what_was_unsent) {
  pushed_server server;
  {
    raw_client client(server.port(), 4096);
    client.greet();
    server.subscribe(client);
    client.expect();
    while (server.lane->unsent() < (4u << 20)) server.push(1000);
  }
  EXPECT_TRUE(server.eventually([&] { return !server.lane->open(); }));
  EXPECT_TRUE(server.eventually([&] { return server.lane->unsent() == 0 && *server.total == 0; }));
  server.push(1);  // to nobody
  EXPECT_TRUE(server.eventually([&] { return server.lane->unsent() == 0; }));
}

TEST(push, a_reply_that_comes_too_late_closes_the_lane) {
  pushed_server server;
  {
    raw_client client(server.port());
    client.greet();
    subscribe_record ask{};
    client.send(frame_of(request(frame_type::subscribe, 5), std::vector{ask}));
    EXPECT_TRUE(server.eventually([&] { return server.counters().requests_in_flight.get() == 1; }));
    const linger reset{1, 0};  // so that the server need not wait for the answer to know
    ::setsockopt(client.socket(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  EXPECT_TRUE(server.eventually([&] { return server.counters().connections.get() == 0; }));
  command_frame& f = *server.sink().take(1).front();
  auto rows = std::make_unique<reply_rows>();
  rows->opens = server.lane;
  f.rows = rows.release();
  if (f.finish(1)) f.port->complete(f);
  EXPECT_TRUE(server.eventually([&] { return !server.lane->open(); }));
}

TEST(push, a_connection_with_an_open_lane_is_not_idle) {
  server_options options;
  options.idle_timeout_ms = 200;
  pushed_server server(options);
  raw_client client(server.port()), idle(server.port());
  client.greet();
  idle.greet();
  server.subscribe(client);
  client.expect();
  EXPECT_EQ(idle.expect().header.type, static_cast<std::uint16_t>(frame_type::goaway)) << "it was silent as long";
  server.push(1);
  EXPECT_EQ(client.expect().header.type, static_cast<std::uint16_t>(frame_type::pushed_events));
  server.lane->close();
  EXPECT_EQ(client.expect().header.type, static_cast<std::uint16_t>(frame_type::goaway)) << "now it is like any other";
}

TEST(push, what_was_pushed_may_be_acknowledged_while_the_server_drains) {
  pushed_server server;
  raw_client client(server.port());
  client.greet();
  server.subscribe(client);
  client.expect();
  auto drained = std::async(std::launch::async, [&] { return server.it->drain(); });
  EXPECT_EQ(client.expect().header.type, static_cast<std::uint16_t>(frame_type::goaway));
  subscribe_record ask{};
  client.send(frame_of(request(frame_type::subscribe, 6), std::vector{ask}));
  EXPECT_EQ(client.expect().header.code, result_code::draining) << "nothing new begins";
  acknowledge_record ack{};
  ack.name = 9;
  client.send(frame_of(request(frame_type::acknowledge, 7), std::vector{ack}));
  command_frame& f = *server.sink().take(1).front();
  EXPECT_EQ(f.type(), frame_type::acknowledge);
  auto rows = std::make_unique<reply_rows>();
  rows->bytes.resize(sizeof(subscription_row));
  rows->record_count = 1;
  f.rows = rows.release();
  if (f.finish(1)) f.port->complete(f);
  EXPECT_EQ(client.expect().header.request, 7u);
  EXPECT_FALSE(client.receive().has_value());
  EXPECT_TRUE(drained.get());
}

}  // namespace
}  // namespace payloom::net

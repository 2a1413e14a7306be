// The end of a server: what was accepted is answered, what comes later is told so, nobody waits for ever.
#include <future>

#include "tests/net/server_fixture.hpp"

namespace payloom::net {
namespace {

using namespace testing;

TEST(drain, accepted_requests_are_answered_new_ones_refused_then_the_connection_closes) {
  running_server server({}, 2);
  for (test_sink& sink : server.sinks) sink.hold();
  raw_client busy(server.port());
  raw_client idle(server.port());
  raw_client silent(server.port());  // never says hello
  busy.greet();
  idle.greet();
  busy.send(frame_of(request(frame_type::create_transfers, 1), transfers(8190)));
  EXPECT_TRUE(server.eventually([&] { return server.it->events_in_flight() == 8190; }));

  auto drained = std::async(std::launch::async, [&] { return server.it->drain(); });
  for (raw_client* client : {&busy, &idle, &silent})
    EXPECT_EQ(client->expect().header.type, static_cast<std::uint16_t>(frame_type::goaway));
  EXPECT_FALSE(idle.receive().has_value());
  EXPECT_FALSE(silent.receive().has_value());

  busy.send(frame_of(request(frame_type::create_transfers, 2), transfers(1)));
  const answer refused = busy.expect();
  EXPECT_EQ(refused.header.request, 2u);
  EXPECT_EQ(refused.header.code, result_code::draining);
  for (test_sink& sink : server.sinks) sink.let_go();
  const answer done = busy.expect();
  EXPECT_EQ(done.header.request, 1u);
  EXPECT_EQ(done.header.record_count, 8190u);
  EXPECT_FALSE(busy.receive().has_value());
  EXPECT_TRUE(drained.get());
  EXPECT_THROW(raw_client late(server.port()), std::runtime_error);
}

TEST(drain, frames_on_the_way_when_goaway_was_sent_get_an_answer) {
  running_server server;
  raw_client client(server.port());
  client.greet();
  auto drained = std::async(std::launch::async, [&] { return server.it->drain(); });
  EXPECT_EQ(client.expect().header.type, static_cast<std::uint16_t>(frame_type::goaway));
  client.send(frame_of(request(frame_type::create_transfers, 2), transfers(1)));
  EXPECT_EQ(client.expect().header.code, result_code::draining);
  EXPECT_FALSE(client.receive().has_value());
  EXPECT_TRUE(drained.get());
}

TEST(drain, the_bound_in_time_holds) {
  server_options options;
  options.drain_timeout_ms = 50;
  running_server server(options);
  server.sink().hold();
  raw_client client(server.port());
  client.greet();
  client.send(frame_of(request(frame_type::create_transfers, 1), transfers(1)));
  auto frames = server.sink().take(1);
  EXPECT_FALSE(server.it->drain());
  server.it->stop();
  server.sink().finish(*frames.front());  // too late for the client, but the frame has come back
}

TEST(drain, stop_closes_connections_at_once) {
  running_server server;
  raw_client client(server.port());
  client.greet();
  server.it->stop();
  EXPECT_FALSE(client.receive().has_value());
  server.it->stop();  // again is nothing
}

}  // namespace
}  // namespace payloom::net

// Every bound of the network side, from outside: what a client gets that passes it, what others notice (nothing), and
// the memory it held.
#include <filesystem>
#include <random>

#include <netinet/tcp.h>

#include "protocol/net/frame_reader.hpp"
#include "tests/net/server_fixture.hpp"

namespace payloom::net {
namespace {

using namespace testing;

/// The error frame and the end.
void expect_end(raw_client& client, result_code code) {
  const answer a = client.expect();
  EXPECT_EQ(a.header.type, static_cast<std::uint16_t>(frame_type::error));
  EXPECT_EQ(name_of(a.header.code), name_of(code));
  EXPECT_FALSE(client.receive().has_value());
}

/// A ping is answered: others are not affected.
void expect_alive(const running_server& server) {
  raw_client client(server.port());
  client.greet();
  client.send(frame_of(request(frame_type::ping, 5)));
  EXPECT_EQ(client.expect().header.request, 5u);
}

TEST(bounds, more_requests_or_events_than_the_credits_end_the_connection) {
  server_options options;
  options.session_requests = 4;
  options.session_events = 10;
  for (const auto& sizes : {std::vector<std::uint32_t>{1, 1, 1, 1, 1}, {8, 3}, {11}}) {
    running_server server(options);
    server.sink().hold();
    raw_client client(server.port());
    client.greet();
    for (const std::uint32_t size : sizes)
      client.send(frame_of(request(frame_type::create_transfers), transfers(size)));
    expect_end(client, result_code::over_credit);
    server.sink().let_go();
    EXPECT_TRUE(server.eventually([&] { return server.it->bytes_in_flight() == 0; }));
  }
}

TEST(bounds, credits_come_back_with_every_reply) {
  server_options options;
  options.session_requests = 2;
  options.session_events = 20;
  running_server server(options);
  raw_client client(server.port());
  client.greet();
  for (std::uint64_t n = 0; n < 100; ++n) {
    client.send(frame_of(request(frame_type::create_transfers, n), transfers(20)));
    ASSERT_EQ(client.expect().header.request, n);
  }
  EXPECT_TRUE(server.eventually([&] { return server.it->bytes_in_flight() == 0; }));
  EXPECT_EQ(server.it->events_in_flight(), 0u);
}

TEST(bounds, a_full_server_answers_overloaded_at_once_and_recovers) {
  for (const bool by_bytes : {false, true}) {
    server_options options;
    options.retry_after_ms = 33;
    if (by_bytes)
      options.total_bytes = 20'000;
    else
      options.total_events = 100;
    running_server server(options, 2);
    for (test_sink& sink : server.sinks) sink.hold();
    raw_client first(server.port());
    raw_client second(server.port());
    first.greet();
    second.greet();
    first.send(frame_of(request(frame_type::create_transfers, 1), transfers(70)));
    EXPECT_TRUE(server.eventually([&] { return server.it->events_in_flight() == 70; }));
    second.send(frame_of(request(frame_type::create_transfers, 2), transfers(40)));
    const answer refused = second.expect();
    EXPECT_EQ(refused.header.code, result_code::overloaded);
    EXPECT_EQ(refused.header.request, 2u);
    EXPECT_EQ(refused.header.retry_after_ms, 33u);
    for (test_sink& sink : server.sinks) sink.let_go();
    EXPECT_EQ(first.expect().header.request, 1u);
    second.send(frame_of(request(frame_type::create_transfers, 3), transfers(40)));
    EXPECT_EQ(second.expect().header.code, result_code::ok);
  }
}

TEST(bounds, admission_refuses_commands_and_lets_queries_pass) {
  running_server server;
  raw_client client(server.port());
  client.greet();
  const std::vector<id_record> ids(1);
  const auto codes = [&] {
    client.send(frame_of(request(frame_type::create_transfers, 1), transfers(1)) +
                frame_of(request(frame_type::lookup_accounts, 2), ids) + frame_of(request(frame_type::ping, 3)));
    std::array<result_code, 3> by_request;
    for (int i = 0; i < 3; ++i) {
      const answer a = client.expect();
      by_request.at(a.header.request - 1) = a.header.code;
    }
    return by_request;
  };
  using all = std::array<result_code, 3>;
  const auto ok = result_code::ok;
  EXPECT_EQ(codes(), (all{ok, ok, ok}));
  server.it->set_admission(result_code::unavailable);
  EXPECT_EQ(codes(), (all{result_code::unavailable, ok, ok}));
  server.it->set_admission(result_code::draining);
  EXPECT_EQ(codes(), (all{result_code::draining, result_code::draining, ok}));
  server.it->set_admission(ok);
  EXPECT_EQ(codes(), (all{ok, ok, ok}));
}

TEST(bounds, too_many_connections_are_told_so) {
  server_options options;
  options.connections_max = 2;
  running_server server(options);
  raw_client first(server.port());
  raw_client second(server.port());
  first.greet();
  second.greet();
  {
    raw_client third(server.port());
    expect_end(third, result_code::too_many_connections);
  }
  first.send(frame_of(request(frame_type::ping, 1)));
  EXPECT_EQ(first.expect().header.request, 1u);
  first.finish_sending();
  EXPECT_FALSE(first.receive().has_value());
  EXPECT_TRUE(server.eventually([&] { return server.counters().connections.get() == 1; }));
  expect_alive(server);
}

TEST(bounds, connections_that_come_and_go_leave_nothing) {
  running_server server;
  for (int i = 0; i < 300; ++i) {
    raw_client client(server.port());
    if (i % 3 != 0) client.send(hello());
    if (i % 3 == 2) client.send(bytes(50, std::byte{1}));
  }
  EXPECT_TRUE(server.eventually([&] { return server.counters().accepted.get() == 300; }));
  EXPECT_TRUE(server.eventually([&] { return server.counters().connections.get() == 0; }));
  EXPECT_TRUE(server.eventually([&] { return server.counters().connection_bytes.get() == 0; }));
  expect_alive(server);
}

TEST(bounds, no_hello_in_time_ends_the_connection) {
  server_options options;
  options.handshake_timeout_ms = 100;
  running_server server(options);
  raw_client client(server.port());
  expect_end(client, result_code::handshake_expected);
}

TEST(bounds, slow_writers_hold_16_kib_and_are_ended) {
  server_options options;
  options.frame_timeout_ms = 600;
  running_server server(options);
  std::vector<std::unique_ptr<raw_client>> slow;
  const bytes frame = frame_of(request(frame_type::create_transfers, 3), transfers(8190));
  const bytes part(frame.begin(), frame.begin() + 10'000);
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<raw_client>(server.port()));
    slow.back()->greet();
    slow.back()->send(part);
  }
  EXPECT_TRUE(
      server.eventually([&] { return server.counters().connection_bytes.get() > 20 * frame_reader::stash_bytes; }));
  EXPECT_LE(server.counters().connection_bytes.get(), 20 * (frame_reader::stash_bytes + 2048));
  for (auto& client : slow) expect_end(*client, result_code::too_slow);
  EXPECT_EQ(server.refusals(result_code::too_slow), 20u);
  expect_alive(server);
}

TEST(bounds, a_steady_stream_of_half_frames_is_not_slow) {
  server_options options;
  options.frame_timeout_ms = 300;
  running_server server(options);
  raw_client client(server.port());
  client.greet();
  const bytes frame = frame_of(request(frame_type::create_transfers, 3), transfers(1));
  const bytes half(frame.begin(), frame.begin() + 100);
  const bytes rest(frame.begin() + 100, frame.end());
  client.send(half);
  for (int i = 0; i < 10; ++i) {  // always inside some frame, for 800 ms in all
    std::this_thread::sleep_for(std::chrono::milliseconds(80));
    client.send(rest + half);
    ASSERT_EQ(client.expect().header.request, 3u);
  }
}

TEST(bounds, slow_readers_are_read_no_further_and_ended) {
  server_options options;
  options.session_out_bytes = 64u << 10;
  options.write_stall_timeout_ms = 600;
  options.session_events = 8190 * 4;
  running_server server(options);
  raw_client client(server.port(), 4096);
  client.greet();
  // Full frames with balances: 1.5 MiB of replies each. Sends until the server reads no more.
  const bytes frame = frame_of(request(frame_type::create_transfers, 1, frame_flags::want_balances), transfers(8190));
  std::size_t sent = 0;
  std::size_t at = 0;
  std::uint64_t most_held = 0;
  EXPECT_TRUE(server.eventually([&] {
    if (const std::size_t n = client.send_some(frame, at); n > 0) {
      sent += n;
      at = (at + n) % frame.size();
    }
    most_held = std::max(most_held, server.counters().connection_bytes.get());
    return server.refusals(result_code::too_slow) == 1;
  }));
  EXPECT_GT(sent, frame.size());
  EXPECT_GT(most_held, options.session_out_bytes);
  // At most what one round could bring: reading stops when 64 KiB wait; four reads may already have brought frames.
  EXPECT_LE(most_held, 5 * (wire::reply_bytes_max + frame.size()));
  EXPECT_TRUE(server.eventually([&] { return server.it->bytes_in_flight() == 0; }));
  EXPECT_TRUE(server.eventually([&] { return server.counters().connection_bytes.get() == 0; }));
  expect_alive(server);
}

TEST(bounds, a_reader_that_is_slow_for_a_while_gets_everything) {
  server_options options;
  options.session_out_bytes = 64u << 10;
  running_server server(options);
  raw_client client(server.port(), 4096);
  client.greet();
  std::thread reader;
  const auto records = transfers(8190);
  std::thread sender([&] {
    for (std::uint64_t n = 0; n < 12; ++n)
      client.send(n % 2 == 0 ? frame_of(request(frame_type::create_transfers, n, frame_flags::want_balances), records)
                             : frame_of(request(frame_type::create_transfers, n), transfers(1, n)));
  });
  EXPECT_TRUE(server.eventually([&] { return server.counters().connection_bytes.get() > (64u << 10); }));
  for (std::uint64_t n = 0; n < 12; ++n) {
    const answer a = client.expect();
    ASSERT_EQ(a.header.request, n);
    const std::size_t stride = n % 2 == 0 ? 192 : 32;
    ASSERT_EQ(a.body.size(), stride * (n % 2 == 0 ? 8190 : 1));
    for (std::uint32_t i = 0; i < a.header.record_count; ++i)
      ASSERT_EQ(a.result(i, stride).sequence, (n % 2 == 0 ? 1 : n) + i);
  }
  sender.join();
}

TEST(bounds, idle_connections_cost_less_than_2_kib_and_end_with_goaway) {
  server_options options;
  options.idle_timeout_ms = 500;
  running_server server(options);
  std::vector<std::unique_ptr<raw_client>> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(std::make_unique<raw_client>(server.port()));
    idle.back()->greet();
  }
  EXPECT_TRUE(server.eventually([&] { return server.counters().connection_bytes.get() > 0; }));
  EXPECT_LT(server.counters().connection_bytes.get(), 20 * 2048u);
  for (auto& client : idle) {
    EXPECT_EQ(client->expect().header.type, static_cast<std::uint16_t>(frame_type::goaway));
    EXPECT_FALSE(client->receive().has_value());
  }
}

TEST(bounds, a_connection_with_work_in_flight_is_not_idle) {
  server_options options;
  options.idle_timeout_ms = 200;
  running_server server(options);
  server.sink().hold();
  raw_client client(server.port());
  client.greet();
  client.send(frame_of(request(frame_type::create_transfers, 1), transfers(1)));
  auto frames = server.sink().take(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  server.sink().finish(*frames.front());
  EXPECT_EQ(client.expect().header.request, 1u);
}

/// The server's end of a connection, found among the descriptors of this process.
int server_end_of(const raw_client& client) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET &&
        ntohs(peer.sin_port) == client.local_port())
      return fd;
  }
  return -1;
}

int option_of(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, name, &value, &size);
  return value;
}

TEST(bounds, half_open_peers_are_found_by_the_system) {
  server_options options;
  options.half_open_timeout_ms = 9'000;
  running_server server(options);
  raw_client client(server.port());
  client.greet();
  const int fd = server_end_of(client);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 9'000);
  EXPECT_EQ(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), 3);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL), 3);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
}

TEST(bounds, garbage_harms_nobody_else) {
  running_server server;
  raw_client good(server.port());
  good.greet();
  std::mt19937_64 random(4711);
  for (std::uint64_t round = 0; round < 200; ++round) {
    {
      raw_client bad(server.port());
      bytes stream = round % 2 == 0 ? bytes() : hello();
      const std::size_t sound = stream.size();
      const auto count = static_cast<std::uint32_t>(1 + round % 30);
      stream = stream + frame_of(request(frame_type::create_transfers, round), transfers(count)) +
               bytes(300 + random() % 2000);
      for (std::size_t at = sound; at < stream.size(); ++at)
        if (round % 4 < 2 || random() % 50 == 0) stream[at] ^= static_cast<std::byte>(random());
      for (std::size_t at = 0, n = 1; at < stream.size() && n > 0; at += n) n = bad.send_some(stream, at);
    }
    good.send(frame_of(request(frame_type::create_transfers, round), transfers(3, round)));
    const answer a = good.expect();
    ASSERT_EQ(a.header.request, round);
    ASSERT_EQ(a.result(2).sequence, round + 2);
  }
  EXPECT_TRUE(server.eventually([&] { return server.counters().connections.get() == 1; }));
  EXPECT_TRUE(server.eventually([&] { return server.it->bytes_in_flight() == 0; }));
}

}  // namespace
}  // namespace payloom::net

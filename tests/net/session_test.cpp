// What a client sees of a server with a sink that needs no ledger: handshake, replies, refusals.
#include <algorithm>

#include "protocol/net/reply_rows.hpp"
#include "tests/net/server_fixture.hpp"

namespace payloom::net {
namespace {

using namespace testing;

TEST(session, welcome_says_who_serves_and_its_bounds) {
  server_options options;
  options.cluster = 42;
  options.server_instance = make_u128(1, 2);
  options.build = "0.1.0 test";
  options.session_requests = 17;
  options.session_events = 9000;
  running_server server(options);
  server.durable = 55;
  raw_client client(server.port());
  const welcome_body w = client.greet();
  EXPECT_EQ(w.version, protocol_version);
  EXPECT_EQ(w.frame_bytes_max, 1u << 20);
  EXPECT_EQ(w.frame_events_max, 8190u);
  EXPECT_EQ(w.credit_requests, 17u);
  EXPECT_EQ(w.credit_events, 9000u);
  EXPECT_EQ(w.idle_timeout_ms, options.idle_timeout_ms);
  EXPECT_EQ(w.shadow, 0u);
  EXPECT_TRUE(w.cluster == 42 && w.server_instance == make_u128(1, 2));
  EXPECT_GT(w.server_time, 1'700'000'000'000'000'000u);
  EXPECT_EQ(w.sequence, 55u);
  EXPECT_STREQ(w.build, "0.1.0 test");
}

/// Sends bytes and expects one error frame and the end of the connection.
void expect_error(const running_server& server, const bytes& sent, result_code code, std::uint64_t request,
                  bool greeted = true) {
  raw_client client(server.port());
  if (greeted) client.greet();
  client.send(sent);
  const answer a = client.expect();
  EXPECT_EQ(a.header.type, static_cast<std::uint16_t>(frame_type::error));
  EXPECT_EQ(name_of(a.header.code), name_of(code));
  EXPECT_EQ(a.header.request, request);
  EXPECT_TRUE(a.body.empty());
  EXPECT_FALSE(client.receive().has_value());
}

TEST(session, bad_frames_get_their_code_and_the_connection_ends) {
  running_server server;
  const auto one = transfers(1);
  const bytes good = frame_of(request(frame_type::create_transfers, 3), one);
  const auto damaged = [&good](std::size_t at) {
    bytes copy = good;
    copy[at] ^= std::byte{0x40};
    return copy;
  };
  expect_error(server, damaged(0), result_code::frame_malformed, 0);
  expect_error(server, damaged(30), result_code::frame_checksum_mismatch, 0);
  expect_error(server, damaged(200), result_code::frame_checksum_mismatch, 3);
  expect_error(server, frame_of(request(static_cast<frame_type>(99), 4)), result_code::frame_type_unknown, 4);
  expect_error(server, frame_of(request(frame_type::goaway, 4)), result_code::frame_type_unknown, 4);
  expect_error(server, frame_of(request(frame_type::ping, 5, 0x100)), result_code::frame_reserved_not_zero, 5);
  expect_error(server, frame_of(request(frame_type::create_transfers, 6)), result_code::frame_malformed, 6);
  expect_error(server, frame_of(request(frame_type::create_transfers, 7), transfers(8200)),
               result_code::frame_too_large, 7);
  expect_error(server, hello(), result_code::handshake_expected, 7);
  expect_error(server, good, result_code::handshake_expected, 3, false);
  expect_error(server, frame_of(request(frame_type::ping, 8)), result_code::handshake_expected, 8, false);
  expect_error(server, hello(2), result_code::version_unsupported, 7, false);
  EXPECT_EQ(server.refusals(result_code::handshake_expected), 3u);
  EXPECT_EQ(server.sink().submits(), 0u);
}

TEST(session, required_features_that_are_unknown_end_the_handshake_wanted_ones_do_not) {
  running_server server;
  std::vector<hello_body> body(1);
  body[0].version_min = 0;
  body[0].version_max = 9;
  body[0].features_wanted = 0xff;
  raw_client client(server.port());
  client.send(frame_of(request(frame_type::hello), body));
  EXPECT_EQ(client.expect().header.code, result_code::ok);
  body[0].features_required = 1u << 31;
  expect_error(server, frame_of(request(frame_type::hello, 2), body), result_code::version_unsupported, 2, false);
}

TEST(session, ping_is_answered_by_the_connection_itself) {
  running_server server;
  server.durable = 9;
  raw_client client(server.port());
  client.greet();
  client.send(frame_of(request(frame_type::ping, 77)));
  const answer a = client.expect();
  EXPECT_EQ(a.header.type, static_cast<std::uint16_t>(reply_type(frame_type::ping)));
  EXPECT_EQ(a.header.request, 77u);
  EXPECT_EQ(a.header.sequence, 9u);
  EXPECT_EQ(server.sink().submits(), 0u);
}

TEST(session, a_reply_carries_the_request_and_one_result_per_event) {
  running_server server;
  server.durable = 1234;
  raw_client client(server.port());
  client.greet();
  frame_header header = request(frame_type::create_transfers, 31);
  header.tenant = 6;
  header.context_id = make_u128(8, 9);
  header.priority = 2;
  client.send(frame_of(header, transfers(3, 500)));
  const answer a = client.expect();
  EXPECT_EQ(a.header.type, static_cast<std::uint16_t>(reply_type(frame_type::create_transfers)));
  EXPECT_EQ(a.header.request, 31u);
  EXPECT_EQ(a.header.tenant, 6u);
  EXPECT_TRUE(a.header.context_id == make_u128(8, 9));
  EXPECT_EQ(a.header.priority, 2u);
  EXPECT_EQ(a.header.sequence, 1234u);
  EXPECT_EQ(a.header.credits, server_options{}.session_requests);
  ASSERT_EQ(a.header.record_count, 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(a.result(i).sequence, 500 + i);
}

TEST(session, replies_overtake_each_other) {
  running_server server;
  server.sink().hold();
  raw_client client(server.port());
  client.greet();
  bytes burst;
  for (std::uint64_t n = 0; n < 50; ++n)
    burst = burst + frame_of(request(frame_type::create_transfers, n), transfers(1, 1000 + n));
  client.send(burst);
  auto frames = server.sink().take(50);
  std::reverse(frames.begin(), frames.end());
  for (command_frame* frame : frames) server.sink().finish(*frame);
  for (std::uint64_t n = 50; n-- > 0;) {
    const answer a = client.expect();
    ASSERT_EQ(a.header.request, n);
    ASSERT_EQ(a.result(0).sequence, 1000 + n);
  }
}

TEST(session, many_frames_of_one_read_are_one_submit) {
  running_server server;
  raw_client client(server.port());
  client.greet();
  bytes burst;
  for (std::uint64_t n = 0; n < 100; ++n)
    burst = burst + frame_of(request(frame_type::create_transfers, n), transfers(1, n));
  client.send(burst);  // 25,600 bytes: one segment on loopback
  for (std::uint64_t n = 0; n < 100; ++n) ASSERT_EQ(client.expect().header.request, n);
  EXPECT_LE(server.sink().submits(), 3u);
  EXPECT_LE(server.counters().writes.get(), 5u);  // the welcome and the replies
}

TEST(session, full_frames_pipelined_among_small_ones) {
  running_server server({}, 2);
  raw_client client(server.port());
  client.greet();
  const auto full = transfers(8190, 1'000'000);
  for (std::uint64_t n = 0; n < 12; ++n)
    client.send(n % 3 == 1 ? frame_of(request(frame_type::create_transfers, n), transfers(2, n))
                           : frame_of(request(frame_type::create_transfers, n), full));
  for (std::uint64_t n = 0; n < 12; ++n) {
    const answer a = client.expect();
    ASSERT_EQ(a.header.request, n);
    if (n % 3 == 1) continue;
    ASSERT_EQ(a.header.record_count, 8190u);
    for (std::size_t i = 0; i < 8190; ++i) ASSERT_EQ(a.result(i).sequence, 1'000'000 + i);
  }
}

TEST(session, bytes_may_come_one_by_one) {
  running_server server;
  raw_client client(server.port());
  const bytes stream = hello() + frame_of(request(frame_type::create_transfers, 2), transfers(1, 9));
  for (const std::byte b : stream) client.send({b});
  EXPECT_EQ(client.expect().header.request, 7u);
  EXPECT_EQ(client.expect().result(0).sequence, 9u);
}

TEST(session, balances_have_their_own_stride) {
  running_server server;
  server.sink().answer = [](command_frame& frame) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      auto& r = reinterpret_cast<balances_result*>(frame.results)[i];
      r.result.sequence = i + 1;
      r.credit.credits_posted = frame.transfer(i).amount_minor;
    }
  };
  raw_client client(server.port());
  client.greet();
  client.send(frame_of(request(frame_type::create_transfers, 1, frame_flags::want_balances), transfers(8190)));
  const answer a = client.expect();
  EXPECT_EQ(a.header.flags, frame_flags::want_balances);
  ASSERT_EQ(a.body.size(), 8190u * 192);
  for (std::size_t i = 0; i < 8190; ++i) {
    balances_result r;
    std::memcpy(&r, a.body.data() + i * sizeof r, sizeof r);
    ASSERT_EQ(r.result.sequence, i + 1);
    ASSERT_TRUE(r.credit.credits_posted == 100 + i);
  }
}

TEST(session, deadlines_count_from_receipt) {
  server_options options;
  options.default_timeout_ms = 3'000;
  running_server server(options);
  server.sink().hold();
  raw_client client(server.port());
  client.greet();
  for (const std::uint32_t timeout_ms : {0u, 250u, ~0u}) {
    frame_header header = request(frame_type::create_transfers, timeout_ms);
    header.timeout_ms = timeout_ms;
    client.send(frame_of(header, transfers(1)));
    command_frame& frame = *server.sink().take(1).front();
    EXPECT_GT(frame.received_at, 1'700'000'000'000'000'000u);
    if (timeout_ms == ~0u)
      EXPECT_EQ(frame.deadline_at, ~time_ns{0});
    else
      EXPECT_EQ(frame.deadline_at - frame.received_at, (timeout_ms == 0 ? 3'000 : 250) * 1'000'000ull);
    server.sink().finish(frame);
    client.expect();
  }
}

TEST(session, the_shadow_flag_must_match_the_partition) {
  for (const bool shadow : {false, true}) {
    server_options options;
    options.shadow = shadow;
    running_server server(options);
    const std::uint16_t right = shadow ? frame_flags::shadow : 0;
    const std::uint16_t wrong = shadow ? 0 : frame_flags::shadow;
    raw_client client(server.port());
    client.send(hello(protocol_version, wrong));
    EXPECT_EQ(client.expect().header.code, result_code::wrong_partition);
    EXPECT_EQ(client.greet(right).shadow, shadow ? 1u : 0u);
    client.send(frame_of(request(frame_type::create_transfers, 1, wrong), transfers(20)) +
                frame_of(request(frame_type::create_transfers, 2, right), transfers(2)));
    const answer refused = client.expect();
    EXPECT_EQ(refused.header.code, result_code::wrong_partition);
    EXPECT_EQ(refused.header.request, 1u);
    const answer done = client.expect();
    EXPECT_EQ(done.header.code, result_code::ok);
    EXPECT_EQ(done.header.flags, right);
  }
}

TEST(session, commands_on_orders_need_a_context) {  // SG-1: refused at the boundary, and the connection goes on
  running_server server;
  raw_client client(server.port());
  client.greet();
  for (const frame_type type : {frame_type::create_orders, frame_type::act_on_orders}) {
    client.send(frame_of(request(type, 1), transfers(3)));  // records of orders have the same size
    const answer refused = client.expect();
    EXPECT_EQ(refused.header.code, result_code::context_missing);
    frame_header known = request(type, 2);
    known.context_id = 77;
    known.root_id = 78;
    known.hop = 3;
    client.send(frame_of(known, transfers(3)));
    const answer done = client.expect();
    EXPECT_EQ(done.header.code, result_code::ok);
    EXPECT_TRUE(done.header.context_id == 77 && done.header.root_id == 78 && done.header.hop == 3) << "echoed";
  }
  client.send(frame_of(request(frame_type::create_transfers, 3), transfers(1)));
  EXPECT_EQ(client.expect().header.code, result_code::ok) << "transfers may have none";
}

TEST(session, rows_and_text_are_sent_as_the_sink_made_them) {
  running_server server;
  server.durable = 70;
  server.sink().answer = [](command_frame& frame) {
    auto rows = std::make_unique<reply_rows>();
    if (frame.type() == frame_type::stats) {
      const std::string_view text = "{\"a\":1}";
      const auto* from = reinterpret_cast<const std::byte*>(text.data());
      rows->bytes.assign(from, from + text.size());
    } else if (frame.header.request == 3) {
      rows->code = result_code::query_malformed;
    } else {
      rows->bytes.resize(3 * sizeof(transfer_row), std::byte{7});
      rows->record_count = 3;
      rows->sequence = 66;
      rows->cursor = 12345;
      rows->flags = frame_flags::more;
    }
    frame.rows = rows.release();
  };
  raw_client client(server.port());
  client.greet();
  std::vector<query_record> query(1);
  client.send(frame_of(request(frame_type::list_transfers, 1), query) + frame_of(request(frame_type::stats, 2)) +
              frame_of(request(frame_type::list_transfers, 3), query));
  const answer page = client.expect();
  EXPECT_EQ(page.body, bytes(3 * sizeof(transfer_row), std::byte{7}));
  EXPECT_EQ(page.header.sequence, 66u);
  EXPECT_EQ(page.header.cursor, 12345u);
  EXPECT_EQ(page.header.flags, frame_flags::more);
  const answer text = client.expect();
  EXPECT_EQ(text.body.size(), 7u);
  EXPECT_EQ(text.header.record_count, 7u);
  EXPECT_EQ(text.header.sequence, 70u);
  const answer refused = client.expect();
  EXPECT_EQ(refused.header.code, result_code::query_malformed);
  EXPECT_TRUE(refused.body.empty());
}

TEST(session, the_sink_may_refuse_a_whole_frame) {
  running_server server;
  server.sink().answer = [](command_frame& frame) { frame.header.code = result_code::overloaded; };
  raw_client client(server.port());
  client.greet();
  client.send(frame_of(request(frame_type::create_transfers, 1), transfers(5)));
  const answer a = client.expect();
  EXPECT_EQ(a.header.code, result_code::overloaded);
  EXPECT_EQ(a.header.retry_after_ms, server_options{}.retry_after_ms);
  EXPECT_TRUE(a.body.empty());
}

TEST(session, a_peer_that_only_stopped_sending_gets_its_replies) {
  running_server server;
  server.sink().hold();
  raw_client client(server.port());
  client.greet();
  client.send(frame_of(request(frame_type::create_transfers, 1), transfers(2, 5)));
  auto frames = server.sink().take(1);
  client.finish_sending();
  server.sink().finish(*frames.front());
  EXPECT_EQ(client.expect().result(1).sequence, 6u);
  EXPECT_FALSE(client.receive().has_value());
}

TEST(session, replies_to_a_connection_that_is_gone_are_dropped) {
  running_server server;
  server.sink().hold();
  {
    raw_client client(server.port());
    client.greet();
    client.send(frame_of(request(frame_type::create_transfers, 1), transfers(2)));
    ASSERT_TRUE(server.eventually([&] { return server.counters().requests_in_flight.get() == 1; }));
  }
  raw_client other(server.port());  // takes the slot of the first, perhaps
  other.greet();
  server.sink().let_go();
  ASSERT_TRUE(server.eventually([&] { return server.it->bytes_in_flight() == 0; }));
  other.send(frame_of(request(frame_type::ping, 1)));
  EXPECT_EQ(other.expect().header.request, 1u);
}

TEST(server, connections_are_dealt_to_all_threads) {
  running_server server({}, 3);
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(std::make_unique<raw_client>(server.port()));
    clients.back()->greet();
    clients.back()->send(frame_of(request(frame_type::create_transfers, 1), transfers(4, 50)));
    EXPECT_EQ(clients.back()->expect().result(3).sequence, 53u);
  }
  for (std::size_t t = 0; t < 3; ++t) EXPECT_EQ(server.it->counters(t).connections.get(), 3u);
}

TEST(server, wake_calls_idle) {
  running_server server;
  const std::size_t before = server.sink().idles();
  server.it->wake(0);
  EXPECT_TRUE(server.sink().wait_for_idle(before));
}

TEST(server, a_port_in_use_is_an_error_that_names_it) {
  running_server first;
  server_options options;
  options.port = first.port();
  test_sink sink;
  server second(options, {&sink});
  try {
    second.start();
    FAIL() << "two servers on one port";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(first.port())), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace payloom::net

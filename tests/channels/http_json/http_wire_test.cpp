// Calls over real sockets with faults on every side: what the platform was told agrees with the book of the outside, or
// is unknown, and a question settles it.
#include <filesystem>
#include <set>

#include "tests/channels/http_json/calls.hpp"
#include "tests/channels/http_json/loopback.hpp"

namespace payloom::test {
namespace {

using core::channel_answer;
using core::channel_call;
using enum channel_outcome;

core::outside_settings faults() {
  core::outside_settings s;
  s.seed = 11;
  s.rejected = s.accepted = s.accepted_rejected = 60;
  s.unknown_moved = s.unknown_lost = 40;
  s.other_amount = s.late_success = s.returned = 20;
  s.answered_twice = s.callback = s.callback_early = s.callback_late = s.callback_twice = 100;
  s.contradictory = s.callback_amount = s.callback_ledger = 20;
  s.forged = 100;
  s.latency_mean_ms = 5;
  s.latency_sigma_ms = 4;
  s.later_ms = 30;
  s.callback_late_ms = 60;
  return s;
}

channel_call call_number(int i) {
  // Every third is refunded by its successor's successor, whatever became of it.
  const u128 id = make_u128(7, static_cast<std::uint64_t>(i) + 1);
  const u128 source = make_u128(7, static_cast<std::uint64_t>(i) - 1);
  const u128 amount = 100 + static_cast<unsigned>(i) % 900;
  return i % 3 == 2   ? call_of(id, channel_operation::refund, 50, source)
         : i % 3 == 1 ? call_of(id, channel_operation::payout, amount)
                      : call_of(id, channel_operation::pay, amount);
}

/// A platform that takes what its wire and its ear tell, and a simulator.
struct platform {
  secrets common;
  actors::raw_log log;
  told_answers responses, callbacks;
  io_thread outside, inside;
  std::shared_ptr<hj::callback_listener> listener;
  std::shared_ptr<hj::http_simulator> simulator;
  std::unique_ptr<hj::http_wire> wire;
  int durable = 0;  ///< of callbacks; the inside thread's

  explicit platform(const core::outside_settings& settings)
      : log({common.directory.path() / "raw", 1u << 20, 0, 256u << 20, common.keys.secrets()}) {
    hj::callback_listener_settings ear;
    ear.durable_timeout_ms = 100;
    listener = std::make_shared<hj::callback_listener>(inside.io, common.server, ear, common.channel(&log),
                                                       [this](channel_answer a, std::function<void(bool)> done) {
                                                         callbacks.add(std::move(a));
                                                         // Every tenth is not durable at first, and every tenth is
                                                         // never said to be.
                                                         if (++durable % 10 != 1) done(durable % 10 != 0);
                                                       });
    EXPECT_EQ(inside.run([&] { return listener->start(); }), "");
    hj::simulator_settings s;
    s.outside = settings;
    s.sends_callbacks = true;
    s.callbacks.port = listener->port();
    s.callbacks.waiting_timeout_ms = 30'000;
    simulator = std::make_shared<hj::http_simulator>(outside.io, s, common.keys, test_now);
    EXPECT_EQ(outside.run([&] { return simulator->start(common.server, common.client); }), "");
    hj::https_client_settings c;
    c.port = simulator->port();
    c.connections_max = 100;
    c.response_timeout_ms = 400;
    c.waiting_timeout_ms = 60'000;
    wire = std::make_unique<hj::http_wire>(inside.io, common.client, c, common.channel(&log), responses.sink());
  }
  ~platform() {
    wire->stop();
    inside.run([&] { return listener->stop(), 0; });
    outside.run([&] { return simulator->stop(), 0; });
  }
  void call(std::vector<channel_call> calls) {
    wire->call(std::move(calls));
    ASSERT_TRUE(eventually([&] { return wire->counters().in_flight == 0; }));
  }
  core::outside_truth truth(u128 attempt_id) {
    return outside.run([&] { return simulator->book().query(attempt_id, test_now()); });
  }
  bool drain() {
    return eventually([&] { return outside.run([&] { return simulator->open(); }) == 0; });
  }
};

bool moved(channel_outcome o) { return o == success || o == returned; }

void expect_no_secrets(const std::filesystem::path& directory) {
  std::size_t bytes = 0, signatures = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    bytes += text.size();
    EXPECT_EQ(text.find(test_key), std::string::npos);
    for (std::size_t at = text.find("X-Signature:"); at != std::string::npos; at = text.find("X-Signature:", at + 1)) {
      ++signatures;
      EXPECT_EQ(text[at + 12], '*');
      EXPECT_EQ(text.find_first_not_of('*', at + 12), text.find('\r', at));
    }
  }
  EXPECT_GT(bytes, 1'000'000u);
  EXPECT_GT(signatures, 4'000u);
}

TEST(http_wire, five_thousand_calls_with_faults_agree_with_the_book) {
  platform p(faults());
  constexpr int calls = 5'000;
  for (int batch = 0; batch < calls; batch += 500) {
    std::vector<channel_call> some;
    for (int i = batch; i < batch + 500; ++i) some.push_back(call_number(i));
    p.call(std::move(some));
  }
  ASSERT_TRUE(p.drain());

  std::map<u128, channel_answer> first;
  ASSERT_TRUE(eventually([&] { return p.responses.size() >= calls; }));
  for (channel_answer& a : p.responses.take()) ASSERT_TRUE(first.emplace(a.call.attempt_id, a).second);
  ASSERT_EQ(first.size(), static_cast<std::size_t>(calls));

  // Whatever a callback said moved has moved, for the orders that it is for.
  std::map<u128, std::set<channel_outcome>> later;
  for (const channel_answer& a : p.callbacks.take()) {
    const core::outside_truth t = p.truth(a.call.attempt_id);
    EXPECT_TRUE(!moved(a.outcome) || t.outcome == success) << lo64(a.call.attempt_id);
    EXPECT_TRUE(a.call.order.value == a.call.attempt_id + 2 && a.call.tenant == 4);
    later[a.call.attempt_id].insert(a.outcome);
  }
  EXPECT_GT(later.size(), 1'000u);

  std::map<channel_outcome, int> told;
  std::vector<channel_call> open;
  for (const auto& [id, a] : first) {
    ++told[a.outcome];
    const core::outside_truth t = p.truth(id);
    if (a.outcome == success) {
      EXPECT_EQ(t.outcome, success);
      EXPECT_TRUE(a.amount_minor == t.amount_minor && a.reference == t.channel_txn);
    } else if (a.outcome == rejected) {
      EXPECT_TRUE(t.outcome == rejected || later[id].contains(success));
    } else if (a.outcome == accepted) {
      EXPECT_TRUE(later[id].contains(t.outcome));
    } else {
      EXPECT_EQ(a.outcome, unknown) << "nothing was refused here";
      open.push_back(asking(a.call, channel_operation::query));
    }
  }
  for (const channel_outcome o : {success, rejected, accepted, unknown}) EXPECT_GT(told[o], 100) << static_cast<int>(o);

  const std::size_t asked = open.size();
  p.call(std::move(open));
  ASSERT_TRUE(eventually([&] { return p.responses.size() == asked; }));
  for (const channel_answer& a : p.responses.take()) {
    const core::outside_truth t = p.truth(a.call.attempt_id);
    EXPECT_EQ(a.outcome, t.outcome);
    EXPECT_TRUE(a.amount_minor == t.amount_minor);
  }

  const hj::sender_counters sent = p.outside.run([&] { return p.simulator->callbacks(); });
  const hj::callback_counters heard = p.inside.run([&] { return p.listener->counters(); });
  EXPECT_EQ(sent.forged_taken, 0u);
  EXPECT_GT(heard.forged, 300u);
  EXPECT_GT(heard.busy, 50u) << "what was not durable was sent again";
  EXPECT_GT(heard.refused, 20u) << "another currency";
  EXPECT_EQ(sent.given_up, 0u);
  EXPECT_EQ(p.outside.run([&] { return p.simulator->counters().unsigned_requests; }), 0u);
  EXPECT_GT(p.wire->counters().timeouts, 20u);
  EXPECT_EQ(p.wire->counters().unmapped_codes, 0u);
  EXPECT_LE(p.wire->counters().connections, 100u);

  p.log.flush();
  EXPECT_EQ(p.log.counters().dropped, 0u);
  expect_no_secrets(p.common.directory.path() / "raw");
  const auto kept = actors::raw_log::read(p.common.directory.path() / "raw", call_number(0).attempt_id);
  ASSERT_FALSE(kept.empty());
  EXPECT_EQ(kept[0].request.substr(0, 22), "POST /v1/payments HTTP");
  EXPECT_GT(kept[0].total_us, 0u);
}

TEST(http_wire, the_same_call_again_moves_money_once_and_a_question_ends_what_has_not_come) {
  platform p(core::outside_settings{});
  const channel_call pay = call_of(9), never = call_of(10);
  p.call({pay, pay, pay});
  ASSERT_TRUE(eventually([&] { return p.responses.size() == 3; }));
  for (const channel_answer& a : p.responses.take()) EXPECT_EQ(a.outcome, success);
  EXPECT_EQ(p.outside.run([&] { return p.simulator->book().statement(0, test_now() + 1).size(); }), 1u);

  // What the channel has never seen is closed there before it is told: a crash of ours may have kept it back.
  p.call({asking(never, channel_operation::query), asking(pay, channel_operation::close)});
  ASSERT_TRUE(eventually([&] { return p.responses.size() == 2; }));
  std::map<u128, channel_outcome> ends;
  for (const channel_answer& a : p.responses.take()) ends[a.call.attempt_id] = a.outcome;
  EXPECT_EQ(ends[9], success);
  EXPECT_EQ(ends[10], closed);
  p.call({never});
  ASSERT_TRUE(eventually([&] { return p.responses.size() == 1; }));
  EXPECT_EQ(p.responses.take()[0].outcome, rejected);
}

TEST(http_wire, nobody_there_or_the_wrong_one_is_not_sent) {
  const secrets own, others;
  io_thread outside, inside;
  const auto server = std::make_shared<hj::https_server>(
      outside.io, others.server, hj::https_server_settings{},
      [](const hj::http_message&, const hj::https_exchange& e) { e.answer(200, "{}"); });
  ASSERT_EQ(outside.run([&] { return server->start(); }), "");
  std::uint16_t closed_port = 0;
  {
    const auto gone = std::make_shared<hj::https_server>(outside.io, others.server, hj::https_server_settings{},
                                                         [](const hj::http_message&, const hj::https_exchange&) {});
    ASSERT_EQ(outside.run([&] { return gone->start(); }), "");
    closed_port = gone->port();
    outside.run([&] { return gone->stop(), 0; });
  }
  for (const std::uint16_t port : {closed_port, server->port()}) {
    told_answers told;
    hj::https_client_settings c;
    c.port = port;
    hj::http_wire wire(inside.io, own.client, c, own.channel(), told.sink());
    wire.call({call_of(1), call_of(2), asking(call_of(3), channel_operation::query)});
    ASSERT_TRUE(eventually([&] { return told.size() == 2; }));
    for (const channel_answer& a : told.take()) EXPECT_EQ(a.outcome, not_sent);
    ASSERT_TRUE(eventually([&] { return wire.counters().in_flight == 0; }));
    EXPECT_EQ(wire.counters().sent, 0u);
    wire.stop();
  }
  EXPECT_EQ(outside.run([&] { return server->counters().requests; }), 0u);
  outside.run([&] { return server->stop(), 0; });
}

/// A server that answers as a test says.
struct scripted {
  secrets common;
  io_thread outside, inside;
  told_answers told;
  std::shared_ptr<hj::https_server> server;
  std::unique_ptr<hj::http_wire> wire;
  int open = 0, open_most = 0;  ///< requests; the outside thread's

  scripted(hj::https_server::handler answer, hj::https_client_settings c) {
    server = std::make_shared<hj::https_server>(outside.io, common.server, hj::https_server_settings{}, answer);
    EXPECT_EQ(outside.run([&] { return server->start(); }), "");
    c.port = server->port();
    wire = std::make_unique<hj::http_wire>(inside.io, common.client, c, common.channel(), told.sink());
  }
  ~scripted() {
    wire->stop();
    outside.run([&] { return server->stop(), 0; });
  }
};

TEST(http_wire, the_queue_has_a_bound_and_a_silent_channel_leaves_unknown) {
  hj::https_client_settings c;
  c.connections_max = 2;
  c.waiting_max = 3;
  c.waiting_timeout_ms = 100;
  c.response_timeout_ms = 300;
  scripted s([](const hj::http_message&, const hj::https_exchange&) {}, c);
  std::vector<channel_call> calls;
  for (u128 id = 1; id <= 10; ++id) calls.push_back(call_of(id));
  s.wire->call(calls);
  ASSERT_TRUE(eventually([&] { return s.told.size() == 10; }));
  std::map<channel_outcome, int> count;
  for (const channel_answer& a : s.told.take()) ++count[a.outcome];
  EXPECT_EQ(count[unknown], 2) << "as many as connections";
  EXPECT_EQ(count[not_sent], 8) << "beyond the bound, or waited too long";
  EXPECT_EQ(s.wire->counters().timeouts, 2u);
}

TEST(http_wire, the_rate_is_kept) {
  hj::https_client_settings c;
  c.connections_max = 4;
  c.rate_per_second = 200;
  c.burst = 10;
  scripted s([](const hj::http_message&, const hj::https_exchange& e) { e.answer(500, "{}"); }, c);
  std::vector<channel_call> calls;
  for (u128 id = 1; id <= 110; ++id) calls.push_back(call_of(id));
  const auto start = std::chrono::steady_clock::now();
  s.wire->call(calls);
  ASSERT_TRUE(eventually([&] { return s.told.size() == 110; }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took.count(), 0.49) << "100 of them at 200 a second";
  for (const channel_answer& a : s.told.take()) EXPECT_EQ(a.outcome, unknown) << "a 5xx says nothing";
}

TEST(http_wire, a_code_that_nobody_knows_is_unknown_and_counted) {
  scripted s(
      [](const hj::http_message&, const hj::https_exchange& e) {
        e.answer(200, R"({"attempt_id":"00000000000000000000000000000001","code":"NEW","amount":"0"})");
      },
      {});
  s.wire->call({call_of(1), asking(call_of(1), channel_operation::query)});
  ASSERT_TRUE(eventually([&] { return s.told.size() == 1 && s.wire->counters().in_flight == 0; }));
  EXPECT_EQ(s.told.take()[0].outcome, unknown);
  EXPECT_EQ(s.wire->counters().unmapped_codes, 2u);
}

TEST(http_wire, connections_are_used_again_resumed_and_closed_when_idle) {
  hj::https_client_settings c;
  c.idle_ms = 100;
  scripted s([](const hj::http_message&, const hj::https_exchange& e) { e.answer(500, "{}"); }, c);
  for (u128 id = 1; id <= 20; ++id) {
    s.wire->call({call_of(id)});
    ASSERT_TRUE(eventually([&] { return s.told.size() == id; }));
  }
  EXPECT_EQ(s.outside.run([&] { return s.server->counters().accepted; }), 1u);
  ASSERT_TRUE(eventually([&] { return s.wire->counters().connections == 0; }));
  s.wire->call({call_of(21)});
  ASSERT_TRUE(eventually([&] { return s.told.size() == 21; }));
  EXPECT_EQ(s.wire->counters().reconnects, 2u);
}

TEST(http_wire, stop_in_the_midst_tells_nothing_more) {
  hj::https_client_settings c;
  c.connections_max = 8;
  auto s = std::make_unique<scripted>([](const hj::http_message&, const hj::https_exchange&) {}, c);
  std::vector<channel_call> calls;
  for (u128 id = 1; id <= 100; ++id) calls.push_back(call_of(id));
  s->wire->call(calls);
  ASSERT_TRUE(eventually([&] { return s->wire->counters().sent == 8; }));
  s->wire->stop();
  s->wire->call({call_of(101)});
  s->wire->stop();
  s->inside.run([] { return 0; });
  EXPECT_EQ(s->told.size(), 0u);
}

}  // namespace
}  // namespace payloom::test

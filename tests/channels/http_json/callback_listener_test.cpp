// The ear for callbacks: every refusal, and that 200 waits for durability. Bytes that are no HTTP break nothing.
#include "actors/channels/http_json/echo_reference.hpp"
#include "actors/channels/http_json/wire_text.hpp"
#include "tests/channels/http_json/calls.hpp"
#include "tests/channels/http_json/loopback.hpp"

namespace payloom::test {
namespace {

using core::channel_answer;
using enum channel_outcome;

/// Sends requests as they are written, and keeps the status of each response: 0 for none.
struct poster final : hj::https_client_owner {
  std::shared_ptr<hj::https_client> client;
  std::vector<std::string> requests;
  std::vector<unsigned> status;
  std::atomic<std::size_t> done = 0;

  void write_request(std::uint64_t job, std::string& out) override { out += requests[job]; }
  void job_done(std::uint64_t job, const hj::https_result& r) override {
    status[job] = r.what == hj::https_result::kind::response ? r.status : 0;
    ++done;
  }
};

struct ear {
  secrets common;
  io_thread io;
  std::vector<channel_answer> taken;
  std::function<void(const std::function<void(bool)>&)> durable = [](const auto& done) { done(true); };
  std::shared_ptr<hj::callback_listener> listener;
  poster client;

  explicit ear(hj::callback_listener_settings settings = {}) {
    listener = std::make_shared<hj::callback_listener>(io.io, common.server, settings, common.channel(),
                                                       [this](channel_answer a, std::function<void(bool)> done) {
                                                         taken.push_back(std::move(a));
                                                         durable(done);
                                                       });
    EXPECT_EQ(io.run([&] { return listener->start(); }), "");
    hj::https_client_settings c;
    c.port = listener->port();
    c.response_timeout_ms = 2'000;
    client.client = std::make_shared<hj::https_client>(io.io, common.client, c, client);
    io.run([&] { return client.client->start(), 0; });
  }
  ~ear() {
    io.run([&] { return client.client->stop(), listener->stop(), 0; });
  }
  std::vector<unsigned> post(const std::vector<std::string>& requests) {
    io.run([&] {
      client.requests = requests;
      client.status.assign(requests.size(), 0);
      client.done = 0;
      for (std::size_t i = 0; i < requests.size(); ++i) client.client->submit(i);
      return 0;
    });
    EXPECT_TRUE(eventually([&] { return client.done == requests.size(); }));
    return io.run([&] { return client.status; });
  }
  std::string signed_request(const std::string& body, std::string_view path = hj::callback_path,
                             time_ns at = test_now()) const {
    std::string out = "POST " + std::string(path) + " HTTP/1.1\r\n";
    hj::signature_book(common.keys).append_headers(out, "POST", path, body, at);
    return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static std::string body(u128 attempt_id = 77, const char* code = "APPROVED") {
    const core::channel_call call = call_of(attempt_id);
    hj::message_fields f;
    f.attempt_id = attempt_id;
    f.code = code;
    f.amount_minor = 1050;
    f.currency = 978;
    f.channel_txn = 5;
    hj::append_echo(f.reference, call);
    std::string text;
    hj::write_fields(f, text);
    return text;
  }
};

TEST(callback_listener, each_refusal_has_its_status) {
  ear e;
  const std::string good = e.signed_request(e.body()),
                    unsigned_one = "POST /v1/callbacks HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
  std::string tampered = good;
  tampered.replace(tampered.find("1050"), 4, "9050");
  const std::vector<std::string> requests = {
      good,
      e.signed_request(e.body(), "/v1/other"),
      unsigned_one,
      tampered,
      e.signed_request(e.body(), hj::callback_path, test_now() - 600'000'000'000),
      e.signed_request("not json"),
      e.signed_request(e.body(77, "NEW_CODE")),
      e.signed_request(std::string(hj::body_bytes_max + 1, ' ')),
      "GET /v1/callbacks HTTP/1.1\r\n\r\n",
      "no HTTP at all\r\n\r\n",
      "POST /v1/callbacks HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
      good,
  };
  EXPECT_EQ(e.post(requests), (std::vector<unsigned>{200, 404, 401, 401, 401, 422, 422, 400, 404, 400, 400, 200}));
  EXPECT_EQ(e.taken.size(), 2u) << "a duplicate is handed on: its fact is the same";
  EXPECT_TRUE(e.taken[0].call.order.value == 79 && e.taken[0].outcome == success && e.taken[0].reference == 5);
  const hj::callback_counters c = e.listener->counters();
  EXPECT_EQ(c.forged, 3u);
  EXPECT_EQ(c.refused, 2u);
  EXPECT_EQ(c.unmapped_codes, 1u);
  EXPECT_EQ(c.accepted, 2u);
}

TEST(callback_listener, two_hundred_waits_for_durability) {
  hj::callback_listener_settings settings;
  settings.durable_timeout_ms = 150;
  ear e(settings);
  const std::string good = e.signed_request(e.body());
  e.durable = [](const auto& done) { done(false); };
  EXPECT_EQ(e.post({good}), std::vector<unsigned>{503});
  std::vector<std::function<void(bool)>> kept;
  e.durable = [&](const auto& done) { kept.push_back(done); };
  EXPECT_EQ(e.post({good}), std::vector<unsigned>{503}) << "not said in time";
  kept[0](true);
  kept[0](true);
  e.durable = [](const auto& done) { std::thread([done] { done(true); }).join(); };
  EXPECT_EQ(e.post({good}), std::vector<unsigned>{200}) << "said on another thread";
  EXPECT_EQ(e.listener->counters().accepted, 1u);
  EXPECT_EQ(e.listener->counters().busy, 2u);
}

TEST(callback_listener, at_its_bound_it_is_busy) {
  hj::callback_listener_settings settings;
  settings.waiting_max = 1;
  settings.durable_timeout_ms = 300;
  ear e(settings);
  e.durable = [](const auto&) {};
  const std::string good = e.signed_request(e.body());
  EXPECT_EQ(e.post({good, good, good}), (std::vector<unsigned>{503, 503, 503}));
  EXPECT_EQ(e.taken.size(), 1u);
}

}  // namespace
}  // namespace payloom::test

#include "actors/channels/http_json/callback_listener.hpp"

#include <utility>

#include "actors/channels/http_json/http_messages.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::http_json {

namespace {

constexpr std::chrono::milliseconds tick_every{50};

}  // namespace

callback_listener::callback_listener(asio::io_context& io, tls_context context, callback_listener_settings settings,
                                     http_channel channel, take_callback take)
    : io_(io),
      settings_(std::move(settings)),
      channel_(std::move(channel)),
      take_(std::move(take)),
      signatures_(*channel_.keys, settings_.window_s),
      server_(std::make_shared<https_server>(
          io, std::move(context), settings_.server,
          [this](const http_message& message, const https_exchange& exchange) { receive(message, exchange); })),
      timer_(io) {
  PAYLOOM_ASSERT(channel_.codes != nullptr && take_ != nullptr);
}

std::string callback_listener::start() {
  std::string problem = server_->start();
  if (problem.empty()) tick();
  return problem;
}

void callback_listener::stop() {
  stopped_ = true;
  timer_.cancel();
  server_->stop();
  exchanges_.clear();
  deadlines_.clear();
}

void callback_listener::keep(const http_message& message, u128 attempt_id, unsigned status) {
  if (channel_.log == nullptr) return;
  actors::raw_exchange e;
  e.attempt_id = attempt_id;
  e.began_at = channel_.now();
  e.request = message.method + " " + message.target + "\r\nX-Key-Id: " + message.key_id +
              "\r\nX-Timestamp: " + message.timestamp + "\r\nX-Signature: " + message.signature + "\r\n\r\n" +
              message.body;
  e.response = std::to_string(status);
  channel_.log->add(std::move(e));  // a full log counts what it drops
}

void callback_listener::receive(const http_message& m, const https_exchange& exchange) {
  ++counters_.received;
  if (m.method != "POST" || m.target != callback_path) return exchange.answer(404, "{}");
  const signature_headers headers{m.key_id, m.timestamp, m.signature};
  if (signatures_.verify(headers, m.method, m.target, m.body, channel_.now()) != signature_errc::ok) {
    ++counters_.forged;
    keep(m, 0, 401);
    return exchange.answer(401, "{}");
  }
  read_answer read = read_callback(m.body, *channel_.codes);
  if (!read.problem.ok()) {
    ++counters_.refused;
    if (read.problem.code == message_errc::code_open) ++counters_.unmapped_codes;
    keep(m, read.answer.call.attempt_id, 422);
    return exchange.answer(422, "{\"error\":" + std::to_string(static_cast<int>(read.problem.code)) + "}");
  }
  if (exchanges_.size() >= settings_.waiting_max) {
    ++counters_.busy;
    return exchange.answer(503, "{}");
  }
  keep(m, read.answer.call.attempt_id, 200);
  const std::uint64_t number = next_number_++;
  exchanges_.emplace(number, exchange);
  deadlines_.push_back(
      {number, std::chrono::steady_clock::now() + std::chrono::milliseconds(settings_.durable_timeout_ms)});
  take_(std::move(read.answer), [weak = weak_from_this(), &io = io_, number](bool accepted) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    asio::post(io, [self, number, accepted] { self->done(number, accepted); });
  });
}

void callback_listener::done(std::uint64_t number, bool accepted) {
  const auto at = exchanges_.find(number);
  if (at == exchanges_.end()) return;  // its time was over
  const https_exchange exchange = std::move(at->second);
  exchanges_.erase(at);
  ++(accepted ? counters_.accepted : counters_.busy);
  exchange.answer(accepted ? 200 : 503, "{}");
}

void callback_listener::tick() {
  if (stopped_) return;
  const auto now = std::chrono::steady_clock::now();
  while (!deadlines_.empty() && (deadlines_.front().until <= now || !exchanges_.contains(deadlines_.front().number))) {
    const std::uint64_t number = deadlines_.front().number;
    deadlines_.pop_front();
    done(number, false);
  }
  timer_.expires_after(tick_every);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->tick();
  });
}

}  // namespace payloom::http_json

#include "actors/channels/http_json/callback_sender.hpp"

#include <openssl/rand.h>

#include <array>

#include "actors/channels/http_json/http_messages.hpp"
#include "actors/channels/http_json/wire_text.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::http_json {

namespace {

key_ring forgers_keys(const key_ring& keys) {
  std::array<std::uint8_t, 32> bytes{};
  PAYLOOM_ASSERT(RAND_bytes(bytes.data(), bytes.size()) == 1);
  std::string text = keys.current().id + " ", problem;
  append_hex_bytes(text, bytes);
  auto made = key_ring::parse(text, problem);
  PAYLOOM_ASSERT(made.has_value());
  return std::move(*made);
}

}  // namespace

callback_sender::callback_sender(asio::io_context& io, const key_ring& keys, std::shared_ptr<delay_line> delays,
                                 std::function<time_ns()> now)
    : io_(io),
      delays_(std::move(delays)),
      now_(std::move(now)),
      forged_keys_(forgers_keys(keys)),
      signatures_(keys),
      forged_signatures_(forged_keys_) {}

void callback_sender::start(tls_context context, https_client_settings settings) {
  client_ = std::make_shared<https_client>(io_, std::move(context), std::move(settings), *this);
  client_->start();
}

void callback_sender::stop() {
  if (client_ != nullptr) client_->stop();
}

void callback_sender::send(std::string body, bool forged) {
  PAYLOOM_ASSERT(client_ != nullptr);
  std::uint64_t job = letters_.size();
  if (free_.empty()) {
    letters_.emplace_back();
  } else {
    job = free_.back();
    free_.pop_back();
  }
  letters_[job] = {std::move(body), forged, 1};
  client_->submit(job);
}

void callback_sender::free(std::uint64_t job) {
  letters_[job] = {};
  free_.push_back(job);
}

void callback_sender::write_request(std::uint64_t job, std::string& out) {
  const letter& l = letters_[job];
  ++counters_.sent;
  ((out += "POST ") += callback_path) += " HTTP/1.1\r\nHost: platform\r\nContent-Type: application/json\r\n";
  (l.forged ? forged_signatures_ : signatures_).append_headers(out, "POST", callback_path, l.body, now_());
  out += "Content-Length: ";
  append_decimal(out, l.body.size());
  (out += "\r\n\r\n") += l.body;
}

void callback_sender::job_done(std::uint64_t job, const https_result& result) {
  letter& l = letters_[job];
  const bool answered = result.what == https_result::kind::response;
  if (answered && result.status == 200) {
    ++(l.forged ? counters_.forged_taken : counters_.taken);
    return free(job);
  }
  if (answered && result.status / 100 == 4) {
    ++counters_.refused;
    return free(job);
  }
  const std::uint64_t wait_ns = std::uint64_t{again_first_ms} * 1'000'000 << (l.tries - 1);
  const bool again =
      l.tries++ < tries_max && delays_->add(wait_ns, [self = shared_from_this(), job] { self->client_->submit(job); });
  if (again) return;
  ++counters_.given_up;
  free(job);
}

}  // namespace payloom::http_json

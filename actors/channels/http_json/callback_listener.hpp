#pragma once
// The platform's ear for callbacks: HTTPS, signature first, then the message, then the fact; 200 only once the fact is
// durable, so that the channel sends again what was lost (GW, callbacks). Duplicates are handed on: facts have ids.
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>

#include "actors/channels/http_json/code_map.hpp"
#include "actors/channels/http_json/http_signature.hpp"
#include "actors/channels/http_json/http_wire.hpp"
#include "actors/channels/http_json/https_server.hpp"

namespace payloom::http_json {

/// Takes what a callback says, and a completion: to be called once, on any thread, with whether the fact is durable.
using take_callback = std::function<void(core::channel_answer, std::function<void(bool accepted)>)>;

struct callback_listener_settings {
  https_server_settings server;
  std::uint32_t durable_timeout_ms = 5'000;  ///< then 503: the channel sends it again
  std::uint32_t waiting_max = 10'000;        ///< callbacks that are not durable yet; more: 503
  std::uint32_t window_s = 300;              ///< see signature_book
};

struct callback_counters {
  std::uint64_t received = 0;
  std::uint64_t accepted = 0;        ///< 200
  std::uint64_t forged = 0;          ///< 401: unsigned, badly signed, or too old
  std::uint64_t refused = 0;         ///< 422: signed, but not to be understood
  std::uint64_t unmapped_codes = 0;  ///< of them
  std::uint64_t busy = 0;            ///< 503
};

/// One thread, the io_context's, but for the completions.
class callback_listener : public std::enable_shared_from_this<callback_listener> {
 public:
  callback_listener(asio::io_context& io, tls_context context, callback_listener_settings settings,
                    http_channel channel, take_callback take);
  /// What is wrong; empty: it listens.
  std::string start();
  std::uint16_t port() const { return server_->port(); }
  void stop();
  const callback_counters& counters() const { return counters_; }

 private:
  struct waiting {
    std::uint64_t number;
    std::chrono::steady_clock::time_point until;
  };
  void receive(const http_message& message, const https_exchange& exchange);
  void done(std::uint64_t number, bool accepted);
  void tick();
  void keep(const http_message& message, u128 attempt_id, unsigned status);

  asio::io_context& io_;
  const callback_listener_settings settings_;
  const http_channel channel_;
  const take_callback take_;
  signature_book signatures_;
  std::shared_ptr<https_server> server_;
  wait_timer timer_;
  std::uint64_t next_number_ = 1;
  std::unordered_map<std::uint64_t, https_exchange> exchanges_;  ///< at most waiting_max
  std::deque<waiting> deadlines_;                                ///< by time; of answered ones too, until they are due
  callback_counters counters_;
  bool stopped_ = false;
};

}  // namespace payloom::http_json

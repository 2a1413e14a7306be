#pragma once
// A channel that speaks JSON over HTTPS and is not there: an outside_book behind a server, and callbacks to the
// platform. The book says what is true and what is told; this shell only carries it, and cuts, delays and garbles as
// told.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "actors/channels/http_json/callback_sender.hpp"
#include "actors/channels/http_json/https_server.hpp"
#include "actors/core/channels/outside/outside_book.hpp"

namespace payloom::http_json {

struct simulator_settings {
  core::outside_settings outside;
  https_server_settings server;
  bool sends_callbacks = false;
  https_client_settings callbacks;      ///< where to
  std::filesystem::path platform_ca;    ///< the CA of the platform's listener
  std::filesystem::path directory;      ///< where the certificates are made (certificate_maker)
  std::filesystem::path key_file;       ///< see key_ring; the platform has the same
  std::size_t delayed_max = 1'000'000;  ///< responses and callbacks that wait; more are dropped
};

struct simulator_counters {
  std::uint64_t unsigned_requests = 0;  ///< 401
  std::uint64_t bad_requests = 0;       ///< 400 and 404
  std::uint64_t silent = 0;             ///< attempts that got no answer that counts
  std::uint64_t dropped = 0;            ///< of delayed_max
  std::uint64_t withdrawn = 0;          ///< callbacks that were not true any more when they were due
};

/// One thread, the io_context's.
class http_simulator : public std::enable_shared_from_this<http_simulator> {
 public:
  /// `keys` must outlive it; `now`: UTC, never backwards.
  http_simulator(asio::io_context& io, const simulator_settings& settings, const key_ring& keys,
                 std::function<time_ns()> now);
  /// What is wrong; empty: it listens.
  std::string start(tls_context server, tls_context client);
  std::uint16_t port() const { return server_->port(); }
  void stop();

  const core::outside_book& book() const { return book_; }
  const simulator_counters& counters() const { return counters_; }
  const sender_counters& callbacks() const { return sender_->counters(); }
  /// Responses and callbacks that are still to come.
  std::size_t open() const { return delays_->size() + sender_->open(); }

 private:
  void receive(const http_message& message, const https_exchange& exchange);
  void attempt(channel_operation operation, const http_message& message, const https_exchange& exchange);
  void about(const http_message& message, const https_exchange& exchange);
  void statement(const http_message& message, const https_exchange& exchange);
  void be_silent(u128 attempt_id, const https_exchange& exchange);
  void later(u128 attempt_id, const core::outside_callback& callback, u128 channel_txn, const std::string& reference);
  void delayed(std::uint64_t delay_ns, std::function<void()> what);

  const simulator_settings settings_;
  const std::function<time_ns()> now_;
  core::outside_book book_;
  std::shared_ptr<delay_line> delays_;
  std::shared_ptr<callback_sender> sender_;
  signature_book signatures_;
  tls_context server_context_;
  asio::io_context& io_;
  std::shared_ptr<https_server> server_;
  std::string body_;
  simulator_counters counters_;
};

/// Makes certificates, reads the keys, serves until SIGTERM or SIGINT on the caller's thread. `listening` is told the
/// port. The answer is what went wrong; empty: it was asked to end.
std::string run_simulator(const simulator_settings& settings, std::function<time_ns()> now,
                          const std::function<void(std::uint16_t port)>& listening);

}  // namespace payloom::http_json

#pragma once
// The simulator's callbacks: signed, sent, and sent again while the platform says that it could not take them.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/channels/http_json/delay_line.hpp"
#include "actors/channels/http_json/http_signature.hpp"
#include "actors/channels/http_json/https_client.hpp"

namespace payloom::http_json {

struct sender_counters {
  std::uint64_t sent = 0;          ///< requests
  std::uint64_t taken = 0;         ///< 200
  std::uint64_t forged_taken = 0;  ///< forged ones that were answered 200: must stay 0
  std::uint64_t refused = 0;       ///< 4xx: not sent again
  std::uint64_t given_up = 0;      ///< tries_max without an answer that counts
};

/// One thread, the io_context's.
class callback_sender final : public https_client_owner, public std::enable_shared_from_this<callback_sender> {
 public:
  static constexpr std::uint32_t tries_max = 8;
  static constexpr std::uint32_t again_first_ms = 100;  ///< doubled with each try

  /// `keys` signs the honest ones; `delays` holds those that are tried again. `now`: UTC.
  callback_sender(asio::io_context& io, const key_ring& keys, std::shared_ptr<delay_line> delays,
                  std::function<time_ns()> now);
  void start(tls_context context, https_client_settings settings);
  /// `forged`: signed with a key that nobody gave out, under the current key's id.
  void send(std::string body, bool forged);
  void stop();
  const sender_counters& counters() const { return counters_; }
  /// Callbacks on their way.
  std::size_t open() const { return letters_.size() - free_.size(); }

  void write_request(std::uint64_t job, std::string& out) override;
  void job_done(std::uint64_t job, const https_result& result) override;

 private:
  struct letter {
    std::string body;
    bool forged = false;
    std::uint32_t tries = 0;
  };
  void free(std::uint64_t job);

  asio::io_context& io_;
  std::shared_ptr<delay_line> delays_;
  const std::function<time_ns()> now_;
  const key_ring forged_keys_;
  signature_book signatures_, forged_signatures_;
  std::shared_ptr<https_client> client_;
  std::vector<letter> letters_;  ///< by job
  std::vector<std::uint64_t> free_;
  sender_counters counters_;
};

}  // namespace payloom::http_json

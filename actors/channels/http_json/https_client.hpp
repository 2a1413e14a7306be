#pragma once
// A pool of keep-alive HTTPS connections to one server. Jobs wait in a bounded queue for a connection and a token; one
// request at a time on a connection. One thread, the io_context's, but for what says otherwise.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/channels/http_json/asio.hpp"
#include "actors/channels/http_json/http_inbox.hpp"
#include "actors/channels/http_json/tls_context.hpp"

typedef struct ssl_session_st SSL_SESSION;

namespace payloom::http_json {

struct https_client_settings {
  std::string host = "127.0.0.1";  ///< name or address; the certificate must be for it
  std::uint16_t port = 443;
  std::uint32_t connections_max = 64;          ///< opened as needed
  std::uint32_t connecting_max = 64;           ///< handshakes at a time: many at once would hold up answers
  std::uint32_t waiting_max = 10'000;          ///< jobs without a connection; more: not_sent
  std::uint32_t waiting_timeout_ms = 3'000;    ///< then not_sent
  std::uint32_t connect_timeout_ms = 3'000;    ///< TCP and TLS
  std::uint32_t response_timeout_ms = 15'000;  ///< from the request's first byte; then lost, and the connection ends
  std::uint32_t idle_ms = 60'000;              ///< a connection without work for so long ends
  std::uint32_t rate_per_second = 0;           ///< token bucket; 0: unbounded
  std::uint32_t burst = 1'000;
  bool keeps_bytes = false;  ///< results have the bytes that came, for the raw log
};

/// What became of a job.
struct https_result {
  enum class kind : std::uint8_t {
    response,  ///< complete
    not_sent,  ///< certainly nothing has left
    lost,      ///< cut, unreadable, or no response in time
  };
  kind what = kind::not_sent;
  bool timed_out = false;
  unsigned status = 0;
  std::string_view body;                     ///< as long as the call
  std::string_view sent;                     ///< keeps_bytes: the request
  std::string_view received;                 ///< keeps_bytes: likewise, also a part
  std::uint32_t connect_us = 0, tls_us = 0;  ///< 0: the connection was there
  std::uint32_t first_byte_us = 0, total_us = 0;
};

/// Who gives the jobs. `job` is any number of its own.
class https_client_owner {
 public:
  virtual ~https_client_owner() = default;
  /// Appends the bytes of the request, just before they are sent.
  virtual void write_request(std::uint64_t job, std::string& out) = 0;
  /// Once for every job that was submitted, unless the client was stopped.
  virtual void job_done(std::uint64_t job, const https_result& result) = 0;
};

struct https_client_counters {
  std::atomic<std::uint64_t> sent = 0, timeouts = 0, not_sent = 0, lost = 0, connects = 0, connect_failures = 0,
                             resumed = 0, connections = 0;
};

class https_client : public std::enable_shared_from_this<https_client> {
 public:
  using clock = std::chrono::steady_clock;
  /// `owner` must live until stop().
  https_client(asio::io_context& io, tls_context context, https_client_settings settings, https_client_owner& owner);
  ~https_client();

  void start();
  /// At the queue's bound the job is done at once: not_sent.
  void submit(std::uint64_t job);
  /// Ends all connections; the owner hears nothing any more.
  void stop();
  /// Any thread.
  const https_client_counters& counters() const { return counters_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  class link;
  struct waiting_job {
    std::uint64_t job;
    clock::time_point until;
  };

  void dispatch();
  bool may_open() const;
  void open();
  void resolve();
  bool take_token();
  void tick();
  void refuse(std::uint64_t job);
  void refuse_waiting();
  void opened(link& l);
  void freed(link& l);
  void ended(link& l);
  void finish(link& l, https_result result);

  asio::io_context& io_;
  const tls_context context_;
  const https_client_settings settings_;
  https_client_owner* owner_;
  wait_timer timer_;
  tcp_resolver resolver_;
  std::vector<tcp::endpoint> endpoints_;
  std::size_t next_endpoint_ = 0;
  bool resolving_ = false;
  bool stopped_ = false;
  std::deque<waiting_job> waiting_;
  std::vector<std::shared_ptr<link>> links_;
  std::vector<link*> idle_;  ///< open and free; the newest last, so that the others can grow old
  std::uint32_t connecting_ = 0;
  clock::time_point connect_after_{};  ///< after a failure
  std::uint32_t backoff_ms_ = 0;
  std::uint64_t tokens_ns_;  ///< in ns of the rate's time
  clock::time_point tokens_at_;
  std::shared_ptr<SSL_SESSION> session_;
  https_client_counters counters_;
};

}  // namespace payloom::http_json

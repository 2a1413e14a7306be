#include "actors/channels/http_json/http_wire.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <utility>

#include "actors/channels/http_json/http_messages.hpp"
#include "actors/channels/http_json/http_signature.hpp"
#include "actors/channels/http_json/wire_text.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::http_json {

namespace {

bool asks(channel_operation o) { return o == channel_operation::query || o == channel_operation::close; }

constexpr unsigned not_found = 404;

/// Whether an outcome is an answer to a question.
bool is_definite(channel_outcome o) {
  return o != channel_outcome::none && o != channel_outcome::unknown && o != channel_outcome::not_sent;
}

}  // namespace

/// Lives as long as handlers of the io_context need it.
class http_wire::engine final : public https_client_owner, public std::enable_shared_from_this<engine> {
 public:
  engine(asio::io_context& io, const https_client_settings& settings, http_channel channel, actors::tell_answers tell)
      : io_(io),
        channel_(std::move(channel)),
        signatures_(*channel_.keys),
        tell_(std::move(tell)),
        host_(settings.host + ":" + std::to_string(settings.port)) {}

  void start(tls_context context, https_client_settings settings) {
    settings.keeps_bytes = channel_.log != nullptr;
    client_ = std::make_shared<https_client>(io_, std::move(context), std::move(settings), *this);
    asio::post(io_, [self = shared_from_this()] {
      if (!self->stopped_) self->client_->start();
    });
  }

  void hand_over(std::vector<core::channel_call> calls) {
    in_flight_.fetch_add(calls.size(), std::memory_order_relaxed);
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      wake = given_.empty();
      given_.insert(given_.end(), std::make_move_iterator(calls.begin()), std::make_move_iterator(calls.end()));
    }
    if (wake) asio::post(io_, [self = shared_from_this()] { self->take(); });
  }

  void stop() {
    const auto end = [self = shared_from_this()] {
      if (std::exchange(self->stopped_, true)) return;
      self->client_->stop();
      self->answers_.clear();
    };
    if (io_.stopped()) return end();  // nobody runs it any more
    std::promise<void> done;
    asio::post(io_, [&end, &done] {
      end();
      done.set_value();
    });
    done.get_future().wait();
  }

  actors::wire_counters counters() const {
    const https_client_counters& c = client_->counters();
    actors::wire_counters w;
    w.in_flight = in_flight_;
    w.sent = c.sent;
    w.answered = answered_;
    w.timeouts = c.timeouts;
    w.not_sent = c.not_sent;
    w.unmapped_codes = unmapped_;
    w.reconnects = c.connects;
    w.connections = c.connections;
    return w;
  }

  void write_request(std::uint64_t job, std::string& out) override {
    const core::channel_call& c = calls_[job];
    http_json::write_request(c, text_);
    (((out += text_.method) += ' ') += text_.path) += " HTTP/1.1\r\nHost: ";
    (out += host_) += "\r\nIdempotency-Key: ";
    append_hex32(out, c.attempt_id);
    out += "\r\n";
    signatures_.append_headers(out, text_.method, text_.path, text_.body, channel_.now());
    if (text_.method == "POST") {
      out += "Content-Type: application/json\r\nContent-Length: ";
      append_decimal(out, text_.body.size());
      out += "\r\n";
    }
    (out += "\r\n") += text_.body;
  }

  void job_done(std::uint64_t job, const https_result& result) override {
    core::channel_call call = std::exchange(calls_[job], {});
    free_.push_back(job);
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    if (channel_.log != nullptr && !result.sent.empty()) keep(call, result);
    core::channel_answer answer;
    if (result.what == https_result::kind::response) {
      read_answer read = read_response(call, result.status, result.body, *channel_.codes);
      if (read.problem.code == message_errc::code_open) unmapped_.fetch_add(1, std::memory_order_relaxed);
      answer = std::move(read.answer);
    } else {
      answer.call = std::move(call);
      answer.outcome =
          result.what == https_result::kind::not_sent ? channel_outcome::not_sent : channel_outcome::unknown;
    }
    const bool never_came = result.what == https_result::kind::response && result.status == not_found;
    if (answer.call.operation == channel_operation::query && never_came) return close(std::move(answer.call));
    if (asks(answer.call.operation) && !is_definite(answer.outcome)) return;
    answered_.fetch_add(1, std::memory_order_relaxed);
    if (answers_.empty()) asio::post(io_, [self = shared_from_this()] { self->tell(); });
    answers_.push_back(std::move(answer));
  }

 private:
  void take() {
    std::vector<core::channel_call> calls;
    {
      const std::lock_guard lock(mutex_);
      calls.swap(given_);
    }
    if (stopped_) {
      in_flight_.fetch_sub(calls.size(), std::memory_order_relaxed);
      return;
    }
    for (core::channel_call& c : calls) submit(std::move(c));
  }

  void submit(core::channel_call c) {
    std::uint64_t job = calls_.size();
    if (free_.empty()) {
      calls_.emplace_back();
    } else {
      job = free_.back();
      free_.pop_back();
    }
    calls_[job] = std::move(c);
    client_->submit(job);
  }

  /// The channel has not seen an attempt that it is asked about: our request was lost with a crash, or is still on its
  /// way. It is closed there first, so that it is refused when it comes after all (domain.md 1.3, anti-hanging), and
  /// only then is its end known.
  void close(core::channel_call call) {
    call.operation = channel_operation::close;
    in_flight_.fetch_add(1, std::memory_order_relaxed);
    submit(std::move(call));
  }

  void tell() {
    std::vector<core::channel_answer> answers;
    answers.swap(answers_);
    if (!stopped_ && !answers.empty()) tell_(std::move(answers));
  }

  void keep(const core::channel_call& call, const https_result& result) {
    actors::raw_exchange e;
    e.attempt_id = call.attempt_id;
    e.began_at = channel_.now() - std::uint64_t{result.total_us} * 1000;
    e.connect_us = result.connect_us;
    e.tls_us = result.tls_us;
    e.first_byte_us = result.first_byte_us;
    e.total_us = result.total_us;
    e.request = result.sent;
    e.response = result.received;
    channel_.log->add(std::move(e));  // a full log counts what it drops
  }

  asio::io_context& io_;
  const http_channel channel_;
  signature_book signatures_;
  const actors::tell_answers tell_;
  const std::string host_;
  std::shared_ptr<https_client> client_;
  bool stopped_ = false;
  std::vector<core::channel_call> calls_;  ///< by job; at most as many as the client takes
  std::vector<std::uint64_t> free_;
  std::vector<core::channel_answer> answers_;
  request_text text_;
  std::mutex mutex_;  // guards given_
  std::vector<core::channel_call> given_;
  std::atomic<std::uint64_t> in_flight_ = 0, answered_ = 0, unmapped_ = 0;
};

http_wire::http_wire(asio::io_context& io, tls_context context, https_client_settings settings, http_channel channel,
                     actors::tell_answers tell) {
  PAYLOOM_ASSERT(channel.keys != nullptr && channel.codes != nullptr && channel.now != nullptr && tell != nullptr);
  engine_ = std::make_shared<engine>(io, settings, std::move(channel), std::move(tell));
  engine_->start(std::move(context), std::move(settings));
}

http_wire::~http_wire() = default;

void http_wire::call(std::vector<core::channel_call> calls) {
  if (!calls.empty()) engine_->hand_over(std::move(calls));
}

void http_wire::stop() { engine_->stop(); }

actors::wire_counters http_wire::counters() const { return engine_->counters(); }

}  // namespace payloom::http_json

#include "actors/channels/iso8583/iso_connection.hpp"

#include <algorithm>
#include <chrono>

#include "config/log.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::actors {

namespace {

using std::chrono::milliseconds;
constexpr time_ns ms = 1'000'000;

}  // namespace

iso_connection::iso_connection(asio::io_context& context, const iso_connection_settings& settings,
                               const core::iso_settings& link, const core::iso_codes& codes,
                               std::function<time_ns()> now, std::function<void()> worked)
    : context_(context),
      settings_(settings),
      link_(link, codes),
      now_(std::move(now)),
      worked_(std::move(worked)),
      resolver_(context),
      timer_(context),
      connect_timer_(context) {}

iso_connection::~iso_connection() {
  if (stream_ != nullptr) stream_->close();  // its waits may outlive us
}

void iso_connection::start() { connect(); }

void iso_connection::connect() {
  connecting_ = true;
  connect_timer_.expires_after(milliseconds(settings_.connect_timeout_ms));
  connect_timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || self->closed_ || !self->connecting_) return;
    self->resolver_.cancel();
    error_code ignored;
    if (self->socket_ != nullptr) self->socket_->close(ignored);  // ends the connect with an error
  });
  resolver_.async_resolve(
      settings_.host, std::to_string(settings_.port),
      [self = shared_from_this()](const error_code& error, const tcp::resolver::results_type& places) {
        if (self->closed_) return;
        error ? self->failed(error.message()) : self->connect_to(places);
      });
}

void iso_connection::connect_to(const tcp::resolver::results_type& places) {
  socket_ = std::make_unique<tcp_socket>(context_);
  asio::async_connect(*socket_, places, [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
    if (self->closed_) return;
    error ? self->failed(error.message()) : self->connected();
  });
}

void iso_connection::connected() {
  connecting_ = false;
  connect_timer_.cancel();
  const auto socket = std::exchange(socket_, nullptr);
  if (shut_) return worked_();
  ++connects_;
  stream_ = std::make_shared<iso_stream>(std::move(*socket));
  link_.connected(now_());
  // The stream holds these; it lets go of all of them in `close`, which this calls at the latest.
  stream_->start({[this](std::span<const char> bytes) { link_.received(bytes, now_()); }, [this] { worked(); },
                  [this](std::vector<char>& out) { return link_.take_output(out); }, [this] { lost(); }});
  flush();
}

void iso_connection::failed(std::string_view what) {
  connecting_ = false;
  connect_timer_.cancel();
  socket_.reset();
  if (!shut_) {
    config::log(config::log_level::warn, "iso_connect_failed",
                {{"host", settings_.host}, {"port", settings_.port}, {"error", what}});
  }
  retry();
}

void iso_connection::retry() {
  worked_();
  if (closed_ || shut_) return;
  retry_ms_ = std::clamp(retry_ms_ * 2, settings_.reconnect_ms_min, settings_.reconnect_ms_max);
  connecting_ = true;  // or about to be
  connect_timer_.expires_after(milliseconds(retry_ms_));
  connect_timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && !self->closed_) self->connect();
  });
}

void iso_connection::lost() {
  const auto stream = std::exchange(stream_, nullptr);
  stream->close();
  if (!shut_) {
    config::log(config::log_level::warn, "iso_line_lost", {{"host", settings_.host}, {"port", settings_.port}});
  }
  link_.disconnected(now_());
  set_timer();
  retry();
}

void iso_connection::flush() {
  if (stream_ != nullptr) {
    if (link_.must_close()) return lost();
    stream_->flush();
  }
  set_timer();
}

void iso_connection::worked() {
  if (is_up()) retry_ms_ = 0;  // the next loss begins with the shortest wait again
  flush();
  worked_();
}

void iso_connection::set_timer() {
  const time_ns next = link_.next_at();
  if (next == 0 || closed_ || (timer_at_ != 0 && timer_at_ <= next)) return;
  const time_ns now = now_();
  // Not finer than a millisecond: under load there is always something due soon.
  timer_at_ = std::max(next, now + ms);
  timer_.expires_after(std::chrono::nanoseconds(timer_at_ - now));
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || self->closed_) return;
    self->timer_at_ = 0;
    self->link_.tick(self->now_());
    self->worked();
  });
}

void iso_connection::shut() {
  shut_ = true;
  link_.shut(now_());
  stop_connecting();
  flush();
}

void iso_connection::stop_connecting() {
  connecting_ = false;
  resolver_.cancel();
  connect_timer_.cancel();
  error_code ignored;
  if (socket_ != nullptr) socket_->close(ignored);
}

void iso_connection::close() {
  if (closed_) return;
  closed_ = true;
  stop_connecting();
  timer_.cancel();
  if (const auto stream = std::exchange(stream_, nullptr)) stream->close();
}

}  // namespace payloom::actors

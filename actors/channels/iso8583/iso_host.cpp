#include "actors/channels/iso8583/iso_host.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ostream>

#include "protocol/types/assert.hpp"

namespace payloom::actors {

namespace {
constexpr time_ns ms = 1'000'000;
}

iso_host::iso_host(asio::io_context& context, const iso_host_options& options, std::function<time_ns()> now)
    : now_(std::move(now)),
      book_(options.outside),
      desk_(options.lines, book_),
      acceptor_(context, tcp::endpoint(asio::ip::make_address(options.address), options.port)),
      timer_(context),
      pause_(context),
      port_(acceptor_.local_endpoint().port()),
      stopped_(std::make_shared<bool>(false)) {
  accept();
}

iso_host::~iso_host() { stop(); }

void iso_host::accept() {
  acceptor_.async_accept([this, stopped = stopped_](const error_code& error, tcp_socket socket) {
    if (*stopped) return;
    if (!error) {
      adopt(std::move(socket));
      return accept();
    }
    // No descriptors or memory: the connection stays in the backlog until some are free again.
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this, stopped](const error_code&) {
      if (!*stopped) accept();
    });
  });
}

void iso_host::adopt(tcp_socket socket) {
  const connection c = desk_.opened();
  if (c == core::iso_host_desk::none) return;  // too many: closed without a word
  if (streams_.size() <= c) streams_.resize(c + 1);
  PAYLOOM_ASSERT(streams_[c] == nullptr);
  streams_[c] = std::make_shared<iso_stream>(std::move(socket));
  streams_[c]->start({[this, c](std::span<const char> bytes) { desk_.received(c, bytes, now_()); },
                      [this] { worked(); }, [this, c](std::vector<char>& out) { return desk_.take_output(c, out); },
                      [this, c] { hang_up(c); }});
}

void iso_host::hang_up(connection c) {
  const auto stream = std::exchange(streams_[c], nullptr);
  PAYLOOM_ASSERT(stream != nullptr);
  stream->close();
  desk_.closed(c);
}

void iso_host::worked() {
  changed_.clear();
  desk_.take_changed(changed_);
  for (const connection c : changed_) {
    if (streams_[c] == nullptr) continue;  // gone in the meantime
    if (desk_.must_close(c)) {
      hang_up(c);
    } else {
      streams_[c]->flush();
    }
  }
  set_timer();
}

void iso_host::set_timer() {
  const time_ns next = desk_.next_at();
  if (next == 0 || (timer_at_ != 0 && timer_at_ <= next)) return;
  const time_ns now = now_();
  timer_at_ = std::max(next, now + ms);  // not finer: under load there is always something due soon
  timer_.expires_after(std::chrono::nanoseconds(timer_at_ - now));
  timer_.async_wait([this, stopped = stopped_](const error_code& error) {
    if (error || *stopped) return;
    timer_at_ = 0;
    desk_.tick(now_());
    worked();
  });
}

void iso_host::stop() {
  if (std::exchange(*stopped_, true)) return;
  error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
  pause_.cancel();
  for (const auto& stream : streams_)
    if (stream != nullptr) stream->close();
}

void run(const iso_host_options& options, std::function<time_ns()> now, std::ostream& out) {
  asio::io_context context(1);
  iso_host host(context, options, std::move(now));
  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](const error_code&, int) { host.stop(); });
  out << "port " << host.port() << std::endl;
  context.run();
}

}  // namespace payloom::actors

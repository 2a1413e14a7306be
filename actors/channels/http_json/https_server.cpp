#include "actors/channels/http_json/https_server.hpp"

#include <algorithm>
#include <utility>

#include "actors/channels/http_json/https_session.hpp"
#include "actors/channels/http_json/wire_text.hpp"

namespace payloom::http_json {

namespace {

constexpr std::chrono::milliseconds tick_every{500};
/// Of requests that come before the last one was answered.
constexpr std::size_t pipelined_bytes_max = 2 * (http_head_bytes_max + body_bytes_max);

std::string_view text_of(unsigned status) { return status / 100 == 2 ? "OK" : "Refused"; }

void append_head(std::string& out, unsigned status, std::size_t body_bytes, bool stays) {
  out += "HTTP/1.1 ";
  append_decimal(out, status);
  ((out += ' ') += text_of(status)) += "\r\nContent-Type: application/json\r\nContent-Length: ";
  append_decimal(out, body_bytes);
  out += stays ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
}

}  // namespace

https_exchange::https_exchange(std::weak_ptr<https_session> session, std::uint64_t number)
    : session_(std::move(session)), number_(number) {}

void https_exchange::answer(unsigned status, std::string_view body) const {
  if (const auto session = session_.lock()) session->answer(number_, status, body);
}

void https_exchange::cut(std::string_view half_a_body) const {
  if (const auto session = session_.lock()) session->cut(number_, half_a_body);
}

https_session::https_session(https_server& server, std::size_t at)
    : tls_link(server.io_, server.context_), place(at), since(std::chrono::steady_clock::now()), server_(&server) {}

void https_session::leave() {
  server_ = nullptr;
  close();
}

void https_session::on_closed() {
  if (server_ != nullptr) server_->ended(*this);
}

void https_session::on_bytes(std::string_view bytes) {
  inbox_.add(bytes);
  if (busy_ && inbox_.rest_bytes() > pipelined_bytes_max) return close_when_sent();
  if (!busy_) take();
}

void https_session::take() {
  if (taking_) return;
  taking_ = true;
  while (server_ != nullptr && !busy_ && is_open()) {
    const auto step = inbox_.next();
    if (step == http_inbox<true>::state::more) break;
    if (step == http_inbox<true>::state::bad) {
      ++server_->counters_.bad_requests;
      out_.clear();
      append_head(out_, 400, 0, false);
      send(out_);
      close_when_sent();
      break;
    }
    busy_ = true;
    since = std::chrono::steady_clock::now();
    ++server_->counters_.requests;
    server_->on_request_(inbox_.message(), {std::static_pointer_cast<https_session>(shared_from_this()), ++number_});
  }
  taking_ = false;
}

void https_session::answer(std::uint64_t number, unsigned status, std::string_view body) {
  if (!busy_ || number != number_ || !is_open()) return;
  const auto hold = shared_from_this();
  busy_ = false;
  since = std::chrono::steady_clock::now();
  const bool stays = inbox_.message().keeps_alive;
  out_.clear();
  append_head(out_, status, body.size(), stays);
  out_ += body;
  send(out_);
  if (!stays) return close_when_sent();
  if (inbox_.rest_bytes() != 0) take();
}

void https_session::cut(std::uint64_t number, std::string_view half_a_body) {
  if (!busy_ || number != number_ || !is_open()) return;
  const auto hold = shared_from_this();
  busy_ = false;
  if (!half_a_body.empty()) {
    out_.clear();
    append_head(out_, 200, half_a_body.size() * 2, true);
    out_ += half_a_body;
    send(out_);
  }
  close_when_sent();
}

https_server::https_server(asio::io_context& io, tls_context context, https_server_settings settings,
                           handler on_request)
    : io_(io),
      context_(std::move(context)),
      settings_(std::move(settings)),
      on_request_(std::move(on_request)),
      acceptor_(io),
      timer_(io) {}

std::string https_server::start() {
  error_code error;
  const auto address = asio::ip::make_address(settings_.address, error);
  if (error) return "address: " + error.message();
  const tcp::endpoint endpoint(address, settings_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return "listen: " + error.message();
  port_ = acceptor_.local_endpoint(error).port();
  accept();
  tick();
  return {};
}

void https_server::accept() {
  accepting_ = true;
  acceptor_.async_accept([this, self = shared_from_this()](error_code error, tcp_socket socket) {
    if (stopped_ || error == asio::error::operation_aborted) return;
    accepting_ = false;
    if (error) return;  // no descriptors: the next tick tries again
    if (sessions_.size() >= settings_.connections_max) {
      ++counters_.refused;
    } else {
      ++counters_.accepted;
      const auto session = std::make_shared<https_session>(*this, sessions_.size());
      sessions_.push_back(session);
      session->accept(std::move(socket));
    }
    accept();
  });
}

void https_server::ended(https_session& session) {
  const auto hold = session.shared_from_this();
  sessions_.back()->place = session.place;
  std::swap(sessions_[session.place], sessions_.back());
  sessions_.pop_back();
  session.leave();
}

void https_server::tick() {
  if (stopped_) return;
  const auto now = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<https_session>> over;
  for (const auto& s : sessions_)
    if (!s->busy() && now - s->since >= std::chrono::milliseconds(settings_.idle_ms)) over.push_back(s);
  for (const auto& s : over) ended(*s);
  if (!accepting_) accept();
  timer_.expires_after(tick_every);
  timer_.async_wait([this, self = shared_from_this()](error_code error) {
    if (!error) tick();
  });
}

void https_server::stop() {
  if (stopped_) return;
  stopped_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
  for (const auto& s : sessions_) s->leave();
  sessions_.clear();
}

https_server_counters https_server::counters() const {
  https_server_counters c = counters_;
  c.connections = sessions_.size();
  return c;
}

}  // namespace payloom::http_json

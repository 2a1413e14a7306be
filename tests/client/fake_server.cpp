#include "tests/client/fake_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "protocol/client/request_header.hpp"

namespace payloom::test {

using client::frame_connection;
using client::io_status;

fake_server::fake_server(handler on_request) : on_request_(std::move(on_request)) {
  if (!on_request_) on_request_ = [](fake_server& s, const request& r) { s.answer_from_ledger(r); };
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener_, 512) != 0) {
    throw std::runtime_error("the fake server cannot listen");
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
  wake_ = ::eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { loop(); });
}

fake_server::~fake_server() {
  stop_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
  thread_.join();
  if (listener_ >= 0) ::close(listener_);
  ::close(wake_);
}

void fake_server::loop() {
  while (!stop_) {
    if (refuse_ && listener_ >= 0) ::close(std::exchange(listener_, -1));
    std::vector<pollfd> waits{{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    std::vector<int> ids{0, 0};
    for (auto& [id, connection] : connections_) {
      const bool full = connection->has_output() && connection->flush() == io_status::blocked;
      if (!full) outgoing_[id].clear();
      waits.push_back({connection->fd(), static_cast<short>(POLLIN | (full ? POLLOUT : 0)), 0});
      ids.push_back(id);
    }
    // Wakes up by itself too: a test may have asked to refuse connections.
    if (::poll(waits.data(), waits.size(), 20) <= 0) continue;
    if (waits[1].revents != 0) accept_one();
    for (std::size_t i = 2; i < waits.size(); ++i) {
      if ((waits[i].revents & ~POLLOUT) != 0 && connections_.contains(ids[i])) read(ids[i]);
    }
    for (const int id : std::exchange(closing_, {})) {
      connections_.erase(id);
      outgoing_.erase(id);
    }
  }
}

void fake_server::accept_one() {
  const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  connections_[++accepted_] = std::make_unique<frame_connection>(fd, wire::direction::to_server);
}

void fake_server::read(int connection) {
  const io_status status = connections_[connection]->receive([&](const frame_header& h, std::span<const std::byte> b) {
    if (std::find(closing_.begin(), closing_.end(), connection) != closing_.end()) return;
    if (h.type == static_cast<std::uint16_t>(frame_type::hello)) {
      greet(connection, h);
    } else {
      on_request_(*this, {connection, h, {b.begin(), b.end()}});
    }
  });
  if (status != io_status::ok) closing_.push_back(connection);
}

void fake_server::greet(int connection, const frame_header& hello) {
  welcome_body welcome{};
  welcome.version = protocol_version;
  welcome.frame_bytes_max = limits::frame_bytes_max;
  welcome.frame_events_max = limits::frame_events_max;
  welcome.credit_requests = credit_requests;
  welcome.credit_events = credit_events;
  answer({connection, hello, {}}, std::as_bytes(std::span{&welcome, 1}), 1);
}

void fake_server::answer_from_ledger(const request& r) {
  std::uint32_t count = r.header.record_count;
  const auto body = ledger.answer(r.type(), r.body, count, r.header.context_id);
  frame_header header = client::make_request_header(reply_type(r.type()), count);
  header.flags = ledger.last.flags;
  header.cursor = ledger.last.cursor;
  header.code = ledger.last.code;
  if (r.type() == frame_type::order_events && body.empty() && header.code == result_code::ok) {
    order_event_query query{};
    std::memcpy(&query, r.body.data(), sizeof query);
    if (query.wait_ms > 0) return waiting_.push_back(r);
  }
  reply(r, header, body);
  if (r.type() != frame_type::create_orders && r.type() != frame_type::act_on_orders) return;
  for (const request& one : std::exchange(waiting_, {})) answer_from_ledger(one);
}

void fake_server::answer(const request& r, std::span<const std::byte> body, std::uint32_t records, result_code code,
                         std::uint32_t retry_after_ms, std::uint32_t credits) {
  frame_header header = client::make_request_header(reply_type(r.type()), records);
  header.code = code;
  header.retry_after_ms = retry_after_ms;
  header.credits = credits;
  reply(r, header, body);
}

void fake_server::answer_page(const request& r, std::span<const std::byte> rows, std::uint32_t count,
                              std::uint64_t cursor, bool more) {
  frame_header header = client::make_request_header(reply_type(r.type()), count);
  header.cursor = cursor;
  header.flags = more ? frame_flags::more : std::uint16_t{0};
  reply(r, header, rows);
}

void fake_server::reply(const request& to, frame_header header, std::span<const std::byte> body) {
  header.request = to.header.request;
  if (header.credits == 0) header.credits = credit_requests;
  wire::seal_frame(header, body);
  std::vector<std::byte> frame(sizeof header + body.size());
  std::memcpy(frame.data(), &header, sizeof header);
  if (!body.empty()) std::memcpy(frame.data() + sizeof header, body.data(), body.size());
  send_bytes(to.connection, frame);
}

void fake_server::send(int connection, const frame_header& sealed) {
  send_bytes(connection, std::as_bytes(std::span{&sealed, 1}));
}

void fake_server::send_bytes(int connection, std::span<const std::byte> bytes) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  auto& kept = outgoing_[connection].emplace_back(bytes.begin(), bytes.end());
  found->second->queue(kept);
}

void fake_server::close(int connection) {
  const auto found = connections_.find(connection);
  if (found != connections_.end()) found->second->flush();
  closing_.push_back(connection);
}

}  // namespace payloom::test

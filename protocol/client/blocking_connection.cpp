#include "protocol/client/blocking_connection.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "protocol/client/request_header.hpp"

namespace payloom::client {
namespace {

using clock = std::chrono::steady_clock;

int milliseconds_left(clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
}

/// Waits for `events`; false when the time is up.
bool wait_for(int fd, short events, clock::time_point end) {
  pollfd poller{fd, events, 0};
  for (;;) {
    const int ready = ::poll(&poller, 1, milliseconds_left(end));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

bool connect_within(int fd, const addrinfo& to, clock::time_point end) {
  if (::connect(fd, to.ai_addr, to.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, end)) return false;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  errno = error;
  return error == 0;
}

std::pair<std::string, std::string> split_address(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    throw connect_failure("address '" + address + "' is not HOST:PORT");
  }
  std::string host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {std::move(host), address.substr(colon + 1)};
}

}  // namespace

int connect_socket(const std::string& address, std::uint32_t timeout_ms) {
  const auto end = clock::now() + std::chrono::milliseconds(timeout_ms);
  const auto [host, port] = split_address(address);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    throw connect_failure("cannot resolve '" + address + "': " + ::gai_strerror(error));
  }
  std::string why = "no address";
  int connected = -1;
  for (const addrinfo* one = found; one != nullptr && connected < 0; one = one->ai_next) {
    const int fd = ::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    if (connect_within(fd, *one, end)) {
      connected = fd;
    } else {
      why = std::strerror(errno == EINPROGRESS ? ETIMEDOUT : errno);
      ::close(fd);
    }
  }
  ::freeaddrinfo(found);
  if (connected < 0) throw connect_failure("cannot connect to " + address + ": " + why);
  return connected;
}

std::vector<std::byte> make_hello(std::string_view client_name, tenant_id tenant, bool shadow) {
  hello_body body{};
  body.version_min = protocol_version;
  body.version_max = protocol_version;
  std::memcpy(body.client_name, client_name.data(), std::min(client_name.size(), sizeof body.client_name));
  const auto bytes = std::as_bytes(std::span{&body, 1});
  frame_header header = make_request_header(frame_type::hello, 1);
  header.tenant = tenant;
  header.flags = shadow ? frame_flags::shadow : std::uint16_t{0};
  wire::seal_frame(header, bytes);
  std::vector<std::byte> frame(sizeof header + sizeof body);
  std::memcpy(frame.data(), &header, sizeof header);
  std::memcpy(frame.data() + sizeof header, &body, sizeof body);
  return frame;
}

std::string read_welcome(const frame_header& header, std::span<const std::byte> body, welcome_body& welcome) {
  if (header.code != result_code::ok) return "handshake refused: " + std::string(name_of(header.code));
  if (header.type != static_cast<std::uint16_t>(reply_type(frame_type::hello)) || body.size() < sizeof welcome) {
    return "the peer's first frame is no welcome";
  }
  std::memcpy(&welcome, body.data(), sizeof welcome);
  if (welcome.version != protocol_version) return "the peer chose an unknown protocol version";
  return {};
}

blocking_connection::blocking_connection(const connect_options& options)
    : options_(options), connection_(connect_socket(options.address, options.timeout_ms)) {
  const auto hello = make_hello(options_.client_name, options_.tenant, options_.shadow);
  connection_.queue(hello);
  try {
    const reply answer = receive();
    if (std::string why = read_welcome(answer.header, answer.body, welcome_); !why.empty()) {
      throw connect_failure(options_.address + ": " + why);
    }
  } catch (const connection_lost& lost) {
    throw connect_failure(options_.address + ": " + lost.what());
  }
}

std::uint64_t blocking_connection::send(frame_type type, std::span<const std::byte> body, std::uint32_t count,
                                        std::uint16_t flags) {
  frame_header header = make_request_header(type, count);
  header.flags = static_cast<std::uint16_t>(flags | (options_.shadow ? frame_flags::shadow : 0));
  header.tenant = options_.tenant;
  if (options_.context_id != 0) header.context_id = options_.context_id;
  header.root_id = options_.root_id;
  header.hop = options_.hop;
  header.request = next_request_++;
  wire::seal_frame(header, body);
  std::vector<std::byte> frame(sizeof header + body.size());
  std::memcpy(frame.data(), &header, sizeof header);
  if (!body.empty()) std::memcpy(frame.data() + sizeof header, body.data(), body.size());
  connection_.queue(frame);
  const auto end = clock::now() + std::chrono::milliseconds(options_.timeout_ms);
  for (;;) {
    const io_status status = connection_.flush();
    if (status == io_status::ok) return header.request;
    if (status != io_status::blocked) throw connection_lost("the connection ended while sending");
    if (!wait_for(connection_.fd(), POLLOUT | POLLIN, end)) throw connection_lost("sending timed out");
    // The server may refuse to read on before its replies are taken.
    const io_status in = connection_.receive([this](const frame_header& h, std::span<const std::byte> b) {
      ready_.push_back({h, {b.begin(), b.end()}});
    });
    if (in != io_status::ok) throw connection_lost("the connection ended while sending");
  }
}

reply blocking_connection::receive() {
  const auto end = clock::now() + std::chrono::milliseconds(options_.timeout_ms);
  io_status status = connection_.flush();
  while (ready_.empty()) {
    if (status == io_status::closed) throw connection_lost("the connection was closed");
    if (status == io_status::corrupt) throw connection_lost("the peer sent something that is no frame");
    if (!wait_for(connection_.fd(), POLLIN, end)) throw connection_lost("no reply in time");
    status = connection_.receive([this](const frame_header& h, std::span<const std::byte> b) {
      ready_.push_back({h, {b.begin(), b.end()}});
    });
  }
  reply first = std::move(ready_.front());
  ready_.erase(ready_.begin());
  return first;
}

reply blocking_connection::call(frame_type type, std::span<const std::byte> body, std::uint32_t count,
                                std::uint16_t flags) {
  const std::uint64_t request = send(type, body, count, flags);
  for (;;) {
    reply answer = receive();
    if (answer.header.type == static_cast<std::uint16_t>(frame_type::error)) {
      throw connection_lost("refused by the server: " + std::string(name_of(answer.header.code)));
    }
    if (answer.header.request == request && answer.header.type == static_cast<std::uint16_t>(reply_type(type))) {
      return answer;
    }
    // A goaway does not take back what is in flight; anything else is a reply that nobody waits for.
  }
}

}  // namespace payloom::client

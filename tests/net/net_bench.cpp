// What the network side alone costs: a sink that completes every frame at once (or on another thread), a client in a
// process of its own. Prints frames and events a second and the server's CPU time for each.
//   net_bench [--threaded] [--seconds N] [--io-threads N] [--only TEXT]
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol/net/server.hpp"
#include "protocol/types/crc32c.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::net {
namespace {

class inline_sink final : public request_sink {
 public:
  void submit(std::span<command_frame* const> frames) override {
    for (command_frame* frame : frames)
      if (frame->finish(frame->remaining.load(std::memory_order_relaxed))) frame->port->complete(*frame);
  }
  bool idle() override { return false; }
};

/// Completes on a thread of its own, one batch at a time, as the shards do.
class threaded_sink final : public request_sink {
 public:
  threaded_sink() : worker_([this] { work(); }) {
    // nop
  }
  ~threaded_sink() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    ready_.notify_one();
    worker_.join();
  }
  void submit(std::span<command_frame* const> frames) override {
    bool first;
    {
      const std::lock_guard lock(mutex_);
      first = queued_.empty();
      queued_.insert(queued_.end(), frames.begin(), frames.end());
    }
    if (first) ready_.notify_one();
  }
  bool idle() override { return false; }

 private:
  void work() {
    std::vector<command_frame*> batch;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return stop_ || !queued_.empty(); });
        if (queued_.empty()) return;
        batch.swap(queued_);
      }
      for (command_frame* frame : batch)
        if (frame->finish(frame->remaining.load(std::memory_order_relaxed))) frame->port->complete(*frame);
      batch.clear();
    }
  }
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<command_frame*> queued_;
  bool stop_ = false;
  std::thread worker_;
};

struct load {
  const char* name;
  int connections;
  int window;
  std::uint32_t events;
};

std::vector<std::byte> make_frame(frame_type type, std::uint32_t count, std::size_t record_bytes) {
  std::vector<std::byte> bytes(wire::header_bytes + count * record_bytes);
  frame_header header{};
  header.type = static_cast<std::uint16_t>(type);
  header.record_count = count;
  if (type == frame_type::hello) {
    hello_body hello{};
    hello.version_min = hello.version_max = protocol_version;
    std::memcpy(bytes.data() + wire::header_bytes, &hello, sizeof hello);
  }
  wire::seal_frame(header, std::span(bytes).subspan(wire::header_bytes));
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

void check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

void send_all(int socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    check(n > 0, "send");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void receive_all(int socket, std::size_t size) {
  std::vector<std::byte> to(size);
  for (std::size_t have = 0; have < size;) {
    const ssize_t n = ::recv(socket, to.data() + have, size - have, 0);
    check(n > 0, "recv");
    have += static_cast<std::size_t>(n);
  }
}

int connect_to(std::uint16_t port) {
  const int s = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(s, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0, "connect");
  const int on = 1;
  ::setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  send_all(s, make_frame(frame_type::hello, 1, sizeof(hello_body)));
  receive_all(s, wire::header_bytes + sizeof(welcome_body));
  return s;
}

/// The client: keeps `window` frames in flight on every connection; returns frames answered and nanoseconds.
void drive(std::uint16_t port, const load& l, double seconds, int report) {
  const auto frame = make_frame(frame_type::create_transfers, l.events, limits::record_bytes);
  const std::size_t reply = wire::header_bytes + l.events * sizeof(result_record);
  std::vector<std::byte> burst;
  for (int i = 0; i < l.window; ++i) burst.insert(burst.end(), frame.begin(), frame.end());
  const int ep = ::epoll_create1(0);
  struct peer {
    int socket;
    std::size_t half = 0;    // bytes of an unfinished reply
    std::size_t unsent = 0;  // bytes still to send, in multiples of the frame but for the first
  };
  std::vector<peer> peers;
  for (int i = 0; i < l.connections; ++i) peers.push_back({connect_to(port)});
  const auto push = [&](peer& p) {
    while (p.unsent > 0) {
      const std::size_t part = std::min(p.unsent, burst.size());
      const std::size_t offset = (frame.size() - p.unsent % frame.size()) % frame.size();
      const std::size_t size = std::min(part, burst.size() - offset);
      const ssize_t n = ::send(p.socket, burst.data() + offset, size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n <= 0) return;
      p.unsent -= static_cast<std::size_t>(n);
    }
  };
  for (std::size_t i = 0; i < peers.size(); ++i) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u64 = i;
    peers[i].unsent = burst.size();
    ::epoll_ctl(ep, EPOLL_CTL_ADD, peers[i].socket, &event);
  }
  std::vector<std::byte> buffer(1 << 20);
  std::vector<epoll_event> events(256);
  std::uint64_t done = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto until = start + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < until) {
    const int n = ::epoll_wait(ep, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < n; ++i) {
      peer& p = peers[events[static_cast<std::size_t>(i)].data.u64];
      ssize_t got;
      while ((got = ::recv(p.socket, buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0) {
        p.half += static_cast<std::size_t>(got);
        const std::size_t whole = p.half / reply;
        p.half %= reply;
        done += whole;
        p.unsent += whole * frame.size();
        if (static_cast<std::size_t>(got) < buffer.size()) break;
      }
      check(got != 0, "server closed");
      push(p);
    }
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double figures[2] = {static_cast<double>(done), took};
  check(::write(report, figures, sizeof figures) == sizeof figures, "write");
}

double cpu_seconds() {
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(const load& l, bool threaded, double seconds, std::size_t io_threads) {
  int to_child[2];
  int from_child[2];
  check(::pipe(to_child) == 0 && ::pipe(from_child) == 0, "pipe");
  const pid_t child = ::fork();  // before there are threads
  check(child >= 0, "fork");
  if (child == 0) {
    std::uint16_t port = 0;
    check(::read(to_child[0], &port, sizeof port) == sizeof port, "read");
    drive(port, l, seconds, from_child[1]);
    std::_Exit(0);
  }
  {
    std::vector<std::unique_ptr<request_sink>> sinks;
    std::vector<request_sink*> plain;
    for (std::size_t i = 0; i < io_threads; ++i) {
      if (threaded)
        sinks.push_back(std::make_unique<threaded_sink>());
      else
        sinks.push_back(std::make_unique<inline_sink>());
      plain.push_back(sinks.back().get());
    }
    server s(server_options{}, plain);
    s.start();
    const std::uint16_t port = s.port();
    const double cpu_before = cpu_seconds();
    check(::write(to_child[1], &port, sizeof port) == sizeof port, "write");
    double figures[2];
    check(::read(from_child[0], figures, sizeof figures) == sizeof figures, "read");
    const double cpu = cpu_seconds() - cpu_before;
    ::waitpid(child, nullptr, 0);
    const double frames = figures[0];
    std::uint64_t reads = 0, writes = 0, rounds = 0;
    for (std::size_t i = 0; i < io_threads; ++i) {
      reads += s.counters(i).reads.get();
      writes += s.counters(i).writes.get();
      rounds += s.counters(i).rounds.get();
    }
    std::printf(
        "%-28s %9.0f frames/s %11.0f events/s   server %7.0f ns/frame %6.1f ns/event, busy %4.2f cores; "
        "frames a read %.1f, a write %.1f, a round %.1f\n",
        l.name, frames / figures[1], frames * l.events / figures[1], cpu * 1e9 / frames, cpu * 1e9 / frames / l.events,
        cpu / figures[1], frames / static_cast<double>(reads), frames / static_cast<double>(writes),
        frames / static_cast<double>(rounds));
    s.drain();
    s.stop();
  }
  for (const int fd : {to_child[0], to_child[1], from_child[0], from_child[1]}) ::close(fd);
}

}  // namespace
}  // namespace payloom::net

int main(int argc, char** argv) {
  bool threaded = false;
  double seconds = 3;
  std::size_t io_threads = 1;
  std::string_view only;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--threaded") threaded = true;
    if (arg == "--seconds" && i + 1 < argc) seconds = std::strtod(argv[++i], nullptr);
    if (arg == "--io-threads" && i + 1 < argc) io_threads = std::strtoul(argv[++i], nullptr, 10);
    if (arg == "--only" && i + 1 < argc) only = argv[++i];
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const payloom::net::load loads[] = {
      {"64 connections x 16 singles", 64, 16, 1}, {"64 connections x 1 single", 64, 1, 1},
      {"1 connection x 1 single", 1, 1, 1},       {"1 connection x 4 of 8190", 1, 4, 8190},
      {"2 connections x 2 of 8190", 2, 2, 8190},
  };
  for (const auto& l : loads)
    if (only.empty() || std::string_view(l.name).find(only) != std::string_view::npos)
      payloom::net::measure(l, threaded, seconds, io_threads);
}

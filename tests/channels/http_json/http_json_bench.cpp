// Requests a second and CPU for each, of both sides of the JSON wire: calls over loopback TLS to a simulator that
// answers after a lognormal time. The simulator is a process of its own (a fork), so that each side's CPU is known.
// usage: http_json_bench [RATE [SECONDS [MEAN_MS [CONNECTIONS]]]]     default: 15000 10 100 2000
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "actors/channels/http_json/certificate_maker.hpp"
#include "actors/channels/http_json/http_simulator.hpp"
#include "actors/channels/http_json/http_wire.hpp"
#include "tests/channels/http_json/calls.hpp"
#include "tests/support/temporary_directory.hpp"

namespace payloom::test {
namespace {

namespace hj = http_json;
using clock = std::chrono::steady_clock;

constexpr time_ns day = 1'795'392'000'000'000'000;
time_ns now() { return day + static_cast<time_ns>(clock::now().time_since_epoch().count()); }

double cpu_seconds(int who) {
  rusage use{};
  getrusage(who, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

/// Of this process, in KiB.
long resident_kib() {
  std::ifstream in("/proc/self/statm");
  long size = 0, resident = 0;
  in >> size >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

struct plan {
  int rate = 15'000, seconds = 10, mean_ms = 100, connections = 2'000;
};

/// The child: serves until it is killed gently.
[[noreturn]] void serve(const std::filesystem::path& directory, const plan& p, int out) {
  hj::simulator_settings s;
  s.outside.latency_mean_ms = static_cast<std::uint32_t>(p.mean_ms);
  s.outside.latency_sigma_ms = static_cast<std::uint32_t>(p.mean_ms) / 3;
  s.outside.entries_max = 16u << 20;
  s.server.connections_max = static_cast<std::uint32_t>(p.connections) + 100;
  s.directory = directory;
  s.key_file = directory / "keys";
  const std::string problem = hj::run_simulator(s, now, [&](std::uint16_t port) {
    if (write(out, &port, sizeof port) != sizeof port) _exit(2);
  });
  if (!problem.empty()) std::fprintf(stderr, "%s\n", problem.c_str());
  _exit(problem.empty() ? 0 : 1);
}

void measure(const std::filesystem::path& directory, std::uint16_t port, const plan& p) {
  std::string problem;
  const auto keys = hj::key_ring::read(directory / "keys", problem);
  const auto codes = hj::code_map::make(hj::simulator_codes(), problem);
  hj::asio::io_context io(1);
  hj::https_client_settings c;
  c.port = port;
  c.connections_max = static_cast<std::uint32_t>(p.connections);
  c.waiting_max = 100'000;
  std::uint64_t answered = 0, succeeded = 0;
  hj::http_wire wire(io, hj::tls_context::client(directory / "ca.pem", problem), c, {&*keys, &*codes, nullptr, now},
                     [&](std::vector<core::channel_answer> answers) {
                       answered += answers.size();
                       for (const auto& a : answers) succeeded += a.outcome == channel_outcome::success;
                     });
  const long before_kib = resident_kib();
  const double before_s = cpu_seconds(RUSAGE_SELF);
  const auto start = clock::now();
  std::uint64_t given = 0;
  std::uint64_t connections_most = 0;
  while (true) {
    const std::chrono::duration<double> passed = clock::now() - start;
    const double until = std::min(passed.count(), static_cast<double>(p.seconds));
    std::vector<core::channel_call> calls;
    while (static_cast<double>(given) < until * p.rate) calls.push_back(call_of(make_u128(5, ++given)));
    wire.call(std::move(calls));
    io.run_for(std::chrono::milliseconds(2));
    io.restart();
    connections_most = std::max(connections_most, wire.counters().connections);
    if (passed.count() > p.seconds && (answered == given || passed.count() > p.seconds + 30)) break;
  }
  const std::chrono::duration<double> took = clock::now() - start;
  const double used_s = cpu_seconds(RUSAGE_SELF) - before_s;
  const auto count = static_cast<double>(answered);
  const actors::wire_counters w = wire.counters();
  std::printf(
      "wire: %.0f requests/s, %.1f us CPU each, %.2f cores; %llu of %llu succeeded, %llu not sent, %llu timeouts\n",
      count / took.count(), used_s / count * 1e6, used_s / took.count(), static_cast<unsigned long long>(succeeded),
      static_cast<unsigned long long>(given), static_cast<unsigned long long>(w.not_sent),
      static_cast<unsigned long long>(w.timeouts));
  std::printf("wire: %llu connections, %.1f KiB each with all that grew\n",
              static_cast<unsigned long long>(connections_most),
              static_cast<double>(resident_kib() - before_kib) / static_cast<double>(connections_most));
  // stop() would wait for a thread that runs `io`: this one does.
  io.stop();
  wire.stop();
}

}  // namespace
}  // namespace payloom::test

int main(int argc, char** argv) {
  using namespace payloom::test;
  plan p;
  int* const fields[] = {&p.rate, &p.seconds, &p.mean_ms, &p.connections};
  for (int i = 1; i < argc && i <= 4; ++i) {
    const std::string text = argv[i];
    std::from_chars(text.data(), text.data() + text.size(), *fields[i - 1]);
  }
  const payloom::support::temporary_directory directory;
  std::ofstream(directory.path() / "keys") << "k1 00112233445566778899aabbccddeeff\n";
  int ends[2];
  if (pipe(ends) != 0) return 1;
  const pid_t child = fork();
  if (child == 0) serve(directory.path(), p, ends[1]);
  std::uint16_t port = 0;
  if (read(ends[0], &port, sizeof port) != sizeof port) return 1;
  const auto start = clock::now();
  measure(directory.path(), port, p);
  const std::chrono::duration<double> took = clock::now() - start;
  kill(child, SIGTERM);
  int status = 0;
  waitpid(child, &status, 0);
  const double used_s = cpu_seconds(RUSAGE_CHILDREN);
  std::printf("simulator: %.1f us CPU each, %.2f cores\n", used_s / (p.rate * p.seconds) * 1e6, used_s / took.count());
  return status == 0 ? 0 : 1;
}

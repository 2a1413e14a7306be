// How much a call costs on this wire: four lines, a host that answers after 100 ms (lognormal), both in this process
// over loopback. Prints calls a second and CPU time a call of both sides. Not a test: figures depend on the machine.
// usage: iso8583_bench [CALLS [IN_FLIGHT [MEAN_MS]]]      default: 500000 20000 100
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <future>

#include "tests/channels/iso8583/iso_wire_fixture.hpp"

namespace payloom::test {
namespace {

/// CPU time of the thread that runs a context.
std::uint64_t cpu_ns(context_thread& thread) {
  std::promise<std::uint64_t> found;
  boost::asio::post(thread.context, [&] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    found.set_value(static_cast<std::uint64_t>(t.tv_sec) * second + static_cast<std::uint64_t>(t.tv_nsec));
  });
  return found.get_future().get();
}

/// Always as many in flight as were begun with: an answer makes the next call.
class load {
 public:
  explicit load(std::uint64_t calls) : calls_(calls) {}

  std::vector<core::channel_call> next(std::size_t count) {
    std::vector<core::channel_call> calls;
    for (; count > 0 && made_ < calls_; --count) {
      ++made_;
      calls.push_back(call_of(make_u128(mix_id(1, made_), made_), channel_operation::pay, 1 + made_ % 10'000));
    }
    return calls;
  }
  void take(const std::vector<core::channel_answer>& answers) {
    for (const core::channel_answer& a : answers) ++(a.outcome == channel_outcome::success ? successes : others);
    if (successes + others == calls_) done.set_value();
    wire->call(next(answers.size()));
  }

  std::shared_ptr<actors::iso_wire> wire;
  std::uint64_t successes = 0, others = 0;
  std::promise<void> done;

 private:
  const std::uint64_t calls_;
  std::uint64_t made_ = 0;
};

int measure(std::uint64_t calls, std::uint64_t in_flight, std::uint64_t mean_ms) {
  actors::iso_host_options options;
  options.outside.latency_mean_ms = static_cast<std::uint32_t>(mean_ms);
  options.outside.latency_sigma_ms = static_cast<std::uint32_t>(mean_ms / 2);
  options.outside.entries_max = calls + 1;
  host_thread host(options);
  context_thread io;
  load l(calls);
  actors::iso_wire_settings settings = wire_settings(host.host.port());
  settings.line.in_flight_max = static_cast<std::uint32_t>(in_flight);
  settings.line.output_max = 8 << 20;
  l.wire = actors::iso_wire::make(io.context, settings, core::iso_codes(core::iso_usual_codes()), wall_clock,
                                  [&](std::vector<core::channel_answer> answers) { l.take(answers); });
  if (!wait_until([&] { return l.wire->counters().connections == settings.lines; })) return 1;
  const std::uint64_t wire_before = cpu_ns(io), host_before = cpu_ns(host.thread);
  const auto begin = std::chrono::steady_clock::now();
  auto over = l.done.get_future();
  boost::asio::post(io.context, [&] { l.wire->call(l.next(in_flight)); });
  over.wait();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const auto per_call = [&](std::uint64_t ns) { return static_cast<double>(ns) / 1000 / static_cast<double>(calls); };
  const double wire_us = per_call(cpu_ns(io) - wire_before), host_us = per_call(cpu_ns(host.thread) - host_before);
  std::printf(
      "calls=%llu in_flight=%llu seconds=%.2f calls_per_second=%.0f wire_us=%.2f host_us=%.2f both_us=%.2f "
      "not_successful=%llu\n",
      static_cast<unsigned long long>(calls), static_cast<unsigned long long>(in_flight), took.count(),
      static_cast<double>(calls) / took.count(), wire_us, host_us, wire_us + host_us,
      static_cast<unsigned long long>(l.others));
  l.wire->stop();
  return 0;
}

}  // namespace
}  // namespace payloom::test

int main(int argc, char** argv) {
  std::uint64_t numbers[] = {500'000, 20'000, 100};
  for (int i = 1; i < argc && i <= 3; ++i) {
    const char* const end = argv[i] + std::strlen(argv[i]);
    if (std::from_chars(argv[i], end, numbers[i - 1]).ptr != end || numbers[i - 1] == 0) {
      std::fprintf(stderr, "usage: iso8583_bench [CALLS [IN_FLIGHT [MEAN_MS]]]\n");
      return 2;
    }
  }
  return payloom::test::measure(numbers[0], std::min(numbers[0], numbers[1]), numbers[2]);
}

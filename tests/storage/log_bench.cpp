// How fast the log appends beside a plain synced write to a pre-written file, and how fast it recovers.
// Usage: storage_log_bench DIRECTORY [SECONDS per row]. DIRECTORY lies on the disk to be measured; about 2 GiB are
// written there and removed. Ratios compare rows of the same run, in alternation: three rounds, medians.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "storage/codec/group_seal.hpp"
#include "storage/log/event_lookup.hpp"
#include "storage/log/page_warmer.hpp"
#include "storage/log/segment_log.hpp"
#include "tests/storage/sample_events.hpp"

namespace payloom::storage::testing {
namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

struct rate {
  double groups_per_second = 0, megabytes_per_second = 0, p50_us = 0, p99_us = 0;
};

rate summarise(std::vector<double>& microseconds, double seconds, std::size_t group_bytes) {
  std::sort(microseconds.begin(), microseconds.end());
  const auto at = [&](double q) {
    return microseconds[static_cast<std::size_t>(q * static_cast<double>(microseconds.size() - 1))];
  };
  const double groups = static_cast<double>(microseconds.size());
  return {groups / seconds, groups * static_cast<double>(group_bytes) / seconds / 1e6, at(0.5), at(0.99)};
}

/// Writes again and again over a pre-written file: the limit for a log with one write in flight.
rate plain_writes(const std::string& directory, std::size_t group_bytes, double seconds) {
  const std::string path = directory + "/plain";
  constexpr std::uint64_t file_bytes = 256u << 20;
  if (!std::filesystem::exists(path)) {
    file out;
    require(file::open(path, {.write = true, .create = true, .direct = true}, nullptr, out), "create", path);
    require(out.allocate(file_bytes), "allocate", path);
    const aligned_buffer zeros(1u << 20);
    for (std::uint64_t at = 0; at < file_bytes; at += zeros.size()) {
      require(out.write(zeros.first(zeros.size()), at), "write", path);
    }
    require(out.sync(), "sync", path);
  }
  file out;
  require(file::open(path, {.write = true, .direct = true, .synced = true}, nullptr, out), "open", path);
  aligned_buffer group(group_bytes);
  std::vector<double> times;
  const auto begun = clock::now();
  std::uint64_t at = 0;
  while (seconds_since(begun) < seconds) {
    const auto start = clock::now();
    require(out.write(group.first(group_bytes), at), "write", path);
    times.push_back(seconds_since(start) * 1e6);
    at = at + group_bytes + group_bytes > file_bytes ? 0 : at + group_bytes;
  }
  return summarise(times, seconds_since(begun), group_bytes);
}

/// Appends groups of exactly `group_bytes` with padding.
rate log_appends(segment_log& log, std::size_t group_bytes, double seconds) {
  group_builder builder;
  const auto events = static_cast<std::uint32_t>((group_bytes - 64 - 32 - 64) / sizeof(transfer_event));
  std::span<std::byte> group = make_group(builder, log.position(), events);
  std::vector<double> times;
  const auto begun = clock::now();
  while (seconds_since(begun) < seconds) {
    auto& header = *reinterpret_cast<group_header*>(group.data());
    header.base_sequence = log.position().next_sequence;
    header.base_time = log.position().last_time + 1;
    const auto start = clock::now();
    if (log.append(group) != append_status::ok) throw storage_failure("disk full");
    times.push_back(seconds_since(start) * 1e6);
  }
  return summarise(times, seconds_since(begun), group_bytes);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print(const char* what, std::size_t bytes, const rate& r) {
  std::printf("%-12s %8zu B  %9.0f groups/s  %8.1f MB/s  p50 %7.1f us  p99 %7.1f us\n", what, bytes,
              r.groups_per_second, r.megabytes_per_second, r.p50_us, r.p99_us);
}

/// Cost of building and sealing groups, without writing them.
void bench_builder(std::uint32_t per_run) {
  group_builder builder;
  const transfer_record record = sample_transfer(1);
  constexpr std::uint32_t events = 4'000'000;
  const auto begun = clock::now();
  builder.begin();
  const auto close = [&] { seal_group(builder.finish(1, 1), {}); };
  for (std::uint32_t done = 0; done < events;) {
    const std::uint32_t context = builder.add_context(sample_context(7));
    std::byte* place =
        context == group_builder::no_context ? nullptr : builder.append(run_kind::transfers, context, per_run);
    if (place == nullptr) {
      close();
      builder.begin();
      continue;
    }
    for (std::uint32_t i = 0; i < per_run; ++i) std::memcpy(place + i * sizeof record, &record, sizeof record);
    done += per_run;
  }
  close();
  std::printf("build and seal, %u events a message: %.1f ns an event\n", per_run, seconds_since(begun) / events * 1e9);
}

/// Random single events, the first time and when their pages are cached.
void bench_lookups(const segment_log& log) {
  event_lookup lookup(log);
  constexpr int pages = 50, page_events = 1000;
  for (const char* state : {"cold", "cached"}) {
    std::mt19937_64 random(7);
    const auto begun = clock::now();
    found_event event;
    for (int i = 0; i < pages * page_events; ++i) {
      if (!lookup.find(1 + random() % log.durable_through(), event, false))
        throw storage_failure("an event is missing");
    }
    std::printf("look-ups, %s: %.1f ms for 1,000 random events\n", state, seconds_since(begun) / pages * 1e3);
  }
}

/// Appends while the journal is read close behind them, as a server does: by the follower and into the page cache.
rate followed_appends(segment_log& log, std::size_t group_bytes, double seconds) {
  const page_warmer warmer(log);
  const auto reader = log.open_reader(log.position().next_sequence);
  std::atomic<bool> stop{false};
  std::thread follower([&] {
    while (!stop) {
      if (reader->next().header == nullptr) std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  const rate appends = log_appends(log, group_bytes, seconds);
  stop = true;
  follower.join();
  return appends;
}

void bench_followers(segment_log& log, double seconds) {
  constexpr std::size_t bytes = 256u << 10;
  std::vector<double> ratios, p99_ratios;
  for (int round = 0; round < 3; ++round) {
    const rate alone = log_appends(log, bytes, seconds);
    const rate followed = followed_appends(log, bytes, seconds);
    print("alone", bytes, alone);
    print("followed", bytes, followed);
    ratios.push_back(followed.groups_per_second / alone.groups_per_second);
    p99_ratios.push_back(followed.p99_us / alone.p99_us);
  }
  std::printf("  median of ratios, followed to alone: rate %.2f, p99 %.2f\n", median(ratios), median(p99_ratios));
}

int run(const std::string& directory, double seconds) {
  bench_builder(1);
  bench_builder(8190);
  const std::string data = directory + "/data";
  init_data_directory(data, {.cluster = 1, .partition = 0, .shadow = false});
  for (const std::size_t bytes : {std::size_t{4096}, std::size_t{65536}, std::size_t{1} << 20}) {
    const data_directory home(data);
    segment_log log(home);
    std::vector<double> ratios, p50_ratios;
    for (int round = 0; round < 3; ++round) {
      const rate plain = plain_writes(directory, bytes, seconds);
      const rate ours = log_appends(log, bytes, seconds);
      print("plain write", bytes, plain);
      print("log append", bytes, ours);
      ratios.push_back(ours.groups_per_second / plain.groups_per_second);
      p50_ratios.push_back(ours.p50_us / plain.p50_us);
    }
    std::printf("  median of ratios, log to plain: rate %.2f, p50 %.2f\n", median(ratios), median(p50_ratios));
  }
  const data_directory home(data);
  segment_log log(home);
  const recovery_report& report = log.recovered();
  const double took = static_cast<double>(report.nanoseconds) / 1e9;
  std::printf("recovery: %llu segments, %.0f MB, %llu events in %.2f s: %.0f MB/s\n",
              static_cast<unsigned long long>(report.segments), static_cast<double>(report.bytes) / 1e6,
              static_cast<unsigned long long>(report.events), took, static_cast<double>(report.bytes) / 1e6 / took);
  bench_lookups(log);
  bench_followers(log, seconds);
  return 0;
}

}  // namespace
}  // namespace payloom::storage::testing

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s DIRECTORY [SECONDS]\n", argv[0]);
    return 2;
  }
  const std::string directory = std::string(argv[1]) + "/storage_log_bench";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  const int status = payloom::storage::testing::run(directory, argc > 2 ? std::atof(argv[2]) : 2.0);
  std::filesystem::remove_all(directory);
  return status;
}

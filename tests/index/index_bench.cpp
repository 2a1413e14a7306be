// CPU of stage 1 and stage 2 per transfer, restart, and query latencies over a journal on disk.
// Usage: index_bench DIRECTORY [TRANSFERS=10000000] [ACCOUNTS=10000]. DIRECTORY lies on the disk to be measured; about
// 180 bytes a transfer are written there and removed.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "actors/follower/query_engine.hpp"
#include "storage/codec/group_builder.hpp"
#include "storage/log/event_lookup.hpp"
#include "storage/log/segment_log.hpp"

namespace {

using namespace payloom;
using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}
double resident_mb() {
  std::ifstream in("/proc/self/statm");
  std::size_t pages = 0, resident = 0;
  in >> pages >> resident;
  return static_cast<double>(resident) * 4096e-6;
}
auto in_a_minute() { return clock_type::now() + std::chrono::seconds(600); }

/// W1's shape: groups of full frames, random ids, uniform accounts.
class load {
 public:
  load(storage::segment_log& log, std::uint32_t accounts) : log_(log), accounts_(accounts) {
    for (std::uint32_t next = 0; next < accounts;) {
      begin();
      const std::uint32_t count = std::min(accounts - next, builder_.room(storage::run_kind::accounts));
      auto* to = reinterpret_cast<account_record*>(builder_.append(storage::run_kind::accounts, context_, count));
      for (std::uint32_t i = 0; i < count; ++i, ++next) {
        to[i] = {};
        to[i].id.value = next + 1;
        to[i].ledger = 840;
        to[i].code = 1;
        to[i].flags = account_flags::history;
      }
      end();
    }
  }
  void transfers(std::uint64_t count) {
    while (count > 0) {
      begin();
      for (int frame = 0; frame < 3 && count > 0; ++frame) {
        const auto n = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, 8190));
        auto* to = reinterpret_cast<transfer_record*>(builder_.append(storage::run_kind::transfers, context_, n));
        for (std::uint32_t i = 0; i < n; ++i) to[i] = one();
        count -= n;
      }
      end();
    }
  }
  commit_seq last() const { return next_ - 1; }

 private:
  transfer_record one() {
    transfer_record record{};
    record.id.value = make_u128(rng_(), rng_() | 1);
    record.debit_account.value = 1 + rng_() % accounts_;
    do record.credit_account.value = 1 + rng_() % accounts_;
    while (record.credit_account == record.debit_account);
    record.amount_minor = 1 + rng_() % 10'000;
    record.user_data_64 = rng_() % 1'000'000;
    record.ledger = 840;
    record.code = static_cast<std::uint16_t>(1 + rng_() % 50);
    return record;
  }
  void begin() {
    builder_.begin();
    context_ = builder_.add_context({});
  }
  void end() {
    const std::uint32_t count = builder_.event_count();
    if (log_.append(builder_.finish(next_, time_)) != storage::append_status::ok) std::abort();
    next_ += count;
    time_ += count;
  }
  storage::segment_log& log_;
  std::uint32_t accounts_;
  storage::group_builder builder_;
  std::mt19937_64 rng_{1};
  std::uint32_t context_ = 0;
  commit_seq next_ = 1;
  time_ns time_ = 1'700'000'000'000'000'000;
};

void print_percentiles(const char* what, std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  std::printf("%-44s p50 %8.2f ms   p99 %8.2f ms   max %8.2f ms\n", what, ms[ms.size() / 2], ms[ms.size() * 99 / 100],
              ms.back());
}

void measure_queries(storage::segment_log& log, follower::follower& behind, const storage::index_store& store,
                     std::uint32_t accounts) {
  follower::lookup_fetcher<storage::event_lookup, storage::found_event> fetcher(log);
  follower::query_engine engine(log, behind, store, fetcher);
  std::mt19937_64 rng(5);
  for (const bool backward : {false, true}) {
    std::vector<double> times;
    for (int i = 0; i < 50; ++i) {
      query_record q{};
      q.account.value = 1 + rng() % accounts;
      q.limit = 1000;
      q.flags = backward ? query_flags::backward : 0;
      std::vector<statement_row> rows;
      const auto start = clock_type::now();
      const auto out = engine.statement(0, q, in_a_minute(), rows);
      times.push_back(seconds_since(start) * 1e3);
      if (out.code != result_code::ok) std::abort();
    }
    print_percentiles(backward ? "statement, newest 1,000 lines" : "statement, oldest 1,000 lines", times);
  }
  query_record q{};
  q.user_data_64 = 777'777;
  q.limit = 1000;
  std::vector<transfer_row> rows;
  const double cpu = cpu_seconds();
  const auto start = clock_type::now();
  engine.list_transfers(0, q, in_a_minute(), rows);
  const double seconds = seconds_since(start);
  std::printf("filter scan: %zu rows, %.1f ms per million scanned (%.1f of CPU, others' included)\n", rows.size(),
              seconds * 1e3 / (static_cast<double>(behind.applied_seq()) / 1e6),
              (cpu_seconds() - cpu) * 1e3 / (static_cast<double>(behind.applied_seq()) / 1e6));
  std::vector<double> times;
  for (int i = 0; i < 50; ++i) {
    std::vector<id_record> ids(1000);
    for (auto& id : ids) id.id = 1 + rng() % accounts;
    std::vector<account_row> found;
    const auto begun = clock_type::now();
    engine.lookup_accounts(0, ids, in_a_minute(), found);
    times.push_back(seconds_since(begun) * 1e3);
  }
  print_percentiles("balances of 1,000 accounts", times);
}

struct counting_visitor : follower::recovery_visitor {
  std::uint64_t ids = 0, accounts = 0;
  void on_ids(std::span<const payloom::storage::id_query> some) override { ids += some.size(); }
  void on_recent_id(tenant_id, u128, commit_seq, storage::run_kind) override { ++ids; }
  void on_account(const follower::recovered_account&) override { ++accounts; }
  void on_open_hold(const storage::open_hold&) override {}
};

void run(const std::string& directory, std::uint64_t transfers, std::uint32_t accounts) {
  storage::init_data_directory(directory, {.cluster = 1, .partition = 0, .shadow = false});
  storage::data_directory data(directory);
  storage::segment_log log(data);
  load feed(log, accounts);
  feed.transfers(transfers);
  std::printf("%lu transfers over %u accounts written; resident %.0f MB\n", transfers, accounts, resident_mb());
  storage::index_options index;
  index.path = directory + "/index";
  {
    storage::index_store store(index);
    follower::follower behind(log, store);
    behind.recover(nullptr);
    std::printf("replay alone done; resident %.0f MB\n", resident_mb());
  }
  storage::index_store::drop(index.path);
  {
    storage::index_store store(index);
    follower::follower_options options;
    options.read_sleep_short = true;
    follower::follower behind(log, store, options);
    // Nothing is replayed: the follower starts at the beginning, as behind a writer.
    behind.start();
    const auto start = clock_type::now();
    const double cpu = cpu_seconds();
    if (!behind.wait_applied(feed.last(), in_a_minute())) std::abort();
    const double applied = seconds_since(start);
    if (!behind.flush_index(feed.last(), in_a_minute())) std::abort();
    const auto stats = behind.stats();
    const double n = static_cast<double>(feed.last());
    std::printf("applied in %.2f s, indexed in %.2f s; CPU of the process %.0f ns a transfer\n", applied,
                seconds_since(start), (cpu_seconds() - cpu) / n * 1e9);
    std::printf("stage 1: %.0f ns CPU a transfer; stage 2: %.0f ns CPU a transfer; %lu chunks, %u runs\n",
                static_cast<double>(stats.apply_cpu_ns) / n, static_cast<double>(stats.index_cpu_ns) / n,
                stats.chunks_indexed, store.runs());
    std::printf("index %.1f bytes a transfer on disk; books and tail %.1f MB; resident %.0f MB\n",
                static_cast<double>(store.disk_bytes()) / n, static_cast<double>(stats.memory_bytes) * 1e-6,
                resident_mb());
    measure_queries(log, behind, store, accounts);
  }
  storage::index_store store(index);
  follower::follower behind(log, store);
  counting_visitor visitor;
  const auto start = clock_type::now();
  const auto report = behind.recover(&visitor);
  std::printf("recovery: %.2f s for %lu ids, %lu accounts, %lu events replayed\n", seconds_since(start), visitor.ids,
              visitor.accounts, report.events_replayed);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: index_bench DIRECTORY [TRANSFERS] [ACCOUNTS]\n");
    return 2;
  }
  const std::string directory = std::string(argv[1]) + "/index-bench";
  std::filesystem::remove_all(directory);
  run(directory, argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000'000,
      argc > 3 ? static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10)) : 10'000);
  std::filesystem::remove_all(directory);
  return 0;
}

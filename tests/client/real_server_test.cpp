// Goal: against the real server, also when it is killed under load: every submitted event ends in a result or in
// `unknown`, and repeating it with the same id makes it definite; the books then hold each transfer exactly once.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <mutex>

#include "actors/app/bench/run_bench.hpp"
#include "protocol/client/bulk.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/client/sync_client.hpp"
#include "tests/support/own_server.hpp"

namespace payloom::client {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t connections = 16;
constexpr std::uint64_t kills = 3;
constexpr auto patience = 60s;

account_record account(u128 id) {
  account_record a{};
  a.id.value = id;
  a.ledger = 978;
  a.code = 1;
  return a;
}

transfer_record transfer(u128 id) {
  transfer_record t{};
  t.id.value = id;
  t.debit_account.value = 1;
  t.credit_account.value = 2;
  t.amount_minor = 1;
  t.ledger = 978;
  t.code = 1;
  return t;
}

client_options to(const support::own_server& server) {
  client_options options;
  options.addresses = {server.address()};
  return options;
}

TEST(RealServer, TheExamplePays) {
  support::own_server server(PAYLOOM_PROGRAM);
  server.start();
  EXPECT_EQ(std::system((std::string(PAYLOOM_EXAMPLE_PAY) + " " + server.address() + " > /dev/null").c_str()), 0);
  EXPECT_EQ(server.stop(), 0);
}

/// One application: submits one event after another, some dozens in flight, and notes how each ended.
class application {
 public:
  application(const client_options& options, std::uint64_t seed) : ids_(seed), client_(options) {}

  /// Submits until told to stop; then waits for every callback.
  void run(const std::atomic<bool>& stop) {
    while (!stop) {
      while (in_flight_ >= 50 && !stop) std::this_thread::sleep_for(1ms);
      const u128 id = ids_.next();
      ++submitted_;
      ++in_flight_;
      client_.create_transfer(
          transfer(id),
          [this, id](answer a) {
            const std::lock_guard lock(mutex_);
            const bool done = a.how == outcome::result && a.first_code() == result_code::ok;
            (done ? done_ : a.how == outcome::unknown ? unknown_ : other_).push_back(id);
            --in_flight_;
          },
          submit_options{.timeout = 500ms});
    }
    closed_ = client_.close(patience);
  }

  std::uint64_t submitted() const { return submitted_; }
  std::size_t ended() const { return done_.size() + unknown_.size() + other_.size(); }
  bool closed() const { return closed_; }
  const std::vector<u128>& done() const { return done_; }
  const std::vector<u128>& unknown() const { return unknown_; }
  /// Not sent, or refused because nothing happened.
  const std::vector<u128>& other() const { return other_; }

 private:
  id_generator ids_;
  std::mutex mutex_;
  std::vector<u128> done_, unknown_, other_;
  std::atomic<std::uint64_t> submitted_{0}, in_flight_{0};
  bool closed_ = false;
  client client_;  // last: its callbacks use what stands above
};

TEST(RealServer, KilledUnderLoadEveryEventEndsAndRepeatingMakesItDefinite) {
  support::own_server server(PAYLOOM_PROGRAM);
  server.start();
  {
    sync_client setup(to(server));
    const account_record both[] = {account(1), account(2)};
    ASSERT_EQ(setup.create_accounts(both).how, outcome::result);
  }
  std::atomic<bool> stop{false};
  std::vector<std::unique_ptr<application>> applications;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < connections; ++i) {
    applications.push_back(std::make_unique<application>(to(server), 1000 + i));
    threads.emplace_back([&, i] { applications[i]->run(stop); });
  }
  for (std::uint64_t i = 0; i < kills; ++i) {
    std::this_thread::sleep_for(300ms);
    server.kill();
    server.start();
  }
  std::this_thread::sleep_for(300ms);
  stop = true;
  for (auto& t : threads) t.join();

  sync_client again(to(server));
  std::uint64_t executed = 0;
  for (const auto& a : applications) {
    EXPECT_TRUE(a->closed());
    EXPECT_EQ(a->ended(), a->submitted());
    EXPECT_GT(a->done().size(), 0u);
    executed += a->done().size();
    // What was acknowledged is there: a repeat is answered with the stored result.
    for (std::size_t i = 0; i < a->done().size(); i += 50) {
      const answer repeat = again.create_transfer(transfer(a->done()[i]));
      ASSERT_EQ(repeat.how, outcome::result);
      EXPECT_EQ(repeat.first_code(), result_code::ok);
      EXPECT_NE(repeat.results()[0].flags & result_flags::replayed, 0);
    }
    for (const auto* list : {&a->unknown(), &a->other()}) {
      std::vector<transfer_record> repeats;
      for (const u128 id : *list) repeats.push_back(transfer(id));
      for (std::size_t from = 0; from < repeats.size(); from += 1000) {
        const auto part = std::span(repeats).subspan(from, std::min<std::size_t>(1000, repeats.size() - from));
        const answer definite = again.create_transfers(part);
        ASSERT_EQ(definite.how, outcome::result);
        for (const result_record& r : definite.results()) EXPECT_EQ(r.code, result_code::ok);
      }
      executed += repeats.size();
    }
  }
  const id_record ids[] = {{1}, {2}};
  const answer books = again.lookup_accounts(ids);
  ASSERT_EQ(books.rows<account_row>().size(), 2u);
  EXPECT_EQ(lo64(books.rows<account_row>()[0].counters.debits_posted), executed);
  EXPECT_EQ(lo64(books.rows<account_row>()[1].counters.credits_posted), executed);
  EXPECT_EQ(server.stop(), 0);
}

/// A bench that ends after so many transfers.
bench::options bench_of(const support::own_server& server, std::uint64_t accounts, std::uint64_t transfers) {
  bench::options opts;
  opts.address = server.address();
  opts.accounts = accounts;
  opts.seconds = 0;
  opts.transfers = transfers;
  return opts;
}

TEST(RealServer, TheBenchPassesItsOwnCheckInEveryShape) {
  support::own_server server(PAYLOOM_PROGRAM);
  server.start();
  bench::options opts = bench_of(server, 1000, 30'000);
  struct shape {
    std::uint32_t batch, connections, window;
    unsigned hot;
    bool two_phase;
  };
  for (const shape s : {shape{8190, 1, 2, 0, false}, shape{1, 16, 8, 0, false}, shape{500, 4, 4, 100, false},
                        shape{1000, 2, 2, 0, true}}) {
    SCOPED_TRACE(s.batch);
    opts.batch = s.batch;
    opts.connections = s.connections;
    opts.window = s.window;
    opts.hot_percent = s.hot;
    opts.two_phase = s.two_phase;
    const bench::run_report report = bench::run_once(opts);
    EXPECT_TRUE(report.passed()) << bench::to_text(report, opts);
    EXPECT_EQ(report.load.accepted, s.two_phase ? 60'000u : 30'000u);
  }
  EXPECT_EQ(server.stop(), 0);
}

TEST(RealServer, TheBenchGoesOnWhenTheServerIsKilledUnderIt) {
  support::own_server server(PAYLOOM_PROGRAM);
  server.start();
  bench::options opts = bench_of(server, 1000, 400'000);
  opts.batch = 100;
  opts.connections = 4;
  opts.window = 4;
  opts.rate = 100'000;
  auto run = std::async(std::launch::async, [&opts] { return bench::run_once(opts); });
  for (int i = 0; i < 2; ++i) {
    std::this_thread::sleep_for(1s);
    server.kill();
    server.start();
  }
  const bench::run_report report = run.get();
  EXPECT_TRUE(report.passed()) << bench::to_text(report, opts);
  EXPECT_GE(report.load.connections_broken, 4u);
  EXPECT_EQ(report.load.unanswered, 0u);
  EXPECT_EQ(report.load.accepted + report.load.dropped, 400'000u);
  EXPECT_EQ(server.stop(), 0);
}

TEST(RealServer, TheServersCpuTimeIsThatOfTheLoadAlone) {
  support::own_server server(PAYLOOM_PROGRAM);
  server.start();
  bench::options opts = bench_of(server, 400'000, 1);  // the set-up is far more work than the load
  opts.batch = 1;
  const double before = server.process().cpu_seconds();
  const bench::run_report report = bench::run_once(opts, &server.process());
  const double all = server.process().cpu_seconds() - before;
  EXPECT_TRUE(report.passed()) << bench::to_text(report, opts);
  EXPECT_GT(all, 0.1);
  EXPECT_LT(report.server_cpu_seconds, all / 2);
  EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace payloom::client

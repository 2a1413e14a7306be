// Kills the server under sixteen clients: every event ends in exactly one answer, and repeating makes each definite.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "protocol/client/client.hpp"
#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {
namespace {

constexpr int clients = 16;
constexpr int events_each = 4000;
constexpr int in_flight_each = 200;
constexpr int results_before_kill = 6000;

struct submitted {
  transfer_record record{};
  int answers = 0;
  client::answer last;
};

}  // namespace

class kill : public ledger_fixture {
 protected:
  client::client_options options(std::chrono::milliseconds timeout) const {
    client::client_options o;
    o.addresses = {address};
    o.timeout = timeout;
    return o;
  }
  /// Submits `events` through one client, not more than `in_flight_each` at once, until `stop`; returns when all that
  /// were submitted have ended. The others are taken off the end.
  void submit(std::vector<submitted>& events, std::chrono::milliseconds timeout, std::atomic<int>& results,
              const std::atomic<bool>& stop) {
    std::mutex mutex;
    std::condition_variable room;
    int in_flight = 0;
    std::size_t count = 0;
    {
      client::client c(options(timeout));
      for (submitted& e : events) {
        std::unique_lock lock(mutex);
        room.wait(lock, [&] { return in_flight < in_flight_each; });
        if (stop) break;
        ++in_flight;
        ++count;
        lock.unlock();
        c.create_transfer(e.record, [&](client::answer a) {
          if (a.how == client::outcome::result) ++results;
          const std::lock_guard guard(mutex);
          ++e.answers;
          e.last = std::move(a);
          --in_flight;
          room.notify_one();
        });
      }
      std::unique_lock lock(mutex);
      room.wait(lock, [&] { return in_flight == 0; });
    }
    events.resize(count);
  }
};

TEST_F(kill, every_event_ends_once_and_repeating_makes_it_definite) {
  start();
  std::vector<account_id> accounts;
  {
    auto to = connect();
    accounts = open(to, 2);
  }
  std::vector<std::vector<submitted>> load(clients);
  for (auto& events : load) {
    events.resize(events_each);
    for (submitted& e : events) e.record = transfer(accounts[0], accounts[1], 1);
  }
  std::atomic<int> results{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (auto& events : load)
    threads.emplace_back([&] { submit(events, std::chrono::milliseconds(1500), results, stop); });
  while (results < results_before_kill && server->running()) std::this_thread::yield();
  server->kill_now();
  stop = true;
  for (std::thread& t : threads) t.join();
  threads.clear();
  stop = false;

  std::uint64_t definite = 0, unknown = 0, not_sent = 0;
  for (const auto& events : load) {
    for (const submitted& e : events) {
      ASSERT_EQ(e.answers, 1);
      definite += e.last.how == client::outcome::result;
      unknown += e.last.how == client::outcome::unknown;
      not_sent += e.last.how == client::outcome::not_sent;
      if (e.last.how != client::outcome::result) continue;
      ASSERT_EQ(name_of(e.last.first_code()), "ok");
    }
  }
  const std::uint64_t all = definite + unknown + not_sent;
  EXPECT_GE(definite, results_before_kill);
  EXPECT_GT(unknown + not_sent, 0u);

  start({"topology.order_shards=5", "topology.account_shards=3"});
  std::vector<std::vector<submitted>> again = load;
  for (auto& events : again) {
    for (submitted& e : events) e.answers = 0;
    threads.emplace_back([&] { submit(events, std::chrono::milliseconds(60'000), results, stop); });
  }
  for (std::thread& t : threads) t.join();
  for (std::size_t c = 0; c < again.size(); ++c) {
    for (std::size_t i = 0; i < again[c].size(); ++i) {
      const submitted& now = again[c][i];
      const submitted& before = load[c][i];
      ASSERT_EQ(now.answers, 1);
      ASSERT_EQ(now.last.how, client::outcome::result);
      const result_record r = now.last.results()[0];
      ASSERT_EQ(name_of(r.code), "ok");
      if (before.last.how != client::outcome::result) continue;
      ASSERT_NE(r.flags & result_flags::replayed, 0);
      ASSERT_EQ(r.sequence, before.last.results()[0].sequence);
      ASSERT_EQ(r.timestamp, before.last.results()[0].timestamp);
    }
  }
  auto to = connect();
  EXPECT_EQ(lo64(show(to, accounts[0]).counters.debits_posted), all);
  EXPECT_EQ(lo64(show(to, accounts[1]).counters.credits_posted), all);
  expect_verified();
}

}  // namespace payloom::e2e

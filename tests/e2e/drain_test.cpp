// SIGTERM under load: every request that the server took is answered, then it closes and ends with 0.
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {
namespace {

constexpr int connections = 16;
constexpr std::size_t window = 8;
constexpr std::uint32_t per_frame = 20;
constexpr int frames_before_signal = 800;

struct sent_frame {
  std::vector<transfer_record> records;
  std::vector<result_record> results;
  result_code code = result_code::ok;
  bool answered = false;
};

}  // namespace

class drain : public ledger_fixture {
 protected:
  /// Sends without pause until the server says goaway, then waits for what is in flight.
  void load(account_id from, account_id into, std::uint64_t seed, std::vector<sent_frame>& log,
            std::atomic<int>& answered) {
    client::id_generator own(seed);
    auto to = connect();
    std::map<std::uint64_t, std::size_t> in_flight;
    bool going = true;
    while (going || !in_flight.empty()) {
      while (going && in_flight.size() < window) {
        sent_frame frame;
        for (std::uint32_t i = 0; i < per_frame; ++i) {
          frame.records.push_back(transfer(from, into, 1));
          frame.records.back().id = own.transfer();
        }
        log.push_back(std::move(frame));
        const auto bytes = std::as_bytes(std::span(log.back().records));
        in_flight[to.send(frame_type::create_transfers, bytes, per_frame)] = log.size() - 1;
      }
      const client::reply reply = to.receive();
      if (reply.header.type == static_cast<std::uint16_t>(frame_type::goaway)) going = false;
      const auto found = in_flight.find(reply.header.request);
      if (found == in_flight.end()) continue;
      sent_frame& frame = log[found->second];
      frame.answered = true;
      frame.code = reply.code();
      const auto rows = reply.rows<result_record>();
      frame.results.assign(rows.begin(), rows.end());
      in_flight.erase(found);
      ++answered;
    }
  }
};

TEST_F(drain, under_load_answers_all_it_took_and_ends_with_0) {
  start();
  std::vector<account_id> accounts;
  {
    auto to = connect();
    accounts = open(to, 2);
  }
  std::vector<std::vector<sent_frame>> logs(connections);
  std::vector<std::string> broken(connections);
  std::vector<std::thread> threads;
  std::atomic<int> answered{0};
  for (int i = 0; i < connections; ++i) {
    threads.emplace_back([&, i] {
      try {
        load(accounts[0], accounts[1], 1000 + static_cast<std::uint64_t>(i), logs[i], answered);
      } catch (const std::exception& e) {
        broken[i] = e.what();
      }
    });
  }
  while (answered < frames_before_signal && server->running()) std::this_thread::yield();
  server->send_signal(SIGTERM);
  EXPECT_EQ(server->wait_end(), 0) << server->last_lines();
  for (std::thread& t : threads) t.join();

  std::uint64_t executed = 0, refused = 0;
  for (int i = 0; i < connections; ++i) {
    EXPECT_EQ(broken[i], "");
    for (const sent_frame& frame : logs[i]) {
      ASSERT_TRUE(frame.answered);
      if (frame.code != result_code::ok) {
        ASSERT_EQ(name_of(frame.code), "draining");
        refused += per_frame;
        continue;
      }
      for (const result_record& r : frame.results) {
        ASSERT_TRUE(r.code == result_code::ok || r.code == result_code::draining) << name_of(r.code);
        (r.code == result_code::ok ? executed : refused) += 1;
      }
    }
  }
  start();
  auto to = connect();
  EXPECT_EQ(lo64(show(to, accounts[0]).counters.debits_posted), executed);
  EXPECT_GE(executed, frames_before_signal * per_frame / 2);
  expect_verified();
}

TEST_F(drain, without_load_ends_at_once) {
  start();
  EXPECT_EQ(server->drain(), 0) << server->last_lines();
  server->wait_line("stopped");
}

}  // namespace payloom::e2e

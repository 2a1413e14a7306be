// Restarts: other shard counts, crashes and clean ends; the same money, the same results, one server per directory.
#include <csignal>

#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {

class restart : public ledger_fixture {};

TEST_F(restart, with_other_shard_counts_keeps_balances_holds_and_results) {
  start({"topology.order_shards=3", "topology.account_shards=2"});
  std::vector<account_id> accounts;
  std::vector<transfer_record> sent;
  std::vector<result_record> results;
  {
    auto to = connect();
    accounts = open(to, 20);
    for (std::size_t i = 0; i < 2000; ++i) {
      const std::uint16_t flags = i % 5 == 0 ? transfer_flags::hold : std::uint16_t{0};
      sent.push_back(transfer(accounts[i % 20], accounts[(i * 7 + 1) % 20 == i % 20 ? (i + 1) % 20 : (i * 7 + 1) % 20],
                              1 + i, flags));
    }
    results = send(to, frame_type::create_transfers, sent);
  }
  std::vector<account_counters> before;
  {
    auto to = connect();
    for (const account_id a : accounts) before.push_back(show(to, a).counters);
  }
  const std::vector<std::vector<std::string>> layouts = {
      {"topology.order_shards=1", "topology.account_shards=7", "topology.workers=1"},
      {"topology.order_shards=64", "topology.account_shards=1", "scheduler.policy=stealing"},
      {"topology.order_shards=5", "topology.account_shards=130", "scheduler.inline_events=0"},
  };
  for (std::size_t round = 0; round < layouts.size(); ++round) {
    if (round == 1) {
      server->kill_now();
      start(layouts[round]);
    } else {
      drain_and_start(layouts[round]);
    }
    auto to = connect();
    for (std::size_t i = 0; i < accounts.size(); ++i) EXPECT_EQ(show(to, accounts[i]).counters, before[i]) << i;
    const std::vector<result_record> again = send(to, frame_type::create_transfers, sent);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      ASSERT_EQ(again[i].code, results[i].code) << i;
      ASSERT_EQ(again[i].sequence, results[i].sequence) << i;
      ASSERT_EQ(again[i].timestamp, results[i].timestamp) << i;
      ASSERT_NE(again[i].flags & result_flags::replayed, 0) << i;
    }
    expect_verified();
  }
  // A hold of the first run is captured in the fourth.
  auto to = connect();
  transfer_record capture{};
  capture.id = ids.transfer();
  capture.target_id = sent[0].id;
  capture.amount_minor = u128_max;
  capture.flags = transfer_flags::capture;
  EXPECT_EQ(name_of(send_one(to, capture).code), "ok");
  EXPECT_EQ(static_cast<transfer_state>(show(to, sent[0].id).state), transfer_state::captured);
}

TEST_F(restart, a_second_server_on_the_same_directory_is_refused) {
  start();
  support::server_process second({PAYLOOM_PROGRAM, data(), {"storage.segment_bytes=16MiB"}, {}});
  EXPECT_EQ(second.wait_end(), 1);
  EXPECT_EQ(second.address(), "");
  EXPECT_NE(second.last_lines().find(data()), std::string::npos) << second.last_lines();
  auto to = connect();
  EXPECT_EQ(open(to, 1).size(), 1u);
}

TEST_F(restart, wrong_settings_are_refused_with_2_and_named) {
  support::server_process server_with_typo({PAYLOOM_PROGRAM, data(), {"topology.order_shard=3"}, {}});
  EXPECT_EQ(server_with_typo.wait_end(), 2);
  EXPECT_NE(server_with_typo.last_lines().find("topology.order_shard"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(data()));
}

}  // namespace payloom::e2e

// Holds run out over real time: while the server serves, and while it is down.
#include <chrono>
#include <thread>

#include "actors/core/order_book.hpp"
#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {
namespace {

constexpr int looks_max = 3000;
constexpr auto between_looks = std::chrono::milliseconds(10);

}  // namespace

class expiry : public ledger_fixture {
 protected:
  transfer_row wait_resolved(client::blocking_connection& to, transfer_id hold) {
    transfer_row row = show(to, hold);
    for (int i = 0; i < looks_max && static_cast<transfer_state>(row.state) == transfer_state::held; ++i) {
      std::this_thread::sleep_for(between_looks);
      row = show(to, hold);
    }
    return row;
  }
  transfer_record resolve(transfer_id hold, std::uint16_t flag) {
    transfer_record t{};
    t.id = ids.transfer();
    t.target_id = hold;
    t.amount_minor = flag == transfer_flags::capture ? u128_max : 0;
    t.flags = flag;
    return t;
  }
  void expect_released(client::blocking_connection& to, const std::vector<account_id>& accounts, u128 pending) {
    EXPECT_EQ(lo64(show(to, accounts[0]).counters.debits_pending), lo64(pending));
    EXPECT_EQ(lo64(show(to, accounts[1]).counters.credits_pending), lo64(pending));
    EXPECT_EQ(lo64(show(to, accounts[0]).counters.debits_posted), 0u);
  }
};

TEST_F(expiry, a_hold_of_one_second_runs_out_by_itself) {
  start();
  auto to = connect();
  const auto accounts = open(to, 2);
  transfer_record timed = transfer(accounts[0], accounts[1], 70, transfer_flags::hold);
  timed.timeout_s = 1;
  const transfer_record stays = transfer(accounts[0], accounts[1], 5, transfer_flags::hold);
  const result_record held = send_one(to, timed);
  ASSERT_EQ(name_of(held.code), "ok");
  ASSERT_EQ(name_of(send_one(to, stays).code), "ok");
  const transfer_row row = wait_resolved(to, timed.id);
  EXPECT_EQ(static_cast<transfer_state>(row.state), transfer_state::expired);
  EXPECT_GT(row.resolved_by, held.sequence);
  expect_released(to, accounts, 5);
  EXPECT_EQ(name_of(send_one(to, resolve(timed.id, transfer_flags::capture)).code), "hold_expired");
  EXPECT_EQ(name_of(send_one(to, resolve(timed.id, transfer_flags::void_hold)).code), "hold_expired");
  EXPECT_EQ(name_of(send_one(to, resolve(stays.id, transfer_flags::void_hold)).code), "ok");
  expect_released(to, accounts, 0);
  expect_verified();
}

TEST_F(expiry, a_hold_runs_out_although_somebody_uses_the_id_of_its_expiry) {
  start();
  auto to = connect();
  const auto accounts = open(to, 2);
  transfer_record timed = transfer(accounts[0], accounts[1], 70, transfer_flags::hold);
  timed.timeout_s = 1;
  transfer_record squatter = transfer(accounts[0], accounts[1], 1, transfer_flags::hold);
  squatter.id.value = core::expiry_id(timed.id);
  ASSERT_EQ(name_of(send_one(to, squatter).code), "ok");
  ASSERT_EQ(name_of(send_one(to, timed).code), "ok");
  EXPECT_EQ(static_cast<transfer_state>(wait_resolved(to, timed.id).state), transfer_state::expired);
  expect_released(to, accounts, 1);
  expect_verified();
}

TEST_F(expiry, a_hold_that_runs_out_while_the_server_is_down_expires_after_the_start) {
  start();
  std::vector<account_id> accounts;
  transfer_record timed{};
  {
    auto to = connect();
    accounts = open(to, 2);
    timed = transfer(accounts[0], accounts[1], 70, transfer_flags::hold);
    timed.timeout_s = 1;
    ASSERT_EQ(name_of(send_one(to, timed).code), "ok");
  }
  server->kill_now();
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  start({"topology.order_shards=7", "topology.account_shards=5"});
  auto to = connect();
  EXPECT_EQ(static_cast<transfer_state>(wait_resolved(to, timed.id).state), transfer_state::expired);
  expect_released(to, accounts, 0);
  expect_verified();
}

}  // namespace payloom::e2e

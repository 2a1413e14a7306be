// A repeat gets its stored result wherever that is found: in the shard's memory, in the follower's tail, in the index.
// More ids than the shards keep exactly; the first frame is repeated while the follower and the index come behind it.
#include <chrono>
#include <thread>

#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {

class repeat : public ledger_fixture {};

TEST_F(repeat, gets_the_stored_result_while_ids_leave_memory) {
  constexpr std::size_t frames = 16;  // 131,040 ids; the shards' first generations hold 98,304 together
  start();
  auto to = connect();
  const std::vector<account_id> accounts = open(to, 2);
  std::vector<transfer_record> first;
  std::vector<result_record> results;
  for (std::size_t f = 0; f < frames; ++f) {
    std::vector<transfer_record> records;
    for (std::uint32_t i = 0; i < limits::frame_events_max; ++i)
      records.push_back(transfer(accounts[0], accounts[1], 1 + i));
    auto got = send(to, frame_type::create_transfers, records);
    for (const result_record& r : got) ASSERT_EQ(name_of(r.code), "ok");
    if (f != 0) continue;
    first = std::move(records);
    results = std::move(got);
  }
  const account_row before = show(to, accounts[0]);
  for (int round = 0; round < 12; ++round) {
    const std::vector<result_record> again = send(to, frame_type::create_transfers, first);
    for (std::size_t i = 0; i < first.size(); ++i) {
      ASSERT_EQ(name_of(again[i].code), "ok") << round << ' ' << i;
      ASSERT_EQ(again[i].sequence, results[i].sequence) << round << ' ' << i;
      ASSERT_EQ(again[i].timestamp, results[i].timestamp) << round << ' ' << i;
      ASSERT_NE(again[i].flags & result_flags::replayed, 0) << round << ' ' << i;
    }
    std::vector<transfer_record> other(first.begin(), first.begin() + 100);
    for (transfer_record& t : other) t.amount_minor += 1;
    for (const result_record& r : send(to, frame_type::create_transfers, other))
      ASSERT_EQ(name_of(r.code), "exists_with_different_amount") << round;
    std::this_thread::sleep_for(std::chrono::milliseconds(60));  // the follower's idle time passes in the middle
  }
  EXPECT_EQ(show(to, accounts[0]).counters, before.counters);
  expect_verified();
}

}  // namespace payloom::e2e

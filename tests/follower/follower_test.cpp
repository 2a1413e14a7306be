// Goal: the follower's balances, its index and what recovery tells equal a naive record of a random history.
#include <gtest/gtest.h>

#include <mutex>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "storage/rocksdb/entry_blocks.hpp"
#include "tests/follower/follower_fixture.hpp"

namespace payloom {
namespace {

using follower::recovered_account;
using storage::run_kind;
using testing::follower_fixture;
using testing::model_event;
using testing::small_options;

void expect_balances(follower_fixture& fixture) {
  fixture.behind->with_view([&](const follower::ledger_view& view) {
    ASSERT_EQ(view.applied_seq, fixture.history.last());
    ASSERT_EQ(view.accounts.size(), fixture.history.accounts().size());
    for (const auto& account : fixture.history.accounts()) {
      const std::uint32_t ordinal = view.accounts.find(account.tenant, account.record.id.value);
      ASSERT_NE(ordinal, follower::no_account);
      EXPECT_TRUE(testing::same_bytes(show(view.accounts, ordinal, view.applied_seq),
                                      testing::expected_row(account, view.applied_seq)));
    }
  });
}

/// Everything recovery says, to be compared with the history.
struct collector : follower::recovery_visitor {
  std::multiset<std::pair<tenant_id, u128>> ids;
  std::map<commit_seq, std::pair<u128, run_kind>> recent;
  std::vector<recovered_account> accounts;
  std::vector<storage::open_hold> holds;
  std::vector<storage::open_order> orders;
  void on_ids(std::span<const storage::id_query> some) override {
    const std::lock_guard lock(mutex_);
    for (const storage::id_query& i : some) ids.insert({i.tenant, i.id});
  }
  void on_recent_id(tenant_id tenant, u128 id, commit_seq sequence, run_kind kind) override {
    ids.insert({tenant, id});
    recent[sequence] = {id, kind};
  }
  void on_account(const recovered_account& account) override { accounts.push_back(account); }
  void on_open_hold(const storage::open_hold& hold) override { holds.push_back(hold); }
  void on_open_order(const storage::open_order& order) override { orders.push_back(order); }
  std::mutex mutex_;
};

/// The resident orders, in order of creation.
std::vector<const testing::model_order*> open_orders_of(const testing::random_history& history) {
  std::vector<const testing::model_order*> out;
  for (const auto& order : history.orders()) {
    if ((order.row.flags & order_row_flags::resident) != 0) out.push_back(&order);
  }
  return out;
}

void expect_recovered(follower_fixture& fixture, const collector& got) {
  const auto& history = fixture.history;
  std::multiset<std::pair<tenant_id, u128>> ids;
  std::vector<const model_event*> holds;
  for (const model_event& event : history.events()) {
    if (event.kind == run_kind::accounts) continue;
    if (id_is_reserved_for_postings(event.record.id.value)) continue;  // no shard knows these
    ids.insert({event.tenant, event.record.id.value});
    if (event.is_transfer && event.state == transfer_state::held) holds.push_back(&event);
    if (event.sequence > fixture.report.indexed_seq) {
      ASSERT_TRUE(got.recent.contains(event.sequence));
      EXPECT_EQ(got.recent.at(event.sequence), std::pair(event.record.id.value, event.kind));
    }
  }
  EXPECT_TRUE(got.ids == ids);
  ASSERT_EQ(got.holds.size(), holds.size());
  for (std::size_t i = 0; i < holds.size(); ++i) {
    EXPECT_EQ(got.holds[i].sequence, holds[i]->sequence);
    EXPECT_EQ(got.holds[i].timestamp, holds[i]->timestamp);
    EXPECT_EQ(got.holds[i].tenant, holds[i]->tenant);
    EXPECT_TRUE(testing::same_bytes(got.holds[i].record, holds[i]->record));
  }
  const auto open = open_orders_of(history);
  ASSERT_EQ(got.orders.size(), open.size());
  EXPECT_EQ(fixture.report.open_orders, open.size());
  for (std::size_t i = 0; i < open.size(); ++i) {
    const auto& newest =
        *std::ranges::lower_bound(history.order_events(), open[i]->newest, {}, &order_event_row::sequence);
    EXPECT_EQ(got.orders[i].created(), open[i]->created);
    EXPECT_EQ(got.orders[i].sequence, newest.sequence);
    EXPECT_EQ(got.orders[i].timestamp, newest.timestamp);
    EXPECT_EQ(got.orders[i].tenant, newest.tenant);
    EXPECT_TRUE(testing::same_bytes(got.orders[i].event, newest.event));
  }
  ASSERT_EQ(got.accounts.size(), history.accounts().size());
  for (std::size_t i = 0; i < got.accounts.size(); ++i) {
    const auto& model = history.accounts()[i];
    EXPECT_EQ(got.accounts[i].tenant, model.tenant);
    EXPECT_EQ(got.accounts[i].created_flags, model.record.flags);
    EXPECT_EQ(got.accounts[i].created_limit_minor, model.record.overdraft_limit_minor);
    EXPECT_TRUE(testing::same_bytes(got.accounts[i].row, testing::expected_row(model, history.last())));
  }
}

TEST(follower, balances_equal_the_naive_record_while_it_grows) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    follower_fixture fixture(seed);
    fixture.open();
    for (int round = 0; round < 8; ++round) {
      fixture.history.run(700);
      ASSERT_TRUE(fixture.catch_up());
      expect_balances(fixture);
    }
    EXPECT_EQ(fixture.behind->failure(), "");
    EXPECT_LE(fixture.behind->lag_events(), fixture.history.last());
  }
}

TEST(follower, a_flushed_index_holds_every_id_line_and_link_once) {
  follower_fixture fixture(11);
  fixture.open();
  fixture.history.run(12'000);
  ASSERT_TRUE(fixture.flush());
  EXPECT_EQ(fixture.behind->lag_events(), 0u);
  std::size_t ids = 0;
  std::map<u128, std::vector<std::pair<commit_seq, int>>> lines;  // by ordinal
  std::map<std::pair<tenant_id, u128>, std::uint32_t> ordinals;
  for (std::uint32_t i = 0; i < fixture.history.accounts().size(); ++i) {
    ordinals[{fixture.history.accounts()[i].tenant, fixture.history.accounts()[i].record.id.value}] = i;
  }
  for (const model_event& event : fixture.history.events()) {
    if (event.kind == run_kind::accounts) continue;
    ++ids;
    const auto found = fixture.store->find_id(event.tenant, event.record.id.value);
    EXPECT_EQ(found.sequence, event.sequence);
    EXPECT_EQ(found.kind, event.kind);
    EXPECT_EQ(fixture.store->find_id(event.tenant + 1, event.record.id.value).sequence, 0u);
    if (!event.is_transfer) continue;
    const bool posted = (event.record.flags & (transfer_flags::hold | transfer_flags::void_hold)) == 0;
    lines[ordinals.at({event.tenant, event.record.debit_account.value})].push_back({event.sequence, posted ? 2 : 0});
    lines[ordinals.at({event.tenant, event.record.credit_account.value})].push_back({event.sequence, posted ? 3 : 1});
    storage::link_state links;
    const commit_seq target = event.sequence;
    fixture.store->for_each_link({&target, 1}, [&](std::size_t, const auto& link) { links.add(link); });
    EXPECT_EQ(links.resolved_by, event.resolved_by);
    EXPECT_EQ(links.reversed_minor, event.reversed);
  }
  std::size_t ids_found = 0;
  fixture.store->for_each_id([&](tenant_id, u128, storage::id_position) { ++ids_found; });
  EXPECT_EQ(ids_found, ids);
  decltype(lines) found;
  const auto chunks = fixture.store->chunks(1, fixture.history.last());
  ASSERT_GT(chunks.size(), 5u);
  fixture.store->for_each_entries([&](std::uint32_t ordinal, std::uint32_t chunk, std::string_view value) {
    storage::entry_block block;
    while (storage::next_block(value, block)) {
      storage::for_each_mark(block, [&](storage::entry_mark mark) {
        found[ordinal].push_back({chunks.at(chunk)->first_seq + mark.offset, (mark.posted ? 2 : 0) + mark.credit});
      });
    }
  });
  EXPECT_TRUE(found == lines);
}

TEST(follower, recovery_tells_the_same_from_any_point) {
  follower_fixture fixture(21);
  fixture.open();
  for (int round = 0; round < 6; ++round) {
    fixture.history.run(900 + 700 * round % 1900);
    if (round % 2 == 0) {
      ASSERT_TRUE(fixture.catch_up());
    } else {
      ASSERT_TRUE(fixture.flush());
      fixture.history.run(round * 100);
    }
    collector told;
    fixture.open(small_options(), &told);
    expect_recovered(fixture, told);
    ASSERT_TRUE(fixture.catch_up());
    expect_balances(fixture);
  }
  // Without any index: the same again, and a whole index from the journal.
  fixture.close();
  storage::index_store::drop(fixture.directory.path() + "/index");
  auto options = small_options();
  options.lag_events_max = 3'000;
  collector told;
  fixture.open(options, &told);
  EXPECT_EQ(fixture.report.indexed_seq, 0u);
  expect_recovered(fixture, told);
  EXPECT_GT(fixture.store->indexed_seq(), 1'500u);
}

TEST(follower, open_orders_are_recovered_from_chunks_of_any_size) {
  for (const std::uint32_t chunk_events : {1u, 60u, 700u, 50'000u}) {
    follower_fixture fixture(61 + chunk_events);
    auto options = small_options();
    options.chunk_events = chunk_events;
    fixture.open(options);
    for (int round = 0; round < 4; ++round) {
      fixture.history.run(900);
      if (round % 2 == 0) {
        ASSERT_TRUE(fixture.flush());
        fixture.history.run(400, 40);
      }
      ASSERT_TRUE(fixture.catch_up());
      collector told;
      fixture.open(options, &told);
      expect_recovered(fixture, told);
      EXPECT_GT(fixture.report.open_orders, 8u);
    }
  }
}

TEST(follower, an_orders_event_without_its_postings_stops_it) {
  follower_fixture fixture(71);
  fixture.open();
  fixture.history.run(200);
  storage::group_builder builder;
  builder.begin();
  order_event event{};
  event.legs = 2;
  std::memcpy(builder.append(run_kind::orders, builder.add_context({}), 1), &event, sizeof(event));
  const auto position = fixture.journal.position();
  ASSERT_EQ(fixture.journal.append(builder.finish(position.next_sequence, position.last_time + 1)),
            storage::append_status::ok);
  EXPECT_FALSE(fixture.behind->wait_applied(position.next_sequence, fixture.soon()));
  EXPECT_NE(fixture.behind->failure().find("its postings do not follow it"), std::string::npos);
}

TEST(follower, handed_over_groups_and_read_ones_make_the_same_books) {
  follower_fixture fixture(31);
  auto options = small_options();
  options.handover_bytes_max = 64u << 10;
  fixture.open(options);
  std::size_t offered = 0;
  for (int round = 0; round < 200; ++round) {
    fixture.history.run(20, 40);
    // Every third group is not handed over, and at times the queue overflows.
    for (; offered < fixture.journal.group_count(); ++offered) {
      if (offered % 3 == 0) continue;
      const auto group = fixture.journal.group(offered);
      fixture.behind->offer({group, group->bytes.data()}, group->bytes.size());
    }
  }
  ASSERT_TRUE(fixture.catch_up());
  expect_balances(fixture);
}

TEST(follower, an_index_ahead_of_the_journal_is_refused) {
  follower_fixture fixture(41);
  fixture.open();
  fixture.history.run(2'000);
  ASSERT_TRUE(fixture.flush());
  fixture.close();
  fixture.journal.crash(1);
  EXPECT_THROW(fixture.open(), storage::index_mismatch);
}

TEST(follower, a_journal_that_contradicts_itself_stops_it) {
  follower_fixture fixture(51);
  std::atomic<int> failures{0};
  auto options = small_options();
  options.on_failure = [&](const std::string&) { ++failures; };
  fixture.open(options);
  storage::group_builder builder;
  builder.begin();
  storage::context_entry context{};
  transfer_record record{};
  record.id.value = 77;
  record.debit_account.value = 1;
  record.credit_account.value = 999'999;
  record.amount_minor = 5;
  std::memcpy(builder.append(run_kind::transfers, builder.add_context(context), 1), &record, sizeof(record));
  const commit_seq next = fixture.journal.position().next_sequence;
  ASSERT_EQ(fixture.journal.append(builder.finish(next, fixture.journal.position().last_time + 1)),
            storage::append_status::ok);
  EXPECT_FALSE(fixture.behind->wait_applied(next, fixture.soon()));
  EXPECT_NE(fixture.behind->failure().find("does not exist"), std::string::npos);
  EXPECT_EQ(failures, 1);
}

}  // namespace
}  // namespace payloom

#pragma once
// A random history, a follower behind it and an index in a directory of its own.
#include <chrono>
#include <cstring>
#include <memory>

#include "actors/follower/follower.hpp"
#include "storage/memory/memory_journal.hpp"
#include "tests/follower/random_history.hpp"
#include "tests/storage/temp_directory.hpp"

namespace payloom::testing {

inline follower::follower_options small_options() {
  follower::follower_options options;
  options.chunk_events = 1500;
  options.lag_events_max = 100'000;
  options.slice_events = 64;
  options.idle_chunk_events = ~std::uint32_t{0};  // tests decide where the index ends
  return options;
}

struct follower_fixture {
  explicit follower_fixture(std::uint64_t seed, std::uint32_t accounts = 40) : history(journal, seed, accounts) {}

  void open(follower::follower_options options = small_options(), follower::recovery_visitor* visitor = nullptr) {
    close();
    storage::index_options index;
    index.path = directory.path() + "/index";
    index.stamp = 42;
    store = std::make_unique<storage::index_store>(index);
    behind = std::make_unique<follower::follower>(journal, *store, options);
    report = behind->recover(visitor);
    behind->start();
  }
  void close() {
    behind.reset();
    store.reset();
  }
  static auto soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(60); }
  bool catch_up() { return behind->wait_applied(history.last(), soon()); }
  bool flush() { return behind->flush_index(history.last(), soon()); }

  storage::testing::temp_directory directory;
  storage::memory_journal journal;
  random_history history;
  std::unique_ptr<storage::index_store> store;
  std::unique_ptr<follower::follower> behind;
  follower::recovery_report report;
};

/// What `account_row` the model expects.
inline account_row expected_row(const model_account& account, commit_seq as_of) {
  account_row row{};
  row.id = account.record.id;
  row.counters = account.counters;
  row.overdraft_limit_minor = account.limit;
  row.user_data_128 = account.record.user_data_128;
  row.user_data_64 = account.record.user_data_64;
  row.user_data_32 = account.record.user_data_32;
  row.ledger = account.record.ledger;
  row.code = account.record.code;
  row.flags = account.flags;
  row.timestamp = account.timestamp;
  row.effective_at = account.record.effective_at;
  row.created_seq = account.created_seq;
  row.as_of = as_of;
  return row;
}

template <class Row>
bool same_bytes(const Row& a, const Row& b) {
  return std::memcmp(&a, &b, sizeof(Row)) == 0;
}

}  // namespace payloom::testing

// Goal (SG-3): what was acknowledged durably is there after any crash; a half written batch is cut, damage is said.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "actors/app/subscription_store.hpp"
#include "storage/ports.hpp"
#include "tests/storage/temp_directory.hpp"

namespace payloom::app {
namespace {

using rows = std::vector<stored_subscription>;

stored_subscription one(u128 name, commit_seq acknowledged, tenant_id tenant = 0) {
  stored_subscription s;
  s.name = name;
  s.tenant = tenant;
  s.merchant = 7;
  s.root_id = name + 1;
  s.acknowledged = acknowledged;
  s.acknowledged_at = 1'700'000'000'000'000'000 + acknowledged;
  return s;
}

struct store_fixture : ::testing::Test {
  std::string path() const { return directory.path() + "/" + subscription_store::file_name; }
  rows loaded() const { return subscription_store(directory.path()).load(); }
  std::string bytes() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void set_bytes(const std::string& all) const { std::ofstream(path(), std::ios::binary) << all; }
  void write(subscription_store& to, const rows& all) const { to.write(all); }

  storage::testing::temp_directory directory;
};

TEST_F(store_fixture, the_newest_of_each_name_and_tenant_comes_back) {
  {
    subscription_store store(directory.path());
    EXPECT_TRUE(store.load().empty());
    write(store, {one(1, 10), one(2, 20)});
    write(store, {one(1, 15)});
    write(store, {one(1, 5, 9)});
    stored_subscription gone = one(2, 20);
    gone.forgotten = 1;
    write(store, {gone, one(3, 30)});
  }
  EXPECT_EQ(loaded(), (rows{one(1, 15), one(3, 30), one(1, 5, 9)}));
  EXPECT_EQ(loaded(), (rows{one(1, 15), one(3, 30), one(1, 5, 9)})) << "loading changes nothing";
}

TEST_F(store_fixture, a_torn_tail_of_any_length_is_cut_and_the_batches_before_stay) {
  subscription_store store(directory.path());
  store.load();
  write(store, {one(1, 10)});
  const std::string before = bytes();
  write(store, {one(1, 11), one(2, 22)});
  const std::string after = bytes();
  ASSERT_GT(after.size(), before.size());
  for (std::size_t size = before.size(); size <= after.size(); ++size) {
    set_bytes(after.substr(0, size));
    const rows expected = size == after.size() ? rows{one(1, 11), one(2, 22)} : rows{one(1, 10)};
    ASSERT_EQ(loaded(), expected) << size;
  }
}

TEST_F(store_fixture, a_torn_batch_may_have_its_end_without_its_beginning) {
  subscription_store store(directory.path());
  store.load();
  write(store, {one(1, 10)});
  const std::string before = bytes();
  write(store, {one(1, 11), one(2, 22)});
  std::string torn = bytes();
  std::fill(torn.begin() + static_cast<std::ptrdiff_t>(before.size()), torn.end() - 96, '\0');
  set_bytes(torn);
  EXPECT_EQ(loaded(), (rows{one(1, 10)}));
}

TEST_F(store_fixture, a_flipped_bit_anywhere_is_noticed) {
  subscription_store store(directory.path());
  store.load();
  write(store, {one(1, 10)});
  write(store, {one(2, 20)});
  const std::string before = bytes();
  write(store, {one(1, 11)});
  const std::string whole = bytes();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ 1 << at % 8);
    set_bytes(bad);
    // In the last batch it cannot be told from a torn write, and nobody was promised more than what stands before.
    if (at >= before.size()) {
      ASSERT_EQ(loaded(), (rows{one(1, 10), one(2, 20)})) << at;
    } else {
      ASSERT_THROW(loaded(), storage::storage_failure) << at;
    }
  }
}

TEST_F(store_fixture, an_empty_or_foreign_file_is_refused) {
  set_bytes("");
  EXPECT_THROW(loaded(), storage::storage_failure) << "the file has its name only when it is whole";
  set_bytes("something else, long enough to be a header of a batch");
  EXPECT_THROW(loaded(), storage::storage_failure);
}

TEST_F(store_fixture, the_file_is_made_anew_before_it_grows_large) {
  subscription_store store(directory.path());
  store.load();
  std::uint64_t largest = 0;
  for (commit_seq i = 1; i <= 20'000; ++i) {
    write(store, {one(1 + i % 3, i)});
    largest = std::max(largest, store.bytes());
  }
  EXPECT_LE(largest, subscription_store::rewrite_bytes + 128);
  EXPECT_LE(std::filesystem::file_size(path()), subscription_store::rewrite_bytes + 128);
  EXPECT_EQ(loaded(), (rows{one(1, 19'998), one(2, 19'999), one(3, 20'000)}));
}

TEST_F(store_fixture, what_was_left_of_an_unfinished_rewrite_is_in_nobodys_way) {
  subscription_store store(directory.path());
  store.load();
  write(store, {one(1, 10)});
  std::ofstream(path() + ".new", std::ios::binary) << "half of it";
  EXPECT_EQ(loaded(), (rows{one(1, 10)}));
}

TEST_F(store_fixture, a_batch_of_an_older_file_behind_the_end_is_not_taken) {
  subscription_store old(directory.path());
  old.load();
  write(old, {one(1, 10)});
  const std::string tail = bytes().substr(32);  // its first batch was empty: this is its second, whole
  subscription_store store(directory.path());
  store.load();
  set_bytes(bytes() + tail);
  EXPECT_EQ(loaded(), (rows{one(1, 10)}));
}

}  // namespace
}  // namespace payloom::app

// Goal: the index stands at the end of a chunk whatever happens, and answers what was put into it.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "storage/rocksdb/entry_blocks.hpp"
#include "storage/rocksdb/index_keys.hpp"
#include "storage/rocksdb/index_store.hpp"
#include "storage/rocksdb/run_sort.hpp"
#include "storage/rocksdb/varint.hpp"
#include "tests/storage/temp_directory.hpp"

namespace payloom::storage {
namespace {

using testing::temp_directory;

index_options options_in(const temp_directory& directory) {
  index_options options;
  options.path = directory.path() + "/index";
  options.stamp = 7;
  return options;
}

/// A chunk of `events` transfers with ids counted from `first_seq` on and lines for accounts 0 and 1.
index_run chunk(std::uint32_t number, commit_seq first_seq, std::uint32_t events) {
  index_run run;
  run.info.number = number;
  run.info.first_seq = first_seq;
  run.info.last_seq = first_seq + events - 1;
  run.info.first_time = 1000 + first_seq;
  run.info.last_time = 1000 + run.info.last_seq;
  run.accounts = 2;
  run.posted_amounts = page_array<u128>(events);
  for (std::uint32_t i = 0; i < events; ++i) {
    transfer_record record{};
    record.code = static_cast<std::uint16_t>(1 + number);
    record.user_data_64 = first_seq + i;
    run.info.add(record);
    run.ids.push_back({make_u128((first_seq + i) * 0x9e3779b97f4a7c15ull, first_seq + i), 3, i, run_kind::transfers});
    run.entries.push_back(pack_entry(0, {i, false, true}));
    run.entries.push_back(pack_entry(1, {i, true, true}));
    run.posted_amounts[i] = 2;
  }
  run.openings.push_back({0, 2 * (first_seq - 1), 1});
  run.openings.push_back({2 * (first_seq - 1), 0, 0});
  return run;
}

u128 id_at(commit_seq sequence) { return make_u128(sequence * 0x9e3779b97f4a7c15ull, sequence); }

TEST(index_store, chunks_are_found_after_reopening) {
  temp_directory directory;
  {
    index_store store(options_in(directory));
    EXPECT_EQ(store.position().indexed_seq, 0u);
    auto first = chunk(0, 1, 3000), second = chunk(1, 3001, 1000);
    ASSERT_EQ(store.ingest(first), ingest_status::ok);
    ASSERT_EQ(store.ingest(second), ingest_status::ok);
  }
  index_store store(options_in(directory));
  EXPECT_EQ(store.position().indexed_seq, 4000u);
  EXPECT_EQ(store.position().next_chunk, 2u);
  for (const commit_seq sequence : {1u, 2999u, 3000u, 3001u, 4000u}) {
    EXPECT_EQ(store.find_id(3, id_at(sequence)).sequence, sequence);
    EXPECT_EQ(store.find_id(2, id_at(sequence)).sequence, 0u);
  }
  EXPECT_EQ(store.find_id(3, id_at(4001)).sequence, 0u);
  std::map<u128, commit_seq> ids;
  store.for_each_id([&](tenant_id tenant, u128 id, id_position position) {
    EXPECT_EQ(tenant, 3u);
    ids[id] = position.sequence;
  });
  EXPECT_EQ(ids.size(), 4000u);
  // Lines in blocks of 512 with the sums before each block.
  std::uint32_t lines = 0;
  store.for_each_entries(0, 0, 1, false, [&](std::uint32_t number, std::string_view value) {
    entry_block block;
    while (next_block(value, block)) {
      EXPECT_LE(block.lines, entry_block_lines);
      EXPECT_TRUE(block.debits_before == 2 * u128{lines});
      EXPECT_EQ(block.first_offset, lines - (number == 0 ? 0 : 3000u));
      lines += block.lines;
    }
    return true;
  });
  EXPECT_EQ(lines, 4000u);
  std::vector<std::uint32_t> order;
  store.for_each_entries(1, 0, 1, true, [&](std::uint32_t number, std::string_view) {
    order.push_back(number);
    return true;
  });
  EXPECT_EQ(order, (std::vector<std::uint32_t>{1, 0}));
}

TEST(index_store, runs_that_were_written_but_not_ingested_vanish) {
  temp_directory directory;
  {
    index_store store(options_in(directory));
    auto run = chunk(0, 1, 500);
    ASSERT_EQ(store.ingest(run), ingest_status::ok);
    // A crash between writing the next chunk's runs and ingesting them leaves files like this one.
    std::ofstream(options_in(directory).path + "/ingest/1-ids.sst") << "half a run";
  }
  index_store store(options_in(directory));
  EXPECT_EQ(store.position().indexed_seq, 500u);
  EXPECT_TRUE(std::filesystem::is_empty(options_in(directory).path + "/ingest"));
  // Indexed again, this time with another end.
  auto again = chunk(1, 501, 800);
  ASSERT_EQ(store.ingest(again), ingest_status::ok);
  EXPECT_EQ(store.find_id(3, id_at(1300)).sequence, 1300u);
}

TEST(index_store, a_copy_of_its_files_at_any_moment_opens_at_the_end_of_some_chunk) {
  temp_directory directory;
  const auto options = options_in(directory);
  index_store store(options);
  for (std::uint32_t n = 0; n < 6; ++n) {
    auto run = chunk(n, 1 + n * 100, 100);
    ASSERT_EQ(store.ingest(run), ingest_status::ok);
    store.allow_merging(n % 2 == 0);
    // What a process killed here would leave, as the disk shows it to the next one.
    auto copy = options;
    copy.path = directory.path() + "/copy" + std::to_string(n);
    std::filesystem::copy(options.path, copy.path, std::filesystem::copy_options::recursive);
    index_store after(copy);
    EXPECT_EQ(after.position().indexed_seq, (n + 1) * 100);
    std::size_t ids = 0;
    after.for_each_id([&](tenant_id, u128, id_position) { ++ids; });
    EXPECT_EQ(ids, (n + 1) * 100);
  }
}

TEST(index_store, nothing_is_written_below_the_free_space_mark) {
  temp_directory directory;
  auto options = options_in(directory);
  options.free_bytes_min = ~std::uint64_t{0} / 2;
  index_store store(options);
  auto run = chunk(0, 1, 100);
  EXPECT_EQ(store.ingest(run), ingest_status::no_space);
  EXPECT_EQ(store.position().indexed_seq, 0u);
  EXPECT_TRUE(std::filesystem::is_empty(options.path + "/ingest"));
  EXPECT_EQ(store.find_id(3, id_at(1)).sequence, 0u);
}

TEST(index_store, another_journals_index_is_refused_until_dropped) {
  temp_directory directory;
  auto options = options_in(directory);
  { index_store store(options); }
  options.stamp = 8;
  EXPECT_THROW(index_store{options}, index_mismatch);
  index_store::drop(options.path);
  index_store store(options);
  EXPECT_EQ(store.position().indexed_seq, 0u);
}

TEST(index_store, holds_accounts_and_links_are_as_of_the_position) {
  temp_directory directory;
  index_store store(options_in(directory));
  auto first = chunk(0, 1, 10);
  for (const commit_seq sequence : {2u, 5u}) {
    open_hold hold;
    hold.sequence = sequence;
    hold.tenant = 3;
    hold.timestamp = 77;
    hold.record.timeout_s = 60;
    first.holds_opened.push_back(hold);
  }
  account_birth birth;
  birth.ordinal = 0;
  birth.record.id.value = 99;
  first.births.push_back(birth);
  const account_state merchant{1, {5, 7, 0, 0}, 0, 0, 20'261'121, {{20'261'121, 3, 0}, {20'261'122, u128_max, 1}}};
  for (const account_state& state : {account_state{0, {1, 2, 3, u128_max}, 55, 9, 0, {}}, merchant}) {
    const std::string value = state_value(state);
    put_big(first.states, state.ordinal);
    first.states.push_back(static_cast<char>(value.size() >> 8));
    first.states.push_back(static_cast<char>(value.size()));
    first.states += value;
  }
  first.snapshot = true;
  first.accounts = 1;
  ASSERT_EQ(store.ingest(first), ingest_status::ok);
  auto second = chunk(1, 11, 10);
  second.holds_closed.push_back(2);
  second.links.push_back({2, 12, 40, link_kind::captured});
  second.links.push_back({1, 13, 5, link_kind::reversed});
  second.links.push_back({1, 15, 6, link_kind::reversed});
  ASSERT_EQ(store.ingest(second), ingest_status::ok);
  EXPECT_EQ(store.position().snapshot_seq, 10u);
  std::vector<commit_seq> holds;
  store.for_each_hold([&](const open_hold& hold) {
    holds.push_back(hold.sequence);
    EXPECT_EQ(hold.expires_at(), 77u + 60'000'000'000u);
  });
  EXPECT_EQ(holds, std::vector<commit_seq>{5});
  int states = 0;
  store.for_each_state([&](const account_state& state) {
    if (++states == 2) {
      EXPECT_EQ(state.settled_through, merchant.settled_through);
      EXPECT_EQ(state.unsettled, merchant.unsettled);
      return;
    }
    EXPECT_TRUE(state.settled_through == 0 && state.unsettled.empty());
    EXPECT_TRUE(state.counters.credits_pending == u128_max && state.counters.debits_posted == 1);
    EXPECT_TRUE(state.overdraft_limit_minor == 55 && state.flags == 9);
  });
  EXPECT_EQ(states, 2);
  std::array<link_state, 3> links{};
  const std::array<commit_seq, 3> targets{1, 2, 3};
  store.for_each_link(targets, [&](std::size_t i, const link_entry& link) { links[i].add(link); });
  EXPECT_TRUE(links[0].reversed_minor == 11 && links[0].resolved_by == 0);
  EXPECT_TRUE(links[1].resolved_by == 12 && links[1].resolved_how == link_kind::captured);
  EXPECT_TRUE(links[2].resolved_by == 0 && links[2].reversed_minor == 0);
}

TEST(index_store, open_orders_are_as_of_the_position) {
  temp_directory directory;
  index_store store(options_in(directory));
  const auto order = [](commit_seq created, commit_seq sequence, std::uint32_t version) {
    open_order o;
    o.event.order.created_seq = created == sequence ? 0 : created;
    o.event.order.version = version;
    o.event.order.flags = order_row_flags::resident;
    o.sequence = sequence;
    o.timestamp = 1000 + sequence;
    o.tenant = 3;
    return o;
  };
  const auto found = [&] {
    std::vector<std::pair<commit_seq, commit_seq>> out;
    store.for_each_order([&](const open_order& o) {
      EXPECT_EQ(o.timestamp, 1000 + o.sequence);
      EXPECT_EQ(o.tenant, 3u);
      EXPECT_TRUE(o.resident());
      out.emplace_back(o.created(), o.sequence);
      return true;
    });
    return out;
  };
  using list = std::vector<std::pair<commit_seq, commit_seq>>;
  auto first = chunk(0, 1, 10);
  for (const commit_seq created : {9u, 2u, 5u}) first.orders_open.push_back(order(created, created, 1));
  ASSERT_EQ(store.ingest(first), ingest_status::ok);
  EXPECT_EQ(found(), (list{{2, 2}, {5, 5}, {9, 9}}));
  auto second = chunk(1, 11, 10);
  second.orders_open.push_back(order(14, 15, 2));
  second.orders_open.push_back(order(5, 16, 2));
  second.orders_closed = {9, 2, 4};  // 4 never was open at a chunk's end
  ASSERT_EQ(store.ingest(second), ingest_status::ok);
  EXPECT_EQ(found(), (list{{5, 16}, {14, 15}}));
  int visited = 0;
  store.for_each_order([&](const open_order&) { return ++visited < 1; });
  EXPECT_EQ(visited, 1);
}

TEST(index_store, an_index_of_another_format_is_refused_with_its_number) {
  temp_directory directory;
  const auto options = options_in(directory);
  { index_store store(options); }
  {
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, options.path, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, options.path, families, &handles, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    std::string value;
    ASSERT_TRUE(db->Get({}, "format", &value).ok());
    value[3] = 1;
    ASSERT_TRUE(db->Put({}, "format", value).ok());
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }
  try {
    index_store store(options);
    FAIL();
  } catch (const index_mismatch& problem) {
    EXPECT_NE(std::string(problem.what()).find("has format 1, this program reads format 6; rebuild it"),
              std::string::npos)
        << problem.what();
  }
}

TEST(index_store, memory_stays_within_the_block_cache) {
  temp_directory directory;
  auto options = options_in(directory);
  options.block_cache_bytes = 1u << 20;
  index_store store(options);
  for (std::uint32_t n = 0; n < 8; ++n) {
    auto run = chunk(n, 1 + n * 20'000, 20'000);
    ASSERT_EQ(store.ingest(run), ingest_status::ok);
  }
  for (commit_seq sequence = 1; sequence <= 160'000; sequence += 7) {
    ASSERT_EQ(store.find_id(3, id_at(sequence)).sequence, sequence);
  }
  EXPECT_LE(store.cache_bytes(), options.block_cache_bytes * 5 / 4);
  EXPECT_GT(store.disk_bytes(), options.block_cache_bytes * 4);
}

TEST(run_sort, orders_ids_of_any_shape_as_their_keys) {
  std::mt19937_64 rng(3);
  for (int shape = 0; shape < 5; ++shape) {
    std::vector<id_entry> ids(5000);
    for (std::uint32_t i = 0; i < ids.size(); ++i) {
      ids[i].offset = i;
      ids[i].id = shape == 0   ? make_u128(rng(), rng())
                  : shape == 1 ? u128{5000 - i}
                  : shape == 2 ? make_u128(42, rng() % 100'000)
                  : shape == 3 ? make_u128(rng() % 3, rng() % 7) << 30
                               : u128{7};
      ids[i].tenant = shape == 3 ? static_cast<tenant_id>(rng() % 3) : 1;
    }
    const auto order = order_of_ids(ids);
    ASSERT_EQ(order.size(), ids.size());
    for (std::size_t i = 1; i < order.size(); ++i) {
      const auto before = id_key(ids[order[i - 1]].tenant, ids[order[i - 1]].id);
      const auto after = id_key(ids[order[i]].tenant, ids[order[i]].id);
      ASSERT_LE(before.view(), after.view());
    }
  }
}

TEST(chunk_info, never_excludes_what_it_holds_and_excludes_much_of_the_rest) {
  chunk_info info;
  std::mt19937_64 rng(9);
  std::vector<transfer_record> records(300);
  for (auto& record : records) {
    record.ledger = 840;
    record.code = static_cast<std::uint16_t>(10 + rng() % 3);
    record.user_data_64 = rng();
    record.user_data_128 = make_u128(rng(), 1);
    record.flags = transfer_flags::hold;
    info.add(record);
  }
  chunk_info read;
  ASSERT_TRUE(read.decode(info.encode()));
  int excluded = 0;
  for (const auto& record : records) {
    query_record q{};
    q.code = record.code;
    q.user_data_64 = record.user_data_64;
    q.user_data_128 = record.user_data_128;
    q.transfer_flags_set = transfer_flags::hold;
    EXPECT_TRUE(read.may_match(q));
    q.user_data_64 = rng();
    excluded += !read.may_match(q);
  }
  EXPECT_GT(excluded, 200);
  query_record q{};
  q.transfer_flags_set = transfer_flags::capture;
  EXPECT_FALSE(read.may_match(q));
  q = {};
  q.ledger = 978;
  EXPECT_FALSE(read.may_match(q));
  EXPECT_FALSE(read.decode(info.encode().substr(0, 100)));
}

TEST(chunk_info, knows_whose_order_events_it_may_hold) {
  chunk_info info;
  order_event_query q{};
  EXPECT_FALSE(info.may_match(q));
  order_event event{};
  event.order.merchant = 40;
  event.order.context_id = 8;
  event.order.root_id = 70;
  info.add(event, 7, 71);
  event.order.merchant = 44;
  info.add(event, 9, 70);
  chunk_info read;
  ASSERT_TRUE(read.decode(info.encode()));
  EXPECT_EQ(read.orders, 2u);
  EXPECT_TRUE(read.may_match(q));
  q.merchant = 44;
  q.context_id = 9;
  EXPECT_TRUE(read.may_match(q));
  q.merchant = 39;
  EXPECT_FALSE(read.may_match(q));
  q.merchant = 40;
  q.context_id = 10;
  EXPECT_FALSE(read.may_match(q));
  for (const u128 context : {7u, 8u, 9u}) {  // the command's, and that of the order's first frame
    q = {};
    q.context_id = context;
    EXPECT_TRUE(read.may_match(q));
  }
  for (const auto& [root, may] : {std::pair{70u, true}, {71u, true}, {72u, false}}) {
    q = {};
    q.root_id = root;
    EXPECT_EQ(read.may_match(q), may) << root;
  }
}

TEST(varint, numbers_survive_and_bad_bytes_are_refused) {
  for (const u128 value : {u128{0}, u128{127}, u128{128}, u128{~std::uint64_t{0}}, u128{1} << 64, u128_max}) {
    std::string bytes;
    put_varint(bytes, value);
    std::string_view in = bytes;
    u128 out = 0;
    EXPECT_TRUE(get_varint(in, out) && out == value && in.empty());
    in = std::string_view(bytes).substr(0, bytes.size() - 1);
    EXPECT_FALSE(get_varint(in, out));
  }
  const std::string endless(30, '\xff');
  std::string_view in = endless;
  u128 wide = 0;
  EXPECT_FALSE(get_varint(in, wide));
  in = endless;
  std::uint64_t narrow = 0;
  EXPECT_FALSE(get_varint(in, narrow));
}

}  // namespace
}  // namespace payloom::storage

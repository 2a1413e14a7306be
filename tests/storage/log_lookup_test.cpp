// Random reads, readers beside the writer, hashes, and what the command line shows.
#include <random>
#include <thread>

#include "storage/codec/group_seal.hpp"
#include "storage/log/event_lookup.hpp"
#include "storage/log/inspect.hpp"
#include "storage/log/page_warmer.hpp"
#include "tests/storage/journal_damage.hpp"

namespace payloom::storage::testing {
namespace {

/// Appends a group with runs of several kinds and contexts; every event's first 8 bytes are its sequence.
void append_mixed(segment_log& log, group_builder& builder, std::mt19937_64& random) {
  builder.begin();
  const commit_seq base = log.position().next_sequence;
  const auto runs = 1 + random() % 40;
  for (std::uint64_t r = 0; r < runs; ++r) {
    const auto kind = static_cast<run_kind>(1 + random() % 7);
    const std::uint32_t count = static_cast<std::uint32_t>(1 + random() % 5);
    const commit_seq first = base + builder.event_count();
    const std::uint32_t context = builder.add_context(sample_context(first));
    std::byte* place = builder.append_run(kind, context, count);
    ASSERT_NE(place, nullptr);
    std::memset(place, 0, std::size_t{event_bytes(kind)} * count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const commit_seq sequence = first + i;
      std::memcpy(place + std::size_t{event_bytes(kind)} * i, &sequence, sizeof sequence);
    }
  }
  ASSERT_EQ(log.append(builder.finish(base, time_after(log.position()))), append_status::ok);
}

void expect_found(event_lookup& lookup, commit_seq sequence) {
  found_event event;
  ASSERT_TRUE(lookup.find(sequence, event)) << sequence;
  EXPECT_EQ(event.sequence, sequence);
  EXPECT_EQ(event.size, event_bytes(event.kind));
  commit_seq stored = 0;
  std::memcpy(&stored, event.bytes, sizeof stored);
  EXPECT_EQ(stored, sequence);
}

TEST(event_lookups, find_every_event_with_its_kind_time_and_context) {
  log_home home;
  segment_log& log = home.open();
  group_builder builder;
  std::mt19937_64 random(3);
  while (log.table()->end().segment < 4) append_mixed(log, builder, random);
  // The reader's walk is the model.
  event_lookup lookup(log), small(log, 10);
  auto reader = log.open_reader(1);
  commit_seq sequence = 1;
  for (group_view group = reader->next(); group.header != nullptr; group = reader->next()) {
    for_each_run(group, [&](const run_view& run) {
      for (std::uint32_t i = 0; i < run.count; ++i, ++sequence) {
        found_event event, other;
        ASSERT_TRUE(lookup.find(sequence, event));
        EXPECT_EQ(event.kind, run.kind);
        EXPECT_EQ(event.timestamp, run.first_time + i);
        EXPECT_EQ(std::memcmp(&event.context, run.context, sizeof event.context), 0);
        EXPECT_EQ(std::memcmp(event.bytes, run.body.data() + std::size_t{event.size} * i, event.size), 0);
        ASSERT_TRUE(small.find(sequence, other, false));
        EXPECT_EQ(std::memcmp(event.bytes, other.bytes, event.size), 0);
      }
    });
  }
  EXPECT_EQ(sequence, log.position().next_sequence);
  for (int i = 0; i < 5000; ++i) {
    expect_found(lookup, 1 + random() % (sequence - 1));
    expect_found(small, 1 + random() % (sequence - 1));
  }
  found_event none;
  EXPECT_FALSE(lookup.find(0, none));
  EXPECT_FALSE(lookup.find(sequence, none));
}

TEST(event_lookups, large_runs) {
  log_options options;
  options.segment_bytes = 16u << 20;
  log_home home(options);
  home.open();
  for (int i = 0; i < 6; ++i) home.append(8190);
  event_lookup lookup(home.log());
  for (commit_seq sequence = 1; sequence < home.log().position().next_sequence; sequence += 97) {
    found_event event;
    ASSERT_TRUE(lookup.find(sequence, event));
    const transfer_record wanted = sample_transfer(sequence);
    ASSERT_EQ(std::memcmp(&event.as<transfer_event>(), &wanted, sizeof wanted), 0);
  }
}

TEST(event_lookups, many_at_once_equal_one_by_one) {
  log_home home;
  segment_log& log = home.open();
  group_builder builder;
  std::mt19937_64 random(5);
  while (log.table()->end().segment < 4) append_mixed(log, builder, random);
  const commit_seq last = log.durable_through();
  event_lookup one(log), many(log, 40);  // the second forgets groups between its look-ups
  for (const std::size_t count : {1, 7, 300, 3000}) {
    std::vector<commit_seq> sequences(count);
    for (commit_seq& sequence : sequences) sequence = 1 + random() % last;  // in any order, some twice
    std::vector<found_event> found(count);
    ASSERT_TRUE(many.find_all(sequences, found));
    for (std::size_t i = 0; i < count; ++i) {
      found_event event;
      ASSERT_TRUE(one.find(sequences[i], event, false));
      ASSERT_EQ(found[i].sequence, event.sequence);
      ASSERT_EQ(found[i].timestamp, event.timestamp);
      ASSERT_EQ(found[i].kind, event.kind);
      ASSERT_EQ(found[i].size, event.size);
      ASSERT_EQ(std::memcmp(found[i].bytes, event.bytes, event.size), 0);
    }
  }
  std::vector<found_event> out(2);
  EXPECT_FALSE(many.find_all(std::vector<commit_seq>{last, last + 1}, out));
  EXPECT_FALSE(many.find_all(std::vector<commit_seq>{0}, out));
  EXPECT_TRUE(many.find_all({}, out));
}

TEST(page_warmers, read_everything_but_the_newest_part_and_disturb_nobody) {
  log_options options;
  options.segment_bytes = 16u << 20;
  log_home home(options);
  home.open();
  home.append(100);
  {
    page_warmer warmer(home.log());
    std::uint64_t written = 0;
    while (written < (40u << 20)) {
      home.append(8190);
      written += 8190 * sizeof(transfer_event);
    }
    // The ends of closed segments are read to the last byte, the newest one up to two steps before its end.
    while (warmer.bytes() + 2 * page_warmer::step_bytes < written) std::this_thread::yield();
    EXPECT_GT(home.log().table()->end().segment, 2u);
  }
  { page_warmer stopped_at_once(home.log()); }
  event_lookup lookup(home.log());
  for (commit_seq sequence = 1; sequence <= home.log().durable_through(); sequence += 997) {
    found_event event;
    ASSERT_TRUE(lookup.find(sequence, event));
    const transfer_record wanted = sample_transfer(sequence);
    ASSERT_EQ(std::memcmp(&event.as<transfer_event>(), &wanted, sizeof wanted), 0) << sequence;
  }
}

TEST(event_lookups, what_became_durable_is_found_at_once_and_damage_is_refused) {
  log_home home;
  home.open();
  event_lookup lookup(home.log());
  for (int i = 0; i < 100; ++i) {
    home.append(3);
    found_event event;
    for (commit_seq back = 0; back < 3; ++back) ASSERT_TRUE(lookup.find(home.log().durable_through() - back, event));
    EXPECT_FALSE(lookup.find(home.log().durable_through() + 1, event));
  }
  const group_place group = groups_in(home.segment_path(1))[50];
  overwrite(home.segment_path(1), group.offset, {'X'});
  event_lookup fresh(home.log());
  found_event event;
  EXPECT_THROW(fresh.find(group.base_sequence, event), journal_corrupt);
}

TEST(concurrent_readers, see_dense_prefixes_while_segments_change) {
  log_home home;
  segment_log& log = home.open();
  constexpr commit_seq last = 20000;
  const auto follow = [&](commit_seq from) {
    auto reader = log.open_reader(from);
    event_lookup lookup(log);
    commit_seq next = from;
    std::mt19937_64 random(from);
    while (next <= last) {
      const commit_seq durable = log.durable_through();
      for (group_view group = reader->next(); group.header != nullptr; group = reader->next()) {
        if (group.header->base_sequence > next) return false;
        next = group.header->base_sequence + group.header->event_count;
      }
      if (next <= durable) return false;
      found_event event;
      if (durable > 0 && !lookup.find(1 + random() % durable, event)) return false;
      std::this_thread::yield();
    }
    return true;
  };
  bool first = false, second = false;
  std::thread a([&] { first = follow(1); });
  std::thread b([&] { second = follow(777); });
  while (log.durable_through() < last) home.append(50);
  a.join();
  b.join();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
}

TEST(hashes, closed_segments_are_hashed_and_chained_also_after_a_restart) {
  log_home home;
  home.options().hash_segments = false;
  home.open();
  home.append_until_segment(3);
  home.options().hash_segments = true;
  home.open();
  home.append_until_segment(5);
  home.log().wait_hashed();
  sha256_digest chain{};
  for (std::uint32_t number = 1; number <= 4; ++number) {
    const auto hash = read_segment_hash(home.journal_path(), number, nullptr);
    ASSERT_TRUE(hash.has_value()) << number;
    EXPECT_EQ(hash->previous, chain);
    EXPECT_EQ(hash->content, *hash_file(home.segment_path(number), nullptr, [] { return false; }));
    chain = hash->chain();
  }
  EXPECT_FALSE(read_segment_hash(home.journal_path(), 5, nullptr).has_value());
}

TEST(hashes, sha256_is_the_standard_one) {
  temp_directory root;
  write_file(root.path() + "/abc", {'a', 'b', 'c'});
  EXPECT_EQ(to_hex_digest(*hash_file(root.path() + "/abc", nullptr, [] { return false; })),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(verifying, a_rewritten_segment_with_right_checksums_is_noticed) {
  // Tampering: an event is changed and its group's checksum made right; the chain and the hash must tell.
  log_home home;
  home.open();
  home.append_until_segment(3);
  home.log().wait_hashed();
  home.close();
  EXPECT_TRUE(verify_journal(home.path()).ok);
  const std::string path = home.segment_path(2);
  const group_place last = groups_in(path).back();
  const file_bytes all = read_file(path);
  aligned_buffer group(last.padded);
  std::memcpy(group.data(), all.data() + last.offset, last.padded);
  group.data()[64 + 32 + 48] ^= std::byte{1};
  const auto header = *reinterpret_cast<const group_header*>(group.data());
  seal_group(group.first(last.padded),
             {header.segment, header.segment_salt, header.previous_crc, header.synced_through});
  overwrite(path, last.offset,
            {reinterpret_cast<const char*>(group.data()), reinterpret_cast<const char*>(group.data()) + last.padded});
  const verify_report report = verify_journal(home.path());
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.file, path);
}

TEST(inspecting, lists_segments_with_sequences_states_and_damage) {
  log_home home;
  home.open();
  home.append_until_segment(3);
  home.log().wait_hashed();
  const commit_seq next = home.log().position().next_sequence;
  home.close();
  auto segments = inspect_journal(home.path());
  ASSERT_EQ(segments.size(), 3u);
  commit_seq expected = 1;
  for (const segment_summary& segment : segments) {
    EXPECT_EQ(segment.first_sequence, expected);
    expected += segment.events;
    EXPECT_EQ(segment.file_bytes, home.options().segment_bytes);
    EXPECT_LE(segment.used_bytes, segment.file_bytes);
    EXPECT_EQ(segment.hashed, segment.number < 3);
    EXPECT_EQ(segment.state, segment.number < 3 ? segment_state::closed : segment_state::open);
  }
  EXPECT_EQ(expected, next);
  overwrite(home.segment_path(2), groups_in(home.segment_path(2))[1].offset + 80, {'#'});
  segments = inspect_journal(home.path());
  EXPECT_EQ(segments[1].state, segment_state::damaged);
  EXPECT_NE(segments[1].problem.find("damaged group at offset"), std::string::npos);
  EXPECT_EQ(segments[2].state, segment_state::open);
}

TEST(dumping, one_line_per_event_between_bounds) {
  log_home home;
  home.open();
  home.append_until_segment(3, 50);
  home.close();
  std::vector<std::string> lines;
  dump_journal(home.path(), 40, 60, [&](const std::string& line) {
    lines.push_back(line);
    return true;
  });
  ASSERT_EQ(lines.size(), 21u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].rfind(std::to_string(40 + i) + " ", 0), 0u) << lines[i];
    EXPECT_NE(lines[i].find(" transfer "), std::string::npos);
    EXPECT_NE(lines[i].find(" amount=" + std::to_string((40 + i) * 3 + 1) + " "), std::string::npos) << lines[i];
  }
  std::uint64_t all = 0;
  dump_journal(home.path(), 1, 0, [&](const std::string&) { return ++all < 100; });
  EXPECT_EQ(all, 100u);
}

TEST(dumping, an_order_says_what_it_is_and_what_moved) {
  log_home home;
  segment_log& log = home.open();
  group_builder builder;
  builder.begin();
  const std::uint32_t context = builder.add_context(sample_context(7));
  order_event event{};
  order_action_record action{};
  action.id.value = 0x51;
  action.order.value = 0x52;
  action.action = order_action::refund;
  std::memcpy(event.request, &action, sizeof action);
  event.order.id = action.order;
  event.order.created_seq = 3;
  event.order.previous_seq = 4;
  event.order.version = 6;
  event.order.amount_minor = event.order.paid_minor = 100;
  event.order.refunded_minor = 30;
  event.amount_minor = 20;
  event.fact = 0xff;
  event.form = 2;
  event.posting_rule = 11;
  event.legs = 2;
  std::memcpy(builder.append(run_kind::orders, context, 1), &event, sizeof event);
  refusal_event refusal{};
  refusal.code = result_code::order_state_refuses;
  refusal.request_type = 21;  // act_on_orders
  std::memcpy(refusal.request, &action, sizeof action);
  std::memcpy(builder.append(run_kind::refusals, context, 1), &refusal, sizeof refusal);
  ASSERT_EQ(log.append(builder.finish(1, 1000)), append_status::ok);
  home.close();
  std::vector<std::string> lines;
  dump_journal(home.path(), 1, 0, [&](const std::string& line) {
    lines.push_back(line);
    return true;
  });
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0],
            "1 1000 order id=0x51 order=0x52 action=7 created=3 previous=4 version=6 merchant=0 product=0 ledger=0 "
            "amount=100 paid=100 refunded=30 machine=0 from_state=0 state=0 flags=0 event=0 form=2 payment_state=0 "
            "rule=11 moved=20 legs=2");
  EXPECT_EQ(lines[1], "2 1001 refusal code=order_state_refuses as_of=0 id=0x51 order=0x52 action=7 amount=0");
}

TEST(dumping, every_kind_has_its_text) {
  log_home home;
  segment_log& log = home.open();
  group_builder builder;
  builder.begin();
  const std::uint32_t context = builder.add_context(sample_context(3));
  for (int kind = 1; kind <= 8; ++kind) {
    std::byte* place = builder.append_run(static_cast<run_kind>(kind), context, 1);
    std::memset(place, 0, event_bytes(static_cast<run_kind>(kind)));
    place[0] = std::byte{0x2a};
  }
  ASSERT_EQ(log.append(builder.finish(1, 1000)), append_status::ok);
  home.close();
  std::string text;
  dump_journal(home.path(), 1, 0, [&](const std::string& line) {
    text += line + "\n";
    return true;
  });
  for (const char* expected :
       {"1 1000 transfer tenant=3 id=0x2a", "2 1001 resolution", "3 1002 chain", "4 1003 refusal", "5 1004 account",
        "6 1005 change", "7 1006 seal tenant=3 id=0x2a", "8 1007 order tenant=3 id=0x2a business_id=0x0 version=0"}) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << " in\n" << text;
  }
}

}  // namespace
}  // namespace payloom::storage::testing

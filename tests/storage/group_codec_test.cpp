// Groups: what the builder makes the reader reads; bounds of the builder; every damaged or random input gives an error
// and never reads outside (run under ASan by the sanitizer preset).
#include <gtest/gtest.h>

#include <random>

#include "protocol/types/crc32c.hpp"
#include "storage/codec/group_reader.hpp"
#include "storage/codec/group_seal.hpp"
#include "tests/storage/sample_events.hpp"

namespace payloom::storage::testing {
namespace {

constexpr run_kind all_kinds[] = {run_kind::transfers, run_kind::resolutions, run_kind::chain, run_kind::refusals,
                                  run_kind::accounts,  run_kind::changes,     run_kind::seals, run_kind::orders};

/// One run of `count` events of `kind`, filled with bytes that depend on kind and place.
bool add_filled(group_builder& builder, run_kind kind, std::uint32_t count, std::uint64_t context) {
  const std::uint32_t index = builder.add_context(sample_context(context));
  std::byte* place = index == group_builder::no_context ? nullptr : builder.append(kind, index, count);
  if (place == nullptr) return false;
  std::memset(place, static_cast<int>(kind) + 1, std::size_t{event_bytes(kind)} * count);
  return true;
}

std::span<std::byte> sealed_group_of_all_kinds(group_builder& builder) {
  builder.begin();
  for (const run_kind kind : all_kinds) EXPECT_TRUE(add_filled(builder, kind, 2, static_cast<std::uint64_t>(kind)));
  const std::span<std::byte> group = builder.finish(100, 5000);
  seal_group(group, {.segment = 3, .segment_salt = 77, .previous_crc = 42, .synced_through = 99});
  return group;
}

/// Parses and walks everything; returns the error.
group_error walk(std::span<const std::byte> bytes) {
  group_view view;
  const group_error error = parse_group(bytes, view);
  if (error) return error;
  std::uint64_t sum = 0;
  for_each_event(view, [&](const run_view& run, std::uint32_t, const auto& event) {
    std::uint64_t first = 0;
    std::memcpy(&first, &event, sizeof first);
    sum += first + run.context->tenant;
  });
  EXPECT_NE(sum, ~std::uint64_t{0});
  return {};
}

TEST(group_codec, every_kind_comes_back_with_its_context_sequence_and_time) {
  group_builder builder;
  const std::span<std::byte> group = sealed_group_of_all_kinds(builder);
  group_view view;
  ASSERT_FALSE(parse_group(group, view));
  EXPECT_EQ(view.header->event_count, 16u);
  EXPECT_EQ(view.header->segment, 3u);
  EXPECT_EQ(view.header->synced_through, 99u);
  EXPECT_EQ(contexts_of(view).size(), 8u);
  std::size_t i = 0;
  for_each_run(view, [&](const run_view& run) {
    ASSERT_EQ(run.kind, all_kinds[i]);
    EXPECT_EQ(run.count, 2u);
    EXPECT_EQ(run.first_sequence, 100 + 2 * i);
    EXPECT_EQ(run.first_time, 5000 + 2 * i);
    const context_entry context = sample_context(static_cast<std::uint64_t>(run.kind));
    EXPECT_EQ(std::memcmp(run.context, &context, sizeof context), 0);
    for (const std::byte byte : run.body) EXPECT_EQ(byte, static_cast<std::byte>(static_cast<int>(run.kind) + 1));
    ++i;
  });
  EXPECT_EQ(i, 8u);
  for (std::size_t pad = view.header->length; pad < group.size(); ++pad) EXPECT_EQ(group[pad], std::byte{0});
}

TEST(group_codec, events_are_typed_by_their_kind) {
  group_builder builder;
  const std::span<std::byte> group = sealed_group_of_all_kinds(builder);
  group_view view;
  ASSERT_FALSE(parse_group(group, view));
  std::size_t bytes = 0;
  std::uint32_t events = 0;
  for_each_event(view, [&](const run_view& run, std::uint32_t i, const auto& event) {
    EXPECT_EQ(sizeof event, event_bytes(run.kind));
    EXPECT_EQ(reinterpret_cast<const std::byte*>(&event), run.body.data() + i * sizeof event);
    bytes += sizeof event;
    ++events;
  });
  EXPECT_EQ(events, 16u);
  EXPECT_EQ(bytes, 2u * (128 + 160 + 160 + 192 + 128 + 160 + 32 + 512));
}

TEST(group_codec, single_events_of_one_context_become_one_run) {
  group_builder builder;
  builder.begin();
  const std::uint32_t context = builder.add_context(sample_context(1));
  for (int i = 0; i < 1000; ++i) ASSERT_NE(builder.append(run_kind::seals, context, 1), nullptr);
  EXPECT_EQ(builder.event_count(), 1000u);
  EXPECT_EQ(builder.bytes(), 64u + 64u + 32u + 1000u * 32u);
}

TEST(group_codec, runs_are_not_joined_over_a_context_a_kind_or_a_chain) {
  group_builder builder;
  builder.begin();
  const std::uint32_t one = builder.add_context(sample_context(1));
  EXPECT_EQ(builder.add_context(sample_context(1)), one);
  const std::uint32_t two = builder.add_context(sample_context(2));
  EXPECT_NE(one, two);
  ASSERT_NE(builder.append(run_kind::seals, one, 1), nullptr);
  EXPECT_EQ(builder.extend_run(run_kind::seals, two, 1), nullptr);
  EXPECT_EQ(builder.extend_run(run_kind::transfers, one, 1), nullptr);
  ASSERT_NE(builder.append(run_kind::chain, one, 2), nullptr);
  EXPECT_EQ(builder.extend_run(run_kind::chain, one, 2), nullptr);
  ASSERT_NE(builder.append(run_kind::chain, one, 2), nullptr);
  const std::span<std::byte> group = builder.finish(1, 1);
  seal_group(group, {});
  group_view view;
  ASSERT_FALSE(parse_group(group, view));
  EXPECT_EQ(view.header->run_count, 3u);
}

TEST(group_codec, a_full_group_says_so_and_stays_as_it_was) {
  for (const run_kind kind : all_kinds) {
    group_builder builder;
    builder.begin();
    std::uint64_t context = 0;
    while (add_filled(builder, kind, 100, context++)) {
    }
    ASSERT_LE(builder.bytes(), limits::group_bytes_max);
    const std::uint32_t events = builder.event_count();
    const std::uint32_t room = builder.room(kind);
    EXPECT_LT(room, 101u);
    if (room > 0) {
      ASSERT_NE(builder.append_run(kind, 0, room), nullptr);
      EXPECT_EQ(builder.append(kind, 0, 1), nullptr);
    }
    EXPECT_EQ(builder.event_count(), events + room);
    const std::span<std::byte> group = builder.finish(1, 1);
    EXPECT_LE(group.size(), limits::group_bytes_max);
    seal_group(group, {});
    EXPECT_FALSE(walk(group));
  }
}

TEST(group_codec, an_empty_group_takes_a_whole_frame_of_every_kind) {
  group_builder builder;
  for (const run_kind kind : all_kinds) {
    builder.begin();
    EXPECT_TRUE(add_filled(builder, kind, limits::frame_events_max, 1));
  }
}

TEST(group_codec, contexts_are_bounded_by_the_space_of_the_group) {
  group_builder builder;
  builder.begin();
  std::uint32_t added = 0;
  while (builder.add_context(sample_context(added)) != group_builder::no_context) ++added;
  EXPECT_EQ(added, group_builder::contexts_max);
}

TEST(group_codec, an_idle_mark_is_a_valid_group_without_events) {
  aligned_buffer sector(sector_bytes);
  make_idle_mark(sector.first(sector_bytes), 17, 1234);
  seal_group(sector.first(sector_bytes), {.segment = 2, .segment_salt = 5, .previous_crc = 9, .synced_through = 16});
  group_view view;
  ASSERT_FALSE(parse_group(sector.first(sector_bytes), view));
  EXPECT_EQ(view.header->event_count, 0u);
  EXPECT_EQ(view.header->base_sequence, 17u);
}

TEST(group_codec, every_single_flipped_bit_is_an_error_or_padding) {
  group_builder builder;
  const std::span<std::byte> group = sealed_group_of_all_kinds(builder);
  const std::size_t length = reinterpret_cast<const group_header*>(group.data())->length;
  for (std::size_t bit = 0; bit < group.size() * 8; ++bit) {
    group[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    const group_error error = walk(group);
    EXPECT_EQ(static_cast<bool>(error), bit / 8 < length) << "bit " << bit;
    group[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
  }
}

TEST(group_codec, every_truncation_is_an_error) {
  group_builder builder;
  const std::span<std::byte> group = sealed_group_of_all_kinds(builder);
  const std::size_t length = reinterpret_cast<const group_header*>(group.data())->length;
  for (std::size_t keep = 0; keep < length; ++keep) {
    // An exact copy on the heap, so that a sanitizer sees any read beyond it.
    std::vector<std::byte> exact(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(keep));
    group_view view;
    EXPECT_TRUE(parse_group(exact, view)) << keep;
  }
  EXPECT_FALSE(walk(group.first(length)));
}

TEST(group_codec, structural_damage_behind_a_right_checksum_is_an_error) {
  // Random changes with the checksum made right again: the structure's own checks must hold the line.
  group_builder builder;
  const std::span<std::byte> group = sealed_group_of_all_kinds(builder);
  const std::vector<std::byte> original(group.begin(), group.end());
  std::mt19937_64 random(20261122);
  const std::size_t length = reinterpret_cast<const group_header*>(group.data())->length;
  std::uint32_t refused = 0;
  for (int round = 0; round < 200000; ++round) {
    std::copy(original.begin(), original.end(), group.begin());
    for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
      group[8 + random() % (length - 8)] = static_cast<std::byte>(random());
    }
    auto& header = *reinterpret_cast<group_header*>(group.data());
    if (header.length < sizeof header || header.length > group.size()) continue;
    header.crc = crc32c(group.first(header.length).subspan(8));
    refused += walk(group) ? 1 : 0;
  }
  EXPECT_GT(refused, 10000u);
}

TEST(group_codec, random_bytes_are_refused) {
  aligned_buffer buffer(2 * sector_bytes);
  std::mt19937_64 random(7);
  for (int round = 0; round < 20000; ++round) {
    for (std::size_t i = 0; i < buffer.size(); i += 8) {
      const std::uint64_t word = random();
      std::memcpy(buffer.data() + i, &word, 8);
    }
    auto& header = *reinterpret_cast<group_header*>(buffer.data());
    if (round % 2 == 0) header.magic = group_magic;
    if (round % 4 == 0) {
      header.length = static_cast<std::uint32_t>(64 + random() % (buffer.size() - 63));
      header.version = journal_version;
      header.flags = 0;
      header.crc = crc32c(buffer.first(header.length).subspan(8));
    }
    EXPECT_TRUE(walk(buffer.first(buffer.size())));
  }
}

}  // namespace
}  // namespace payloom::storage::testing

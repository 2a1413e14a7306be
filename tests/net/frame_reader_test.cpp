// frame_reader without a socket: every way in which bytes can arrive gives the same frames, memory stays inside its
// bounds, and damaged streams end in an error, never in a wrong frame.
#include "protocol/net/frame_reader.hpp"

#include <random>

#include <gtest/gtest.h>

#include "tests/net/test_frames.hpp"

namespace payloom::net {
namespace {

using namespace testing;

class recorder final : public frame_events {
 public:
  explicit recorder(frame_pool& pool) : pool_(pool) {
    // nop
  }
  result_code admit(const frame_header& header, const wire::frame_type_info&) override {
    if (header.request == refused_request) return refusal;
    ++admitted;
    return result_code::ok;
  }
  void on_frame(net_frame& frame, const wire::frame_type_info&) override {
    const std::size_t size = wire::body_bytes(frame.header);
    bodies.emplace_back(frame.records, frame.records + size);
    requests.push_back(frame.header.request);
    result_strides.push_back(frame.result_bytes);
    with_notes.push_back(frame.notes != nullptr);
    for (std::size_t i = 0; i < std::size_t{frame.count} * frame.result_bytes; ++i)
      results_zero = results_zero && (frame.results[i] == std::byte{0} || size == 0 || !is_command(frame));
    if (is_command(frame)) std::memset(frame.results, 0xaa, std::size_t{frame.count} * frame.result_bytes);
    pool_.release(frame);
  }
  void on_refused(const frame_header& header, result_code) override { refused.push_back(header.request); }
  void on_dropped(const frame_header&, const wire::frame_type_info&) override { ++dropped; }

  static bool is_command(const net_frame& frame) {
    return wire::find_frame_type(frame.header.type)->family == wire::frame_family::command;
  }

  std::uint64_t refused_request = ~0ull;
  result_code refusal = result_code::overloaded;
  std::vector<bytes> bodies;
  std::vector<std::uint64_t> requests;
  std::vector<std::uint64_t> refused;
  std::vector<std::uint32_t> result_strides;
  std::vector<bool> with_notes;
  bool results_zero = true;
  int admitted = 0;
  int dropped = 0;

 private:
  frame_pool& pool_;
};

struct fixture {
  total_credits credits{1'000'000, 1ull << 30};
  frame_pool pool{credits};
  recorder events{pool};
  frame_reader reader{pool, events};
  bytes scratch = bytes(256u << 10);

  /// Lets at most `chunk(n)` bytes arrive at a time, where the reader wants them. Returns the first error.
  template <typename Chunk>
  wire::decode_status feed(const bytes& stream, Chunk chunk) {
    for (std::size_t at = 0; at < stream.size();) {
      std::array<iovec, 2> pieces;
      const int count = reader.target(scratch, pieces);
      std::size_t left = std::min<std::size_t>(chunk(), stream.size() - at);
      std::size_t took = 0;
      for (int i = 0; i < count && left > 0; ++i) {
        const std::size_t part = std::min(left, pieces[i].iov_len);
        std::memcpy(pieces[i].iov_base, stream.data() + at + took, part);
        took += part;
        left -= part;
      }
      at += took;
      if (const auto status = reader.took(took, scratch); !status.ok()) return status;
    }
    return {};
  }
};

bytes mixed_stream() {
  std::vector<id_record> ids(5);
  std::vector<query_record> query(1);
  query[0].limit = 10;
  return hello() + frame_of(request(frame_type::ping, 2)) +
         frame_of(request(frame_type::create_transfers, 3), transfers(1)) +
         frame_of(request(frame_type::create_transfers, 4, frame_flags::want_balances), transfers(17)) +
         frame_of(request(frame_type::seal_transfers, 5), ids) + frame_of(request(frame_type::statement, 6), query);
}

TEST(frame_reader, every_split_in_two_gives_the_same_frames) {
  const bytes stream = mixed_stream();
  fixture whole;
  ASSERT_TRUE(whole.feed(stream, [&] { return stream.size(); }).ok());
  ASSERT_EQ(whole.events.requests, (std::vector<std::uint64_t>{7, 2, 3, 4, 5, 6}));
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    fixture f;
    const bytes first(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(cut));
    const bytes second(stream.begin() + static_cast<std::ptrdiff_t>(cut), stream.end());
    ASSERT_TRUE(f.feed(first, [&] { return first.size(); }).ok()) << cut;
    ASSERT_TRUE(f.feed(second, [&] { return second.size(); }).ok()) << cut;
    ASSERT_EQ(f.events.requests, whole.events.requests) << cut;
    ASSERT_EQ(f.events.bodies, whole.events.bodies) << cut;
    ASSERT_FALSE(f.reader.inside_frame());
  }
}

TEST(frame_reader, one_byte_at_a_time_gives_the_same_frames) {
  const bytes stream = mixed_stream();
  fixture whole, f;
  ASSERT_TRUE(whole.feed(stream, [&] { return stream.size(); }).ok());
  ASSERT_TRUE(f.feed(stream, [] { return 1; }).ok());
  EXPECT_EQ(f.events.requests, whole.events.requests);
  EXPECT_EQ(f.events.bodies, whole.events.bodies);
}

TEST(frame_reader, large_frames_in_random_pieces_between_small_ones) {
  const auto many = transfers(8190);
  const auto some = transfers(300);
  bytes stream;
  std::vector<std::uint64_t> expected;
  for (std::uint64_t n = 0; n < 12; ++n) {
    stream = stream + (n % 3 == 0   ? frame_of(request(frame_type::create_transfers, n), many)
                       : n % 3 == 1 ? frame_of(request(frame_type::create_transfers, n), some)
                                    : frame_of(request(frame_type::ping, n)));
    expected.push_back(n);
  }
  std::mt19937_64 random(11);
  for (const std::size_t largest : {700ul, 20'000ul, 3'000'000ul}) {
    fixture f;
    ASSERT_TRUE(f.feed(stream, [&] { return 1 + random() % largest; }).ok());
    ASSERT_EQ(f.events.requests, expected);
    for (std::size_t n = 0; n < 12; n += 3) {
      ASSERT_EQ(f.events.bodies[n].size(), many.size() * 128);
      ASSERT_EQ(std::memcmp(f.events.bodies[n].data(), many.data(), many.size() * 128), 0);
    }
  }
}

TEST(frame_reader, results_are_zero_and_as_long_as_asked_also_in_reused_frames) {
  fixture f;
  const bytes stream = frame_of(request(frame_type::create_transfers, 1, frame_flags::want_balances), transfers(3)) +
                       frame_of(request(frame_type::create_transfers, 2), transfers(3)) +
                       frame_of(request(frame_type::create_transfers, 3, frame_flags::want_balances), transfers(3));
  ASSERT_TRUE(f.feed(stream, [&] { return stream.size(); }).ok());
  EXPECT_EQ(f.events.result_strides, (std::vector<std::uint32_t>{192, 32, 192}));
  EXPECT_TRUE(f.events.results_zero);
}

TEST(frame_reader, notes_come_with_targeting_and_balancing_events_only) {
  fixture f;
  bytes stream;
  for (const std::uint16_t flags : {std::uint16_t{0}, transfer_flags::hold, transfer_flags::linked,
                                    transfer_flags::capture, transfer_flags::void_hold, transfer_flags::reversal,
                                    transfer_flags::balancing_debit, transfer_flags::balancing_credit}) {
    auto records = transfers(20);
    records[13].flags = flags;
    stream = stream + frame_of(request(frame_type::create_transfers), records);
  }
  ASSERT_TRUE(f.feed(stream, [&] { return stream.size(); }).ok());
  EXPECT_EQ(f.events.with_notes, (std::vector<bool>{false, false, false, true, true, true, true, true}));
}

TEST(frame_reader, a_refused_body_is_skipped_and_takes_no_memory) {
  for (const std::uint32_t count : {1u, 17u, 200u, 8190u}) {
    const bytes stream = frame_of(request(frame_type::create_transfers, 1), transfers(count)) +
                         frame_of(request(frame_type::create_transfers, 2), transfers(2));
    for (const std::size_t chunk : {100ul, 5'000ul, 2'000'000ul}) {
      fixture f;
      f.events.refused_request = 1;
      ASSERT_TRUE(f.feed(stream, [&] { return chunk; }).ok());
      EXPECT_EQ(f.events.refused, std::vector<std::uint64_t>{1});
      EXPECT_EQ(f.events.requests, std::vector<std::uint64_t>{2});
    }
  }
}

TEST(frame_reader, codes_that_end_the_connection_end_it) {
  for (const result_code code : {result_code::over_credit, result_code::handshake_expected}) {
    fixture f;
    f.events.refused_request = 9;
    f.events.refusal = code;
    const bytes stream = frame_of(request(frame_type::create_transfers, 9), transfers(2));
    EXPECT_EQ(f.feed(stream, [&] { return stream.size(); }).code, code);
    EXPECT_EQ(f.reader.failed_request(), 9u);
    EXPECT_TRUE(f.events.refused.empty());
  }
}

TEST(frame_reader, a_damaged_body_is_dropped) {
  for (const std::uint32_t count : {1u, 40u, 8190u}) {
    bytes stream = frame_of(request(frame_type::create_transfers, 5), transfers(count));
    stream[stream.size() - 3] ^= std::byte{1};
    fixture f;
    EXPECT_EQ(f.feed(stream, [&] { return stream.size(); }).code, result_code::frame_checksum_mismatch);
    EXPECT_EQ(f.reader.failed_request(), 5u);
    EXPECT_EQ(f.events.dropped, 1);
    EXPECT_EQ(f.pool.frames_out(), 0u);
  }
}

TEST(frame_reader, an_unfinished_large_frame_holds_a_stash_until_16_kib_are_here) {
  const bytes stream = frame_of(request(frame_type::create_transfers, 5), transfers(8190));
  fixture f;
  EXPECT_EQ(f.reader.held_bytes(), 0u);
  for (std::size_t at = 0; at < wire::header_bytes + frame_reader::stash_bytes - 1; at += 4096) {
    const bytes part(stream.begin() + static_cast<std::ptrdiff_t>(at),
                     stream.begin() + static_cast<std::ptrdiff_t>(
                                          std::min(at + 4096, wire::header_bytes + frame_reader::stash_bytes - 1)));
    ASSERT_TRUE(f.feed(part, [&] { return part.size(); }).ok());
    EXPECT_LE(f.reader.held_bytes(), frame_reader::stash_bytes);
    EXPECT_EQ(f.pool.frames_out(), 0u);
    EXPECT_EQ(f.pool.bytes(), 0u);
  }
  EXPECT_EQ(f.events.admitted, 0);
  f.reader.drop();
  EXPECT_EQ(f.reader.held_bytes(), 0u);
}

TEST(frame_reader, random_damage_never_gives_a_frame_that_was_not_sent) {
  const bytes good = mixed_stream();
  fixture whole;
  ASSERT_TRUE(whole.feed(good, [&] { return good.size(); }).ok());
  std::mt19937_64 random(20240229);
  int errors = 0;
  for (int round = 0; round < 3000; ++round) {
    bytes stream = good;
    const std::size_t flips = 1 + random() % 4;
    for (std::size_t i = 0; i < flips; ++i)
      stream[random() % stream.size()] ^= static_cast<std::byte>(1u << (random() % 8));
    fixture f;
    errors += f.feed(stream, [&] { return 1 + random() % 1000; }).ok() ? 0 : 1;
    ASSERT_LE(f.events.bodies.size(), whole.events.bodies.size());
    for (std::size_t i = 0; i < f.events.bodies.size(); ++i)
      ASSERT_EQ(f.events.bodies[i], whole.events.bodies[i]) << "round " << round;
    f.reader.drop();
    ASSERT_EQ(f.events.admitted, static_cast<int>(f.events.bodies.size()) + f.events.dropped);
    ASSERT_EQ(f.pool.frames_out(), 0u);
  }
  EXPECT_GT(errors, 2900);  // two flips may undo each other
}

TEST(frame_reader, random_bytes_are_refused) {
  std::mt19937_64 random(77);
  for (int round = 0; round < 2000; ++round) {
    bytes stream(128 + random() % 4000);
    for (std::byte& b : stream) b = static_cast<std::byte>(random());
    if (round % 2 == 0) std::memcpy(stream.data(), &frame_magic, sizeof frame_magic);
    fixture f;
    ASSERT_FALSE(f.feed(stream, [&] { return 1 + random() % 300; }).ok());
    ASSERT_EQ(f.events.admitted, 0);
  }
}

}  // namespace
}  // namespace payloom::net

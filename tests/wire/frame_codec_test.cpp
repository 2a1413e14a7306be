// Every way in which a header can be wrong is one row: what was changed, what the codec says, at which byte.
#include "protocol/wire/frame_codec.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "protocol/types/records.hpp"
#include "tests/wire/golden_frames.hpp"

namespace payloom::wire {
namespace {

using namespace testing;

struct row {
  const char* name;
  direction way;
  std::function<void(frame_header&)> change;
  result_code code;
  std::uint32_t offset;
  bool reseal = true;  ///< the change is covered by a right checksum
};

decode_status inspect(const row& r, frame_header header) {
  r.change(header);
  // By hand: finish_header would mend what the row broke.
  if (r.reseal) header.header_crc = crc32c(std::as_bytes(std::span(&header, 1)).subspan(8));
  frame_header seen;
  const auto bounds = r.way == direction::to_server ? request_limits : reply_limits;
  return inspect_header(std::as_bytes(std::span(&header, 1)).first<header_bytes>(), bounds, r.way, seen);
}

/// A sound create_transfers request of two records, and its reply.
frame_header sound_request() {
  frame_header header = golden_request(frame_type::create_transfers, 5);
  header.record_count = 2;
  finish_header(header, 256, 77);
  return header;
}
frame_header sound_reply() {
  frame_header header = golden_reply(frame_type::create_transfers, 5);
  header.record_count = 2;
  finish_header(header, 64, 77);
  return header;
}

void set_type(frame_header& h, frame_type type) { h.type = static_cast<std::uint16_t>(type); }
void set_type(frame_header& h, frame_type type, std::uint32_t count, std::uint32_t length) {
  set_type(h, type);
  h.record_count = count;
  h.length = length;
  if (length == header_bytes) h.body_crc = 0;
}

constexpr auto up = direction::to_server;
constexpr auto down = direction::to_client;
constexpr auto ok = result_code::ok;
constexpr auto malformed = result_code::frame_malformed;
constexpr auto checksum = result_code::frame_checksum_mismatch;
constexpr auto large = result_code::frame_too_large;
constexpr auto version = result_code::version_unsupported;
constexpr auto unknown = result_code::frame_type_unknown;
constexpr auto reserved = result_code::frame_reserved_not_zero;

const row rows[] = {
    {"a sound request", up, [](auto&) {}, ok, 0},
    {"a sound reply", down, [](auto&) {}, ok, 0},
    {"magic", up, [](auto& h) { h.magic ^= 1; }, malformed, 0},
    {"magic wins over everything", up, [](auto& h) { h.magic = 0, h.version = 9, h.length = 5; }, malformed, 0, false},
    {"checksum", up, [](auto& h) { h.request ^= 1; }, checksum, 4, false},
    {"checksum field", up, [](auto& h) { h.header_crc ^= 1; }, checksum, 4, false},
    {"last reserved byte without checksum", up, [](auto& h) { h.reserved[15] = 1; }, checksum, 4, false},
    {"version 0", up, [](auto& h) { h.version = 0; }, version, 16},
    {"version 2", up, [](auto& h) { h.version = 2; }, version, 16},
    {"version before type", up, [](auto& h) { h.version = 2, h.type = 999; }, version, 16},
    {"type 0", up, [](auto& h) { h.type = 0; }, unknown, 18},
    {"type 63", up, [](auto& h) { h.type = 63; }, unknown, 18},
    {"type beyond the table", up, [](auto& h) { h.type = 0x7fff; }, unknown, 18},
    {"a reply sent to the server", up, [](auto& h) { h.type |= reply_bit; }, unknown, 18},
    {"a request sent to the client", down, [](auto& h) { h.type &= 0x7fff; }, unknown, 18},
    {"goaway from a client", up, [](auto& h) { set_type(h, frame_type::goaway, 0, 128); }, unknown, 18},
    {"error from a client", up, [](auto& h) { set_type(h, frame_type::error, 0, 128); }, unknown, 18},
    {"goaway from the server", down, [](auto& h) { set_type(h, frame_type::goaway, 0, 128); }, ok, 0},
    {"goaway with the reply bit", down, [](auto& h) { set_type(h, reply_type(frame_type::goaway), 0, 128); }, unknown,
     18},
    {"type before length", up, [](auto& h) { h.type = 0, h.length = 1; }, unknown, 18},
    {"length 0", up, [](auto& h) { h.length = 0; }, malformed, 12},
    {"length 127", up, [](auto& h) { h.length = 127; }, malformed, 12},
    {"length above the limit", up, [](auto& h) { h.length = (1u << 20) + 1; }, large, 12},
    {"length 2^32 - 1", up, [](auto& h) { h.length = ~0u; }, large, 12},
    {"reply above its limit", down, [](auto& h) { h.length = reply_bytes_max + 1; }, large, 12},
    {"length before flags", up, [](auto& h) { h.length = ~0u, h.flags = 0xffff; }, large, 12},
    {"flag more in a request", up, [](auto& h) { h.flags = frame_flags::more; }, reserved, 20},
    {"a flag without meaning", up, [](auto& h) { h.flags = 1 << 3; }, reserved, 20},
    {"shadow", up, [](auto& h) { h.flags = frame_flags::shadow; }, ok, 0},
    {"want_balances", up, [](auto& h) { h.flags = frame_flags::want_balances; }, ok, 0},
    {"want_balances elsewhere", up,
     [](auto& h) { h.flags = frame_flags::want_balances, set_type(h, frame_type::create_accounts); }, reserved, 20},
    {"priority 3", up, [](auto& h) { h.priority = 3; }, ok, 0},
    {"priority 4", up, [](auto& h) { h.priority = 4; }, reserved, 22},
    {"reserved0", up, [](auto& h) { h.reserved0 = 1; }, reserved, 23},
    {"reserved1", up, [](auto& h) { h.reserved1 = 0x100; }, reserved, 82},
    {"a root and a hop", up, [](auto& h) { h.root_id = 7, h.hop = 2; }, ok, 0},
    {"reserved2", up, [](auto& h) { h.reserved2[0] = 1; }, reserved, 90},
    {"first reserved byte", up, [](auto& h) { h.reserved[0] = 1; }, reserved, 112},
    {"last reserved byte", up, [](auto& h) { h.reserved[15] = 0x80; }, reserved, 127},
    {"retry_after_ms in a request", up, [](auto& h) { h.retry_after_ms = 1; }, reserved, 44},
    {"sequence in a request", up, [](auto& h) { h.sequence = 1; }, reserved, 64},
    {"cursor in a request", up, [](auto& h) { h.cursor = 1; }, reserved, 72},
    {"code in a request", up, [](auto& h) { h.code = result_code::busy; }, reserved, 80},
    {"credits in a request", up, [](auto& h) { h.credits = 1; }, reserved, 84},
    {"the same in a reply", down, [](auto& h) { h.retry_after_ms = h.credits = 1, h.sequence = h.cursor = 1; }, ok, 0},
    {"reserved byte in a reply", down, [](auto& h) { h.reserved[5] = 1; }, reserved, 117},
    {"reserved before count", up, [](auto& h) { h.reserved0 = 1, h.record_count = 0; }, reserved, 23},
    {"no records", up, [](auto& h) { h.record_count = 0; }, malformed, 24},
    {"no records, no body", up, [](auto& h) { set_type(h, frame_type::create_transfers, 0, 128); }, malformed, 24},
    {"fewer records than length", up, [](auto& h) { h.record_count = 1; }, malformed, 12},
    {"more records than length", up, [](auto& h) { h.record_count = 3; }, malformed, 12},
    {"count that overflows", up, [](auto& h) { h.record_count = 0x02000002; }, malformed, 24},
    {"8,190 ids", up, [](auto& h) { set_type(h, frame_type::seal_transfers, 8190, 128 + 8190 * 16); }, ok, 0},
    {"8,191 ids", up, [](auto& h) { set_type(h, frame_type::seal_transfers, 8191, 128 + 8191 * 16); }, malformed, 24},
    {"8,190 transfers", up, [](auto& h) { set_type(h, frame_type::create_transfers, 8190, 128 + 8190 * 128); }, ok, 0},
    {"two queries", up, [](auto& h) { set_type(h, frame_type::statement, 2, 128 + 512); }, malformed, 24},
    {"one query", up, [](auto& h) { set_type(h, frame_type::statement, 1, 128 + 256); }, ok, 0},
    {"orders", up, [](auto& h) { set_type(h, frame_type::create_orders, 8190, 128 + 8190 * 128); }, ok, 0},
    {"too many orders", up, [](auto& h) { set_type(h, frame_type::create_orders, 8191, 1 << 20); }, malformed, 24},
    {"actions without records", up, [](auto& h) { set_type(h, frame_type::act_on_orders, 0, 128); }, malformed, 24},
    {"a timeline of one", up, [](auto& h) { set_type(h, frame_type::order_timeline, 1, 144); }, ok, 0},
    {"a timeline of two", up, [](auto& h) { set_type(h, frame_type::order_timeline, 2, 160); }, malformed, 24},
    {"postings of two", up, [](auto& h) { set_type(h, frame_type::order_postings, 2, 160); }, malformed, 24},
    {"order_events", up, [](auto& h) { set_type(h, frame_type::order_events, 1, 256); }, ok, 0},
    {"order_events as a query", up, [](auto& h) { set_type(h, frame_type::order_events, 1, 384); }, malformed, 12},
    {"settle", up, [](auto& h) { set_type(h, frame_type::settle, 1, 256); }, ok, 0},
    {"settle twice", up, [](auto& h) { set_type(h, frame_type::settle, 2, 384); }, malformed, 24},
    {"settlements", up, [](auto& h) { set_type(h, frame_type::settlements, 1, 256); }, ok, 0},
    {"order_graph", up, [](auto& h) { set_type(h, frame_type::order_graph, 1, 256); }, ok, 0},
    {"two graphs at once", up, [](auto& h) { set_type(h, frame_type::order_graph, 2, 384); }, malformed, 24},
    {"settlements as a query", up, [](auto& h) { set_type(h, frame_type::settlements, 1, 384); }, malformed, 12},
    {"a length between records", up, [](auto& h) { h.length += 1; }, malformed, 12},
    {"ping with a count", up, [](auto& h) { set_type(h, frame_type::ping, 1, 128); }, malformed, 24},
    {"ping with a body", up, [](auto& h) { set_type(h, frame_type::ping, 0, 136); }, malformed, 12},
    {"ping with a body_crc", up, [](auto& h) { set_type(h, frame_type::ping, 0, 128), h.body_crc = 4; }, malformed, 8},
    {"ping", up, [](auto& h) { set_type(h, frame_type::ping, 0, 128); }, ok, 0},
    {"hello twice in one frame", up, [](auto& h) { set_type(h, frame_type::hello, 2, 128 + 256); }, malformed, 24},
    {"reply with balances, wrong size", down, [](auto& h) { h.flags = frame_flags::want_balances; }, malformed, 12},
    {"reply with balances", down, [](auto& h) { h.flags = frame_flags::want_balances, h.length = 128 + 2 * 192; }, ok,
     0},
    {"longest reply", down,
     [](auto& h) { h.flags = frame_flags::want_balances, h.record_count = 8190, h.length = reply_bytes_max; }, ok, 0},
    {"refusal with a body", down, [](auto& h) { h.code = result_code::overloaded; }, malformed, 24},
    {"refusal", down,
     [](auto& h) { h.code = result_code::overloaded, h.record_count = 0, h.length = 128, h.body_crc = 0; }, ok, 0},
    {"empty page", down, [](auto& h) { set_type(h, reply_type(frame_type::statement), 0, 128); }, ok, 0},
    {"page with more", down,
     [](auto& h) { set_type(h, reply_type(frame_type::statement), 1, 320), h.flags = frame_flags::more; }, ok, 0},
    {"more where there are no pages", down, [](auto& h) { h.flags = frame_flags::more; }, reserved, 20},
    {"text", down, [](auto& h) { set_type(h, reply_type(frame_type::stats), 100'001, 128 + 100'001); }, ok, 0},
    {"text of another length", down, [](auto& h) { set_type(h, reply_type(frame_type::stats), 3, 132); }, malformed,
     12},
};

TEST(frame_codec, headers) {
  for (const row& r : rows) {
    const auto status = inspect(r, r.way == up ? sound_request() : sound_reply());
    EXPECT_EQ(name_of(status.code), name_of(r.code)) << r.name << ": " << status.what;
    EXPECT_EQ(status.offset, r.offset) << r.name << ": " << status.what;
  }
}

TEST(frame_codec, the_bounds_of_a_handshake_may_be_smaller) {
  frame_header header = sound_request();
  frame_header seen;
  const auto bytes = std::as_bytes(std::span(&header, 1)).first<header_bytes>();
  EXPECT_EQ(inspect_header(bytes, {383, 8190}, up, seen).code, large);
  EXPECT_EQ(inspect_header(bytes, {384, 1}, up, seen).code, malformed);
  EXPECT_TRUE(inspect_header(bytes, {384, 2}, up, seen).ok());
}

TEST(frame_codec, every_single_flipped_bit_of_a_frame_is_found) {
  const auto frame = golden_transfers();
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    auto damaged = frame;
    damaged[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    frame_header header;
    auto status = inspect_header(std::span(damaged).first<header_bytes>(), request_limits, up, header);
    if (status.ok()) status = check_body(header, std::span(damaged).subspan(header_bytes));
    ASSERT_FALSE(status.ok()) << bit;
  }
}

TEST(frame_codec, a_body_of_another_size_is_malformed) {
  const auto frame = golden_transfers();
  frame_header header;
  ASSERT_TRUE(inspect_header(std::span(frame).first<header_bytes>(), request_limits, up, header).ok());
  const auto body = std::span(frame).subspan(header_bytes);
  EXPECT_TRUE(check_body(header, body).ok());
  EXPECT_EQ(check_body(header, body.first(body.size() - 1)).code, malformed);
}

TEST(frame_codec, a_reply_repeats_what_belongs_to_the_request) {
  frame_header request = sound_request();
  request.tenant = 3;
  request.context_id = 4;
  request.priority = 2;
  request.flags = frame_flags::shadow | frame_flags::want_balances;
  request.timeout_ms = 100;
  const frame_header reply = make_reply(request);
  EXPECT_EQ(reply.type, request.type | reply_bit);
  EXPECT_EQ(reply.request, request.request);
  EXPECT_EQ(reply.tenant, 3u);
  EXPECT_TRUE(reply.context_id == 4);
  EXPECT_EQ(reply.priority, 2);
  EXPECT_EQ(reply.flags, request.flags);
  EXPECT_EQ(reply.timeout_ms, 0u);
}

TEST(frame_codec, negotiation) {
  struct {
    std::uint16_t low, high;
    std::uint32_t wanted, required, known;
    result_code code;
    std::uint32_t features;
  } const cases[] = {
      {1, 1, 0, 0, 0, ok, 0},       {0, 9, 0, 0, 0, ok, 0},         {2, 3, 0, 0, 0, version, 0},
      {0, 0, 0, 0, 0, version, 0},  {3, 1, 0, 0, 0, version, 0},    {1, 1, 0xff, 0, 0x3, ok, 0x3},
      {1, 1, 0, 0x2, 0x3, ok, 0x2}, {1, 1, 0x1, 0x2, 0x3, ok, 0x3}, {1, 1, 0, 0x4, 0x3, version, 0},
  };
  for (const auto& c : cases) {
    hello_body hello{};
    hello.version_min = c.low;
    hello.version_max = c.high;
    hello.features_wanted = c.wanted;
    hello.features_required = c.required;
    std::uint16_t spoken = 0;
    std::uint32_t features = 0;
    EXPECT_EQ(negotiate(hello, c.known, spoken, features).code, c.code);
    EXPECT_EQ(features, c.features);
    EXPECT_EQ(spoken, c.code == ok ? 1 : 0);
  }
  hello_body hello{};
  hello.version_min = hello.version_max = 1;
  hello.reserved[63] = 1;
  std::uint16_t spoken = 0;
  std::uint32_t features = 0;
  EXPECT_EQ(negotiate(hello, 0, spoken, features).offset, 255u);
  hello.reserved0 = 1;
  EXPECT_EQ(negotiate(hello, 0, spoken, features).offset, 140u);
}

TEST(frame_types, find_knows_exactly_the_table) {
  std::size_t found = 0;
  for (std::uint32_t number = 0; number <= 0xffff; ++number)
    if (const auto* info = find_frame_type(static_cast<std::uint16_t>(number)); info != nullptr) {
      EXPECT_EQ(static_cast<std::uint32_t>(info->type), number);
      ++found;
    }
  EXPECT_EQ(found, all_frame_types().size());
  EXPECT_EQ(found, 32u);
}

}  // namespace
}  // namespace payloom::wire

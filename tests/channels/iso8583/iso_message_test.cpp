// The codec: golden bytes of every message type, and bytes that nobody would send: every truncation, every flipped bit,
// every single wrong byte. The golden bytes come from a program of its own, not from this codec.
#include <random>

#include "tests/channels/iso8583/iso_fixture.hpp"

namespace payloom::test {
namespace {

using core::iso_error;
using core::iso_field;
using core::iso_message;

constexpr std::string_view golden_sign_on =
    "002f3038303082200000008000000400000000000000313131343232313332303030303030315445524d30303031303031";
constexpr std::string_view golden_sign_on_reply =
    "00293038313082200000020000000400000000000000313131343232313332303030303030313030303031";
constexpr std::string_view golden_pay =
    "0081303230303238000008c18000303030303030303030303030303132333435313131343232313332303030303030323232"
    "31333230313131344357595650454c47505345385445524d303030314d45524348414e542020202020205830333230313233"
    "34353637383961626364656630303131323233333434353536363737393738";
constexpr std::string_view golden_refund =
    "00a4303230303238000008c18002323030303030303030303030303030303031313131343232313332303030303030323232"
    "31333230313131344357595650454c47505345385445524d303030314d45524348414e542020202020205830333230313233"
    "3435363738396162636465663030313132323333343435353636373739373830333266656564666163653030303030303030"
    "30303030303030303030303062656566";
constexpr std::string_view golden_payout =
    "0081303230303238000008c18000323630303030393939393939393939393939313131343232313332303030303030323232"
    "31333230313131344357595650454c47505345385445524d303030314d45524348414e542020202020205830333230313233"
    "34353637383961626364656630303131323233333434353536363737393738";
constexpr std::string_view golden_approved =
    "008d30323130322000000a818002303030303030303030303030303132333435313131343232313332303030303030324357"
    "595650454c475053453830305445524d30303031303332303132333435363738396162636465663030313132323333343435"
    "35363637373937383033326665656466616365303030303030303030303030303030303030303062656566";
constexpr std::string_view golden_reversal_reply =
    "006a30343330322000000a818000303030303030303030303030303132333435313131343232313332303030303030324357"
    "595650454c475053453832355445524d30303031303332303132333435363738396162636465663030313132323333343435"
    "3536363737393738";
constexpr std::string_view golden_reversal =
    "00b330343230b238000008c18000000000400000000030303030303030303030303030313233343531313134323231333335"
    "303030303033323231333335313131344357595650454c47505345385445524d303030314d45524348414e54202020202020"
    "5830333230313233343536373839616263646566303031313232333334343535363637373937383032303030303030303231"
    "31313432323133323030303030303030303030303030303030303030303030";
constexpr std::string_view golden_repeat =
    "00b330343231b238000008c18000000000400000000030303030303030303030303030313233343531313134323231333435"
    "303030303033323231333435313131344357595650454c47505345385445524d303030314d45524348414e54202020202020"
    "5830333230313233343536373839616263646566303031313232333334343535363637373937383032303030303030303231"
    "31313432323133323030303030303030303030303030303030303030303030";
constexpr std::string_view golden_echo =
    "002f3038303082200000008000000400000000000000313131343232313335303030303030325445524d30303031333031";
constexpr std::string_view golden_sign_off =
    "002f3038303082200000008000000400000000000000313131343232313332303030303030325445524d30303031303032";
constexpr std::string_view all_golden[] = {golden_sign_on,        golden_sign_on_reply, golden_pay,      golden_refund,
                                           golden_payout,         golden_approved,      golden_reversal, golden_repeat,
                                           golden_reversal_reply, golden_echo,          golden_sign_off};
constexpr u128 attempt_id = make_u128(0x0123456789abcdef, 0x0011223344556677);
constexpr u128 source_id = make_u128(0xfeedface00000000, 0xbeef);

std::string next_hex(line_fixture& f) {
  std::vector<char> out;
  f.link.take_output(out);
  return hex_of(out);
}

void sign_on(line_fixture& f) {
  f.link.connected(f.now);
  EXPECT_EQ(next_hex(f), golden_sign_on);
  f.link.received(bytes_of(golden_sign_on_reply), f.now);
  EXPECT_EQ(f.link.line(), core::iso_line::up);
}

TEST(iso_golden, a_payment_and_its_approval) {
  line_fixture f;
  sign_on(f);
  f.link.call(call_of(attempt_id), f.now);
  EXPECT_EQ(next_hex(f), golden_pay);
  f.link.received(bytes_of(golden_approved), f.now);
  const core::channel_answer a = f.one_told();
  EXPECT_EQ(a.outcome, channel_outcome::success);
  EXPECT_EQ(a.amount_minor, 12'345u);
  EXPECT_EQ(a.reference, source_id) << "the host's own number stands in field 63";
  EXPECT_EQ(a.code, 1);
}

TEST(iso_golden, a_refund_and_a_payout) {
  line_fixture refund, payout;
  sign_on(refund);
  core::channel_call c = call_of(attempt_id, channel_operation::refund, 1);
  c.source = source_id;
  refund.link.call(c, refund.now);
  EXPECT_EQ(next_hex(refund), golden_refund);
  sign_on(payout);
  payout.link.call(call_of(attempt_id, channel_operation::payout, 999'999'999'999), payout.now);
  EXPECT_EQ(next_hex(payout), golden_payout);
}

TEST(iso_golden, a_reversal_its_repeat_and_its_end) {
  line_fixture f;
  sign_on(f);
  f.link.call(call_of(attempt_id), f.now);
  EXPECT_EQ(next_hex(f), golden_pay);
  f.pass(15 * second);
  EXPECT_EQ(f.one_told().outcome, channel_outcome::unknown);
  EXPECT_EQ(next_hex(f), golden_reversal);
  f.pass(10 * second);
  EXPECT_EQ(next_hex(f), golden_repeat);
  std::string end(golden_reversal_reply);
  const std::size_t stan = end.find("303030303032");  // the reversal has a STAN of its own
  end.replace(stan, 12, "303030303033");
  f.link.received(bytes_of(end), f.now);
  EXPECT_EQ(f.one_told().outcome, channel_outcome::closed);
}

TEST(iso_golden, echo_and_sign_off) {
  line_fixture idle, stopped;
  sign_on(idle);
  idle.pass(30 * second);
  EXPECT_EQ(next_hex(idle), golden_echo);
  sign_on(stopped);
  stopped.link.shut(stopped.now);
  EXPECT_EQ(next_hex(stopped), golden_sign_off);
}

/// The message of a frame in memory of exactly its size, so that a sanitizer sees one byte too many.
std::vector<char> message_of(std::string_view golden) {
  std::vector<char> bytes = bytes_of(golden);
  return {bytes.begin() + core::iso_frame_head, bytes.end()};
}

bool reads(const std::vector<char>& bytes, iso_message& m) {
  const core::iso_problem p = iso_message::read(bytes, m);
  if (!p) return true;
  EXPECT_LE(p.offset, bytes.size());
  EXPECT_LT(static_cast<unsigned>(p.code), core::iso_errors);
  EXPECT_NE(core::name_of(p.code), "unknown");
  return false;
}

TEST(iso_message, every_truncation_is_an_error_with_its_place) {
  for (const std::string_view golden : all_golden) {
    const std::vector<char> whole = message_of(golden);
    iso_message m;
    ASSERT_TRUE(reads(whole, m));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      ASSERT_EQ(iso_message::read(cut, m).code, iso_error::cut_short) << golden << " at " << size;
      ASSERT_FALSE(m.has(iso_field::stan));
    }
  }
}

TEST(iso_message, a_flipped_bit_is_read_within_bounds_or_is_an_error) {
  std::size_t accepted = 0, refused = 0;
  for (const std::string_view golden : all_golden) {
    std::vector<char> bytes = message_of(golden);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      iso_message m;
      if (reads(bytes, m)) {
        ++accepted;
        for (const core::iso_field_row& row : core::iso_field_rows) {
          const std::string_view t = m.text(row.field);
          if (t.empty()) continue;
          ASSERT_GE(t.data(), bytes.data());
          ASSERT_LE(t.data() + t.size(), bytes.data() + bytes.size());
        }
      } else {
        ++refused;
      }
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    }
  }
  EXPECT_GT(accepted, 1000u) << "digits that became other digits";
  EXPECT_GT(refused, 1000u);
}

TEST(iso_message, arbitrary_bytes_never_stop_the_reader) {
  std::mt19937_64 random(8583);
  for (int i = 0; i < 200'000; ++i) {
    std::vector<char> bytes = message_of(all_golden[random() % std::size(all_golden)]);
    for (int wrong = 0; wrong < 4; ++wrong) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(std::min<std::size_t>(core::iso_message_max, random() % (bytes.size() + 8)));
    iso_message m;
    reads(bytes, m);
  }
}

TEST(iso_message, errors_by_precedence_with_their_place) {
  const struct {
    const char* what;
    std::size_t at;  ///< of the byte that is put there
    int byte;
    core::iso_problem expected;
  } rows[] = {
      {"no digit in the type", 1, 'x', {iso_error::type_unknown, 0, 0}},
      {"a type that is not in the table", 1, '9', {iso_error::type_unknown, 0, 0}},
      {"a field that is not in the table", 4, 0x38, {iso_error::field_unknown, 5, 30}},
      {"a letter in the amount", 18, 'x', {iso_error::character_wrong, 4, 18}},
      {"a length above the field's", 92, '9', {iso_error::length_wrong, 48, 91}},
      {"no digit in a length", 92, 'a', {iso_error::length_wrong, 48, 92}},
  };
  const std::vector<char> whole = message_of(golden_pay);
  for (const auto& row : rows) {
    std::vector<char> bytes = whole;
    bytes[row.at] = static_cast<char>(row.byte);
    iso_message m;
    const core::iso_problem p = iso_message::read(bytes, m);
    EXPECT_EQ(p, row.expected) << row.what << ": " << core::name_of(p.code) << " field " << int{p.field} << " offset "
                               << p.offset;
  }
}

TEST(iso_message, what_is_missing_or_left_over) {
  std::vector<char> bytes = message_of(golden_pay);
  bytes.push_back(' ');
  iso_message m;
  EXPECT_EQ(iso_message::read(bytes, m).code, iso_error::left_over);
  // Without its currency: the first bit of byte 10 stands for field 49.
  bytes = message_of(golden_pay);
  bytes.resize(bytes.size() - 3);
  bytes[10] = static_cast<char>(bytes[10] & 0x7f);
  EXPECT_EQ(iso_message::read(bytes, m).code, iso_error::field_missing);
  EXPECT_EQ(iso_message::read(bytes, m).field, 49);
}

TEST(iso_framer, finds_the_same_messages_however_the_stream_is_cut) {
  std::vector<char> stream;
  std::vector<std::string> expected;
  for (const std::string_view golden : all_golden) {
    const auto bytes = bytes_of(golden);
    stream.insert(stream.end(), bytes.begin(), bytes.end());
    expected.push_back(hex_of(message_of(golden)));
  }
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    core::iso_framer framer;
    std::vector<std::string> found;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      const std::vector<char> part(stream.begin() + static_cast<std::ptrdiff_t>(at),
                                   stream.begin() + static_cast<std::ptrdiff_t>(std::min(at + piece, stream.size())));
      ASSERT_EQ(framer.feed(part, [&](std::span<const char> m) { found.push_back(hex_of(m)); }), iso_error::ok);
    }
    ASSERT_EQ(found, expected) << "pieces of " << piece;
  }
}

TEST(iso_framer, a_length_that_cannot_be_ends_the_stream) {
  for (const std::string_view head : {"0000", "0201", "ffff"}) {
    core::iso_framer whole, in_pieces;
    const auto bytes = bytes_of(head);
    int taken = 0;
    const auto take = [&](std::span<const char>) { ++taken; };
    const iso_error expected = head == "0000" ? iso_error::frame_empty : iso_error::frame_too_long;
    EXPECT_EQ(whole.feed(bytes, take), expected);
    EXPECT_EQ(in_pieces.feed(std::span(bytes).first(1), take), iso_error::ok);
    EXPECT_EQ(in_pieces.feed(std::span(bytes).subspan(1), take), expected);
    EXPECT_EQ(taken, 0);
  }
}

}  // namespace
}  // namespace payloom::test

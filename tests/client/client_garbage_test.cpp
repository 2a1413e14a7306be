// Goal: whatever bytes a server sends, the client repeats on a new connection and never reports a false result.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "tests/client/client_fixture.hpp"

namespace payloom::client {
namespace {

using namespace test;
using request = fake_server::request;

/// Rows of wrong answers: each must end in a clean repeat on a new connection, never in a crash or a false result.
struct garbage_row {
  const char* name;
  std::function<void(fake_server&, const request&)> misbehave;
};

class ClientGarbage : public ::testing::TestWithParam<int> {};

std::vector<garbage_row> garbage_rows() {
  return {
      {"bytes that are no frame",
       [](fake_server& s, const request& r) {
         s.send_bytes(r.connection, std::vector<std::byte>(500, std::byte{0x5a}));
       }},
      {"a header with a wrong checksum",
       [](fake_server& s, const request& r) {
         frame_header h = make_goaway();
         h.header_crc ^= 1;
         s.send(r.connection, h);
       }},
      {"a length of four gigabytes",
       [](fake_server& s, const request& r) {
         frame_header h = make_goaway();
         h.length = ~0u;
         s.send(r.connection, reseal(h));
       }},
      {"fewer results than events", [](fake_server& s, const request& r) { s.answer(r, {}, 0); }},
      {"more results than events",
       [](fake_server& s, const request& r) {
         const result_record two[2] = {};
         s.answer(r, std::as_bytes(std::span{two}), 2);
       }},
      {"the reply of another type",
       [](fake_server& s, const request& r) {
         request other = r;
         other.header.type = static_cast<std::uint16_t>(frame_type::ping);
         s.answer(other, {}, 0);
       }},
      {"half a frame, then the end",
       [](fake_server& s, const request& r) {
         const frame_header h = make_goaway();
         s.send_bytes(r.connection, std::as_bytes(std::span{&h, 1}).first(60));
         s.close(r.connection);
       }},
      {"a reply to a request that was never sent, then the end",
       [](fake_server& s, const request& r) {
         request other = r;
         other.header.request += 1'000'000;
         const result_record one{};
         s.answer(other, std::as_bytes(std::span{&one, 1}), 1);
         s.close(r.connection);
       }},
  };
}

TEST_P(ClientGarbage, IsSurvivedAndTheTransferIsRepeated) {
  const garbage_row row = garbage_rows()[static_cast<std::size_t>(GetParam())];
  SCOPED_TRACE(row.name);
  std::atomic<int> bad{2};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() == frame_type::create_transfers && bad-- > 0) return row.misbehave(s, r);
    s.answer_from_ledger(r);
  });
  client c(to(server));
  open_accounts(c);
  const answer paid = c.create_transfer(transfer(10)).get();
  EXPECT_EQ(paid.how, outcome::result);
  EXPECT_EQ(paid.first_code(), result_code::ok);
  EXPECT_EQ(server.accepted(), 3);
  EXPECT_EQ(server.ledger.transfers(), 1u);
}
INSTANTIATE_TEST_SUITE_P(Rows, ClientGarbage, ::testing::Range(0, static_cast<int>(garbage_rows().size())));

}  // namespace
}  // namespace payloom::client

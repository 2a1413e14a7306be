#pragma once
// What the client's tests share: accounts 1 and 2, transfers between them, and frames made by hand.
#include <gtest/gtest.h>

#include "protocol/client/client.hpp"
#include "protocol/types/crc32c.hpp"
#include "tests/client/fake_server.hpp"

namespace payloom::test {

inline client::client_options to(const fake_server& server) {
  client::client_options options;
  options.addresses = {server.address()};
  options.timeout = std::chrono::seconds(30);
  return options;
}

inline account_record account(std::uint64_t id) {
  account_record a{};
  a.id.value = id;
  a.ledger = 978;
  a.code = 1;
  return a;
}

inline transfer_record transfer(std::uint64_t id, std::uint64_t amount = 1) {
  transfer_record t{};
  t.id.value = id;
  t.debit_account.value = 1;
  t.credit_account.value = 2;
  t.amount_minor = amount;
  t.ledger = 978;
  t.code = 1;
  return t;
}

inline void open_accounts(client::client& c) {
  const account_record both[] = {account(1), account(2)};
  const client::answer opened = c.create_accounts(both).get();
  ASSERT_EQ(opened.how, client::outcome::result);
  ASSERT_EQ(opened.results().size(), 2u);
}

inline frame_header reseal(frame_header h) {
  const std::uint32_t length = h.length;
  wire::finish_header(h, 0, 0);
  if (length == 0) return h;
  h.length = length;
  h.header_crc = crc32c(std::as_bytes(std::span{&h, 1}).subspan(8));
  return h;
}

inline frame_header make_goaway() {
  frame_header h{};
  h.type = static_cast<std::uint16_t>(frame_type::goaway);
  return reseal(h);
}

}  // namespace payloom::test

#pragma once
// The frames of WIRE.md's examples, made with the codec.
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types/catalog_records.hpp"
#include "protocol/types/crc32c.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"
#include "protocol/types/settlement.hpp"
#include "protocol/types/subscription_records.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::wire::testing {

struct golden_frame {
  std::string_view name;
  std::string_view meaning;
  direction way;
  std::vector<std::byte> bytes;
};

template <typename Record>
std::vector<std::byte> sealed(frame_header header, const std::vector<Record>& records) {
  const auto body = std::as_bytes(std::span(records));
  header.record_count = static_cast<std::uint32_t>(records.size());
  seal_frame(header, body);
  std::vector<std::byte> out(sizeof header + body.size());
  std::memcpy(out.data(), &header, sizeof header);
  if (!body.empty()) std::memcpy(out.data() + sizeof header, body.data(), body.size());
  return out;
}

inline std::vector<std::byte> sealed(const frame_header& header) { return sealed(header, std::vector<id_record>{}); }

inline frame_header golden_header(std::uint16_t type, std::uint64_t request) {
  frame_header header{};
  header.type = type;
  header.request = request;
  return header;
}

inline frame_header golden_request(frame_type type, std::uint64_t number) {
  return golden_header(static_cast<std::uint16_t>(type), number);
}

inline frame_header golden_reply(frame_type type, std::uint64_t number) {
  frame_header header = golden_header(static_cast<std::uint16_t>(reply_type(type)), number);
  header.sequence = 1000;
  header.credits = 1024;
  return header;
}

inline std::vector<std::byte> golden_hello() {
  hello_body hello{};
  hello.version_min = hello.version_max = 1;
  std::strncpy(hello.client_name, "example", sizeof hello.client_name);
  return sealed(golden_request(frame_type::hello, 1), std::vector{hello});
}

inline std::vector<std::byte> golden_welcome() {
  welcome_body welcome{};
  welcome.version = 1;
  welcome.frame_bytes_max = limits::frame_bytes_max;
  welcome.frame_events_max = limits::frame_events_max;
  welcome.credit_requests = 1024;
  welcome.credit_events = 131072;
  welcome.idle_timeout_ms = 120000;
  welcome.cluster = make_u128(0x1111, 0x2222);
  welcome.server_instance = make_u128(0x3333, 0x4444);
  welcome.server_time = 1'700'000'000'000'000'000;
  welcome.sequence = 1000;
  std::strncpy(welcome.build, "0.1.0", sizeof welcome.build);
  return sealed(golden_reply(frame_type::hello, 1), std::vector{welcome});
}

inline std::vector<std::byte> golden_accounts() {
  account_record account{};
  account.id.value = make_u128(0x0a, 0x01);
  account.overdraft_limit_minor = 50000;
  account.ledger = 978;
  account.code = 10;
  account.flags = account_flags::debits_must_not_exceed_credits | account_flags::history;
  return sealed(golden_request(frame_type::create_accounts, 2), std::vector{account});
}

inline std::vector<std::byte> golden_transfers() {
  transfer_record hold{};
  hold.id.value = make_u128(0x0123456789abcdef, 0xfedcba9876543210);
  hold.debit_account.value = make_u128(0x0a, 0x01);
  hold.credit_account.value = make_u128(0x0a, 0x02);
  hold.amount_minor = 1999;
  hold.user_data_64 = 42;
  hold.timeout_s = 3600;
  hold.ledger = 978;
  hold.code = 7;
  hold.flags = transfer_flags::hold;
  transfer_record capture{};
  capture.id.value = make_u128(0x0123456789abcdef, 0xfedcba9876543211);
  capture.amount_minor = u128_max;
  capture.target_id.value = make_u128(0x77, 0x88);
  capture.flags = transfer_flags::capture;
  frame_header header = golden_request(frame_type::create_transfers, 3);
  header.timeout_ms = 2000;
  header.context_id = make_u128(0xc0ffee, 0x1);
  header.priority = 1;
  return sealed(header, std::vector{hold, capture});
}

inline std::vector<std::byte> golden_results() {
  result_record done{};
  done.sequence = 1001;
  done.timestamp = 1'700'000'000'000'001'000;
  result_record refused{};
  refused.sequence = 1000;
  refused.code = result_code::hold_already_captured;
  frame_header header = golden_reply(frame_type::create_transfers, 3);
  header.context_id = make_u128(0xc0ffee, 0x1);
  header.priority = 1;
  header.sequence = 1001;
  return sealed(header, std::vector{done, refused});
}

inline std::vector<std::byte> golden_statement() {
  query_record query{};
  query.account.value = make_u128(0x0a, 0x01);
  query.limit = 100;
  query.flags = query_flags::backward;
  return sealed(golden_request(frame_type::statement, 4), std::vector{query});
}

inline std::vector<std::byte> golden_list_ledgers() {
  query_record query{};
  query.limit = 1000;
  return sealed(golden_request(frame_type::list_ledgers, 7), std::vector{query});
}

inline std::vector<std::byte> golden_ledgers() {
  ledger_row points{};
  points.ledger = 1000;
  points.exponent = 3;
  std::strncpy(points.name, "POINTS", sizeof points.name);
  return sealed(golden_reply(frame_type::list_ledgers, 7), std::vector{points});
}

/// The order of the examples: 12.00 EUR of user 9 for merchant 7.
inline order_record golden_order() {
  order_record order{};
  order.business_id = 0x2a;
  order.id = order_id_of(7, order.business_id);
  order.amount_minor = 1200;
  order.merchant = 7;
  order.user = 9;
  order.ledger = 978;
  order.timeout_s = 900;
  order.product = 101;
  return order;
}

inline order_action_record golden_payment() {
  order_action_record pay{};
  pay.id.value = make_u128(0x0123456789abcdef, 0xfedcba9876543212);
  pay.order = golden_order().id;
  pay.expected_version = 1;
  pay.action = order_action::pay;
  return pay;
}

inline std::vector<std::byte> golden_orders() {
  return sealed(golden_request(frame_type::create_orders, 8), std::vector{golden_order()});
}

inline std::vector<std::byte> golden_actions() {
  order_action_record refund = golden_payment();
  refund.id.value = make_u128(0x0123456789abcdef, 0xfedcba9876543213);
  refund.amount_minor = 200;
  refund.reason = 3;
  refund.expected_version = 0;
  refund.action = order_action::refund;
  return sealed(golden_request(frame_type::act_on_orders, 9), std::vector{golden_payment(), refund});
}

inline std::vector<std::byte> golden_timeline() {
  const id_record order{golden_order().id.value};
  return sealed(golden_request(frame_type::order_timeline, 10), std::vector{order});
}

/// The order after its payment.
inline order_event_row golden_event_row() {
  const order_record order = golden_order();
  const order_action_record pay = golden_payment();
  order_event_row row{};
  std::memcpy(row.event.request, &pay, sizeof pay);
  order_row& after = row.event.order;
  after.id = order.id;
  after.business_id = order.business_id;
  after.amount_minor = after.paid_minor = order.amount_minor;
  after.fee_minor = 42;
  after.merchant = order.merchant;
  after.user = order.user;
  after.timeout_at = 1'700'086'400'000'002'000;
  after.created_seq = after.previous_seq = 1002;
  after.version = 2;
  after.ledger = order.ledger;
  after.accounting_date = 20231114;
  after.rule_version = 1;
  after.timeout_s = order.timeout_s;
  after.product = order.product;
  after.flags = order_row_flags::resident;
  after.payments = 1;
  after.tools = 1;
  after.state = 9;
  row.event.amount_minor = order.amount_minor;
  row.event.fee_minor = 42;
  row.event.request_type = static_cast<std::uint16_t>(frame_type::act_on_orders);
  row.event.event = 1;
  row.event.fact = 13;
  row.event.from_state = 1;
  row.event.form = 3;
  row.event.payment_state = 2;
  row.event.legs = 2;
  row.sequence = 1003;
  row.timestamp = 1'700'000'000'000'002'000;
  row.context_id = make_u128(0xc0ffee, 0x2);
  return row;
}

inline std::vector<std::byte> golden_timeline_reply() {
  frame_header header = golden_reply(frame_type::order_timeline, 10);
  header.sequence = 1005;
  return sealed(header, std::vector{golden_event_row()});
}

inline std::vector<std::byte> golden_order_events() {
  order_event_query query{};
  query.after = 1003;
  query.merchant = 7;
  query.limit = 500;
  query.wait_ms = 10'000;
  return sealed(golden_request(frame_type::order_events, 11), std::vector{query});
}

inline std::vector<std::byte> golden_subscribe() {
  subscribe_record ask{};
  ask.name = make_u128(0x5eed, 0x1);
  ask.merchant = 7;
  ask.after = 1002;
  ask.window = 500;
  return sealed(golden_request(frame_type::subscribe, 14), std::vector{ask});
}

inline std::vector<std::byte> golden_subscribed() {
  subscription_row row{};
  row.name = make_u128(0x5eed, 0x1);
  row.merchant = 7;
  row.acknowledged = 1002;
  row.window = 500;
  row.flags = subscription_flags::pushing | subscription_flags::created;
  row.backlog_since = 1'700'000'000'000'002'000;
  row.unseen = 3;
  frame_header header = golden_reply(frame_type::subscribe, 14);
  header.sequence = 1005;
  return sealed(header, std::vector{row});
}

inline frame_header golden_push() {
  frame_header header = golden_header(static_cast<std::uint16_t>(frame_type::pushed_events), 14);
  header.context_id = make_u128(0x5eed, 0x1);
  header.sequence = 1005;
  header.cursor = 1003;
  header.credits = 1024;
  return header;
}

inline std::vector<std::byte> golden_pushed_events() { return sealed(golden_push(), std::vector{golden_event_row()}); }

inline std::vector<std::byte> golden_push_end() {
  frame_header header = golden_push();
  header.code = result_code::draining;
  return sealed(header);
}

inline std::vector<std::byte> golden_acknowledge() {
  acknowledge_record ack{};
  ack.name = make_u128(0x5eed, 0x1);
  ack.sequence = 1003;
  return sealed(golden_request(frame_type::acknowledge, 15), std::vector{ack});
}

inline std::vector<std::byte> golden_load_catalog() {
  load_catalog_record load{};
  load.action = catalog_action::reload;
  load.version = 2;
  std::strncpy(load.maker, "anna", sizeof load.maker);
  std::strncpy(load.checker, "bela", sizeof load.checker);
  std::strncpy(load.note, "cheaper sales", sizeof load.note);
  return sealed(golden_request(frame_type::load_catalog, 12), std::vector{load});
}

inline std::vector<std::byte> golden_settle() {
  settle_request request{};
  request.ledger = 978;
  request.limit = 1000;
  return sealed(golden_request(frame_type::settle, 12), std::vector{request});
}

inline std::vector<std::byte> golden_settle_reply() {
  settlement_row made{};
  made.merchant = 7;
  made.ledger = 978;
  made.through_date = 20231113;
  made.gross_minor = 1158;
  made.fee_minor = 8;
  made.reserve_minor = 115;
  made.available_minor = 1035;
  made.order = settlement_id_of(7, 978, 20231113);
  made.sequence = 1010;
  made.as_of = 1005;
  made.timestamp = 1'700'000'000'000'009'000;
  made.settled_before = 20231112;
  settlement_row waits{};
  waits.merchant = 8;
  waits.ledger = 978;
  waits.through_date = 20231113;
  waits.gross_minor = 99;
  waits.as_of = 1005;
  waits.code = result_code::settlement_below_minimum;
  frame_header header = golden_reply(frame_type::settle, 12);
  header.sequence = 1010;
  return sealed(header, std::vector{made, waits});
}

inline std::vector<std::byte> golden_settlements() {
  settlement_query query{};
  query.merchant = 7;
  query.ledger = 978;
  query.limit = 50;
  return sealed(golden_request(frame_type::settlements, 13), std::vector{query});
}

inline std::vector<std::byte> golden_overloaded() {
  frame_header header = golden_reply(frame_type::create_transfers, 5);
  header.code = result_code::overloaded;
  header.retry_after_ms = 20;
  return sealed(header);
}

inline std::vector<std::byte> golden_error() {
  frame_header header = golden_header(static_cast<std::uint16_t>(frame_type::error), 6);
  header.code = result_code::frame_checksum_mismatch;
  header.sequence = 1001;
  header.credits = 1024;
  return sealed(header);
}

inline std::vector<golden_frame> golden_frames() {
  constexpr auto up = direction::to_server;
  constexpr auto down = direction::to_client;
  return {
      {"hello", "A client named `example` that speaks version 1.", up, golden_hello()},
      {"welcome", "The server's answer.", down, golden_welcome()},
      {"ping", "A ping, request 9.", up, sealed(golden_request(frame_type::ping, 9))},
      {"create_accounts", "One account in euro (978) that may go down to -500.00 and keeps history.", up,
       golden_accounts()},
      {"create_transfers", "A hold of 19.99 for an hour, and the capture of all of another hold, within 2 s.", up,
       golden_transfers()},
      {"results", "The reply: the hold is commit 1001; the other hold was captured before.", down, golden_results()},
      {"statement", "The newest 100 lines of an account.", up, golden_statement()},
      {"list_ledgers", "Which ledgers does the server know beside the currencies?", up, golden_list_ledgers()},
      {"ledgers", "One: POINTS with three decimals.", down, golden_ledgers()},
      {"create_orders", "An order of merchant 7, its number 0x2a: user 9 is to pay 12.00 EUR within 15 minutes.", up,
       golden_orders()},
      {"act_on_orders", "All of it is paid if nobody was faster (version 1), and 2.00 are refunded.", up,
       golden_actions()},
      {"order_timeline", "What happened to this order?", up, golden_timeline()},
      {"timeline", "One of its events, the payment; its two postings are commits 1004 and 1005.", down,
       golden_timeline_reply()},
      {"order_events", "What happened to orders of merchant 7 after commit 1003? Wait up to 10 s for it.", up,
       golden_order_events()},
      {"subscribe", "From now on tell me what happens to orders of merchant 7, beginning behind commit 1002.", up,
       golden_subscribe()},
      {"subscribed", "It is new, and 3 commits are still to be looked at for it.", down, golden_subscribed()},
      {"pushed_events", "The payment, pushed; nothing up to commit 1005 is missing.", down, golden_pushed_events()},
      {"acknowledge", "It was handled: do not send it again.", up, golden_acknowledge()},
      {"push_end", "The server is shut down: nothing more comes over this connection.", down, golden_push_end()},
      {"load_catalog", "Take version 2 of the payment catalogue; anna made it, bela looked at it.", up,
       golden_load_catalog()},
      {"settle", "Settle all merchants in euro by their plans.", up, golden_settle()},
      {"settle_reply", "One batch was made; the other merchant has less than the minimum.", down,
       golden_settle_reply()},
      {"settlements", "The newest 50 batches of merchant 7 in euro.", up, golden_settlements()},
      {"overloaded", "A whole frame was refused: send it again after 20 ms.", down, golden_overloaded()},
      {"error", "Request 6 arrived damaged; the connection ends.", down, golden_error()},
  };
}

/// Lines of 32 bytes.
inline std::string hex_lines(std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto value = static_cast<unsigned>(bytes[i]);
    out += digits[value >> 4];
    out += digits[value & 15];
    if (i % 32 == 31 || i + 1 == bytes.size()) out += '\n';
  }
  return out;
}

}  // namespace payloom::wire::testing

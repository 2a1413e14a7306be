#pragma once
// The asynchronous client. Submit from any thread; callbacks come on the client's own thread (or on the io_context
// given).
//
//   client c({.addresses = {"127.0.0.1:7400"}});
//   c.create_transfers({t}, [](answer a) { ... });            // or: std::future<answer> f = c.create_transfers({t});
//
// Events of separate submissions travel together while requests are in flight; events submitted together stay in one
// frame (linked chains need that). An operation ends in exactly one answer, within its timeout: `result`, `unknown`
// (sent, no answer: safe to repeat with the same ids) or `not_sent`. Until then the client repeats it by itself, with
// the same ids, when the connection breaks or the server says `overloaded` or `draining`.
#include <future>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include "protocol/client/answer.hpp"
#include "protocol/client/client_options.hpp"
#include "protocol/types/catalog_records.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/relation_records.hpp"
#include "protocol/types/settlement.hpp"

namespace boost::asio {
class io_context;
}

namespace payloom::client {

class client_core;

class client {
 public:
  /// Starts an own thread. Connects when the first operation is submitted. `options.addresses` must not be empty.
  explicit client(client_options options);
  /// Runs on `io`, which the caller runs and keeps alive longer than this object and until its callbacks have come.
  client(client_options options, boost::asio::io_context& io);
  /// As `close_now`; with an own thread, returns after the last callback.
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// The general form: `count` records of one frame type, at most limits::frame_events_max (more: not_sent).
  void submit(frame_type type, std::span<const std::byte> records, std::uint32_t count, callback on_answer,
              const submit_options& how = {});
  std::future<answer> submit(frame_type type, std::span<const std::byte> records, std::uint32_t count,
                             const submit_options& how = {});

  // `how...` below: a callback, then perhaps submit_options; or nothing or submit_options, for a future.
  template <class... How>
  auto create_transfers(std::span<const transfer_record> events, How&&... how) {
    return send(frame_type::create_transfers, events, std::forward<How>(how)...);
  }
  template <class... How>
  auto create_transfer(const transfer_record& event, How&&... how) {
    return send(frame_type::create_transfers, std::span{&event, 1}, std::forward<How>(how)...);
  }
  template <class... How>
  auto create_accounts(std::span<const account_record> events, How&&... how) {
    return send(frame_type::create_accounts, events, std::forward<How>(how)...);
  }
  template <class... How>
  auto change_accounts(std::span<const account_change_record> events, How&&... how) {
    return send(frame_type::change_accounts, events, std::forward<How>(how)...);
  }
  template <class... How>
  auto seal_transfers(std::span<const id_record> ids, How&&... how) {
    return send(frame_type::seal_transfers, ids, std::forward<How>(how)...);
  }
  /// rows<account_row>()
  template <class... How>
  auto lookup_accounts(std::span<const id_record> ids, How&&... how) {
    return send(frame_type::lookup_accounts, ids, std::forward<How>(how)...);
  }
  /// rows<transfer_row>()
  template <class... How>
  auto lookup_transfers(std::span<const id_record> ids, How&&... how) {
    return send(frame_type::lookup_transfers, ids, std::forward<How>(how)...);
  }
  /// rows<account_row>(), all at one commit sequence
  template <class... How>
  auto balances_at(std::span<const id_record> ids, How&&... how) {
    return send(frame_type::balances_at, ids, std::forward<How>(how)...);
  }
  /// Orders and what is done to them; each command has an id of its own. order_requests.hpp helps to fill them in.
  template <class... How>
  auto create_orders(std::span<const order_record> orders, How&&... how) {
    return send(frame_type::create_orders, orders, std::forward<How>(how)...);
  }
  template <class... How>
  auto create_order(const order_record& order, How&&... how) {
    return send(frame_type::create_orders, std::span{&order, 1}, std::forward<How>(how)...);
  }
  template <class... How>
  auto act_on_orders(std::span<const order_action_record> actions, How&&... how) {
    return send(frame_type::act_on_orders, actions, std::forward<How>(how)...);
  }
  template <class... How>
  auto act_on_order(const order_action_record& action, How&&... how) {
    return send(frame_type::act_on_orders, std::span{&action, 1}, std::forward<How>(how)...);
  }
  /// Of an order, a command on it or a posting: rows<order_event_row>(), all events of the order, oldest first. With
  /// frame_flags::more go on by order_events with this order.
  template <class... How>
  auto order_timeline(id_record of, How&&... how) {
    return send(frame_type::order_timeline, std::span<const id_record>{&of, 1}, std::forward<How>(how)...);
  }
  /// Of an order or of a command: rows<transfer_row>().
  template <class... How>
  auto order_postings(id_record of, How&&... how) {
    return send(frame_type::order_postings, std::span<const id_record>{&of, 1}, std::forward<How>(how)...);
  }
  /// Of any id of an order's life, its root business or a combined payment: rows<relation_row>(), all that belongs
  /// together (TC-2). More rows are left with frame_flags::more; continue with the cursor.
  template <class... How>
  auto order_graph(const graph_query& what, How&&... how) {
    return send(frame_type::order_graph, std::span{&what, 1}, std::forward<How>(how)...);
  }
  /// Newest events of orders whose payment people must look at: `what.merchant`, `after` (the cursor), `limit`.
  template <class... How>
  auto open_cases(const order_event_query& what, How&&... how) {
    return send(frame_type::open_cases, std::span{&what, 1}, std::forward<How>(how)...);
  }
  /// rows<order_event_row>(); the operation's timeout must be longer than `wait_ms`. order_event_feed asks for ever.
  template <class... How>
  auto order_events(const order_event_query& what, How&&... how) {
    return send(frame_type::order_events, std::span{&what, 1}, std::forward<How>(how)...);
  }
  /// Makes settlement batches: rows<settlement_row>(). Again is safe: a batch exists once. More are left with
  /// frame_flags::more; continue with the cursor.
  template <class... How>
  auto settle(const settle_request& what, How&&... how) {
    return send(frame_type::settle, std::span{&what, 1}, std::forward<How>(how)...);
  }
  /// rows<settlement_row>(), in pages as settle.
  template <class... How>
  auto settlements(const settlement_query& what, How&&... how) {
    return send(frame_type::settlements, std::span{&what, 1}, std::forward<How>(how)...);
  }
  /// list_accounts: rows<account_row>(); list_transfers: rows<transfer_row>(); statement: rows<statement_row>();
  /// list_ledgers: rows<ledger_row>().
  /// More rows are left when the answer's header has frame_flags::more; continue with its cursor.
  template <class... How>
  auto query(frame_type type, const query_record& what, How&&... how) {
    return send(type, std::span{&what, 1}, std::forward<How>(how)...);
  }
  /// The payment catalogue's versions: takes what is in the server's folder, or retires one. text() says what became of
  /// it: `accepted`, or all `problems`.
  template <class... How>
  auto load_catalog(const load_catalog_record& what, How&&... how) {
    return send(frame_type::load_catalog, std::span{&what, 1}, std::forward<How>(how)...);
  }
  /// stats, verify, list_catalogs: text()
  template <class... How>
  auto report(frame_type type, How&&... how) {
    return submit(type, {}, 0, std::forward<How>(how)...);
  }

  /// Takes nothing new, brings what was submitted to its end, and closes. Not on the client's thread.
  /// Returns false when that took longer than `patience` (it goes on; `close_now` or the destructor end it).
  bool close(std::chrono::milliseconds patience);
  /// Ends everything at once: what is waiting is `not_sent`, what is in flight `unknown`.
  void close_now();
  /// Why the newest connection failed or ended; empty if none did.
  std::string last_error() const;

 private:
  template <class Record, class... How>
  auto send(frame_type type, std::span<const Record> records, How&&... how) {
    return submit(type, std::as_bytes(records), static_cast<std::uint32_t>(records.size()), std::forward<How>(how)...);
  }

  std::unique_ptr<boost::asio::io_context> own_io_;
  std::shared_ptr<client_core> core_;
  std::thread thread_;
};

}  // namespace payloom::client

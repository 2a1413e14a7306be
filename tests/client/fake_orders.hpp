#pragma once
// Orders for tests of the client: instant sales of the shipped catalogue (config/payments), created, paid, cancelled
// and refunded, with their events and postings. No balances: every payer has money.
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"
#include "protocol/types/relation_records.hpp"

namespace payloom::test {

class fake_orders {
 public:
  // Each takes the next sequences when it is done.
  result_record create(const order_record& order, u128 context_id, std::uint64_t& sequence);
  result_record act(const order_action_record& action, u128 context_id, std::uint64_t& sequence);

  /// The order that an order's, a command's or a posting's id belongs to.
  std::optional<order_id> order_behind(u128 id) const;
  std::vector<order_event_row> timeline(order_id order) const;
  /// Of the whole order, or of one command when `id` is its.
  std::vector<transfer_row> postings(order_id order, u128 id) const;
  /// What belongs to the order behind an id, and to those that are combined with it.
  std::vector<relation_row> graph(u128 id) const;
  std::map<u128, u128> combined;  ///< by payment: the combined payment that it is part of; set by tests
  std::vector<order_event_row> events(const order_event_query& query, bool& more) const;

 private:
  void relate(order_id order, std::vector<relation_row>& out) const;
  struct done_command {
    order_id order;
    result_record result;
    std::vector<std::byte> request;
  };
  result_record append(order_event event, u128 context_id, std::uint64_t& sequence);
  std::optional<result_record> repeated(u128 id, std::span<const std::byte> request) const;
  order_row* newest(order_id order);
  void post(const order_event_row& row, std::uint32_t leg, account_id debit, account_id credit, u128 amount);

  std::vector<order_event_row> events_;
  std::vector<transfer_row> postings_;
  std::map<u128, done_command> commands_;  ///< by the command's id
};

}  // namespace payloom::test

#pragma once
// The client for programs that wait: every call returns its answer. Any thread; calls of many threads share frames.
#include <utility>
#include <vector>

#include "protocol/client/client.hpp"

namespace payloom::client {

class sync_client {
 public:
  explicit sync_client(client_options options) : client_(std::move(options)) {}

  answer create_transfers(std::span<const transfer_record> events, const submit_options& how = {}) {
    return client_.create_transfers(events, how).get();
  }
  answer create_transfer(const transfer_record& event, const submit_options& how = {}) {
    return client_.create_transfer(event, how).get();
  }
  answer create_accounts(std::span<const account_record> events, const submit_options& how = {}) {
    return client_.create_accounts(events, how).get();
  }
  answer change_accounts(std::span<const account_change_record> events, const submit_options& how = {}) {
    return client_.change_accounts(events, how).get();
  }
  answer seal_transfers(std::span<const id_record> ids, const submit_options& how = {}) {
    return client_.seal_transfers(ids, how).get();
  }
  answer lookup_accounts(std::span<const id_record> ids, const submit_options& how = {}) {
    return client_.lookup_accounts(ids, how).get();
  }
  answer lookup_transfers(std::span<const id_record> ids, const submit_options& how = {}) {
    return client_.lookup_transfers(ids, how).get();
  }
  answer create_orders(std::span<const order_record> orders, const submit_options& how = {}) {
    return client_.create_orders(orders, how).get();
  }
  answer create_order(const order_record& order, const submit_options& how = {}) {
    return client_.create_order(order, how).get();
  }
  answer act_on_orders(std::span<const order_action_record> actions, const submit_options& how = {}) {
    return client_.act_on_orders(actions, how).get();
  }
  answer act_on_order(const order_action_record& action, const submit_options& how = {}) {
    return client_.act_on_order(action, how).get();
  }
  answer order_timeline(id_record of, const submit_options& how = {}) { return client_.order_timeline(of, how).get(); }
  answer order_postings(id_record of, const submit_options& how = {}) { return client_.order_postings(of, how).get(); }
  answer order_graph(const graph_query& what, const submit_options& how = {}) {
    return client_.order_graph(what, how).get();
  }
  answer open_cases(const order_event_query& what, const submit_options& how = {}) {
    return client_.open_cases(what, how).get();
  }
  answer order_events(const order_event_query& what, const submit_options& how = {}) {
    return client_.order_events(what, how).get();
  }
  answer settle(const settle_request& what, const submit_options& how = {}) { return client_.settle(what, how).get(); }
  answer settlements(const settlement_query& what, const submit_options& how = {}) {
    return client_.settlements(what, how).get();
  }
  answer query(frame_type type, const query_record& what, const submit_options& how = {}) {
    return client_.query(type, what, how).get();
  }
  answer report(frame_type type, const submit_options& how = {}) { return client_.report(type, how).get(); }

  /// The asynchronous client behind it.
  client& async() { return client_; }

 private:
  client client_;
};

}  // namespace payloom::client

#pragma once
// The life of a payment or refund, put together from the events of its order.
#include <span>
#include <string>
#include <vector>

#include "actors/app/verbs/order_rows.hpp"
#include "protocol/types/relation_records.hpp"

namespace payloom::verbs {

/// A payment or refund: which, and of which order.
struct payment_key {
  u128 payment = 0;
  order_id order;
  friend bool operator==(const payment_key&, const payment_key&) = default;
};

/// The payments and refunds that an id means: itself, those of a combined payment, that of an attempt or a posting, all
/// of an order; of any other id (a root business, a channel's own number) all of the graph. Empty: none.
std::vector<payment_key> payments_meant(std::span<const relation_row> graph, u128 id);

/// What happened to one payment.
struct payment_life {
  payment_key key;
  relation_row relation{};              ///< how it belongs to its order; kind none: it never did
  std::vector<relation_row> edges;      ///< attempts, combined payment, what is given back
  std::vector<order_event_row> events;  ///< about it, oldest first
  std::vector<transfer_row> postings;
};

/// Picks the events and postings of one payment out of its order's.
payment_life life_of(const payment_key& key, std::span<const relation_row> graph,
                     std::span<const order_event_row> timeline, std::span<const transfer_row> postings);

json life_json(const payment_names& names, const payment_life& life);
std::string life_text(const payment_names& names, const payment_life& life);

}  // namespace payloom::verbs

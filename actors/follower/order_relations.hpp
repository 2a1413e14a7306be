#pragma once
// What the events of an order say about how payments, refunds, attempts and postings belong to it (TC-2). Pure.
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "protocol/types/calendar.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"
#include "protocol/types/relation_records.hpp"

namespace payloom::follower {

/// The batch that took what a posting earned for its merchant, or id 0: none yet. `day`: its accounting date.
using settlement_finder = std::function<order_id(const transfer_record& posting, day_number day, commit_seq sequence)>;

/// Collects the relations of one order. All its events must come, oldest first: what becomes of a payment is told by
/// later ones.
class order_relations {
 public:
  order_relations(tenant_id tenant, settlement_finder settled) : tenant_(tenant), settled_(std::move(settled)) {}

  /// `postings`: of the event, in order; their commits follow its own.
  void add(const order_event_row& row, std::span<const transfer_record> postings);

  /// By sequence, then kind.
  const std::vector<relation_row>& rows() const { return rows_; }

 private:
  static constexpr std::size_t none = ~std::size_t{0};
  /// A payment or refund: where its relations stand in `rows_`.
  struct life {
    node_kind kind = node_kind::payment;
    u128 counted = 0;  ///< of the order's paid, or refunded
    std::size_t moves = none, combines = none, reverses = none, attempt = none;
    std::uint16_t attempts = 0;
    bool stands() const { return counted != 0; }
  };
  relation_row& append(const order_event_row& row, relation_kind kind, u128 from, node_kind from_kind, u128 to,
                       node_kind to_kind, u128 amount);
  void name_root(const order_event_row& row);
  life* life_of(const order_event_row& row, u128 paid, u128 refunded);
  void follow_attempts(const order_event_row& row, u128 id, life& l);
  void post(const order_event_row& row, const life* l, std::span<const transfer_record> postings);

  tenant_id tenant_;
  settlement_finder settled_;
  std::vector<relation_row> rows_;
  std::map<u128, life> lives_;
  std::vector<u128> roots_;
  u128 paid_ = 0, refunded_ = 0;
};

/// Where a relation stands among all of its order: what a page's cursor is.
inline std::uint64_t place_of(const relation_row& row) {
  return row.sequence << 4 | static_cast<std::uint64_t>(row.kind);
}
inline commit_seq sequence_of_place(std::uint64_t place) { return place >> 4; }

}  // namespace payloom::follower

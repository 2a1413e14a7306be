#pragma once
// The orders whose newest payment has an open case: people must look at it (domain.md 1.6: unknown money never ends in
// a guess).
#include <map>
#include <vector>

#include "storage/codec/group_reader.hpp"
#include "storage/rocksdb/index_types.hpp"

namespace payloom::follower {

/// Kept by stage 1 under its lock. Memory: about 80 bytes a case; bounded by `payments.orders_max`, since the orders of
/// open cases are resident.
class case_list {
 public:
  struct entry {
    commit_seq sequence = 0;  ///< of the order's newest event
    tenant_id tenant = 0;
    owner_number merchant = 0;
  };

  void apply(const storage::run_view& run) {
    if (run.kind == storage::run_kind::orders) {
      const auto events = run.events<order_event>();
      const std::uint32_t last = run.count - 1;
      newest_ = {run.first_sequence + last, run.context->tenant, events[last].order.merchant};
      created_ = events[last].order.created_seq != 0 ? events[last].order.created_seq : newest_.sequence;
    } else if (run.kind == storage::run_kind::payments && created_ != 0) {
      note(created_, newest_, run.events<payment_row>().back().reason);
    }
  }
  void restore(const storage::open_order& order) {
    if (order.has_payment())
      note(order.created(), {order.sequence, order.tenant, order.event.order.merchant}, order.payment.reason);
  }

  std::size_t size() const { return open_.size(); }
  /// Sequences of the newest events of up to `max` open cases behind the cursor `after` (an order's first event), the
  /// oldest order first; `last` becomes the cursor of the last one.
  std::vector<commit_seq> find(tenant_id tenant, owner_number merchant, commit_seq after, std::size_t max,
                               commit_seq& last) const {
    std::vector<commit_seq> out;
    for (auto at = open_.upper_bound(after); at != open_.end() && out.size() < max; ++at) {
      if (at->second.tenant != tenant || (merchant != 0 && at->second.merchant != merchant)) continue;
      out.push_back(at->second.sequence);
      last = at->first;
    }
    return out;
  }

 private:
  void note(commit_seq created, const entry& now, case_reason reason) {
    if (reason == case_reason::none) {
      open_.erase(created);
    } else {
      open_[created] = now;
    }
  }

  std::map<commit_seq, entry> open_;  ///< by the sequence of the order's first event
  commit_seq created_ = 0;            ///< of the newest event applied: its payment comes next
  entry newest_;
};

}  // namespace payloom::follower

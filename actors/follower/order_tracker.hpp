#pragma once
// Which orders are resident, while recovery replays the journal: only what the tail changed is kept here, the rest is
// the index's.
#include <algorithm>
#include <memory>
#include <unordered_map>
#include <vector>

#include "storage/codec/group_reader.hpp"
#include "storage/rocksdb/index_store.hpp"

namespace payloom::follower {

/// Used by the recovering thread. Memory: about 800 bytes a resident order of the tail, 60 for each that is not any
/// more.
class order_tracker {
 public:
  void apply(const storage::run_view& run) {
    if (run.kind == storage::run_kind::payments && last_ != nullptr && last_->order) {
      last_->order->payment = run.events<payment_row>().back();
    }
    if (run.kind != storage::run_kind::orders) return;
    last_ = nullptr;
    const auto events = run.events<order_event>();
    for (std::uint32_t i = 0; i < run.count; ++i) {
      const storage::open_order now{events[i], run.first_sequence + i, run.first_time + i, run.context->tenant, {}};
      const bool resident = now.resident();
      if (!resident && now.event.order.created_seq == 0) continue;  // the index does not have it either
      state& known = changed_[now.created()];
      known.sequence = now.sequence;
      known.order = resident ? std::make_unique<storage::open_order>(now) : nullptr;
      last_ = &known;  // nodes stay where they are
    }
  }
  /// The index stands at `sequence` now: forgets what it knows.
  void indexed(commit_seq sequence) {
    last_ = nullptr;
    std::erase_if(changed_, [&](const auto& one) { return one.second.sequence <= sequence; });
  }
  /// Every resident order, by created(): those of the index, as the tail left them, and the tail's own.
  template <class Visit>
  void for_each(const storage::index_store& store, Visit&& visit) const {
    std::vector<const storage::open_order*> own;
    for (const auto& [created, now] : changed_) {
      if (now.order) own.push_back(now.order.get());
    }
    std::sort(own.begin(), own.end(), [](const auto* a, const auto* b) { return a->created() < b->created(); });
    auto next = own.begin();
    const auto own_below = [&](commit_seq created) {
      for (; next != own.end() && (*next)->created() < created; ++next) visit(**next);
    };
    store.for_each_order([&](const storage::open_order& indexed) {
      own_below(indexed.created());
      if (!changed_.contains(indexed.created())) visit(indexed);
      return true;
    });
    own_below(~commit_seq{0});
  }

 private:
  struct state {
    commit_seq sequence = 0;
    std::unique_ptr<storage::open_order> order;  ///< null: not resident
  };
  std::unordered_map<commit_seq, state> changed_;  ///< by created()
  state* last_ = nullptr;                          ///< of the newest event: its payment comes next
};

}  // namespace payloom::follower

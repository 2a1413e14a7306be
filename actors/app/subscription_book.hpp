#pragma once
// All subscriptions of a partition, and what may be done with them: the rules alone, without threads, clock or I/O.
#include <map>
#include <optional>

#include "actors/app/subscription.hpp"

namespace payloom::app {

/// One thread at a time.
class subscription_book {
 public:
  using map = std::map<subscription_key, subscription>;

  /// What the file had. What was acknowledged beyond `durable_through` is brought back to it: the journal was taken
  /// from an older copy, and its next events are others. Returns how many were.
  std::size_t restore(std::span<const stored_subscription> all, commit_seq durable_through);

  // Why not, or ok; in this order: query_malformed; then as said.
  /// For `show`: subscription_unknown. Otherwise busy (being made or forgotten), subscription_differs, cursor_malformed
  /// (a new one that begins in the future), subscriptions_full.
  result_code may_subscribe(tenant_id tenant, const subscribe_record& asked, commit_seq durable_through) const;
  /// subscription_unknown, acknowledged_too_far.
  result_code may_acknowledge(tenant_id tenant, const acknowledge_record& asked) const;

  subscription* find(subscription_key key);
  /// A new one; the caller asked may_subscribe.
  subscription& make(tenant_id tenant, const subscribe_record& asked);
  void erase(subscription_key key) { all_.erase(key); }
  map& all() { return all_; }
  const map& all() const { return all_; }

  /// As it stands when everything up to `applied` may have been looked at.
  static subscription_row row_of(const subscription& s, commit_seq applied);
  /// Since when the oldest thing waits that was not acknowledged; 0: nothing does.
  static time_ns backlog_since(const subscription& s, commit_seq applied);

 private:
  map all_;
};

}  // namespace payloom::app

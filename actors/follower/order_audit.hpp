#pragma once
// The orders of the journal checked for `verify`: each event against the one before it, and its postings against it.
// What a machine or a posting rule allows is the core's business; here is what must hold whatever they say.
#include <cstdint>
#include <string>
#include <unordered_map>

#include "actors/follower/problem_list.hpp"
#include "storage/codec/group_reader.hpp"
#include "storage/rocksdb/index_types.hpp"

namespace payloom::follower {

/// What is kept of an order: about 140 bytes with its place in the map.
struct audited_order {
  u128 paid = 0, refunded = 0;
  std::uint64_t terms = 0;  ///< digest of what never changes about it
  commit_seq newest = 0;
  std::uint64_t content = 0;  ///< resident orders: content_of the newest event, else 0
  std::uint32_t version = 0;
  tenant_id tenant = 0;
};

class order_audit {
 public:
  explicit order_audit(problem_list& problems) : problems_(problems) {}

  /// Takes every event of the journal in order. Contradictions become problems.
  void apply(const storage::run_view& run, std::uint32_t index);
  /// After the last event: nothing may be missing.
  void finish();

  /// By the sequence of the first event; orders in a final state are forgotten.
  const std::unordered_map<commit_seq, audited_order>& orders() const { return orders_; }
  std::uint64_t resident() const { return resident_; }
  /// A digest of an event with its sequence, timestamp and tenant.
  static std::uint64_t content_of(const storage::open_order& order);

 private:
  void event(const storage::open_order& now);
  void check_request(const storage::open_order& now);
  void check_sums(const storage::open_order& now, const audited_order& before);
  void posting(const storage::run_view& run, std::uint32_t index);
  void payment(const storage::run_view& run, std::uint32_t index);
  /// The payment moved what the order counts of it, and combined payments are complete and add up: so do the relations
  /// that order_graph shows.
  void check_relations(const payment_row& row, commit_seq sequence);
  void check_member(const payment_row& row, commit_seq sequence);
  void problem(commit_seq sequence, const std::string& what);

  /// Postings that must come next.
  struct expected_postings {
    u128 order = 0, cause = 0;
    commit_seq next = 0;
    owner_number merchant = 0;
    std::uint32_t leg = 0, legs = 0;
    tenant_id tenant = 0;
    ledger_id ledger = 0;
    bool payment = false;         ///< and then a payment
    u128 paid = 0, refunded = 0;  ///< what the event added to them
    order_event event{};
  };
  /// A combined payment whose members are not all there yet.
  struct open_combined {
    u128 id = 0, total = 0, sum = 0;
    std::uint32_t count = 0, members = 0, events = 0;
  };

  problem_list& problems_;
  std::unordered_map<commit_seq, audited_order> orders_;
  expected_postings expected_;
  open_combined combined_;
  std::uint64_t resident_ = 0;
};

}  // namespace payloom::follower

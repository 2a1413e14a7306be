#pragma once
// The simulation's follower: knows what is stored under every id and how accounts and holds stand, as far as it has
// read. It lags on purpose: a question is answered from no later a state than it must be, so that whatever the core
// relies on beyond `not_before` shows. Single-threaded.
#include <deque>
#include <unordered_map>
#include <vector>

#include "actors/runtime/reader_functions.hpp"
#include "tests/sim/audit_types.hpp"

namespace payloom::sim {

class stored_index {
 public:
  struct stored_account {
    account_record created{};
    commit_seq sequence = 0;
    time_ns timestamp = 0;
    account_row row{};
  };

  /// New durable events; not read yet.
  void append(const std::vector<journal_event>& events);
  /// Reads at least up to `seq`; at most up to what was appended.
  void read_to(commit_seq seq);
  void read_some(std::size_t events);
  void read_all() { read_to(~commit_seq{0}); }
  commit_seq applied() const { return applied_; }

  core::stored_event find(tenant_id tenant, u128 id) const;
  actors::loaded_creation creation(tenant_id tenant, account_id id) const;

  const std::unordered_map<audit_key, core::stored_event, audit_key_hash>& ids() const { return ids_; }
  using stored_id = std::unordered_map<audit_key, core::stored_event, audit_key_hash>::value_type;
  /// The same in the order of their commits.
  const std::vector<const stored_id*>& ids_in_order() const { return in_order_; }
  /// Every order as its newest event left it, by (tenant, order id).
  const std::unordered_map<audit_key, std::shared_ptr<const core::stored_order>, audit_key_hash>& orders() const {
    return orders_;
  }
  const std::unordered_map<audit_key, stored_account, audit_key_hash>& accounts() const { return accounts_; }

 private:
  void apply(const journal_event& e);
  void apply_transfer(const journal_event& e, core::stored_event& s);
  void apply_order(const journal_event& e, core::stored_event& s);
  void apply_payment(const journal_event& e);

  std::unordered_map<audit_key, core::stored_event, audit_key_hash> ids_;
  std::vector<const stored_id*> in_order_;
  std::unordered_map<audit_key, stored_account, audit_key_hash> accounts_;
  std::unordered_map<audit_key, std::shared_ptr<const core::stored_order>, audit_key_hash> orders_;
  std::uint32_t legs_left_ = 0;  ///< postings of the order event that was read last
  bool payment_left_ = false;    ///< and its payment
  audit_key newest_order_;       ///< whose they are
  std::deque<journal_event> unread_;
  commit_seq applied_ = 0;
};

}  // namespace payloom::sim

#pragma once
// The pure core of an account shard: its accounts, the claims on them, and who waits for whom. A batch of slips in,
// per-destination batches out (architecture.md section 2). One thread at a time; no I/O, no clock.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/core/account_entity.hpp"
#include "actors/core/catalog/catalog_registry.hpp"
#include "actors/core/claim_watch.hpp"
#include "actors/core/entity_table.hpp"
#include "actors/core/ledger_rules.hpp"
#include "actors/core/slip.hpp"
#include "actors/core/topology.hpp"
#include "actors/core/unit_case.hpp"

namespace payloom::core {

/// What a step leaves for others. Cleared by the shell after sending.
struct account_effects {
  explicit account_effects(const topology& t)
      : to_account(t.account_shards()),
        to_account_cases(t.account_shards()),
        creations_to_account(t.account_shards()),
        changes_to_account(t.account_shards()),
        release(t.account_shards()),
        to_order(t.order_shards()),
        to_target(t.order_shards()) {}
  std::vector<slip_vector> to_account;                    ///< next stop, by account shard
  std::vector<std::vector<unit_case*>> to_account_cases;  ///< the same for cases
  std::vector<slip_vector> creations_to_account;          ///< of accounts that moved
  std::vector<slip_vector> changes_to_account;
  std::vector<apply_vector> release;               ///< claims of refused slips, by account shard
  std::vector<slip_vector> to_order;               ///< ended without a journal record, by order shard
  std::vector<std::vector<target_end>> to_target;  ///< their claims on targets, by order shard
  slip_vector to_writer;                           ///< decided: events and remembered refusals
  std::vector<unit_case*> cases_to_writer;         ///< decided cases
  std::vector<change_decision> changes_to_writer;  ///< decided account changes
  slip_vector creations_to_writer;                 ///< create_accounts: `id_slot` is the row
  slip_vector created_before;                      ///< create_accounts of an existing account: compare
  std::vector<command_frame*> finished;            ///< frames whose last result this step wrote
  std::vector<std::uint32_t> to_move;              ///< rows that belong to another host now (see take_for_move)
  overdue_claim overdue;                           ///< a bug: the process must stop
};

/// An account on its way to another host.
struct moved_account {
  account_entity entity;
  u128 limit = 0;
  commit_seq as_of = 0;  ///< the commit up to which its sums are complete
};

/// A request to copy an account's sums into a result after an apply entry.
struct balance_request {
  command_frame* frame;
  std::uint32_t index;
  std::uint32_t side;  ///< 0 debit, 1 credit
};

class account_book {
 public:
  struct options {
    shard_index shard = 0;
    std::uint32_t accounts_max = 0xfffffff0;  ///< more: account_table_full
    std::uint32_t waiters_max = limits::account_waiters_max;
    std::unordered_set<std::uint64_t> hot_mixes{};                ///< accounts that are hot by configuration
    std::uint64_t salt = 0;                                       ///< secret, drawn by the caller at each start
    std::shared_ptr<const catalog::catalog_registry> payments{};  ///< the newest chart says what its accounts are like
  };
  account_book(const topology& t, options o, std::function<bool(ledger_id)> ledger_known);
  ~account_book();

  /// Accounts are opened by the newest chart of `next` from now on.
  void set_payments(std::shared_ptr<const catalog::catalog_registry> next) { options_.payments = std::move(next); }

  /// Transfers (and resolutions) arriving at this shard.
  void step(std::span<plain_slip> slips, account_effects& out);
  void step_cases(std::span<unit_case* const> cases, account_effects& out);
  /// create_accounts and change_accounts slips.
  void create(std::span<plain_slip> slips, time_ns now, account_effects& out);
  void change(std::span<plain_slip> slips, account_effects& out);
  /// An existing account's stored creation was loaded for a slip of `created_before`.
  void compare_created(const plain_slip& slip, const account_record& stored, commit_seq seq, time_ns timestamp,
                       account_effects& out);

  /// Committed movements up to `through`, in commit order. `balances` answers entries with a tag.
  void apply(std::span<const apply_entry> entries, std::span<const balance_request> balances, commit_seq through,
             account_effects& out);
  /// Committed creations and changes: `mix_or_seq` of a slip is its sequence, `id_slot` the account's row.
  void apply_accounts(std::span<const plain_slip> created, std::span<const change_decision> changed,
                      commit_seq base_seq, time_ns base_time, account_effects& out);
  /// Claims of refused slips.
  void release(std::span<const apply_entry> entries, account_effects& out);
  /// Creations that the journal has no space for: nothing happened (`unavailable`).
  void uncreate(std::span<const plain_slip> slips, account_effects& out);

  /// Moving a row of `to_move`, in three steps by the shell in one go: take a copy and send it to `move_target`,
  /// publish the new host in the topology, then `finish_move`, which wakes who waited here (they follow the account).
  shard_index move_target(std::uint32_t row) const;
  moved_account take_for_move(std::uint32_t row) const;
  void finish_move(std::uint32_t row, bool moved, account_effects& out);
  /// Recovery: names the rows whose host is another shard.
  void find_misplaced(account_effects& out);
  /// The other end.
  void arrive(const moved_account& account, account_effects& out);

  /// Ends parked work whose deadline passed; finds creations that are too old (`patience`: see patience_clock). Every
  /// other command is watched at the order shard of its id.
  void tick(time_ns now, account_effects& out, std::uint64_t patience = 0);

  /// Recovery: an account as the journal left it. Not after the first step.
  void restore(const account_row& row, tenant_id tenant);

  /// Visits all durable accounts: (entity, overdraft limit).
  void visit(const std::function<void(const account_entity&, u128)>& f) const;

  commit_seq applied_through() const { return applied_; }
  std::size_t accounts() const { return table_.size(); }
  std::size_t parked() const { return parked_; }
  std::size_t memory_bytes() const { return table_.memory_bytes(); }

 private:
  struct waiter {
    plain_slip slip;
    unit_case* whole = nullptr;  ///< a case instead of the slip
    enum class kind : std::uint8_t { transfer, create, change, whole_case } what = kind::transfer;
  };
  struct side_debit;
  struct side_credit;

  void visit_slip(plain_slip& s, std::uint64_t debit_mix, std::uint64_t credit_mix, account_effects& out);
  template <class Side>
  bool stop_at(plain_slip& s, std::uint64_t mix, account_effects& out);
  void conclude(plain_slip& s, account_effects& out);
  void release_claims(const plain_slip& s, account_effects& out);
  void end_without_record(const plain_slip& s, account_effects& out);
  void forward(const plain_slip& s, shard_index shard, account_effects& out) { out.to_account[shard].push_back(s); }
  u128 limit_of(const account_entity& e, std::uint32_t row) const {
    return (e.marks & account_marks::has_limit) ? limits_.at(row) : 0;
  }

  /// Up to which commit the row's sums are complete: an account that moved here may be ahead of this shard.
  commit_seq as_of(std::uint32_t row) const {
    if (arrived_.empty()) [[likely]]
      return applied_;
    const auto at = arrived_.find(row);
    return at == arrived_.end() ? applied_ : std::max(applied_, at->second);
  }
  /// The account's row. An account that is hosted here and on its way here gets an empty row to wait at: work that came
  /// to this shard for another account may be ahead of it.
  std::uint32_t find_row(std::uint64_t mix, tenant_id tenant, u128 id) {
    const std::uint32_t row = table_.find(mix, tenant, id);
    if (row != table_.none || topology_.home_shard(mix) == options_.shard) [[likely]]
      return row;
    return expect_arrival(mix, tenant, id);
  }
  std::uint32_t expect_arrival(std::uint64_t mix, tenant_id tenant, u128 id);
  bool wants_hot(const account_entity& e) const;
  void consider_move(std::uint32_t row, account_effects& out);
  void visit_creation(plain_slip& s, account_effects& out);
  void visit_change(plain_slip& s, account_effects& out);
  static result_code decide_change(const account_entity& e, const account_change_record& c, change_decision& d);

  void visit_case(unit_case& c, account_effects& out);
  bool stop_case(unit_case& c, case_account_stop& stop, account_effects& out);
  stop_answer evaluate_case_at(unit_case& c, case_account_stop& stop, const account_entity& e, std::uint32_t row);
  void conclude_case(unit_case& c, account_effects& out);
  static void leave_to_people(unit_case& c);

  bool newcomer_waits(const account_entity& e, bool limited_side) const;
  void park(std::uint32_t row, waiter w, account_effects& out);
  void wake(std::uint32_t row, account_effects& out);
  void try_again(waiter& w, account_effects& out);
  void give_up(waiter& w, result_code code, account_effects& out);
  void apply_one(const apply_entry& a);
  void touched(std::uint32_t row);
  void wake_touched(account_effects& out);
  void finish_results(command_frame& f, std::uint32_t n, account_effects& out) {
    if (f.finish(n)) out.finished.push_back(&f);
  }

  const topology& topology_;
  options options_;
  std::function<bool(ledger_id)> ledger_known_;
  entity_table<account_entity> table_;
  std::unordered_map<std::uint32_t, u128> limits_;                 ///< overdraft limits by row, only where set
  std::unordered_map<std::uint32_t, std::uint64_t> creating_;      ///< rows being created: see claim_age
  std::unordered_map<std::uint32_t, commit_seq> arrived_;          ///< rows of accounts that moved here
  std::unordered_map<std::uint32_t, std::deque<waiter>> waiting_;  ///< by row, oldest first
  std::vector<std::uint32_t> touched_;                             ///< rows with waiters whose claims or sums moved
  std::size_t parked_ = 0;
  std::uint32_t waking_row_ = no_slot;  ///< while its queue is being tried: parking there goes to the front
  bool parked_again_ = false;
  commit_seq applied_ = 0;
};

}  // namespace payloom::core

#pragma once
// A random history of a ledger written to a journal, and beside it the naive record of what happened: every event in
// a vector, every account with its sums. Knows nothing of the follower.
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "protocol/types/settlement.hpp"
#include "storage/codec/group_builder.hpp"
#include "storage/ports.hpp"

namespace payloom::testing {

__extension__ typedef __int128 signed_sum;  ///< of amounts that are far from its bounds

struct model_event {
  storage::run_kind kind = storage::run_kind::transfers;
  tenant_id tenant = 0;
  commit_seq sequence = 0;
  time_ns timestamp = 0;
  transfer_record record{};  ///< transfers of any kind; refusals: the request; else only the id
  u128 target_amount = 0;
  commit_seq target_sequence = 0;
  result_code code = result_code::ok;
  bool is_transfer = true;        ///< executed transfer of any kind
  bool is_other_refusal = false;  ///< of a change or of an action on an order
  u128 order = 0;                 ///< postings, events of orders, refused actions: the order's id
  // What later events did to it.
  commit_seq resolved_by = 0;
  transfer_state state = transfer_state::posted;
  u128 reversed = 0;
};

/// One event of an order, as queries show it.
using model_order_event = order_event_row;

struct model_order {
  tenant_id tenant = 0;
  order_row row{};  ///< as its newest event says
  commit_seq created = 0, newest = 0;
};

/// What was posted to a merchant's pending account, and what settlement batches took: every posting in a list.
struct model_pending {
  owner_number merchant = 0;
  ledger_id ledger = 0;
  day_number settled_through = 0;
  std::vector<std::pair<day_number, signed_sum>> postings;  ///< with the date to which they count
  signed_sum settled = 0;
  /// What is due through a day that is not settled yet.
  signed_sum due(day_number through) const {
    signed_sum sum = -settled;
    for (const auto& [day, amount] : postings) sum += day <= through ? amount : 0;
    return sum;
  }
};

struct model_account {
  tenant_id tenant = 0;
  account_record record{};
  account_counters counters{};
  u128 limit = 0;
  std::uint16_t flags = 0;
  commit_seq created_seq = 0;
  time_ns timestamp = 0;
};

/// Writes groups of random events to `journal`. Same seed, same history.
class random_history {
 public:
  random_history(storage::journal& journal, std::uint64_t seed, std::uint32_t accounts);

  /// Adds about `events` more events in groups of up to `group_events`.
  void run(std::uint32_t events, std::uint32_t group_events = 300);

  const std::vector<model_event>& events() const { return events_; }
  const std::vector<model_account>& accounts() const { return accounts_; }
  const model_account* account(tenant_id tenant, u128 id) const {
    const auto it = account_by_id_.find({tenant, id});
    return it == account_by_id_.end() ? nullptr : &accounts_[it->second];
  }
  /// All events of all orders, in commit order.
  const std::vector<model_order_event>& order_events() const { return order_events_; }
  const std::vector<model_order>& orders() const { return orders_; }
  /// By tenant and account; some have no postings.
  const std::map<std::pair<tenant_id, u128>, model_pending>& pending() const { return pending_; }
  /// The day (UTC) of the history's beginning; accounting dates are up to 25 days from it.
  static constexpr day_number first_day = 20'231'114;
  commit_seq last() const { return events_.size(); }

 private:
  std::uint64_t pick(std::uint64_t below) { return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(rng_); }
  bool chance(std::uint32_t percent) { return pick(100) < percent; }
  u128 fresh_id();
  transfer_record random_transfer(tenant_id tenant);
  model_event make_transfer(tenant_id tenant);
  bool make_resolution(tenant_id tenant, model_event& out, const std::set<commit_seq>& taken);
  void add_group(std::uint32_t most);
  void add_run(storage::run_kind kind, std::uint32_t count);
  void add_account();
  /// A new order or a step of one, with its postings.
  void add_order_unit();
  order_event new_order(tenant_id tenant);
  /// A settlement batch of some pending account of the tenant; false when there is none to make.
  bool new_batch(tenant_id tenant, order_event& out);
  void note_pending(const model_event& event, u128 account, signed_sum amount);
  order_event order_step(const model_order& order);
  void add_postings(const order_event& cause, tenant_id tenant, std::uint32_t context);
  void write(const std::vector<model_event>& events);
  void apply(const model_event& event);
  std::uint32_t context(tenant_id tenant, u128 context_id = 0, u128 root_id = 0);

  storage::journal& journal_;
  storage::group_builder builder_;
  std::mt19937_64 rng_;
  std::vector<model_event> events_;
  std::vector<model_account> accounts_;
  std::vector<model_order_event> order_events_;
  std::vector<model_order> orders_;
  std::map<std::pair<tenant_id, u128>, std::size_t> account_by_id_;
  std::map<std::pair<tenant_id, u128>, model_pending> pending_;
  day_number unit_day_ = 0, batch_day_ = 0;  ///< of the order event whose postings are being added
  std::vector<commit_seq> open_holds_, reversible_;
  std::uint64_t ids_ = 0;  ///< that count up
  time_ns time_ = 1'700'000'000'000'000'000;
};

}  // namespace payloom::testing

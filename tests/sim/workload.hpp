#pragma once
// Seeded requests of every kind: good ones, contended ones, repeats, and wrong ones for every code. It knows the ids it
// made and what it was told about them by `on_result`, never outcomes in flight. Deterministic: the same seed and the
// same calls give the same requests. Single-threaded. Memory is bounded by `remembered_max` per list and tenant.
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tests/sim/audit_types.hpp"
#include "tests/sim/sim_random.hpp"

namespace payloom::sim {

struct workload_options {
  std::uint32_t tenants = 2;
  std::uint32_t frame_events_max = 12;  ///< of ordinary frames; a long chain is longer
  std::uint32_t accounts_per_tenant = 40;
  std::uint32_t long_chain_every = 4000;  ///< one frame in so many has a chain of more than 1,024; 0 = never
  std::size_t remembered_max = 512;
  std::uint32_t funding_factor = 1;  ///< users of orders get so many times the usual
  std::uint32_t orders_percent = 0;  ///< of the frames: orders and actions on them
};

class workload {
 public:
  explicit workload(std::uint64_t seed, workload_options options = {});

  /// The next frame. `now` is the client's clock: imported events lie before it, wrong ones an hour after.
  audit_request next(time_ns now);

  /// What a frame was told. Frames whose answer got lost are simply never told.
  void on_result(const audit_request& request, std::span<const result_record> results);

  /// Somebody must look at a payment of this order.
  void on_case(tenant_id t, order_id order);

  tenant_id tenants() const { return static_cast<tenant_id>(tenants_.size()); }
  /// Every account that a tenant's orders can use, those that nobody opened before among them.
  std::vector<account_record> chart_of(tenant_id t) const;

  /// How often each kind of thing was asked for, by name.
  const std::map<std::string, std::uint64_t>& asked() const { return asked_; }

  /// The account that many transfers credit, and that is marked and unmarked hot.
  account_id hot_account(tenant_id t) const { return tenants_[t].accounts[0].id; }

  static constexpr std::size_t remembered_frames = 8;  ///< frames in flight that repeats are drawn from

 private:
  // Orders of one buyer that are paid, cancelled and refunded together, and linked actions that were sent for them.
  struct basket {
    std::vector<order_record> orders;
    std::vector<order_action_record> sent;
    bool paid = false;
  };
  // One tenant's world as its clients see it.
  struct world {
    std::vector<account_record> accounts;   // 0 hot, 1 bank (unlimited), 2..7 tight (limited), 8, 9 whales, then others
    std::size_t created = 0;                // accounts already asked for
    std::vector<transfer_record> executed;  // as asked
    std::vector<transfer_record> refused;
    std::vector<transfer_record> open_holds;
    std::vector<transfer_record> old_holds;
    std::vector<transfer_record> posted;
    std::vector<std::vector<transfer_record>> chains;  // executed whole
    std::vector<account_change_record> changes;
    std::vector<account_id> closed, stopped;
    std::vector<u128> sealed;
    std::vector<account_record> chart;
    bool chart_asked = false;
    std::vector<order_record> orders;  // asked, told or not; the newest last
    std::vector<order_action_record> actions;
    std::vector<order_id> cases;     // open, or were
    std::vector<order_id> in_parts;  // a part was asked of a channel; the newest last
    std::vector<basket> baskets;
    std::vector<audit_request> recent;  // asked, told or not
  };
  using transfer_list = std::vector<transfer_record>;

  // Frames (workload.cpp).
  void make_accounts(world& w);
  audit_request account_frame(world& w, tenant_id t, time_ns now);
  audit_request seal_frame(world& w, tenant_id t);
  audit_request transfer_frame(world& w, tenant_id t, time_ns now);
  audit_request long_chain_frame(world& w, tenant_id t);
  void learn(world& w, const transfer_record& r, const result_record& result);
  void learn_change(world& w, const account_change_record& r, const result_record& result);
  template <class T>
  void remember(std::vector<T>& list, T value);
  void count(const char* what) { ++asked_[what]; }

  // Transfers (workload_transfers.cpp).
  transfer_record any_transfer(world& w, tenant_id t, time_ns now);
  transfer_record plain(world& w);
  transfer_record contended(world& w);
  transfer_record hot(world& w);
  transfer_record huge(world& w);
  transfer_record new_hold(world& w);
  transfer_record resolution(world& w);
  transfer_record reversal(world& w);
  transfer_record balancing(world& w);
  transfer_record imported(world& w, time_ns now);
  transfer_record with_unknown(world& w, tenant_id t);
  transfer_record repeat(world& w);
  transfer_record repeat_with_other_field(world& w, time_ns now);
  void add_chain(world& w, transfer_list& out, time_ns now);
  void spoil_chain(world& w, transfer_list& chain, std::size_t first);
  void spoil_content(transfer_record& r, time_ns now);
  account_id some_account(world& w);

  // Orders (workload_orders.cpp).
  void make_chart(world& w);
  audit_request chart_frame(world& w, tenant_id t);
  audit_request order_frame(world& w, tenant_id t, time_ns now);
  audit_request action_frame(world& w, tenant_id t);
  transfer_record funding(world& w);
  order_record new_order(world& w);
  void add_order(world& w, const order_record& r);
  order_record order_again(world& w, time_ns now);
  void spoil_order(order_record& r, time_ns now);
  order_action_record new_action(world& w);
  order_action_record resolution_of_case(world& w);
  order_action_record part_of_order(world& w);
  void choose_tools(const order_record& o, order_action_record& r);
  order_action_record action_again(world& w);
  void spoil_action(order_action_record& r);

  // Linked actions (workload_linked.cpp).
  audit_request basket_frame(world& w, tenant_id t);
  audit_request linked_frame(world& w, tenant_id t);
  std::vector<order_action_record> linked_pay(basket& b);
  std::vector<order_action_record> linked_end(basket& b);
  std::vector<order_action_record> linked_refund(basket& b);
  std::vector<order_action_record> linked_again(basket& b);
  std::vector<order_action_record> linked_mixture(world& w);
  void spoil_linked(world& w, std::vector<order_action_record>& unit);

  // Accounts and changes (workload_accounts.cpp).
  account_record any_account(world& w, time_ns now);
  void spoil_account(account_record& r, time_ns now);
  account_change_record any_change(world& w);
  account_change_record chart_change(world& w, account_change_record r);
  void spoil_change(account_change_record& r);
  audit_request change_frame(world& w, tenant_id t);

  workload_options options_;
  sim_random random_;
  std::vector<world> tenants_;
  std::map<std::string, std::uint64_t> asked_;
};

}  // namespace payloom::sim

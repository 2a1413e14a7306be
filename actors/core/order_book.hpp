#pragma once
// The pure core of an order shard: every id it owns (idempotency for ever), open holds with their deadlines, and the
// claims on ids, holds and originals. Batches in, per-destination batches out. One thread at a time; no I/O, no clock.
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <queue>
#include <span>
#include <unordered_map>
#include <vector>

#include "actors/core/catalog/catalog_registry.hpp"
#include "actors/core/catalog/version_counts.hpp"
#include "actors/core/channels/channel_call.hpp"
#include "actors/core/checks/check_call.hpp"
#include "actors/core/claim_watch.hpp"
#include "actors/core/entity_table.hpp"
#include "actors/core/hold_entity.hpp"
#include "actors/core/id_filter.hpp"
#include "actors/core/order_entity.hpp"
#include "actors/core/recent_ids.hpp"
#include "actors/core/slip.hpp"
#include "actors/core/topology.hpp"
#include "actors/core/unit_case.hpp"
#include "protocol/types/order_records.hpp"

namespace payloom::core {

/// Asks the index and the journal what is stored under an id. Answered by `loaded` with the same token.
struct load_request {
  std::uint64_t token = 0;
  tenant_id tenant = 0;
  u128 id = 0;
  commit_seq seq = 0;         ///< where it is, when known; else 0
  commit_seq not_before = 0;  ///< the answer must know everything up to here
};

/// An order as its newest event left it.
struct stored_order {
  order_row row{};
  commit_seq seq = 0;  ///< of that event
  time_ns timestamp = 0;
  bool has_payment = false;
  payment_row payment{};  ///< its newest, when it has one
};

/// What is stored under an id.
struct stored_event {
  /// order: an order_event; `record` is its request, `order` how that order stands now.
  enum class kind : std::uint8_t { none, transfer, refusal, change, seal, order } what = kind::none;
  commit_seq seq = 0;
  time_ns timestamp = 0;
  alignas(16) std::byte record[128]{};  ///< the record of its kind (refusals and orders: the request)
  result_code code = result_code::ok;   ///< refusals
  frame_type request_type = frame_type::create_transfers;  ///< refusals and orders: the type of the request
  commit_seq as_of = 0;                                    ///< refusals
  transfer_state state = transfer_state::posted;           ///< holds: how it was resolved, or held
  u128 reversed_minor = 0;                                 ///< singles and captures: sum of their reversals
  std::shared_ptr<const stored_order> order;               ///< orders

  const transfer_record& transfer() const { return *reinterpret_cast<const transfer_record*>(record); }
  const account_change_record& change() const { return *reinterpret_cast<const account_change_record*>(record); }
};

struct order_effects {
  explicit order_effects(const topology& t)
      : to_account(t.account_shards()),
        to_account_cases(t.account_shards()),
        changes_to_account(t.account_shards()),
        to_order(t.order_shards()),
        to_order_cases(t.order_shards()),
        ended(t.order_shards()),
        to_target(t.order_shards()) {}
  std::vector<slip_vector> to_account;  ///< transfers, by account shard
  std::vector<std::vector<unit_case*>> to_account_cases;
  std::vector<slip_vector> changes_to_account;
  std::vector<slip_vector> to_order;  ///< next order stop, by order shard
  std::vector<std::vector<unit_case*>> to_order_cases;
  std::vector<slip_vector> ended;                  ///< own-id parts of events that end without a record
  std::vector<std::vector<target_end>> to_target;  ///< target parts of the same
  slip_vector to_writer;                           ///< seals and remembered refusals of targets
  std::vector<unit_case*> cases_to_writer;         ///< order commands that move no money
  std::vector<order_action_record> timers;         ///< order timers to submit
  std::vector<tenant_id> timer_tenants;
  std::vector<channel_call> calls;  ///< what channels are asked, after it is durable
  std::vector<check_call> checks;   ///< what checks are asked, likewise
  std::vector<load_request> loads;
  std::vector<command_frame*> finished;   ///< frames whose last result this step wrote
  std::vector<transfer_record> expiries;  ///< voids to submit for expired holds
  std::vector<tenant_id> expiry_tenants;
  overdue_claim overdue;  ///< a bug: the process must stop
};

/// The id under which the expiry of a hold is journaled. Anybody can know the one of attempt 0, and use it up for
/// something else: then nothing came of that attempt, and the id of a later one cannot be foreseen without `secret`.
constexpr u128 expiry_id(transfer_id hold, std::uint32_t attempt = 0, std::uint64_t secret = 0) {
  const u128 seed = attempt == 0 ? hold.value : hold.value + make_u128(secret, mix_id(attempt, secret));
  return make_u128(mix_id(0x45585049, seed), mix_id(0x52594944, seed));
}

class order_book {
 public:
  struct options {
    shard_index shard = 0;
    std::uint32_t recent_generation_slots = 1u << 16;  ///< 2 MiB: one huge page
    std::uint32_t filter_sub_tables = 256;
    std::uint64_t salt = 0;  ///< secret, drawn by the caller at each start
    std::uint32_t duplicates_waiting_max = limits::duplicates_waiting_max;
    std::uint32_t orders_max = 1u << 22;                          ///< open orders in memory; more: orders_full
    std::shared_ptr<const catalog::catalog_registry> payments{};  ///< none: payments_not_configured
  };
  order_book(const topology& t, options o);
  ~order_book();

  /// Transfers at their first or a later order stop. On first arrival `mix` is the own id's mix.
  void intake(std::span<plain_slip> slips, time_ns now, order_effects& out);
  void intake_cases(std::span<unit_case* const> cases, time_ns now, order_effects& out);
  /// create_orders and act_on_orders at their first order stop.
  void intake_orders(std::span<const plain_slip> slips, time_ns now, order_effects& out);
  /// Committed order commands: the orders of this shard as they are now. Before the `durable` of the same group.
  void orders_changed(std::span<const order_end> ends, std::span<const payment_row> payments, order_effects& out);
  /// change_accounts and seal_transfers.
  void intake_changes(std::span<plain_slip> slips, order_effects& out);
  void intake_seals(std::span<plain_slip> slips, order_effects& out);

  /// Own-id parts of events that ended without a record (slip.code, or answered).
  void ended(std::span<const plain_slip> slips, order_effects& out);
  /// Own-id parts of committed events: `mix_or_seq` is the sequence.
  void durable(std::span<const plain_slip> slips, commit_seq base_seq, time_ns base_time, order_effects& out);
  /// Ends of claims on holds and originals, committed or not.
  void targets_ended(std::span<const target_end> ends, order_effects& out);
  void loaded(std::uint64_t token, const stored_event& found, order_effects& out);

  /// Everything up to `seq` is durable / can be asked for by `loads`.
  void set_durable(commit_seq seq) { durable_ = seq; }
  void set_readable(commit_seq seq) { recent_.drop_through(seq); }

  /// Expired holds, parked work whose deadline passed, and claims that are too old (`patience`: see patience_clock).
  void tick(time_ns now, order_effects& out, std::uint64_t patience = 0);

  /// From now on orders begin with what `next` says; those that began go on with their own version.
  void set_payments(std::shared_ptr<const catalog::catalog_registry> next) { options_.payments = std::move(next); }
  /// What watched rules would have done to this shard's orders; since the start.
  const rules::shadow_log& watched_rules() const { return watched_rules_; }
  /// Orders of this shard by the version that they began with, also those that accounts then refused; since the start.
  std::span<const catalog::version_counts::count> begun() const { return begun_.all(); }

  /// Recovery.
  void expect_ids(std::uint64_t about) { filter_.reserve(about); }
  void restore_ids(std::span<const std::uint64_t> mixes);
  void restore_recent(std::uint64_t mix, tenant_id tenant, u128 id, commit_seq seq);
  void restore_hold(const hold_entity& h);
  /// `payment`: its newest, nullptr if it has none.
  void restore_order(const order_row& row, const payment_row* payment, tenant_id tenant, commit_seq seq);

  std::size_t open_holds() const { return holds_.size(); }
  std::size_t open_orders() const { return orders_.size(); }
  /// Orders whose deferred legs are not booked yet.
  std::uint32_t deferred_open() const { return deferred_open_; }
  /// Since when the oldest of them waits, 0 = there is none (SG-3: backlog age).
  time_ns deferred_since();
  std::uint64_t ids() const { return filter_.size(); }
  std::size_t parked() const { return parked_; }
  std::size_t memory_bytes() const {
    return filter_.memory_bytes() + recent_.memory_bytes() + holds_.memory_bytes() + orders_.memory_bytes() +
           payments_.size() * sizeof(payment_row);
  }

 private:
  enum class purpose : std::uint8_t { transfer_id, target, change_id, seal_id, case_id };
  struct parked_work {
    plain_slip slip;
    unit_case* whole = nullptr;
    purpose what = purpose::transfer_id;
    recent_ids::handle claim = recent_ids::none;  ///< loads: the slot claimed for the look-up, if any
  };
  struct key {
    tenant_id tenant;
    u128 id;
    friend bool operator==(const key&, const key&) = default;
  };
  struct key_hash {
    place_hash place;
    std::size_t operator()(const key& k) const { return place(mix_id(k.tenant, k.id), k.id); }
  };
  struct original_claim {
    bool used = false;
    key who{};
    std::vector<parked_work> waiting;
  };
  struct deadline {
    time_ns at;
    std::uint32_t row;
    commit_seq seq;  ///< of the hold: tells whether the row still is that hold
    std::uint32_t attempt = 0;
    friend bool operator>(const deadline& a, const deadline& b) { return a.at > b.at; }
  };
  static constexpr std::uint32_t original_bit = 0x80000000;  ///< a target_slot that is an original's claim
  static constexpr std::uint32_t order_bit = 0x40000000;     ///< a target_slot that is an order's row
  enum class outcome : std::uint8_t { go_on, parked, over };

  bool mine(std::uint64_t mix) const { return topology_.order_shard(mix) == options_.shard; }
  void route(plain_slip& s, order_effects& out);
  void route_targeting(plain_slip& s, std::uint64_t own_mix, order_effects& out);
  void to_accounts(plain_slip& s, order_effects& out);
  outcome claim_own_id(plain_slip& s, std::uint64_t mix, u128 id, purpose what, order_effects& out);
  void after_own_id(plain_slip& s, purpose what, order_effects& out);
  void resume(parked_work& w, order_effects& out);
  outcome claim_target(plain_slip& s, unit_case* whole, std::uint64_t mix, order_effects& out);
  outcome claim_hold_row(plain_slip& s, unit_case* whole, std::uint32_t row);
  result_code fill_from_hold(transfer_record& t, event_notes& n, const hold_entity& h) const;
  result_code fill_from_original(transfer_record& t, event_notes& n, const stored_event& e) const;
  void target_settled(parked_work& w, order_effects& out);
  void target_loaded(parked_work& w, const stored_event& e, order_effects& out);
  void own_id_loaded(parked_work& w, const stored_event& e, order_effects& out);
  void answer_stored(plain_slip& s, const stored_event& e, purpose what);
  void end_here(plain_slip& s, order_effects& out);
  void finish_event(const plain_slip& s, order_effects& out);
  void give_up(parked_work& w, result_code code, order_effects& out);

  void prepare_case(unit_case& c, time_ns now) const;
  void visit_case(unit_case& c, order_effects& out);
  outcome case_target(unit_case& c, case_id_stop& stop, order_effects& out);
  static void case_target_settled(unit_case& c, const plain_slip& s);
  outcome case_own_id(unit_case& c, case_id_stop& stop, order_effects& out);
  void case_own_loaded(unit_case& c, const stored_event& e);
  void leave_orders(unit_case& c, order_effects& out);
  void answer_all_stored(unit_case& c, order_effects& out);
  void dissolve(unit_case& c, order_effects& out);

  outcome claim_order(unit_case& c, case_id_stop& stop, order_effects& out);
  void intake_linked(plain_slip head, order_effects& out);
  void refuse_all(plain_slip head, std::uint32_t members, order_effects& out);
  void combine(unit_case& c);
  void take_order(unit_case& c, std::uint32_t row);
  result_code decide_work(order_work& w, unit_case& c, std::uint32_t i);
  void order_own_loaded(unit_case& c, const stored_event& found);
  void order_loaded(parked_work& w, const stored_event& found, order_effects& out);
  const catalog::payment_catalog* terms_of(const order_work& w) const;
  bool decide_order(unit_case& c, order_effects& out);
  void keep_payment(order_entity& e, const payment_row* payment);
  const catalog::payment_catalog* terms_of_checks(const order_row& order, const payment_row& payment) const;
  void ask_outside(const order_entity& e, const payment_row& payment, order_effects& out) const;
  static void check_join_refused(const plain_slip& s, order_effects& out);
  void order_timer_of(const order_entity& e, std::uint32_t row);
  void end_order_claim(std::uint32_t row, order_effects& out);
  void tick_orders(time_ns now, order_effects& out);

  void ask(parked_work w, tenant_id tenant, u128 id, commit_seq seq, order_effects& out);
  void wait_for_id(recent_ids::handle h, parked_work w, order_effects& out);
  void wake_id(recent_ids::handle h, order_effects& out);
  void wake(std::vector<parked_work> waiting, order_effects& out);
  void tick_parked(time_ns now, order_effects& out);
  void watch_claims(time_ns now, std::uint64_t patience, order_effects& out);
  void add_hold(const plain_slip& s, const transfer_record& t, commit_seq seq, time_ns timestamp);

  const topology& topology_;
  options options_;
  id_filter filter_;
  recent_ids recent_;
  entity_table<hold_entity> holds_;
  /// An order with deferred legs, by its event; one that something happened to since then does not wait any more.
  struct deferral {
    std::uint32_t row;
    commit_seq seq;
    time_ns since;
  };
  bool over(const deferral& d) const { return orders_.at(d.row).seq != d.seq; }
  void note_deferral(const deferral& d);
  std::uint32_t deferred_open_ = 0;   ///< orders with deferred legs that are not booked
  std::deque<deferral> deferrals_;    ///< of them, and of some that are booked, in the order in which they came
  std::deque<payment_row> payments_;  ///< of orders in memory, by order_entity::payment
  std::vector<std::uint32_t> payments_free_;
  std::vector<check_call> checks_restored_;  ///< after a restart payments that wait ask again
  entity_table<order_entity> orders_;        ///< those that time can change, and those that a command has claimed
  std::unordered_map<recent_ids::handle, std::vector<parked_work>> id_waiters_;
  std::unordered_map<std::uint32_t, std::vector<parked_work>> hold_waiters_;   ///< by hold row
  std::unordered_map<std::uint32_t, std::vector<parked_work>> order_waiters_;  ///< by order row
  std::vector<original_claim> originals_;
  std::vector<std::uint32_t> originals_free_;
  std::unordered_map<key, std::uint32_t, key_hash> original_by_key_;
  std::unordered_map<std::uint64_t, parked_work> loading_;
  std::priority_queue<deadline, std::vector<deadline>, std::greater<>> deadlines_;
  std::priority_queue<deadline, std::vector<deadline>, std::greater<>> order_deadlines_;
  catalog::version_counts begun_;
  rules::shadow_log watched_rules_;
  std::uint64_t next_token_ = 1;
  std::size_t parked_ = 0;
  commit_seq durable_ = 0;
  time_ns now_ = 0;
  std::uint64_t expiry_secret_;  ///< tells nothing of the salt
};

}  // namespace payloom::core

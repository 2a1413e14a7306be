// The end of a run of the simulation: everything comes to rest, and then books, journal, index and channels agree.
#include <algorithm>

#include "protocol/types/u128_text.hpp"
#include "tests/sim/machine_tables.hpp"
#include "tests/sim/simulation.hpp"

namespace payloom::sim {

namespace {
constexpr time_ns second = 1'000'000'000u, minute = 60 * second;
constexpr time_ns day = 86'400 * second;
}  // namespace

/// Every frame ends by itself; only expiries and late parking need the clock.
void simulation::drain() {
  for (int round = 0; round < 200 && !wrong(); ++round) {
    world_->run_all();
    const bool answered = world_->frames_in_flight() == 0 && world_->markers_open() == 0;
    // Who waits outside asks again and again: that alone is no loss.
    const bool quiet = world_->waiting_outside() == 0 || round > 150;
    if (answered && quiet && round > 5) return;
    now_ += answered ? second : second / 10;
    world_->tick();
  }
  if (!wrong())
    complain("lost: " + std::to_string(world_->frames_in_flight()) + " frames are not answered, " +
             std::to_string(world_->parked()) + " parked, " + std::to_string(world_->markers_open()) +
             " markers are open");
}

/// Every hold that is open can be voided: no claim was left on one. `busy` makes it take some rounds.
void simulation::settle_holds() {
  settling_ = true;
  for (int round = 0; round < 20 && !wrong() && world_->open_holds() != 0; ++round) {
    index_.read_all();
    for (const auto& [key, stored] : index_.ids()) {
      if (stored.what != core::stored_event::kind::transfer || stored.state != transfer_state::held) continue;
      transfer_record t{};
      t.id.value = random_.id();
      t.target_id.value = key.id;
      t.flags = transfer_flags::void_hold;
      network_.push_back({frame_type::create_transfers, key.tenant, {raw_record(t)}});
    }
    while (!network_.empty() && !wrong()) submit_one();
    drain();
  }
  if (!wrong() && world_->open_holds() != 0) complain("holds are open after each was voided");
}

/// Accounts that orders use are opened where they are missing, and let everything pass.
void simulation::mend_accounts() {
  for (tenant_id t = 0; t < clients_.tenants(); ++t) {
    audit_request opened{frame_type::create_accounts, t, {}};
    for (const account_record& a : clients_.chart_of(t)) opened.records.emplace_back(a);
    network_.push_back(std::move(opened));
  }
  while (!network_.empty() && !wrong()) submit_one();
  drain();
  const auto change = [&](const audit_key& key, account_change_kind kind, std::uint16_t flags) {
    account_change_record r{};
    r.id.value = random_.id();
    r.account.value = key.id;
    r.kind = kind;
    r.flags = flags;
    network_.push_back({frame_type::change_accounts, key.tenant, {raw_record(r)}});
  };
  constexpr std::uint16_t stops = account_flags::stop_in | account_flags::stop_out;
  for (int step = 0; step < 2; ++step) {  // one after the other: a closed account takes no other change
    for (const auto& [key, account] : judge_.model().accounts()) {
      const std::uint16_t flags = account.versions.back().flags;
      if (hi64(key.id) >> 48 != 0xfa1d) continue;
      if (step == 0 && (flags & account_flags::closed) != 0) change(key, account_change_kind::reopen, 0);
      if (step == 1 && (flags & stops) != 0) change(key, account_change_kind::clear_flags, stops);
    }
    while (!network_.empty() && !wrong()) submit_one();
    drain();
  }
}

/// Every payment outside comes to an end by its own timers, or to people.
void simulation::settle_payments() {
  const auto open = [&]() -> const order_row* {
    for (const auto& [key, versions] : judge_.model().orders()) {
      const order_standing now = versions.back().standing();
      const auto& machines = shipped_machines().payments;
      if (now.has_payment && is_outside(now.payment) &&
          machines.at(now.payment.form).at(now.payment.state).name != "MANUAL")
        return &versions.back().row;
    }
    return nullptr;
  };
  // First as the workload goes; then what a channel never answers is asked until the machine gives it to people.
  for (int round = 0; round < 1'000 && !wrong() && (open() != nullptr || round < 3); ++round) {
    now_ += random_.below(round < 100 ? 5 * second : 20 * minute);
    drain();
  }
  if (const order_row* never = wrong() ? nullptr : open())
    complain("at rest: the payment of order " + to_hex(never->id.value) + " never ends");
}

std::size_t simulation::orders_open() const {
  return static_cast<std::size_t>(
      std::count_if(judge_.model().orders().begin(), judge_.model().orders().end(),
                    [](const auto& o) { return (o.second.back().row.flags & order_row_flags::resident) != 0; }));
}

/// Nobody kept a claim on an order: every open one answers its next command. Then all timers come due; what stays
/// open, stays so in the books and in the model alike.
void simulation::settle_orders() {
  std::vector<audit_request> asks;
  for (const auto& [key, versions] : judge_.model().orders()) {
    if ((versions.back().row.flags & order_row_flags::resident) == 0) continue;
    order_action_record a{};
    a.id.value = random_.id();
    a.order.value = key.id;
    a.action = random_.chance(50) ? order_action::cancel : order_action::refund;
    asks.push_back({frame_type::act_on_orders, key.tenant, {raw_record(a)}});
  }
  network_.insert(network_.end(), asks.begin(), asks.end());
  while (!network_.empty() && !wrong()) submit_one();
  drain();
  for (int round = 0; round < 4 && !wrong(); ++round) {
    now_ += 40 * day;
    drain();
  }
  if (!wrong() && world_->open_orders() != orders_open())
    complain("at rest: " + std::to_string(world_->open_orders()) + " orders are open, the journal knows " +
             std::to_string(orders_open()));
}

void simulation::check_claims() {
  if (wrong()) return;
  if (world_->parked() != 0) complain("at rest: somebody is still parked");
  for (shard_index s = 0; s < world_->accounts_shards(); ++s)
    world_->account_book(s).visit([&](const core::account_entity& e, u128) {
      if (e.claims != 0 || e.debits_reserved != 0 || e.credits_reserved != 0)
        complain("at rest: a claim is left on account " + std::to_string(lo64(e.id.value)));
    });
}

void simulation::compare_at_rest() {
  if (wrong()) return;
  check_claims();
  std::vector<account_snapshot> all;
  for (shard_index s = 0; s < world_->accounts_shards(); ++s)
    world_->account_book(s).visit([&](const core::account_entity& e, u128 limit) {
      all.push_back({e.tenant, e.id, e.sums, e.flags, limit});
      if (e.sums.debits_pending != 0 || e.sums.credits_pending != 0) complain("at rest: pending sums without holds");
    });
  judge_.final_state(all);
  outside_.compare([&](const audit_key& key) {
    const auto order = judge_.model().orders().find(key);
    if (order == judge_.model().orders().end()) return false;
    const order_standing now = order->second.back().standing();
    const bool people_look =
        now.payment.reason == case_reason::contradiction || now.payment.reason == case_reason::not_booked;
    return !now.has_payment || (!is_outside(now.payment) && !people_look);
  });
  index_.read_all();
  for (const account_snapshot& s : all)
    if (!(index_.accounts().at({s.tenant, s.id.value}).row.counters == s.sums))
      complain("at rest: the follower's sums differ from the shard's");
}

}  // namespace payloom::sim

#include "tests/sim/simulation.hpp"

#include <algorithm>

namespace payloom::sim {

namespace {
constexpr time_ns second = 1'000'000'000u;
constexpr time_ns day = 86'400 * second;
bool is_of_orders(frame_type t) { return t == frame_type::create_orders || t == frame_type::act_on_orders; }
}  // namespace

simulation::simulation(options o)
    : options_(o),
      random_(o.seed * 0x9e3779b97f4a7c15ull + 1),
      clients_(random_.next(), {.funding_factor = o.funding_factor, .orders_percent = o.orders_percent}) {
  start();
}

/// A process begins: topology and bounds are drawn anew.
void simulation::start() {
  world_options w;
  w.order_shards = static_cast<std::uint32_t>(random_.between(2, 5));
  w.account_shards = static_cast<std::uint32_t>(random_.between(4, 9));
  w.hot_shards = static_cast<std::uint32_t>(random_.between(0, 2));
  w.inline_bytes = random_.chance(50) ? 4096 : 0;
  if (random_.chance(20)) w.account_waiters_max = 4;
  if (random_.chance(20)) w.duplicates_waiting_max = 2;
  in_flight_max_ = static_cast<std::uint32_t>(random_.between(2, 48));
  index_.read_all();
  const commit_seq end = index_.applied();
  const commit_seq indexed = random_.chance(30) ? end : random_.below(end + 1);
  world_ = std::make_unique<shard_world>(
      w,
      world_surroundings{journal_, feed_, index_, random_, counts_.world, now_,
                         [this](const auto& events) { on_durable(events); }, [this](sim_frame& f) { on_finished(f); },
                         [this](std::string what) { complain(std::move(what)); }},
      indexed);
}

void simulation::on_durable(const std::vector<journal_event>& events) {
  for (const journal_event& e : events) {
    judge_.journaled(e);
    if (e.kind != journal_kind::order) continue;
    order_durable_ = e.sequence;
    counts_.payments += e.order->legs != 0;
  }
}

void simulation::on_finished(sim_frame& f) {
  const std::vector<result_record> results = f.all_results();
  const std::vector<balances_result> balances = f.all_balances();
  judge_.finished(f.handle, results, journal_.durable_through(), balances);
  for (const raw_record& r : f.request().records) {
    const auto at = asked_.find({f.header.tenant, r.first_id()});
    if (at != asked_.end() && --at->second == 0) asked_.erase(at);
  }
  for (const result_record& r : results) {
    if (r.code == result_code::ok) told_ = std::max(told_, r.sequence);
    counts_.answered_expired += r.code == result_code::hold_expired;
    if (!is_of_orders(f.type())) continue;
    if (r.code == result_code::ok) order_told_ = std::max(order_told_, r.sequence);
    counts_.order_poor += r.code == result_code::exceeds_credits;
  }
  if (random_.chance(95)) clients_.on_result(f.request(), results);  // else the reply was lost on its way
}

void simulation::submit_one() {
  const std::size_t which = random_.below(network_.size());
  std::swap(network_[which], network_.back());
  const audit_request q = std::move(network_.back());
  network_.pop_back();
  if (random_.chance(2)) network_.push_back(q);  // the network delivers it twice
  const time_ns deadline = random_.chance(3) && !settling_ ? now_ + random_.below(second / 2) : ~time_ns{0};
  auto f = std::make_unique<sim_frame>(q, now_, deadline, random_.chance(10));
  if (q.type != frame_type::create_accounts)
    for (const raw_record& r : q.records) {
      const bool again = asked_[{q.tenant, r.first_id()}]++ != 0;
      counts_.duplicates_in_flight += again;
      counts_.order_duplicates += again && is_of_orders(q.type);
    }
  sim_frame& frame = *f;
  world_->submit(std::move(f));
  frame.handle = judge_.submitted(q, now_, frame.header.sequence);
}

void simulation::clients_send() {
  if (world_->full() && !random_.chance(5)) return;  // admission is closed; some got in before
  if (network_.size() < in_flight_max_ / 2 + 1 && events_asked_ < options_.transfers) {
    network_.push_back(clients_.next(now_));
    events_asked_ += network_.back().records.size();
  }
  if (!network_.empty() && world_->frames_in_flight() < in_flight_max_ && random_.chance(50)) submit_one();
}

void simulation::pass_time() {
  now_ += random_.below(100'000);
  if (random_.below(400) == 0) now_ += random_.below(second);
  if (random_.below(60) == 0) world_->tick();
  if (random_.below(300) == 0) world_->ask_marker();
  if (random_.below(200) == 0) world_->set_readable(random_.below(index_.applied() + 1));
}

void simulation::turn() {
  clients_send();
  for (std::uint64_t n = random_.below(6); n > 0; --n) world_->run_some();
  pass_time();
  const std::uint64_t what = random_.below(20'000);
  if (full_turns_ == 0 && what < 30) fill_disk();
  if (full_turns_ != 0 && --full_turns_ == 0) {
    journal_.inject(storage::append_fault::none, 0);
    journal_.set_space(true);
  }
  if (what == 30) {
    if (random_.chance(50)) come_to_rest();
    if (!wrong()) crash();
  }
  if (what == 31) journal_.inject(storage::append_fault::lost);
  if (what == 32 || what == 33) journal_.inject(storage::append_fault::kept);
}

/// Mostly until somebody frees space; sometimes an append fails although the journal says that there is some.
void simulation::fill_disk() {
  if (random_.chance(30)) {
    journal_.inject(storage::append_fault::no_space, static_cast<std::uint32_t>(random_.between(1, 3)));
    return;
  }
  full_turns_ = random_.between(1, 400);
  journal_.inject(storage::append_fault::no_space, ~std::uint32_t{0});
  journal_.set_space(false);
}

/// Sometimes a process stops only when all its work is done: claims that were lost show before they are forgotten.
void simulation::come_to_rest() {
  full_turns_ = 0;
  journal_.crash(journal_.group_count());  // no more faults
  drain();
  check_claims();
}

/// The process is gone; what is durable stays, told or not.
void simulation::crash() {
  ++counts_.restarts;
  world_.reset();
  asked_.clear();
  full_turns_ = 0;
  const std::vector<journal_event> found = feed_.drain();  // durable, but the write was never confirmed
  index_.append(found);
  on_durable(found);
  const commit_seq durable = journal_.durable_through();
  counts_.crashes_with_unacked += durable > told_;
  counts_.order_crashes += order_durable_ > order_told_;
  journal_.crash(journal_.group_count());
  judge_.restarted(durable);
  now_ += random_.below(3 * second);
  if (random_.chance(30)) now_ += random_.between(1, 12) * day;  // long enough for what orders wait for
  start();
  counts_.order_restarts += world_->open_orders() != 0;
}

bool simulation::run() {
  while (!wrong() && (events_asked_ < options_.transfers || !network_.empty())) {
    try {
      turn();
    } catch (const storage::storage_failure&) {
      ++counts_.lost_writes;
      crash();
    }
  }
  journal_.crash(journal_.group_count());  // no more faults
  drain();
  settle_holds();
  settle_orders();
  compare_at_rest();
  counts_.orders = judge_.stats().orders;
  counts_.postings = judge_.stats().postings;
  counts_.timers_fired = judge_.stats().timers;
  return !wrong();
}

/// Every frame ends by itself; only expiries and late parking need the clock.
void simulation::drain() {
  for (int round = 0; round < 200 && !wrong(); ++round) {
    world_->run_all();
    if (world_->frames_in_flight() == 0 && world_->markers_open() == 0 && round > 5) return;
    now_ += second / 10;
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
  index_.read_all();
  for (const account_snapshot& s : all)
    if (!(index_.accounts().at({s.tenant, s.id.value}).row.counters == s.sums))
      complain("at rest: the follower's sums differ from the shard's");
}

void simulation_counts::add(const simulation_counts& o) {
  const auto sum = [](std::uint64_t& a, std::uint64_t b) { a += b; };
  sum(world.events, o.world.events);
  sum(world.mails, o.world.mails);
  sum(world.account_waits, o.world.account_waits);
  sum(world.order_waits, o.world.order_waits);
  sum(world.partial_refusals, o.world.partial_refusals);
  sum(world.close_waits, o.world.close_waits);
  sum(world.hot_waits, o.world.hot_waits);
  sum(world.moves, o.world.moves);
  sum(world.index_loads, o.world.index_loads);
  sum(world.expiries, o.world.expiries);
  sum(world.expiry_races, o.world.expiry_races);
  sum(world.groups, o.world.groups);
  sum(world.full_disks, o.world.full_disks);
  sum(world.full_transfers, o.world.full_transfers);
  sum(world.full_resolutions, o.world.full_resolutions);
  sum(world.full_chains, o.world.full_chains);
  sum(world.full_expiries, o.world.full_expiries);
  sum(world.full_seals, o.world.full_seals);
  sum(world.full_changes, o.world.full_changes);
  sum(world.full_creations, o.world.full_creations);
  sum(world.markers, o.world.markers);
  sum(world.full_markers, o.world.full_markers);
  sum(duplicates_in_flight, o.duplicates_in_flight);
  sum(restarts, o.restarts);
  sum(crashes_with_unacked, o.crashes_with_unacked);
  sum(lost_writes, o.lost_writes);
  sum(answered_expired, o.answered_expired);
  sum(world.order_claim_waits, o.world.order_claim_waits);
  sum(world.order_races, o.world.order_races);
  sum(world.order_loads, o.world.order_loads);
  sum(world.timers, o.world.timers);
  sum(world.full_orders, o.world.full_orders);
  sum(orders, o.orders);
  sum(postings, o.postings);
  sum(payments, o.payments);
  sum(order_duplicates, o.order_duplicates);
  sum(order_poor, o.order_poor);
  sum(timers_fired, o.timers_fired);
  sum(order_crashes, o.order_crashes);
  sum(order_restarts, o.order_restarts);
}

std::vector<std::pair<std::string, std::uint64_t>> simulation_counts::required() const {
  return {{"wait behind a claim on an account", world.account_waits},
          {"wait behind an id or a target", world.order_waits},
          {"duplicate in flight", duplicates_in_flight},
          {"capture against expiry", world.expiry_races},
          {"capture after expiry", answered_expired},
          {"refusal after a partial route", world.partial_refusals},
          {"close with slips in flight", world.close_waits},
          {"mark hot under load", world.hot_waits},
          {"account moved to or from a hot shard", world.moves},
          {"load from index", world.index_loads},
          {"disk full", world.full_disks},
          {"disk full: transfer refused", world.full_transfers},
          {"disk full: capture, void or reversal refused", world.full_resolutions},
          {"disk full: member of a chain refused", world.full_chains},
          {"disk full: expiry put off", world.full_expiries},
          {"disk full: seal refused", world.full_seals},
          {"disk full: account change refused", world.full_changes},
          {"disk full: creation refused", world.full_creations},
          {"marker answered", world.markers},
          {"disk full: marker sent", world.full_markers},
          {"restart", restarts},
          {"failed append", lost_writes},
          {"crash with unacknowledged durable events", crashes_with_unacked},
          {"event of an order", orders},
          {"posting of an order", postings},
          {"order: wait behind its claim", world.order_claim_waits},
          {"order: duplicate in flight", order_duplicates},
          {"order: payment against cancellation or timer", world.order_races},
          {"order: refused by the payer's balance", order_poor},
          {"order: loaded from the index", world.order_loads},
          {"order: timer fired", timers_fired},
          {"order: disk full, command refused", world.full_orders},
          {"order: crash between append and reply", order_crashes},
          {"order: restart with open orders", order_restarts}};
}

}  // namespace payloom::sim

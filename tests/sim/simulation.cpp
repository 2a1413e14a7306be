#include "tests/sim/simulation.hpp"

#include <algorithm>

#include "tests/sim/order_step.hpp"

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
  checked_products = {product_code::withdraw, product_code::transfer};  // as sim_catalogue says
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
      world_surroundings{journal_, feed_, index_, random_, counts_.world, outside_, now_,
                         [this](const auto& events) { on_durable(events); },
                         [this](sim_frame& f) { f.handle = judge_.submitted(f.request(), now_, f.header.sequence); },
                         [this](sim_frame& f) { on_finished(f); },
                         [this](std::string what) { complain(std::move(what)); }},
      indexed);
}

void simulation::on_durable(const std::vector<journal_event>& events) {
  for (const journal_event& e : events) {
    judge_.journaled(e);
    outside_.durable(e);
    if (e.kind == journal_kind::payment && e.payment->reason != case_reason::none)
      clients_.on_case(e.tenant, e.payment->order);
    if (e.kind != journal_kind::order) continue;
    order_durable_ = e.sequence;
    counts_.payments += e.order->legs != 0;
  }
}

void simulation::on_finished(sim_frame& f) {
  const std::vector<result_record> results = f.all_results();
  const std::vector<balances_result> balances = f.all_balances();
  judge_.finished(f.handle, results, journal_.durable_through(), balances);
  if (f.from_server) return;
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
  if (random_.below(8000) == 0) now_ += random_.below(60 * second);  // long enough for payments to ask their channel
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
  counts_.world.facts_lost += world_->waiting_outside();
  world_.reset();
  outside_.restarted();
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
  mend_accounts();
  settle_payments();
  settle_orders();
  settle_payments();
  compare_at_rest();
  counts_.asked_again = outside_.asked_again();
  counts_.compared = outside_.compared();
  counts_.sources_compared = outside_.sources_compared();
  counts_.through_channels = judge_.stats().payments;
  counts_.linked = judge_.stats().linked;
  counts_.combined = judge_.combined();
  counts_.orders = judge_.stats().orders;
  counts_.postings = judge_.stats().postings;
  counts_.timers_fired = judge_.stats().timers;
  return !wrong();
}

}  // namespace payloom::sim

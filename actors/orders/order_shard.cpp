#include "actors/orders/order_shard.hpp"

#include "protocol/types/kill_point.hpp"

namespace payloom::actors {

order_shard::order_shard(caf::actor_config& config, wiring& w, std::shared_ptr<core::order_book> book,
                         shard_index shard)
    : order_shard_actor::base(config),
      wiring_(w),
      book_(std::move(book)),
      effects_(w.topology),
      counters_(w.order_counters[shard]),
      shard_(shard) {}

order_shard::behavior_type order_shard::make_behavior() {
  set_exception_handler(stop_process);
  return {[this](const order_mail_ptr& mail) { collect(mail); }, [this](flush_mark) { flush(); }};
}

void order_shard::collect(const order_mail_ptr& mail) {
  inbox_.push_back(mail);
  if (flush_pending_) return;
  flush_pending_ = true;
  send(this, flush_mark{});
}

void order_shard::flush() {
  flush_pending_ = false;
  const std::uint64_t began = monotonic_ns();
  working_.swap(inbox_);
  std::size_t events = 0;
  for (const order_mail_ptr& mail : working_) events += work(*mail);
  bump(counters_.mails, working_.size());
  working_.clear();
  send_effects();
  bump(counters_.batches);
  bump(counters_.events, events);
  counters_.parked.store(book_->parked(), std::memory_order_relaxed);
  bump(counters_.busy_ns, monotonic_ns() - began);
}

std::size_t order_shard::work(order_mail& m) {
  const time_ns now = wiring_.now();
  const std::size_t events = m.transfers.size() + m.orders.size() + m.changes.size() + m.seals.size() + m.cases.size();
  if (m.payments) book_->set_payments(std::move(m.payments));
  if (m.through != 0) book_->set_durable(m.through);
  if (!m.transfers.empty()) book_->intake(m.transfers, now, effects_);
  if (!m.orders.empty()) book_->intake_orders(m.orders, now, effects_);
  if (!m.changes.empty()) book_->intake_changes(m.changes, effects_);
  if (!m.seals.empty()) book_->intake_seals(m.seals, effects_);
  if (!m.cases.empty()) book_->intake_cases(m.cases.take(), now, effects_);
  if (!m.orders_changed.empty()) book_->orders_changed(m.orders_changed, m.payments_changed, effects_);
  if (!m.durable.empty()) book_->durable(m.durable, m.base_seq, m.base_time, effects_);
  if (!m.ended.empty()) book_->ended(m.ended, effects_);
  if (!m.targets.empty()) book_->targets_ended(m.targets, effects_);
  for (auto& [token, found] : m.loaded) book_->loaded(token, found, effects_);
  if (m.visit) m.visit->visit(shard_, *book_);
  if (m.readable != 0) book_->set_readable(m.readable);
  if (m.tick != 0) {
    book_->tick(m.tick, effects_, m.patience);
    if (effects_.overdue.found) stop_overdue(effects_.overdue);
    bump_shared(wiring_.ticks_done);
    counters_.entities.store(book_->ids(), std::memory_order_relaxed);
    counters_.memory_bytes.store(book_->memory_bytes(), std::memory_order_relaxed);
    counters_.deferred.store(book_->deferred_open(), std::memory_order_relaxed);
    counters_.deferred_since.store(book_->deferred_since(), std::memory_order_relaxed);
  }
  return events;
}

void order_shard::send_effects() {
  auto& e = effects_;
  for (std::size_t i = 0; i < wiring_.accounts.size(); ++i) {
    if (e.to_account[i].empty() && e.to_account_cases[i].empty() && e.changes_to_account[i].empty()) continue;
    auto mail = std::make_shared<account_mail>();
    mail->transfers.swap(e.to_account[i]);
    mail->cases.swap(e.to_account_cases[i]);
    mail->changes.swap(e.changes_to_account[i]);
    send(wiring_.accounts[i], std::move(mail));
  }
  for (std::size_t i = 0; i < wiring_.orders.size(); ++i) {
    if (e.to_order[i].empty() && e.to_order_cases[i].empty() && e.ended[i].empty() && e.to_target[i].empty()) continue;
    auto mail = std::make_shared<order_mail>();
    mail->transfers.swap(e.to_order[i]);
    mail->cases.swap(e.to_order_cases[i]);
    mail->ended.swap(e.ended[i]);
    mail->targets.swap(e.to_target[i]);
    send(wiring_.orders[i], std::move(mail));
  }
  if (!e.to_writer.empty() || !e.cases_to_writer.empty()) {
    auto mail = std::make_shared<writer_mail>();
    mail->slips.swap(e.to_writer);
    mail->cases.swap(e.cases_to_writer);
    send(wiring_.writer, std::move(mail));
  }
  if (!e.loads.empty()) {
    auto mail = std::make_shared<reader_mail>();
    mail->order_shard = shard_;
    mail->loads.swap(e.loads);
    send(wiring_.reader, std::move(mail));
  }
  if (!e.expiries.empty()) {
    wiring_.submit_expiries(std::move(e.expiries), std::move(e.expiry_tenants));
    e.expiries.clear();
    e.expiry_tenants.clear();
  }
  if (!e.timers.empty()) {
    wiring_.submit_timers(std::move(e.timers), std::move(e.timer_tenants));
    e.timers.clear();
    e.timer_tenants.clear();
  }
  if (!e.calls.empty()) {
    wiring_.call_channels(std::move(e.calls));
    e.calls.clear();
  }
  if (!e.checks.empty()) {
    wiring_.ask_checks(std::move(e.checks));
    e.checks.clear();
  }
  if (!e.finished.empty()) pass_kill_point(kill_point::replies_ready);
  complete_all(e.finished);
}

}  // namespace payloom::actors

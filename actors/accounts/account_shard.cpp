#include "actors/accounts/account_shard.hpp"

namespace payloom::actors {

account_shard::account_shard(caf::actor_config& config, wiring& w, std::shared_ptr<core::account_book> book,
                             shard_index shard)
    : account_shard_actor::base(config),
      wiring_(w),
      book_(std::move(book)),
      effects_(w.topology),
      counters_(w.account_counters[shard]),
      shard_(shard) {}

account_shard::behavior_type account_shard::make_behavior() {
  set_exception_handler(stop_process);
  return {[this](const account_mail_ptr& mail) { collect(mail); }, [this](flush_mark) { flush(); }};
}

void account_shard::collect(const account_mail_ptr& mail) {
  inbox_.push_back(mail);
  if (flush_pending_) return;
  flush_pending_ = true;
  send(this, flush_mark{});
}

void account_shard::flush() {
  flush_pending_ = false;
  const std::uint64_t began = monotonic_ns();
  working_.swap(inbox_);
  std::size_t events = 0;
  for (const account_mail_ptr& mail : working_) events += work(*mail);
  bump(counters_.mails, working_.size());
  working_.clear();
  send_effects();
  if (!effects_.to_move.empty()) move_accounts();
  bump(counters_.batches);
  bump(counters_.events, events);
  counters_.parked.store(book_->parked(), std::memory_order_relaxed);
  bump(counters_.busy_ns, monotonic_ns() - began);
}

std::size_t account_shard::work(account_mail& m) {
  const std::size_t events = m.transfers.size() + m.cases.size() + m.creations.size() + m.changes.size();
  if (m.payments) book_->set_payments(std::move(m.payments));
  for (const core::moved_account& a : m.arrivals) book_->arrive(a, effects_);
  if (m.through != 0) {
    book_->apply(m.apply, m.balances, m.through, effects_);
    if (!m.created.empty() || !m.changed.empty())
      book_->apply_accounts(m.created, m.changed, m.base_seq, m.base_time, effects_);
  }
  if (m.mark) m.mark->visit(shard_, m.mark->at, *book_);
  if (!m.release.empty()) book_->release(m.release, effects_);
  if (!m.uncreated.empty()) book_->uncreate(m.uncreated, effects_);
  if (!m.transfers.empty()) book_->step(m.transfers, effects_);
  if (!m.cases.empty()) book_->step_cases(m.cases.take(), effects_);
  if (!m.creations.empty()) book_->create(m.creations, wiring_.now(), effects_);
  if (!m.changes.empty()) book_->change(m.changes, effects_);
  for (const loaded_creation& c : m.loaded) book_->compare_created(c.slip, c.stored, c.seq, c.timestamp, effects_);
  if (m.tick != 0) {
    book_->tick(m.tick, effects_, m.patience);
    if (effects_.overdue.found) stop_overdue(effects_.overdue);
    bump_shared(wiring_.ticks_done);
    counters_.entities.store(book_->accounts(), std::memory_order_relaxed);
    counters_.memory_bytes.store(book_->memory_bytes(), std::memory_order_relaxed);
  }
  return events;
}

/// The account travels first, then everybody learns of it: whoever sends to the new host comes behind the account.
void account_shard::move_accounts() {
  std::vector<std::uint32_t> rows;
  rows.swap(effects_.to_move);
  for (const std::uint32_t row : rows) {
    const core::moved_account account = book_->take_for_move(row);
    const tenant_id tenant = account.entity.tenant;
    const u128 id = account.entity.id.value;
    const std::uint64_t mix = mix_id(tenant, id);
    const bool room = wiring_.topology.set_host(mix, tenant, id, shard_);
    if (room) {
      const shard_index target = book_->move_target(row);
      auto mail = std::make_shared<account_mail>();
      mail->arrivals.push_back(account);
      send(wiring_.accounts[target], std::move(mail));
      wiring_.topology.set_host(mix, tenant, id, target);
    }
    book_->finish_move(row, room, effects_);
  }
  send_effects();
}

void account_shard::send_effects() {
  auto& e = effects_;
  for (std::size_t i = 0; i < wiring_.accounts.size(); ++i) {
    if (e.to_account[i].empty() && e.to_account_cases[i].empty() && e.release[i].empty() &&
        e.creations_to_account[i].empty() && e.changes_to_account[i].empty())
      continue;
    auto mail = std::make_shared<account_mail>();
    mail->transfers.swap(e.to_account[i]);
    mail->cases.swap(e.to_account_cases[i]);
    mail->release.swap(e.release[i]);
    mail->creations.swap(e.creations_to_account[i]);
    mail->changes.swap(e.changes_to_account[i]);
    send(wiring_.accounts[i], std::move(mail));
  }
  if (!e.to_writer.empty() || !e.cases_to_writer.empty() || !e.changes_to_writer.empty() ||
      !e.creations_to_writer.empty()) {
    auto mail = std::make_shared<writer_mail>();
    mail->slips.swap(e.to_writer);
    mail->cases.swap(e.cases_to_writer);
    mail->changes.swap(e.changes_to_writer);
    mail->creations.swap(e.creations_to_writer);
    send(wiring_.writer, std::move(mail));
  }
  for (std::size_t i = 0; i < wiring_.orders.size(); ++i) {
    if (e.to_order[i].empty() && e.to_target[i].empty()) continue;
    auto mail = std::make_shared<order_mail>();
    mail->ended.swap(e.to_order[i]);
    mail->targets.swap(e.to_target[i]);
    send(wiring_.orders[i], std::move(mail));
  }
  if (!e.created_before.empty()) {
    auto mail = std::make_shared<reader_mail>();
    mail->account_shard = shard_;
    mail->created_before.swap(e.created_before);
    send(wiring_.reader, std::move(mail));
  }
  complete_all(e.finished);
}

}  // namespace payloom::actors

#include "tests/sim/shard_world.hpp"

#include <algorithm>

namespace payloom::sim {

// ------------------------------------------------------------------------------------------------- who goes on

bool shard_world::run_some() {
  const std::size_t n = orders_.size() + accounts_.size() + 3 + channels_.size() + 2;
  const std::size_t first = around_.random.below(n);
  for (std::size_t i = 0; i < n; ++i)
    if (run_actor((first + i) % n)) return true;
  return false;
}

bool shard_world::run_actor(std::size_t which) {
  if (which < orders_.size()) {
    order_actor& a = orders_[which];
    if (a.inbox.empty() && a.outbox.empty()) return false;
    if (a.outbox.empty()) run_order(static_cast<shard_index>(which));
    send_some(a.outbox);
    return true;
  }
  which -= orders_.size();
  if (which < accounts_.size()) {
    account_actor& a = accounts_[which];
    if (a.inbox.empty() && a.outbox.empty()) return false;
    if (a.outbox.empty()) run_account(static_cast<shard_index>(which));
    send_some(a.outbox);
    return true;
  }
  return run_others(which - accounts_.size());
}

/// The writer, the log, the reader, the channels, and what they said.
bool shard_world::run_others(std::size_t which) {
  if (which == 0) {
    if (writer_inbox_.empty() && writer_outbox_.empty()) return false;
    if (writer_outbox_.empty()) run_writer();
    send_some(writer_outbox_);
    return true;
  }
  if (which == 1) {
    if (log_group_.empty()) return false;
    run_log();
    return true;
  }
  if (which > 2) {
    const std::size_t outside = which - 3;
    return outside < channels_.size() ? run_channel(outside) : outside == channels_.size() ? run_checks() : run_news();
  }
  if (reader_inbox_.empty() && reader_outbox_.empty()) return false;
  if (reader_outbox_.empty()) run_reader();
  if (around_.random.chance(70)) send_some(reader_outbox_);  // the index is slow
  return true;
}

/// Mostly all at once; sometimes the actor is interrupted between two sends.
void shard_world::send_some(sends& out) {
  std::size_t n = around_.random.chance(80) ? out.size() : around_.random.below(out.size() + 1);
  for (; n > 0; --n) {
    const auto send = std::move(out.front());
    out.pop_front();
    send();
  }
}

template <class Mail>
std::size_t shard_world::take(const std::deque<Mail>& inbox) {
  const std::size_t n = around_.random.chance(60) ? inbox.size() : around_.random.between(1, inbox.size());
  around_.counts.mails += n;
  return n;
}

// ------------------------------------------------------------------------------------------------ order shards

void shard_world::run_order(shard_index i) {
  order_actor& a = orders_[i];
  for (std::size_t n = take(a.inbox); n > 0; --n) {
    const order_mail_ptr mail = std::move(a.inbox.front());
    a.inbox.pop_front();
    work(a, *mail);
  }
  send_effects(a, i);
}

void shard_world::work(order_actor& a, order_mail& m) {
  core::order_book& b = *a.book;
  core::order_effects& e = *a.effects;
  const std::size_t parked_before = b.parked(), loads_before = e.loads.size();
  if (m.through != 0) b.set_durable(m.through);
  if (!m.transfers.empty()) b.intake(m.transfers, around_.now, e);
  if (!m.orders.empty()) intake_orders(b, m.orders, e);
  if (!m.changes.empty()) b.intake_changes(m.changes, e);
  if (!m.seals.empty()) b.intake_seals(m.seals, e);
  if (!m.cases.empty()) intake_cases(b, m.cases.take(), e);
  const std::size_t loads = e.loads.size() - loads_before;
  if (b.parked() > parked_before + loads) around_.counts.order_waits += b.parked() - parked_before - loads;
  if (!m.orders_changed.empty()) b.orders_changed(m.orders_changed, m.payments_changed, e);
  if (!m.durable.empty()) b.durable(m.durable, m.base_seq, m.base_time, e);
  if (!m.ended.empty()) b.ended(m.ended, e);
  if (!m.targets.empty()) b.targets_ended(m.targets, e);
  for (auto& [token, found] : m.loaded) b.loaded(token, found, e);
  if (m.readable != 0) b.set_readable(m.readable);
  if (m.tick != 0) b.tick(m.tick, e, m.patience);
  if (e.overdue.found) around_.complain("a claim on an id is older than it may be");
}

/// One by one, to see which of them waits behind the claim on its order.
void shard_world::intake_orders(core::order_book& b, std::span<const core::plain_slip> slips, core::order_effects& e) {
  for (const core::plain_slip& s : slips) {
    const std::size_t waiting = b.parked() - e.loads.size();
    const bool action = s.frame->type() == frame_type::act_on_orders;
    const tenant_id tenant = s.frame->header.tenant;
    const bool alone = action && acting_[{tenant, s.transfer().id.value}] == 1;
    b.intake_orders({&s, 1}, around_.now, e);
    if (alone && b.parked() - e.loads.size() > waiting) ++around_.counts.order_claim_waits;
  }
}

void shard_world::intake_cases(core::order_book& b, const std::vector<core::unit_case*>& cases,
                               core::order_effects& e) {
  for (core::unit_case* c : cases) {
    const std::size_t waiting = b.parked() - e.loads.size();
    const bool action = c->order && !c->order->creation;
    b.intake_cases({&c, 1}, around_.now, e);
    if (!action || b.parked() - e.loads.size() <= waiting) continue;
    around_.counts.order_claim_waits += c->ids[c->next_id].is_target;
  }
}

void shard_world::send_effects(order_actor& a, shard_index shard) {
  core::order_effects& e = *a.effects;
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    if (e.to_account[i].empty() && e.to_account_cases[i].empty() && e.changes_to_account[i].empty()) continue;
    auto mail = std::make_shared<account_mail>();
    mail->transfers.swap(e.to_account[i]);
    mail->cases.swap(e.to_account_cases[i]);
    mail->changes.swap(e.changes_to_account[i]);
    a.outbox.push_back([this, i, mail] { accounts_[i].inbox.push_back(mail); });
  }
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    if (e.to_order[i].empty() && e.to_order_cases[i].empty() && e.ended[i].empty() && e.to_target[i].empty()) continue;
    auto mail = std::make_shared<order_mail>();
    mail->transfers.swap(e.to_order[i]);
    mail->cases.swap(e.to_order_cases[i]);
    mail->ended.swap(e.ended[i]);
    mail->targets.swap(e.to_target[i]);
    a.outbox.push_back([this, i, mail] { orders_[i].inbox.push_back(mail); });
  }
  if (!e.to_writer.empty() || !e.cases_to_writer.empty()) {
    auto mail = std::make_shared<writer_mail>();
    mail->slips.swap(e.to_writer);
    mail->cases.swap(e.cases_to_writer);
    a.outbox.push_back([this, mail] { writer_inbox_.push_back(mail); });
  }
  if (!e.loads.empty()) {
    auto mail = std::make_shared<reader_mail>();
    mail->order_shard = shard;
    mail->loads.swap(e.loads);
    a.outbox.push_back([this, mail] { reader_inbox_.push_back(mail); });
  }
  if (!e.expiries.empty()) {
    a.outbox.push_back([this, records = std::exchange(e.expiries, {}), tenants = std::exchange(e.expiry_tenants, {})] {
      submit_expiries(records, tenants);
    });
  }
  if (!e.timers.empty()) {
    a.outbox.push_back([this, records = std::exchange(e.timers, {}), tenants = std::exchange(e.timer_tenants, {})] {
      submit_timers(records, tenants);
    });
  }
  if (!e.calls.empty()) a.outbox.push_back([this, calls = std::exchange(e.calls, {})] { call_channels(calls); });
  if (!e.checks.empty())
    a.outbox.push_back([this, calls = std::exchange(e.checks, {})] { check_inbox_.push_back(calls); });
  complete_all(e.finished, a.outbox);
}

// ---------------------------------------------------------------------------------------------- account shards

void shard_world::run_account(shard_index i) {
  account_actor& a = accounts_[i];
  for (std::size_t n = take(a.inbox); n > 0; --n) {
    const account_mail_ptr mail = std::move(a.inbox.front());
    a.inbox.pop_front();
    work(a, *mail);
  }
  send_effects(a, i);
  if (!a.effects->to_move.empty()) a.outbox.push_back([this, i] { move_accounts(i); });
}

void shard_world::work(account_actor& a, account_mail& m) {
  core::account_book& b = *a.book;
  core::account_effects& e = *a.effects;
  for (const core::moved_account& moved : m.arrivals) b.arrive(moved, e);
  if (m.through != 0) {
    b.apply(m.apply, m.balances, m.through, e);
    if (!m.created.empty() || !m.changed.empty()) b.apply_accounts(m.created, m.changed, m.base_seq, m.base_time, e);
  }
  if (m.mark) m.mark->visit(static_cast<shard_index>(&a - accounts_.data()), m.mark->at, b);
  around_.counts.partial_refusals += m.release.size();
  if (!m.release.empty()) b.release(m.release, e);
  if (!m.uncreated.empty()) b.uncreate(m.uncreated, e);
  std::size_t parked = b.parked();
  if (!m.transfers.empty()) b.step(m.transfers, e);
  if (!m.cases.empty()) b.step_cases(m.cases.take(), e);
  if (b.parked() > parked) around_.counts.account_waits += b.parked() - parked;
  if (!m.creations.empty()) b.create(m.creations, around_.now, e);
  for (core::plain_slip& s : m.changes) {  // one by one, to see which of them waits
    parked = b.parked();
    const auto c = reinterpret_cast<const account_change_record*>(s.frame->records)[s.index()];
    b.change({&s, 1}, e);
    if (b.parked() <= parked) continue;
    if (c.kind == account_change_kind::close) ++around_.counts.close_waits;
    if (c.flags & account_flags::hot) ++around_.counts.hot_waits;
  }
  for (const actors::loaded_creation& c : m.loaded) b.compare_created(c.slip, c.stored, c.seq, c.timestamp, e);
  if (m.tick != 0) b.tick(m.tick, e, m.patience);
  if (e.overdue.found) around_.complain("a creation is older than it may be");
}

void shard_world::send_effects(account_actor& a, shard_index shard) {
  core::account_effects& e = *a.effects;
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    if (e.to_account[i].empty() && e.to_account_cases[i].empty() && e.release[i].empty() &&
        e.creations_to_account[i].empty() && e.changes_to_account[i].empty())
      continue;
    auto mail = std::make_shared<account_mail>();
    mail->transfers.swap(e.to_account[i]);
    mail->cases.swap(e.to_account_cases[i]);
    mail->release.swap(e.release[i]);
    mail->creations.swap(e.creations_to_account[i]);
    mail->changes.swap(e.changes_to_account[i]);
    a.outbox.push_back([this, i, mail] { accounts_[i].inbox.push_back(mail); });
  }
  send_onward(a, shard);
}

void shard_world::send_onward(account_actor& a, shard_index shard) {
  core::account_effects& e = *a.effects;
  if (!e.to_writer.empty() || !e.cases_to_writer.empty() || !e.changes_to_writer.empty() ||
      !e.creations_to_writer.empty()) {
    auto mail = std::make_shared<writer_mail>();
    mail->slips.swap(e.to_writer);
    mail->cases.swap(e.cases_to_writer);
    mail->changes.swap(e.changes_to_writer);
    mail->creations.swap(e.creations_to_writer);
    a.outbox.push_back([this, mail] { writer_inbox_.push_back(mail); });
  }
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    if (e.to_order[i].empty() && e.to_target[i].empty()) continue;
    auto mail = std::make_shared<order_mail>();
    mail->ended.swap(e.to_order[i]);
    mail->targets.swap(e.to_target[i]);
    a.outbox.push_back([this, i, mail] { orders_[i].inbox.push_back(mail); });
  }
  if (!e.created_before.empty()) {
    auto mail = std::make_shared<reader_mail>();
    mail->account_shard = shard;
    mail->created_before.swap(e.created_before);
    a.outbox.push_back([this, mail] { reader_inbox_.push_back(mail); });
  }
  complete_all(e.finished, a.outbox);
}

/// The account travels first, then everybody learns of it.
void shard_world::move_accounts(shard_index i) {
  account_actor& a = accounts_[i];
  for (const std::uint32_t row : std::exchange(a.effects->to_move, {})) {
    const core::moved_account account = a.book->take_for_move(row);
    const std::uint64_t mix = mix_id(account.entity.tenant, account.entity.id.value);
    const bool room = topology_.set_host(mix, account.entity.tenant, account.entity.id.value, i);
    if (room) {
      const shard_index target = a.book->move_target(row);
      auto mail = std::make_shared<account_mail>();
      mail->arrivals.push_back(account);
      accounts_[target].inbox.push_back(std::move(mail));
      topology_.set_host(mix, account.entity.tenant, account.entity.id.value, target);
      ++around_.counts.moves;
    }
    a.book->finish_move(row, room, *a.effects);
  }
  send_effects(a, i);
}

// ------------------------------------------------------------------------------------------------------ reader

void shard_world::run_reader() {
  const reader_mail_ptr mail = std::move(reader_inbox_.front());
  reader_inbox_.pop_front();
  stored_index& index = around_.index;
  if (!mail->loads.empty()) {
    auto reply = std::make_shared<order_mail>();
    for (const core::load_request& r : mail->loads) {
      index.read_to(r.not_before);
      if (around_.random.chance(30)) index.read_some(around_.random.below(64));
      reply->loaded.emplace_back(r.token, index.find(r.tenant, r.id));
      const bool found = reply->loaded.back().second.what != core::stored_event::kind::none;
      around_.counts.index_loads += r.seq == 0 && found;
      around_.counts.order_loads += reply->loaded.back().second.order != nullptr;
    }
    reader_outbox_.push_back([this, i = mail->order_shard, reply] { orders_[i].inbox.push_back(reply); });
  }
  if (!mail->created_before.empty()) {
    index.read_all();
    auto reply = std::make_shared<account_mail>();
    for (const core::plain_slip& s : mail->created_before) {
      const auto& a = reinterpret_cast<const account_record*>(s.frame->records)[s.index()];
      reply->loaded.push_back(index.creation(s.frame->header.tenant, a.id));
      reply->loaded.back().slip = s;
    }
    reader_outbox_.push_back([this, i = mail->account_shard, reply] { accounts_[i].inbox.push_back(reply); });
  }
}

template std::size_t shard_world::take(const std::deque<writer_mail_ptr>&);

}  // namespace payloom::sim

// Recovery, and the way in and out of the shards (recovery_filler, frame_router and server_frames without CAF).
#include <algorithm>

#include "tests/sim/shard_world.hpp"
#include "tests/sim/sim_catalogue.hpp"

namespace payloom::sim {

namespace tf = transfer_flags;

shard_world::shard_world(const world_options& o, world_surroundings s, commit_seq indexed)
    : options_(o),
      around_(std::move(s)),
      topology_(o.order_shards, o.account_shards, o.hot_shards),
      orders_(o.order_shards),
      accounts_(topology_.account_shards()),
      flow_(topology_, *this, around_.journal.position(), {.inline_bytes = o.inline_bytes}) {
  for (shard_index i = 0; i < o.order_shards; ++i) {
    core::order_book::options b;
    b.shard = i;
    b.recent_generation_slots = o.recent_slots;
    b.filter_sub_tables = 2;
    b.duplicates_waiting_max = o.duplicates_waiting_max;
    b.payments = sim_catalogue();
    orders_[i].book = std::make_unique<core::order_book>(topology_, b);
    orders_[i].effects = std::make_unique<core::order_effects>(topology_);
  }
  const audit_options ledgers;
  for (shard_index i = 0; i < accounts_.size(); ++i) {
    core::account_book::options b{i, o.accounts_max, o.account_waiters_max, {}};
    b.payments = sim_catalogue();
    accounts_[i].book = std::make_unique<core::account_book>(
        topology_, b, [known = ledgers.ledgers](ledger_id l) { return known.contains(l); });
    accounts_[i].effects = std::make_unique<core::account_effects>(topology_);
  }
  for (const core::catalog::channel_plan& plan : sim_channels())
    channels_.push_back({std::make_unique<core::channel_desk>(plan, core::make_inner_driver(plan)), {}});
  checks_.serve(sim_catalogue()->newest().parts().checks);
  durable_ = around_.journal.position().next_sequence - 1;
  recover(indexed);
  recover_orders();
  recover_accounts();
  settle_hot();
}

shard_world::~shard_world() = default;

void shard_world::recover(commit_seq indexed) {
  for (const stored_index::stored_id* known : around_.index.ids_in_order()) {
    const audit_key& key = known->first;
    const core::stored_event* stored = &known->second;
    const std::uint64_t mix = mix_id(key.tenant, key.id);
    core::order_book& book = *orders_[topology_.order_shard(mix)].book;
    if (stored->seq <= indexed) {
      book.restore_ids({&mix, 1});
    } else {
      book.restore_recent(mix, key.tenant, key.id, stored->seq);
    }
    if (stored->what != core::stored_event::kind::transfer || stored->state != transfer_state::held) continue;
    const transfer_record& t = stored->transfer();
    core::hold_entity h;
    h.id = t.id;
    h.debit_account = t.debit_account;
    h.credit_account = t.credit_account;
    h.amount_minor = t.amount_minor;
    h.seq = stored->seq;
    h.expires_at = t.timeout_s ? stored->timestamp + std::uint64_t{t.timeout_s} * 1'000'000'000u : 0;
    h.tenant = key.tenant;
    h.ledger = t.ledger;
    h.code = t.code;
    book.restore_hold(h);
  }
}

static bool is_waiting_for_checks(const payment_row& p) {
  const core::catalog::checked_states& c = sim_catalogue()->newest().checked();
  return c.form == p.form && c.checking == p.state;
}

/// Orders that time can change; by sequence, so that the same seed gives the same run.
void shard_world::recover_orders() {
  std::vector<std::pair<commit_seq, std::pair<tenant_id, const core::stored_order*>>> open;
  for (const auto& [key, order] : around_.index.orders())
    if ((order->row.flags & order_row_flags::resident) != 0) open.push_back({order->seq, {key.tenant, order.get()}});
  std::sort(open.begin(), open.end());
  for (const auto& [seq, order] : open) {
    const order_row& row = order.second->row;
    const shard_index shard = topology_.order_shard(mix_id(order.first, row.id.value));
    around_.counts.checks_restored += order.second->has_payment && is_waiting_for_checks(order.second->payment);
    orders_[shard].book->restore_order(row, order.second->has_payment ? &order.second->payment : nullptr, order.first,
                                       seq);
  }
}

void shard_world::recover_accounts() {
  std::vector<std::pair<audit_key, account_row>> rows;
  for (const auto& [key, account] : around_.index.accounts()) rows.emplace_back(key, account.row);
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [key, row] : rows) {
    row.as_of = durable_;
    accounts_[topology_.account_shard(mix_id(key.tenant, key.id), key.tenant, key.id)].book->restore(row, key.tenant);
  }
}

/// Accounts that are hot go to their hot-account shards before anything runs.
void shard_world::settle_hot() {
  core::account_effects effects(topology_);
  for (shard_index s = 0; s < topology_.home_shards(); ++s) {
    core::account_book& home = *accounts_[s].book;
    home.find_misplaced(effects);
    for (const std::uint32_t row : std::exchange(effects.to_move, {})) {
      const core::moved_account account = home.take_for_move(row);
      const shard_index target = home.move_target(row);
      const tenant_id tenant = account.entity.tenant;
      const u128 id = account.entity.id.value;
      const bool room = topology_.set_host(mix_id(tenant, id), tenant, id, target);
      if (room) accounts_[target].book->arrive(account, effects);
      home.finish_move(row, room, effects);
    }
  }
}

// ----------------------------------------------------------------------------------------------- in and out

void shard_world::submit(std::unique_ptr<sim_frame> frame) {
  sim_frame& f = *frame;
  frames_.emplace(&f, std::move(frame));
  f.header.sequence = durable_;
  note_races(f, 1);
  route(f);
}

void shard_world::route(sim_frame& f) {
  if (f.type() == frame_type::create_transfers) return route_transfers(f);
  if (f.type() == frame_type::create_orders || f.type() == frame_type::act_on_orders) return route_orders(f);
  const tenant_id tenant = f.header.tenant;
  std::map<shard_index, order_mail_ptr> to_orders;
  std::map<shard_index, account_mail_ptr> to_accounts;
  const auto mail_of = [](auto& mails, shard_index i) -> auto& {
    if (!mails[i]) mails[i] = std::make_shared<typename std::decay_t<decltype(mails[i])>::element_type>();
    return *mails[i];
  };
  for (std::uint32_t i = 0; i < f.count; ++i) {
    core::plain_slip s;
    s.frame = &f;
    s.index_and_marks = static_cast<std::uint16_t>(i);
    const std::uint64_t mix = mix_id(tenant, f.request().records[i].first_id());
    if (f.type() == frame_type::create_accounts) {
      const u128 id = f.request().records[i].first_id();
      mail_of(to_accounts, topology_.account_shard(mix, tenant, id)).creations.push_back(s);
      continue;
    }
    s.set_mix(mix);
    order_mail& mail = mail_of(to_orders, topology_.order_shard(mix));
    (f.type() == frame_type::seal_transfers ? mail.seals : mail.changes).push_back(s);
  }
  for (auto& [i, mail] : to_orders) orders_[i].inbox.push_back(std::move(mail));
  for (auto& [i, mail] : to_accounts) accounts_[i].inbox.push_back(std::move(mail));
}

void shard_world::route_transfers(sim_frame& f) {
  if (f.wants_balances()) f.remaining.store(f.count * 3);
  const tenant_id tenant = f.header.tenant;
  std::map<shard_index, order_mail_ptr> mails;
  const auto mail_of = [&](std::uint64_t mix) -> order_mail& {
    order_mail_ptr& m = mails[topology_.order_shard(mix)];
    if (!m) m = std::make_shared<order_mail>();
    return *m;
  };
  for (std::uint32_t i = 0; i < f.count; ++i) {
    const transfer_record& t = f.transfer(i);
    const std::uint64_t mix = mix_id(tenant, t.id.value);
    if ((t.flags & (tf::linked | tf::balancing)) == 0) {
      core::plain_slip s;
      s.frame = &f;
      s.index_and_marks = static_cast<std::uint16_t>(i);
      s.set_mix(mix);
      const std::uint64_t target = mix_id(tenant, t.target_id.value);
      const bool target_first =
          (t.flags & tf::targeting) != 0 && !core::route_before(mix, t.id.value, target, t.target_id.value);
      mail_of(target_first ? target : mix).transfers.push_back(s);
      continue;
    }
    auto* c = new core::unit_case;
    c->frame = &f;
    c->first = i;
    while (i + 1 < f.count && (f.transfer(i).flags & tf::linked) != 0) ++i;
    c->count = i + 1 - c->first;
    mail_of(mix).cases.push_back(c);
  }
  for (auto& [i, mail] : mails) orders_[i].inbox.push_back(std::move(mail));
}

/// To whichever of a command's ids comes first in route order.
void shard_world::route_orders(sim_frame& f) {
  std::map<shard_index, order_mail_ptr> mails;
  const tenant_id tenant = f.header.tenant;
  for (std::uint32_t i = 0; i < f.count; ++i) {
    core::plain_slip s;
    s.frame = &f;
    s.index_and_marks = static_cast<std::uint16_t>(i);
    const u128 own = f.request().records[i].first_id();
    std::uint64_t mix = mix_id(tenant, own);
    if (f.type() == frame_type::act_on_orders) {
      const u128 order = f.order_action(i).order.value;
      const std::uint64_t order_mix = mix_id(tenant, order);
      if (!core::route_before(mix, own, order_mix, order)) mix = order_mix;
    }
    order_mail_ptr& mail = mails[topology_.order_shard(mix)];
    if (!mail) mail = std::make_shared<order_mail>();
    mail->orders.push_back(s);
    if (f.type() != frame_type::act_on_orders || f.from_server) continue;
    while (i + 1 < f.count && (f.order_action(i).flags & action_flags::linked) != 0) ++i;  // they travel with the first
  }
  for (auto& [i, mail] : mails) orders_[i].inbox.push_back(std::move(mail));
}

/// The same for orders: who pays one, and who wants to end it.
void shard_world::note_order_races(const sim_frame& f, int step) {
  for (const raw_record& raw : f.request().records) {
    const auto a = raw.as<order_action_record>();
    const audit_key own{f.header.tenant, a.id.value}, order{f.header.tenant, a.order.value};
    if ((acting_[own] += step) == 0) acting_.erase(own);
    const bool pays = a.action == order_action::pay;
    if (!pays && a.action != order_action::cancel && a.action != order_action::timer) continue;
    order_race& r = paying_[order];
    (pays ? r.pays : r.ends) += step;
    if (step > 0 && r.pays > 0 && r.ends > 0) ++around_.counts.order_races;
    if (r.pays == 0 && r.ends == 0) paying_.erase(order);
  }
}

/// Counts which holds an expiry and somebody else want at the same time.
void shard_world::note_races(const sim_frame& f, int step) {
  if (f.request().type == frame_type::act_on_orders) return note_order_races(f, step);
  if (f.request().type != frame_type::create_transfers) return;
  for (const raw_record& raw : f.request().records) {
    const auto t = raw.as<transfer_record>();
    if ((t.flags & tf::resolving) == 0) continue;
    race& r = resolving_[{f.header.tenant, t.target_id.value}];
    (f.from_server ? r.expiries : r.others) += step;
    if (step > 0 && r.expiries > 0 && r.others > 0) ++around_.counts.expiry_races;
    if (r.expiries == 0 && r.others == 0) resolving_.erase({f.header.tenant, t.target_id.value});
  }
}

void shard_world::complete(command_frame& f) {
  const auto at = frames_.find(&f);
  PAYLOOM_ASSERT(at != frames_.end());
  note_races(*at->second, -1);
  if (!f.from_server) around_.counts.events += f.count;
  if (at->second->request().from_server) count_facts(*at->second);
  if (!f.from_server || at->second->request().from_server) around_.finished(*at->second);
  frames_.erase(at);
}

void shard_world::complete_all(std::vector<command_frame*>& finished, sends& out) {
  for (command_frame* f : finished) out.push_back([this, f] { complete(*f); });
  finished.clear();
}

void shard_world::submit_expiries(const std::vector<transfer_record>& records, const std::vector<tenant_id>& tenants) {
  for (std::size_t begin = 0; begin < records.size();) {
    audit_request q{frame_type::create_transfers, tenants[begin], {}};
    for (; begin < records.size() && tenants[begin] == q.tenant; ++begin) q.records.emplace_back(records[begin]);
    auto f = std::make_unique<sim_frame>(q, time_ns{0}, around_.now + 5'000'000'000u, false);
    f->from_server = true;
    around_.counts.expiries += f->count;
    submit(std::move(f));
  }
}

void shard_world::submit_timers(const std::vector<order_action_record>& records,
                                const std::vector<tenant_id>& tenants) {
  for (std::size_t begin = 0; begin < records.size();) {
    audit_request q{frame_type::act_on_orders, tenants[begin], {}};
    for (; begin < records.size() && tenants[begin] == q.tenant; ++begin) q.records.emplace_back(records[begin]);
    auto f = std::make_unique<sim_frame>(q, time_ns{0}, around_.now + 5'000'000'000u, false);
    f->from_server = true;
    around_.counts.timers += f->count;
    submit(std::move(f));
  }
}

void shard_world::tick() {
  // Patience passes quickly here, but only when nothing is on its way (core::patience_clock).
  if (at_rest()) patience_ += 1'000'000'000u;
  for (order_actor& a : orders_) {
    auto mail = std::make_shared<order_mail>();
    mail->tick = around_.now;
    mail->patience = patience_;
    a.inbox.push_back(std::move(mail));
  }
  for (account_actor& a : accounts_) {
    auto mail = std::make_shared<account_mail>();
    mail->tick = around_.now;
    mail->patience = patience_;
    a.inbox.push_back(std::move(mail));
  }
  auto mail = std::make_shared<writer_mail>();
  mail->tick = around_.now;
  writer_inbox_.push_back(std::move(mail));
}

bool shard_world::at_rest() const {
  const auto idle = [](const auto& a) { return a.inbox.empty() && a.outbox.empty(); };
  return std::all_of(orders_.begin(), orders_.end(), idle) && std::all_of(accounts_.begin(), accounts_.end(), idle) &&
         writer_inbox_.empty() && writer_outbox_.empty() && reader_inbox_.empty() && reader_outbox_.empty() &&
         log_group_.empty();
}

void shard_world::set_readable(commit_seq seq) {
  for (order_actor& a : orders_) {
    auto mail = std::make_shared<order_mail>();
    mail->readable = seq;
    a.inbox.push_back(std::move(mail));
  }
}

std::size_t shard_world::parked() const {
  std::size_t n = 0;
  for (const order_actor& a : orders_) n += a.book->parked();
  for (const account_actor& a : accounts_) n += a.book->parked();
  return n;
}

std::size_t shard_world::open_orders() const {
  std::size_t n = 0;
  for (const order_actor& a : orders_) n += a.book->open_orders();
  return n;
}

std::size_t shard_world::open_holds() const {
  std::size_t n = 0;
  for (const order_actor& a : orders_) n += a.book->open_holds();
  return n;
}

}  // namespace payloom::sim

#include "actors/journal/journal_desk.hpp"

#include <algorithm>
#include <cstring>

#include "actors/core/ledger_rules.hpp"
#include "actors/core/mutation.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::actors {

using core::apply_entry;
using core::plain_slip;
using core::unit_case;
using storage::run_kind;
namespace op = core::apply_op;
namespace tf = transfer_flags;

journal_desk::journal_desk(const core::topology& t, commit_seq next, time_ns last_time, bool shadow)
    : topology_(t), next_(next), durable_next_(next), last_time_(last_time), shadow_(shadow) {}

journal_desk::~journal_desk() {
  for (unit_case* c : cases_) delete c;
}

void journal_desk::add(core::slip_vector slips) {
  if (slips.empty()) return;
  queued_events_ += slips.size();
  slips_.push_back(std::move(slips));
}
void journal_desk::add_cases(std::vector<unit_case*> cases) {
  for (unit_case* c : cases) {
    queued_events_ += c->journal_events();
    cases_.push_back(c);
  }
}
void journal_desk::add_changes(std::vector<core::change_decision> changes) {
  queued_events_ += changes.size();
  changes_.insert(changes_.end(), changes.begin(), changes.end());
}
void journal_desk::add_creations(core::slip_vector creations) {
  queued_events_ += creations.size();
  creations_.insert(creations_.end(), creations.begin(), creations.end());
}

void journal_desk::reset(open_group& g) {
  g.builder.begin();
  auto& a = g.after;
  for (auto& v : a.apply) v.clear();
  for (auto& v : a.balances) v.clear();
  for (auto& v : a.created) v.clear();
  for (auto& v : a.changed) v.clear();
  for (auto& v : a.durable) v.clear();
  for (auto& v : a.orders) v.clear();
  for (auto& v : a.payments) v.clear();
  for (auto& v : a.targets) v.clear();
  a.refusals.clear();
  g.bytes = {};
}

void journal_desk::fill(open_group& g) {
  context_frame_ = nullptr;
  if (!lay_slips(g)) return;
  for (; laid_.cases - settled_.cases < cases_.size(); ++laid_.cases) {
    prefetch_cases(laid_.cases - settled_.cases);
    unit_case& c = *cases_[laid_.cases - settled_.cases];
    if (!lay_case(g, c)) return;
    queued_events_ -= c.journal_events();
  }
  for (; laid_.changes - settled_.changes < changes_.size(); ++laid_.changes, --queued_events_)
    if (!lay_change(g, changes_[laid_.changes - settled_.changes])) return;
  for (; laid_.creations - settled_.creations < creations_.size(); ++laid_.creations, --queued_events_)
    if (!lay_creation(g, creations_[laid_.creations - settled_.creations])) return;
}

/// What the next cases need; an order's event and postings stand one behind the other.
void journal_desk::prefetch_cases(std::size_t at) const {
  const auto lines = [](const void* from, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(static_cast<const char*>(from) + i);
  };
  if (at + 6 < cases_.size()) lines(cases_[at + 6], 448);
  if (at + 3 >= cases_.size()) return;
  if (const core::order_work* w = cases_[at + 3]->order) lines(&w->decision, sizeof w->decision);
}

bool journal_desk::lay_slips(open_group& g) {
  constexpr std::size_t ahead = 8;
  for (; laid_.batches - settled_.batches < slips_.size(); ++laid_.batches, laid_.slips = 0) {
    const core::slip_vector& batch = slips_[laid_.batches - settled_.batches];
    for (; laid_.slips < batch.size(); ++laid_.slips) {
      if (laid_.slips + ahead < batch.size()) {
        const char* record = reinterpret_cast<const char*>(&batch[laid_.slips + ahead].transfer());
        __builtin_prefetch(record);
        __builtin_prefetch(record + 64);
      }
      if (!lay_slip(g, batch[laid_.slips])) return false;
      --queued_events_;
    }
  }
  return true;
}

void journal_desk::close(open_group& g, time_ns now) {
  PAYLOOM_ASSERT(!g.builder.empty());
  auto& a = g.after;
  const std::uint32_t events = g.builder.event_count();
  a.base_seq = next_;
  a.base_time = std::max(now, last_time_ + 1);
  a.through = next_ + events - 1;
  g.bytes = g.builder.finish(a.base_seq, a.base_time);
  next_ += events;
  last_time_ = a.base_time + events - 1;
  g.end = laid_;
}

void journal_desk::durable(const open_group& g) {
  PAYLOOM_ASSERT(g.after.base_seq == durable_next_);
  durable_next_ = g.after.through + 1;
  settle(g.end);
}

/// Forgets what is before a place.
void journal_desk::settle(const desk_place& to) {
  for (; settled_.batches < to.batches; ++settled_.batches) slips_.pop_front();
  for (; settled_.cases < to.cases; ++settled_.cases) {
    delete cases_.front();
    cases_.pop_front();
  }
  for (; settled_.changes < to.changes; ++settled_.changes) changes_.pop_front();
  for (; settled_.creations < to.creations; ++settled_.creations) creations_.pop_front();
  settled_.slips = to.slips;
}

std::uint32_t journal_desk::context_of(open_group& g, const command_frame& f) {
  if (&f == context_frame_) return context_;
  storage::context_entry e{};
  e.context_id = f.header.context_id;
  e.tenant = f.header.tenant;
  e.priority = f.header.priority;
  e.hop = f.header.hop;
  e.root_id = f.header.root_id;
  e.shadow = shadow_ ? 1 : 0;
  const std::uint32_t c = g.builder.add_context(e);
  if (c != storage::group_builder::no_context) {
    context_frame_ = &f;
    context_ = c;
  }
  return c;
}

bool journal_desk::lay_slip(open_group& g, const plain_slip& s) {
  command_frame& f = *s.frame;
  const std::uint32_t context = context_of(g, f);
  if (context == storage::group_builder::no_context) return false;
  const tenant_id tenant = f.header.tenant;
  if (f.type() == frame_type::seal_transfers) {
    std::byte* to = g.builder.append(run_kind::seals, context, 1);
    if (to == nullptr) return false;
    storage::seal_event e{};
    e.id.value = reinterpret_cast<const id_record*>(f.records)[s.index()].id;
    std::memcpy(to, &e, sizeof e);
    plain_slip& told = g.after.durable[topology_.order_shard(mix_id(tenant, e.id.value))].emplace_back(s);
    told.set_mix(last_laid(g));
    return true;
  }
  const transfer_record& t = s.transfer();  // a change record has its id at the same place
  const std::uint64_t id_mix = mix_id(tenant, t.id.value);
  if (s.refused()) {
    std::byte* to = g.builder.append(run_kind::refusals, context, 1);
    if (to == nullptr) return false;
    storage::refusal_event e{};
    if (f.type() == frame_type::create_transfers && (t.flags & tf::targeting))
      core::put_back_request(s.transfer(), s.notes());
    std::memcpy(e.request, &t, sizeof t);
    e.code = s.code;
    e.request_type = f.header.type;
    // What a shard did not hear of since its last commit did not concern it: it stands as of the frame's arrival.
    s.result().sequence = std::max(s.result().sequence, f.header.sequence);
    e.as_of = s.result().sequence;
    std::memcpy(to, &e, sizeof e);
    g.after.refusals.push_back(s.code);
  } else if (t.flags & tf::targeting) {
    std::byte* to = g.builder.append(run_kind::resolutions, context, 1);
    if (to == nullptr) return false;
    storage::resolution_event e{};
    e.record = t;
    e.target_amount_minor = s.notes().target_amount_minor;
    e.target_sequence = s.notes().target_seq;
    std::memcpy(to, &e, sizeof e);
    follow_accounts(g, s, t, true);
  } else {
    std::byte* to = g.builder.append(run_kind::transfers, context, 1);
    if (to == nullptr) return false;
    std::memcpy(to, &t, sizeof t);
    follow_accounts(g, s, t, true);
  }
  follow_slip(g, s, id_mix);
  return true;
}

/// The id's and the target's order shards hear of the event that was just laid.
void journal_desk::follow_slip(open_group& g, const plain_slip& s, std::uint64_t id_mix) {
  if (s.target_slot != core::no_slot && core::names_target(s)) {
    const std::uint64_t target_mix = mix_id(s.frame->header.tenant, core::target_of(s));
    g.after.targets[topology_.order_shard(target_mix)].push_back({s.target_slot, !s.refused()});
  }
  plain_slip& told = g.after.durable[topology_.order_shard(id_mix)].emplace_back(s);
  told.set_mix(last_laid(g));
}

/// A hot account gets one sum a batch: equal neighbours become one entry.
bool journal_desk::join_entry(core::apply_vector& entries, const apply_entry& a) {
  if (entries.empty() || (a.op & op::unclaim) == 0 || (a.op & op::open_up) != 0) return false;
  apply_entry& last = entries.back();
  constexpr std::uint32_t ops = (1u << op::more_claims_shift) - 1;
  if (last.row != a.row || (last.op & ops) != a.op || last.tag != 0) return false;
  u128 sum;
  if ((last.op | ops) == ~std::uint32_t{0} || !checked_add(last.amount_minor, a.amount_minor, sum)) return false;
  if (core::near_overflow(sum)) return false;  // such amounts are reserved one by one
  last.amount_minor = sum;
  last.op += 1u << op::more_claims_shift;
  return true;
}

void journal_desk::add_apply(open_group& g, shard_index shard, apply_entry a, const plain_slip& s, std::uint32_t side,
                             bool balance) {
  if (balance) {
    g.after.balances[shard].push_back({s.frame, s.index(), side});
    a.tag = g.after.balances[shard].size();
  }
  auto& entries = g.after.apply[shard];
  if (shard >= topology_.home_shards() && a.tag == 0 && join_entry(entries, a)) return;
  entries.push_back(a);
}

/// The two account shards hear of a committed movement. `unreserve`: its claims are plain ones (chains give
/// theirs back whole).
void journal_desk::follow_accounts(open_group& g, const plain_slip& s, const transfer_record& t, bool unreserve) {
  const tenant_id tenant = s.frame->header.tenant;
  const bool resolving = (t.flags & tf::resolving) != 0;
  const bool balance = s.frame->wants_balances();
  if (balance) {
    auto& r = *reinterpret_cast<balances_result*>(s.frame->results + std::size_t{s.index()} * sizeof(balances_result));
    r.amount_minor = t.amount_minor;
    r.result.flags |= result_flags::balances;
  }
  for (std::uint32_t side = 0; side < 2; ++side) {
    const shard_index shard = account_shard(tenant, side == 0 ? t.debit_account : t.credit_account);
    apply_entry a;
    a.row = side == 0 ? s.debit_row : s.credit_row;
    const std::uint32_t base = side == 0 ? 0 : op::credit;
    const bool moves_after = (t.flags & tf::void_hold) == 0;
    if (resolving) {
      a.amount_minor = PAYLOOM_MUTATED(5) ? t.amount_minor : s.notes().target_amount_minor;  // 5: the rest stays held
      a.op = base | op::unhold | (!moves_after && unreserve ? op::unclaim : 0);
      add_apply(g, shard, a, s, side, balance && !moves_after);
    }
    if (!moves_after) continue;
    a.amount_minor = t.amount_minor;
    a.op = base | ((t.flags & tf::hold) ? op::hold : op::post);
    if (unreserve) a.op |= op::unclaim | (resolving ? 0 : op::unreserve);
    add_apply(g, shard, a, s, side, balance);
  }
}

namespace {

storage::resolution_event member_event(const unit_case& c, std::uint32_t member) {
  const transfer_record& t = c.transfer(member);
  storage::resolution_event e{};
  e.record = t;
  if (t.flags & tf::targeting) {
    e.target_amount_minor = c.notes(member).target_amount_minor;
    e.target_sequence = c.notes(member).target_seq;
  }
  return e;
}

}  // namespace

bool journal_desk::lay_case(open_group& g, unit_case& c) {
  const std::uint32_t context = context_of(g, *c.frame);
  if (context == storage::group_builder::no_context) return false;
  if (c.order) return lay_order(g, c, context);
  const tenant_id tenant = c.frame->header.tenant;
  std::byte* to = g.builder.append_run(run_kind::chain, context, c.count);
  if (to == nullptr) return false;
  const commit_seq first = last_laid(g) + 1 - c.count;
  for (std::uint32_t m = 0; m < c.count; ++m) {
    const storage::resolution_event e = member_event(c, m);
    std::memcpy(to + std::size_t{m} * sizeof e, &e, sizeof e);
  }
  follow_members(g, c);
  for (std::uint32_t m = 0; m < c.count; ++m) {
    const transfer_record& t = c.transfer(m);
    const core::case_event& ce = c.events[m];
    plain_slip s;
    s.frame = c.frame;
    s.index_and_marks = static_cast<std::uint16_t>(c.first + m);
    s.id_slot = ce.id_slot;
    if (ce.claimed_target)
      g.after.targets[topology_.order_shard(mix_id(tenant, t.target_id.value))].push_back({ce.target_slot, true});
    s.set_mix(first + m);
    g.after.durable[topology_.order_shard(mix_id(tenant, t.id.value))].push_back(s);
  }
  return true;
}

/// The accounts of a case hear of its movements one by one, and then get their whole claims back.
void journal_desk::follow_members(open_group& g, unit_case& c) {
  for (std::uint32_t m = 0; m < c.count; ++m) {
    const transfer_record& t = c.transfer(m);
    plain_slip s;
    s.frame = c.frame;
    s.index_and_marks = static_cast<std::uint16_t>(c.first + m);
    s.debit_row = core::stop_of(c, t.debit_account).row;
    s.credit_row = core::stop_of(c, t.credit_account).row;
    follow_accounts(g, s, t, false);
  }
  for (const core::case_account_stop& stop : c.accounts)
    core::release_stop(stop, c.exclusive, [&](const apply_entry& a) {
      g.after.apply[account_shard(c.frame->header.tenant, stop.id)].push_back(a);
    });
}

/// The accounts of an order's postings hear of them, and get their claims back: one entry for each side of an account
/// that moved, so that hot accounts get one sum a batch.
void journal_desk::follow_postings(open_group& g, unit_case& c) {
  plain_slip s;
  s.frame = c.frame;
  s.index_and_marks = static_cast<std::uint16_t>(c.first);
  for (const core::case_account_stop& stop : c.accounts) {
    const shard_index shard = topology_.account_shard(stop.mix, c.frame->header.tenant, stop.id.value);
    u128 moved[2] = {0, 0};
    bool small = true;
    for (std::uint32_t m = 0; m < c.count; ++m) {
      const transfer_record& t = c.transfer(m);
      for (std::uint32_t side = 0; side < 2; ++side)
        if ((side == 0 ? t.debit_account : t.credit_account) == stop.id)
          small = small && checked_add(moved[side], t.amount_minor, moved[side]) && !core::near_overflow(moved[side]);
    }
    if (!small) {
      follow_members_at(g, c, stop, shard);
      continue;
    }
    const u128 reserved[2] = {stop.debits_reserved, stop.credits_reserved};
    const bool whole = (reserved[0] == 0 || reserved[0] == moved[0]) && (reserved[1] == 0 || reserved[1] == moved[1]);
    for (std::uint32_t side = 0; side < 2; ++side) {
      if (moved[side] == 0) continue;
      apply_entry a;
      a.row = stop.row;
      a.amount_minor = moved[side];
      a.op = op::post | (side == 0 ? 0 : op::credit);
      if (whole && reserved[side] != 0) a.op |= op::unreserve;
      if (whole && (side == 1 || moved[1] == 0)) a.op |= op::unclaim;
      add_apply(g, shard, a, s, side, false);
    }
    if (!whole) core::release_stop(stop, c.exclusive, [&](const apply_entry& a) { g.after.apply[shard].push_back(a); });
  }
}

/// One account of a case hears of the movements one by one.
void journal_desk::follow_members_at(open_group& g, unit_case& c, const core::case_account_stop& stop,
                                     shard_index shard) {
  for (std::uint32_t m = 0; m < c.count; ++m) {
    const transfer_record& t = c.transfer(m);
    apply_entry a;
    a.row = stop.row;
    a.amount_minor = t.amount_minor;
    a.op = op::post | (t.credit_account == stop.id ? op::credit : 0);
    if (t.debit_account == stop.id || t.credit_account == stop.id) g.after.apply[shard].push_back(a);
  }
  core::release_stop(stop, c.exclusive, [&](const apply_entry& a) { g.after.apply[shard].push_back(a); });
}

/// An order's event, its postings and its payment stand in one group, one behind the other: one commit unit. Linked
/// actions are one unit, too.
bool journal_desk::lay_order(open_group& g, unit_case& c, std::uint32_t context) {
  std::size_t bytes = c.count * sizeof(storage::resolution_event);
  for (std::uint32_t i = 0; i < c.works(); ++i)
    bytes += sizeof(order_event) + (c.work(i).decision.has_payment ? sizeof(payment_row) : 0);
  if (!g.builder.has_room(3 * c.works(), bytes)) return false;
  std::uint32_t leg = 0;
  const std::uint32_t works = PAYLOOM_MUTATED(39) && c.works() > 1 ? c.works() - 1 : c.works();  // 39: all but the last
  for (std::uint32_t i = 0; i < works; ++i) leg = lay_work(g, c, i, leg, context);
  if (c.count != 0 && !PAYLOOM_MUTATED(18)) follow_postings(g, c);
  return true;
}

/// One of a case's commands on orders, its postings from `leg` on; returns the leg behind them.
std::uint32_t journal_desk::lay_work(open_group& g, unit_case& c, std::uint32_t i, std::uint32_t leg,
                                     std::uint32_t context) {
  const core::order_work& w = c.work(i);
  const std::uint32_t legs = core::size32(w.decision.legs);
  if (!PAYLOOM_MUTATED(16) || legs == 0)  // 16: postings without their order
    std::memcpy(g.builder.append_run(run_kind::orders, context, 1), &w.decision.event, sizeof(order_event));
  const commit_seq sequence = last_laid(g);
  if (legs != 0 && !PAYLOOM_MUTATED(18)) {  // 18: a paid order without its postings
    std::byte* to = g.builder.append_run(run_kind::chain, context, legs);
    for (std::uint32_t m = 0; m < legs; ++m) {
      const storage::resolution_event e = member_event(c, leg + m);
      std::memcpy(to + std::size_t{m} * sizeof e, &e, sizeof e);
    }
  }
  const bool payment = w.decision.has_payment;
  if (payment)
    std::memcpy(g.builder.append_run(run_kind::payments, context, 1), &w.decision.payment, sizeof(payment_row));
  const tenant_id tenant = c.frame->header.tenant;
  const order_row& order = w.decision.event.order;
  if (w.order_slot != core::no_slot || (order.flags & order_row_flags::resident) != 0) {
    const shard_index shard = topology_.order_shard(mix_id(tenant, order.id.value));
    core::order_end& end =
        g.after.orders[shard].emplace_back(core::order_end{w.order_slot, tenant, sequence, core::no_slot, order});
    if (payment) {
      end.payment = core::size32(g.after.payments[shard]);
      g.after.payments[shard].push_back(w.decision.payment);
    }
  }
  plain_slip s;
  s.frame = c.frame;
  s.index_and_marks = static_cast<std::uint16_t>(c.first + i);
  s.id_slot = w.own.id_slot;
  if (payment && w.decision.payment.call != channel_operation::none) s.result().flags |= result_flags::processing;
  s.set_mix(sequence);
  g.after.durable[topology_.order_shard(mix_id(tenant, s.transfer().id.value))].push_back(s);
  return leg + legs;
}

bool journal_desk::lay_change(open_group& g, const core::change_decision& d) {
  const std::uint32_t context = context_of(g, *d.slip.frame);
  if (context == storage::group_builder::no_context) return false;
  std::byte* to = g.builder.append(run_kind::changes, context, 1);
  if (to == nullptr) return false;
  storage::change_event e{};
  e.record = reinterpret_cast<const account_change_record*>(d.slip.frame->records)[d.slip.index()];
  e.flags_after = d.flags_after;
  e.overdraft_limit_after = d.limit_after;
  std::memcpy(to, &e, sizeof e);
  const tenant_id tenant = d.slip.frame->header.tenant;
  core::change_decision& told = g.after.changed[account_shard(tenant, e.record.account)].emplace_back(d);
  told.slip.set_mix(last_laid(g));
  g.after.durable[topology_.order_shard(mix_id(tenant, e.record.id.value))].push_back(told.slip);
  return true;
}

bool journal_desk::lay_creation(open_group& g, const plain_slip& s) {
  const std::uint32_t context = context_of(g, *s.frame);
  if (context == storage::group_builder::no_context) return false;
  std::byte* to = g.builder.append(run_kind::accounts, context, 1);
  if (to == nullptr) return false;
  const auto& a = reinterpret_cast<const account_record*>(s.frame->records)[s.index()];
  std::memcpy(to, &a, sizeof a);
  plain_slip& told = g.after.created[account_shard(s.frame->header.tenant, a.id)].emplace_back(s);
  told.set_mix(last_laid(g));
  return true;
}

}  // namespace payloom::actors

// The other half of ledger_model: what is known, since when, and how facts change it.
#include <algorithm>

#include "tests/sim/content_rules.hpp"
#include "tests/sim/ledger_model.hpp"

namespace payloom::sim {
namespace {
namespace tf = transfer_flags;

template <class Map>
auto* find_in(Map& map, tenant_id t, u128 id) {
  const auto at = map.find(audit_key{t, id});
  return at == map.end() ? nullptr : &at->second;
}

// RULES.md "Effects", on the sums of the two accounts. `held` is the whole amount of the hold that is resolved.
void move(account_counters& debit, account_counters& credit, const transfer_record& r, u128 held) {
  if (has(r.flags, tf::hold)) {
    debit.debits_pending += r.amount_minor;
    credit.credits_pending += r.amount_minor;
    return;
  }
  if (has(r.flags, tf::resolving)) {
    debit.debits_pending -= held;
    credit.credits_pending -= held;
  }
  if (has(r.flags, tf::void_hold)) return;
  debit.debits_posted += r.amount_minor;
  credit.credits_posted += r.amount_minor;
}
}  // namespace

const model_account* ledger_model::find_account(tenant_id t, account_id id) const {
  return find_in(accounts_, t, id.value);
}
model_account* ledger_model::find_account(tenant_id t, account_id id) { return find_in(accounts_, t, id.value); }
const model_command* ledger_model::find_command(tenant_id t, u128 id) const { return find_in(commands_, t, id); }
model_command* ledger_model::find_command(tenant_id t, u128 id) { return find_in(commands_, t, id); }

const model_command* ledger_model::command_at(tenant_id t, u128 id, commit_seq at) const {
  const model_command* c = find_command(t, id);
  return c && c->sequence <= at ? c : nullptr;
}

const account_version* ledger_model::version_at(const model_account& a, commit_seq at) {
  for (auto v = a.versions.rbegin(); v != a.versions.rend(); ++v)
    if (v->from <= at) return &*v;
  return nullptr;
}

u128 ledger_model::held_amount(tenant_id t, const transfer_record& r) const {
  if (!has(r.flags, tf::resolving)) return 0;
  const model_command* hold = find_command(t, r.target_id.value);
  return hold ? hold->record.as<transfer_record>().amount_minor : 0;
}

void ledger_model::move_on_top(tenant_id t, const transfer_record& r, model_view& view) const {
  const account_version* d = look(t, r.debit_account, view);
  const account_version* c = look(t, r.credit_account, view);
  if (!d || !c) return;
  account_version debit = *d, credit = *c;
  move(debit.sums, credit.sums, r, held_amount(t, r));
  view.moved[{t, r.debit_account.value}] = debit;
  view.moved[{t, r.credit_account.value}] = credit;
}

account_version& ledger_model::new_version(model_account& a, commit_seq at) {
  if (a.versions.size() >= a.trim_at) {
    auto keep = a.versions.end() - 1;
    while (keep != a.versions.begin() && keep->from > oldest_) --keep;
    a.versions.erase(a.versions.begin(), keep);
    a.trim_at = std::max<std::size_t>(64, a.versions.size() * 2);
  }
  account_version next = a.versions.empty() ? account_version{} : a.versions.back();
  next.from = at;
  a.versions.push_back(next);
  return a.versions.back();
}

void ledger_model::note_target(tenant_id t, const transfer_record& r, commit_seq at) {
  if (!is_targeting(r)) return;
  model_command* target = find_command(t, r.target_id.value);
  if (!target) return;
  if (has(r.flags, tf::reversal)) {
    const u128 before = target->reversed.empty() ? 0 : target->reversed.back().second;
    target->reversed.emplace_back(at, before + r.amount_minor);
    return;
  }
  target->ended_by = at;
  target->end = has(r.flags, tf::capture)  ? hold_end::captured
                : has(r.flags, tf::expiry) ? hold_end::expired
                                           : hold_end::voided;
}

void ledger_model::apply_transfer(const journal_event& e) {
  const auto r = e.record.as<transfer_record>();
  model_account* debit = find_account(e.tenant, r.debit_account);
  model_account* credit = find_account(e.tenant, r.credit_account);
  if (debit && credit && debit != credit) {
    const u128 held = held_amount(e.tenant, r);
    move(new_version(*debit, e.sequence).sums, new_version(*credit, e.sequence).sums, r, held);
  }
  note_target(e.tenant, r, e.sequence);
  if (has(r.flags, tf::hold) && r.timeout_s != 0)
    timeouts_.emplace(e.timestamp + std::uint64_t{r.timeout_s} * 1'000'000'000u, audit_key{e.tenant, r.id.value});
}

void ledger_model::apply(const journal_event& e) {
  head_ = e.sequence;
  if (e.kind == journal_kind::account) {
    const auto r = e.record.as<account_record>();
    model_account a;
    a.created = r;
    a.sequence = e.sequence;
    a.timestamp = e.timestamp;
    a.versions.push_back({e.sequence, {}, r.overdraft_limit_minor, r.flags});
    accounts_.emplace(audit_key{e.tenant, r.id.value}, std::move(a));
    return;
  }
  if (e.kind == journal_kind::payment) return apply_payment(e);
  if (e.kind == journal_kind::transfer && id_is_reserved_for_postings(e.record.first_id())) {
    apply_transfer(e);
    postings_.insert({e.tenant, e.record.first_id()});
    return;
  }
  model_command c;
  c.sequence = e.sequence;
  c.timestamp = e.timestamp;
  c.record = e.record;
  c.unit_index = e.unit_index;
  c.unit_size = e.unit_size;
  switch (e.kind) {
    case journal_kind::transfer:
      c.type = frame_type::create_transfers;
      apply_transfer(e);
      break;
    case journal_kind::order:
      c.type = static_cast<frame_type>(e.order->request_type);
      apply_order(e);
      break;
    case journal_kind::change: {
      c.type = frame_type::change_accounts;
      if (model_account* a = find_account(e.tenant, e.record.as<account_change_record>().account)) {
        account_version& v = new_version(*a, e.sequence);
        v.flags = e.flags_after;
        v.limit_minor = e.limit_after;
      }
      break;
    }
    case journal_kind::refusal:
      c.type = e.refused_type;
      c.state = command_state::refused;
      c.code = e.code;
      c.as_of = e.as_of;
      break;
    default:
      c.type = frame_type::seal_transfers;
      c.state = command_state::sealed;
      c.code = result_code::id_sealed;
      break;
  }
  commands_.emplace(audit_key{e.tenant, e.record.first_id()}, std::move(c));
}

std::vector<std::pair<tenant_id, transfer_record>> ledger_model::due(time_ns now) {
  std::vector<std::pair<tenant_id, transfer_record>> out;
  for (auto i = timeouts_.begin(); i != timeouts_.end() && i->first <= now;) {
    const model_command& hold = commands_.at(i->second);
    if (hold.end != hold_end::open) {
      i = timeouts_.erase(i);
      continue;
    }
    out.emplace_back(i->second.tenant, hold.record.as<transfer_record>());
    ++i;
  }
  return out;
}

std::vector<commit_seq> ledger_model::turning_points(frame_type type, tenant_id t, std::span<const raw_record> unit,
                                                     commit_seq from, commit_seq to) const {
  std::set<commit_seq, std::greater<>> points{to, from};
  const auto add = [&](commit_seq s) {
    if (s > from && s < to) points.insert(s);
  };
  const auto add_account = [&](account_id id) {
    const model_account* a = find_account(t, id);
    if (!a) return;
    for (auto v = a->versions.rbegin(); v != a->versions.rend() && v->from > from; ++v) add(v->from);
  };
  const auto add_command = [&](u128 id) {
    const model_command* c = find_command(t, id);
    if (!c) return;
    add(c->sequence);
    add(c->ended_by);
    for (const auto& [at, total] : c->reversed) add(at);
    if (c->type != frame_type::create_transfers) return;
    add_account(c->record.as<transfer_record>().debit_account);
    add_account(c->record.as<transfer_record>().credit_account);
  };
  for (const raw_record& raw : unit) {
    if (type == frame_type::create_accounts) {
      add_account({raw.first_id()});
      continue;
    }
    add_command(raw.first_id());
    if (type == frame_type::create_orders) {
      order_row o{};
      const auto r = raw.as<order_record>();
      o.merchant = r.merchant, o.user = r.user, o.counterparty = r.counterparty, o.ledger = r.ledger;
      add_order_points(t, o, from, to, points);
    }
    if (type == frame_type::act_on_orders) {
      const auto order = orders_.find({t, raw.as<order_action_record>().order.value});
      if (order == orders_.end()) continue;
      for (const order_version& v : order->second) add(v.from);
      add_order_points(t, order->second.back().row, from, to, points);
    }
    if (type == frame_type::change_accounts) add_account(raw.as<account_change_record>().account);
    if (type != frame_type::create_transfers) continue;
    const auto r = raw.as<transfer_record>();
    add_command(r.target_id.value);
    add_account(r.debit_account);
    add_account(r.credit_account);
  }
  return {points.begin(), points.end()};
}

}  // namespace payloom::sim

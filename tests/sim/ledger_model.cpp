#include "tests/sim/ledger_model.hpp"

#include <algorithm>

#include "tests/sim/content_rules.hpp"

namespace payloom::sim {
namespace {
namespace tf = transfer_flags;
namespace af = account_flags;
using rc = result_code;

u128 add_capped(u128 a, u128 b) {
  u128 sum = 0;
  return checked_add(a, b, sum) ? sum : u128_max;
}
u128 minus_floor(u128 a, u128 b) { return a > b ? a - b : 0; }

u128 debit_ceiling(const account_version& v) {
  return add_capped(v.sums.credits_posted, has(v.flags, af::debits_must_not_exceed_credits) ? v.limit_minor : 0);
}
u128 credit_ceiling(const account_version& v) {
  return add_capped(v.sums.debits_posted, has(v.flags, af::credits_must_not_exceed_debits) ? v.limit_minor : 0);
}
u128 debits_of(const account_version& v) { return v.sums.debits_posted + v.sums.debits_pending; }
u128 credits_of(const account_version& v) { return v.sums.credits_posted + v.sums.credits_pending; }

bool breaks_debit_limit(const account_version& v, u128 amount) {
  return has(v.flags, af::debits_must_not_exceed_credits) && add_capped(debits_of(v), amount) > debit_ceiling(v);
}
bool breaks_credit_limit(const account_version& v, u128 amount) {
  return has(v.flags, af::credits_must_not_exceed_debits) && add_capped(credits_of(v), amount) > credit_ceiling(v);
}

verdict refuse(rc code) { return {.code = code}; }

verdict replay(const model_command& c) {
  verdict v{.code = c.code, .replayed = true, .sequence = c.sequence, .timestamp = c.timestamp};
  if (c.state == command_state::refused) v.sequence = c.as_of, v.timestamp = 0;
  return v;
}
}  // namespace

u128 left_to_debit(const account_version& v) { return minus_floor(debit_ceiling(v), debits_of(v)); }
u128 left_to_credit(const account_version& v) { return minus_floor(credit_ceiling(v), credits_of(v)); }

verdict ledger_model::stored_transfer(const transfer_record& r, const model_command& c) const {
  if (c.state == command_state::sealed) return refuse(rc::id_sealed);
  if (c.type != frame_type::create_transfers) return refuse(rc::exists_with_different_type);
  const rc difference = compare_transfer(r, c.record.as<transfer_record>(), c.state == command_state::executed);
  return difference == rc::ok ? replay(c) : refuse(difference);
}

rc ledger_model::resolve_hold(tenant_id t, transfer_record& r, commit_seq at) const {
  const model_command* c = command_at(t, r.target_id.value, at);
  if (!c || c->type != frame_type::create_transfers || c->state != command_state::executed) return rc::hold_not_found;
  const auto hold = c->record.as<transfer_record>();
  if (!has(hold.flags, tf::hold)) return rc::target_is_not_a_hold;
  if (r.debit_account.value != 0 && r.debit_account != hold.debit_account) return rc::hold_has_different_debit_account;
  if (r.credit_account.value != 0 && r.credit_account != hold.credit_account)
    return rc::hold_has_different_credit_account;
  if (r.ledger != 0 && r.ledger != hold.ledger) return rc::hold_has_different_ledger;
  if (r.code != 0 && r.code != hold.code) return rc::hold_has_different_code;
  if (has(r.flags, tf::capture)) {
    if (r.amount_minor == u128_max) r.amount_minor = hold.amount_minor;
    if (r.amount_minor > hold.amount_minor) return rc::exceeds_hold_amount;
  } else {
    if (r.amount_minor == 0) r.amount_minor = hold.amount_minor;
    if (r.amount_minor != hold.amount_minor) return rc::hold_has_different_amount;
  }
  if (c->end != hold_end::open && c->ended_by <= at) {
    if (c->end == hold_end::captured) return rc::hold_already_captured;
    return c->end == hold_end::voided ? rc::hold_already_voided : rc::hold_expired;
  }
  r.debit_account = hold.debit_account;
  r.credit_account = hold.credit_account;
  r.ledger = hold.ledger;
  r.code = hold.code;
  return rc::ok;
}

rc ledger_model::resolve_original(tenant_id t, transfer_record& r, commit_seq at) const {
  const model_command* c = command_at(t, r.target_id.value, at);
  if (!c || c->type != frame_type::create_transfers || c->state != command_state::executed)
    return rc::original_not_found;
  const auto original = c->record.as<transfer_record>();
  if (has(original.flags, tf::hold | tf::void_hold | tf::reversal)) return rc::original_is_not_posted;
  if (r.debit_account.value != 0 && r.debit_account != original.credit_account)
    return rc::original_has_different_debit_account;
  if (r.credit_account.value != 0 && r.credit_account != original.debit_account)
    return rc::original_has_different_credit_account;
  if (r.ledger != 0 && r.ledger != original.ledger) return rc::original_has_different_ledger;
  u128 reversed = 0;
  for (const auto& [from, total] : c->reversed)
    if (from <= at) reversed = total;
  const u128 left = original.amount_minor - reversed;
  if (r.amount_minor == u128_max) {
    if (left == 0) return rc::original_already_reversed;
    r.amount_minor = left;
  }
  // An explicit amount of which nothing is left is above what is left (116) before it is "already reversed" (117).
  if (r.amount_minor > left) return rc::exceeds_original_amount;
  r.debit_account = original.credit_account;
  r.credit_account = original.debit_account;
  r.ledger = original.ledger;
  if (r.code == 0) r.code = original.code;
  return rc::ok;
}

const account_version* ledger_model::look(tenant_id t, account_id id, const model_view& view) const {
  const audit_key key{t, id.value};
  const auto on_top = view.moved.find(key);
  if (on_top != view.moved.end()) return &on_top->second;
  const model_account* a = find_account(t, id);
  const auto own = view.stood_at.find(key);
  return a ? version_at(*a, own != view.stood_at.end() ? own->second : view.accounts_at) : nullptr;
}

rc ledger_model::check_accounts(tenant_id t, transfer_record& r, const model_view& view) const {
  const model_account* d = find_account(t, r.debit_account);
  const model_account* c = find_account(t, r.credit_account);
  const account_version* debit_found = look(t, r.debit_account, view);
  const account_version* credit_found = look(t, r.credit_account, view);
  if (!debit_found) return rc::debit_account_not_found;
  if (!credit_found) return rc::credit_account_not_found;
  const account_version debit = *debit_found, credit = *credit_found;
  if (d->created.ledger != r.ledger) return rc::debit_account_has_different_ledger;
  if (c->created.ledger != r.ledger) return rc::credit_account_has_different_ledger;
  // The money of a hold was checked when it was held: its resolution always passes.
  if (has(r.flags, tf::resolving)) return rc::ok;
  if (has(debit.flags, af::closed)) return rc::debit_account_closed;
  if (has(credit.flags, af::closed)) return rc::credit_account_closed;
  if (has(debit.flags, af::stop_out)) return rc::debit_account_stopped;
  if (has(credit.flags, af::stop_in)) return rc::credit_account_stopped;
  if (has(r.flags, tf::balancing_debit)) r.amount_minor = std::min(r.amount_minor, left_to_debit(debit));
  if (has(r.flags, tf::balancing_credit)) r.amount_minor = std::min(r.amount_minor, left_to_credit(credit));
  u128 sum = 0;
  if (!checked_add(debits_of(debit), r.amount_minor, sum)) return rc::overflows_debits;
  if (!checked_add(credits_of(credit), r.amount_minor, sum)) return rc::overflows_credits;
  if (breaks_debit_limit(debit, r.amount_minor)) return rc::exceeds_credits;
  if (breaks_credit_limit(credit, r.amount_minor)) return rc::exceeds_debits;
  return r.amount_minor == 0 ? rc::nothing_available : rc::ok;
}

verdict ledger_model::transfer(tenant_id t, const transfer_record& r, time_ns now, const model_view& view) const {
  if (const rc code = transfer_content(r, now); code != rc::ok) return refuse(code);
  if (const model_command* c = command_at(t, r.id.value, view.ids_at)) return stored_transfer(r, *c);
  verdict v{.completed = r};
  if (has(r.flags, tf::resolving)) v.code = resolve_hold(t, v.completed, view.ids_at);
  if (has(r.flags, tf::reversal)) v.code = resolve_original(t, v.completed, view.ids_at);
  if (v.code == rc::ok) v.code = check_accounts(t, v.completed, view);
  return v;
}

bool ledger_model::replay_chain(tenant_id t, std::span<const transfer_record> unit, time_ns now, commit_seq at,
                                std::vector<verdict>& out) const {
  for (std::size_t i = 0; i < unit.size(); ++i) {
    const model_command* c = command_at(t, unit[i].id.value, at);
    if (!c || c->state != command_state::executed || transfer_content(unit[i], now) != rc::ok) return false;
    const verdict v = stored_transfer(unit[i], *c);
    if (!v.replayed) return false;
    out[i] = v;
  }
  return true;
}

std::vector<verdict> ledger_model::transfers(tenant_id t, std::span<const transfer_record> unit, bool open, time_ns now,
                                             commit_seq at) const {
  model_view view{at, at, {}};
  if (unit.size() == 1 && !open) return {transfer(t, unit[0], now, view)};
  std::vector<verdict> failed(unit.size(), refuse(rc::linked_event_failed));
  if (open) return failed.back().code = rc::linked_event_chain_open, failed;
  if (unit.size() > limits::chain_events_max) return failed.front().code = rc::chain_too_long, failed;
  std::vector<verdict> out(unit.size());
  std::set<u128> ids, targets;
  std::vector<rc> shape(unit.size(), rc::ok);
  for (std::size_t i = 0; i < unit.size(); ++i) {
    // The later of two is the culprit: the events before it are in order.
    if (is_targeting(unit[i]) && unit[i].target_id.value != 0 && !targets.insert(unit[i].target_id.value).second)
      shape[i] = rc::chain_shape_unsupported;
    if (!ids.insert(unit[i].id.value).second) shape[i] = rc::chain_id_repeated;
  }
  // Whatever needs no state is looked at first, in order.
  for (std::size_t i = 0; i < unit.size(); ++i) {
    const rc code = shape[i] != rc::ok ? shape[i] : transfer_content(unit[i], now);
    if (code != rc::ok) return failed[i] = refuse(code), failed;
  }
  if (replay_chain(t, unit, now, at, out)) return out;
  for (std::size_t i = 0; i < unit.size(); ++i) {
    out[i] = transfer(t, unit[i], now, view);
    if (out[i].replayed && out[i].code == rc::ok) out[i] = refuse(rc::exists_outside_chain);
    if (out[i].code != rc::ok) return failed[i] = out[i], failed;
    move_on_top(t, out[i].completed, view);
  }
  return out;
}

verdict ledger_model::account(tenant_id t, const account_record& r, time_ns now, commit_seq at) const {
  if (const rc code = account_content(r, now, options_); code != rc::ok) return refuse(code);
  const model_account* a = find_account(t, r.id);
  if (!a || a->sequence > at) {
    const bool full = options_.accounts_max != 0 && accounts_.size() >= options_.accounts_max;
    return refuse(full ? rc::account_table_full : rc::ok);
  }
  const rc difference = compare_account(r, a->created);
  if (difference != rc::ok) return refuse(difference);
  return {.code = rc::account_exists, .replayed = true, .sequence = a->sequence, .timestamp = a->timestamp};
}

verdict ledger_model::change(tenant_id t, const account_change_record& r, commit_seq at) const {
  if (const rc code = change_content(r); code != rc::ok) return refuse(code);
  if (const model_command* c = command_at(t, r.id.value, at)) {
    if (c->state == command_state::sealed) return refuse(rc::id_sealed);
    if (c->type != frame_type::change_accounts) return refuse(rc::exists_with_different_type);
    const rc difference = compare_change(r, c->record.as<account_change_record>());
    return difference == rc::ok ? replay(*c) : refuse(difference);
  }
  const model_account* a = find_account(t, r.account);
  const account_version* now = a ? version_at(*a, at) : nullptr;
  if (!now) return refuse(rc::account_not_found);
  account_version after = *now;
  using kind = account_change_kind;
  if (r.kind == kind::set_flags) after.flags = static_cast<std::uint16_t>(after.flags | r.flags);
  if (r.kind == kind::clear_flags) after.flags = static_cast<std::uint16_t>(after.flags & ~r.flags);
  if (r.kind == kind::set_limit) after.limit_minor = r.overdraft_limit_minor;
  if (r.kind == kind::close) after.flags |= af::closed;
  if (r.kind == kind::reopen) after.flags = static_cast<std::uint16_t>(after.flags & ~af::closed);
  // In ascending order of number.
  if ((after.flags & af::limited) == af::limited) return refuse(rc::flags_are_mutually_exclusive);
  if (r.kind == kind::set_limit && !has(now->flags, af::limited)) return refuse(rc::account_limit_needs_flag);
  if (has(now->flags, af::closed) && r.kind != kind::reopen) return refuse(rc::account_closed);
  if (r.kind == kind::close && (now->sums.debits_pending != 0 || now->sums.credits_pending != 0))
    return refuse(rc::account_has_open_holds);
  if (breaks_debit_limit(after, 0) || breaks_credit_limit(after, 0)) return refuse(rc::account_outside_new_limit);
  return {.flags_after = after.flags, .limit_after = after.limit_minor};
}

verdict ledger_model::seal(tenant_id t, u128 id, commit_seq at) const {
  if (const rc code = seal_content(id); code != rc::ok) return refuse(code);
  const model_command* c = command_at(t, id, at);
  return c ? replay(*c) : verdict{.code = rc::id_sealed};
}

std::vector<verdict> ledger_model::unit(frame_type type, tenant_id t, std::span<const raw_record> unit, bool open,
                                        time_ns now, commit_seq at) const {
  switch (type) {
    case frame_type::create_transfers: {
      std::vector<transfer_record> records;
      records.reserve(unit.size());
      for (const raw_record& r : unit) records.push_back(r.as<transfer_record>());
      return transfers(t, records, open, now, at);
    }
    case frame_type::create_accounts:
      return {account(t, unit[0].as<account_record>(), now, at)};
    case frame_type::change_accounts:
      return {change(t, unit[0].as<account_change_record>(), at)};
    case frame_type::act_on_orders:
      if (unit.size() > 1 || open) return linked_actions(t, unit, open, now, at);
      [[fallthrough]];
    case frame_type::create_orders:
      return {order_command(type, t, unit[0], now, at)};
    default:
      return {seal(t, unit[0].first_id(), at)};
  }
}

}  // namespace payloom::sim

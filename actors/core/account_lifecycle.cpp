// Opening and changing accounts (RULES.md, "Accounts"). Both claim the account alone until their commit is applied.
#include "actors/core/account_book.hpp"
#include "actors/core/payments/order_content.hpp"

namespace payloom::core {

namespace af = account_flags;
namespace am = account_marks;
using enum result_code;

namespace {
const account_record& created_record(const plain_slip& s) {
  return reinterpret_cast<const account_record*>(s.frame->records)[s.index()];
}
const account_change_record& change_record(const plain_slip& s) {
  return reinterpret_cast<const account_change_record*>(s.frame->records)[s.index()];
}
}  // namespace

void account_book::create(std::span<plain_slip> slips, time_ns now, account_effects& out) {
  for (plain_slip& s : slips) {
    const account_record& a = created_record(s);
    s.code = check_account_content(a, ledger_known_(a.ledger), now);
    if (!s.refused() && options_.payments)
      s.code = check_chart_account(a, options_.payments->newest().parts().accounts);
    if (s.refused()) {
      s.result().code = s.code;
      finish_results(*s.frame, 1, out);
    } else {
      visit_creation(s, out);
    }
  }
  wake_touched(out);
}

void account_book::visit_creation(plain_slip& s, account_effects& out) {
  const account_record& a = created_record(s);
  const tenant_id tenant = s.frame->header.tenant;
  const std::uint64_t mix = mix_id(tenant, a.id.value);
  if (const shard_index host = topology_.account_shard(mix, tenant, a.id.value); host != options_.shard) {  // it moved
    out.creations_to_account[host].push_back(s);
    return;
  }
  std::uint32_t row = find_row(mix, tenant, a.id.value);
  if (row != table_.none) {
    if (table_.at(row).marks & am::live) {
      out.created_before.push_back(s);
    } else {
      park(row, {s, nullptr, waiter::kind::create}, out);  // being created: wait for the outcome
    }
    return;
  }
  if (table_.size() >= options_.accounts_max) {
    s.result().code = account_table_full;
    finish_results(*s.frame, 1, out);
    return;
  }
  row = table_.insert(mix, a.id.value);
  account_entity& e = table_.at(row);
  e = account_entity{};
  e.id = a.id;
  e.tenant = tenant;
  e.ledger = a.ledger;
  e.flags = a.flags;
  e.marks = am::exclusive;
  e.claims = 1;
  if (a.overdraft_limit_minor != 0) {
    e.marks |= am::has_limit;
    limits_[row] = a.overdraft_limit_minor;
  }
  s.id_slot = row;
  creating_[row] = s.frame->deadline_at;
  out.creations_to_writer.push_back(s);
}

void account_book::uncreate(std::span<const plain_slip> slips, account_effects& out) {
  for (const plain_slip& s : slips) {
    const std::uint32_t row = s.id_slot;
    account_entity& e = table_.at(row);
    PAYLOOM_ASSERT((e.marks & am::live) == 0 && (e.marks & am::exclusive) && e.claims == 1);
    std::deque<waiter> waiting;
    if (const auto at = waiting_.find(row); at != waiting_.end()) {
      waiting = std::move(at->second);
      waiting_.erase(at);
    }
    parked_ -= waiting.size();
    table_.erase(row);
    limits_.erase(row);
    creating_.erase(row);
    e = account_entity{};
    s.result().code = unavailable;
    s.result().sequence = applied_;
    finish_results(*s.frame, 1, out);
    // Those who waited look again: the next creation of this account becomes the first.
    for (waiter& w : waiting) try_again(w, out);
  }
  wake_touched(out);
}

void account_book::compare_created(const plain_slip& s, const account_record& stored, commit_seq seq, time_ns timestamp,
                                   account_effects& out) {
  result_record& r = s.result();
  const result_code c = compare_account(created_record(s), stored);
  r.code = c == ok ? account_exists : c;
  if (c == ok) {
    r.sequence = seq;
    r.timestamp = timestamp;
    r.flags = result_flags::replayed;
  }
  finish_results(*s.frame, 1, out);
}

void account_book::change(std::span<plain_slip> slips, account_effects& out) {
  for (plain_slip& s : slips) visit_change(s, out);
  wake_touched(out);
}

void account_book::visit_change(plain_slip& s, account_effects& out) {
  const account_change_record& c = change_record(s);
  const tenant_id tenant = s.frame->header.tenant;
  const std::uint64_t mix = mix_id(tenant, c.account.value);
  const shard_index host = topology_.account_shard(mix, tenant, c.account.value);
  if (host != options_.shard) {  // it moved
    out.changes_to_account[host].push_back(s);
    return;
  }
  const std::uint32_t row = find_row(mix, tenant, c.account.value);
  change_decision d;
  if (row == table_.none) {
    s.refuse(account_not_found, applied_);
  } else {
    account_entity& e = table_.at(row);
    const bool queued = (e.marks & am::waiters) != 0 && waking_row_ != row;
    if (e.claims != 0 || (e.marks & am::exclusive) || queued) {
      park(row, {s, nullptr, waiter::kind::change}, out);
      return;
    }
    d.row = row;
    d.limit_after = limit_of(e, row);
    if (const result_code code = decide_change(e, c, d); code != ok) s.refuse(code, as_of(row));
    if (!s.refused()) {
      e.marks |= am::exclusive;
      e.claims = 1;
    }
  }
  if (!s.refused()) {
    d.slip = s;
    out.changes_to_writer.push_back(d);
  } else if (is_remembered(s.code)) {
    out.to_writer.push_back(s);
  } else {
    out.to_order[topology_.order_shard(mix_id(tenant, c.id.value))].push_back(s);
  }
}

result_code account_book::decide_change(const account_entity& e, const account_change_record& c, change_decision& d) {
  using kind = account_change_kind;
  std::uint16_t flags = e.flags;
  switch (c.kind) {
    case kind::set_flags:
      flags |= c.flags;
      break;
    case kind::clear_flags:
      flags &= static_cast<std::uint16_t>(~c.flags);
      break;
    case kind::set_limit:
      d.limit_after = c.overdraft_limit_minor;
      break;
    case kind::close:
      flags |= af::closed;
      break;
    case kind::reopen:
      flags &= static_cast<std::uint16_t>(~af::closed);
      break;
  }
  // Ascending by number: the smallest that applies is the answer.
  if ((flags & af::limited) == af::limited) return flags_are_mutually_exclusive;
  if (c.kind == kind::set_limit && (flags & af::limited) == 0) return account_limit_needs_flag;
  if ((e.flags & af::closed) && c.kind != kind::reopen) return account_closed;
  if (c.kind == kind::close && (e.sums.debits_pending != 0 || e.sums.credits_pending != 0))
    return account_has_open_holds;
  const bool tightens = c.kind == kind::set_limit || c.kind == kind::set_flags;
  if (tightens && !satisfies_limits(e, flags, d.limit_after)) return account_outside_new_limit;
  d.flags_after = flags;
  return ok;
}

void account_book::apply_accounts(std::span<const plain_slip> created, std::span<const change_decision> changed,
                                  commit_seq base_seq, time_ns base_time, account_effects& out) {
  for (const plain_slip& s : created) {
    account_entity& e = table_.at(s.id_slot);
    PAYLOOM_ASSERT((e.marks & am::live) == 0 && e.claims == 1);
    e.marks |= am::live;
    e.marks &= static_cast<std::uint16_t>(~am::exclusive);
    e.claims = 0;
    creating_.erase(s.id_slot);
    result_record& r = s.result();
    r.sequence = s.mix();
    r.timestamp = base_time + (s.mix() - base_seq);
    r.code = ok;
    touched(s.id_slot);
    consider_move(s.id_slot, out);
    finish_results(*s.frame, 1, out);
  }
  for (const change_decision& d : changed) {
    account_entity& e = table_.at(d.row);
    PAYLOOM_ASSERT(e.claims == 1 && (e.marks & am::exclusive));
    e.flags = d.flags_after;
    e.claims = 0;
    e.marks &= static_cast<std::uint16_t>(~(am::exclusive | am::has_limit));
    limits_.erase(d.row);
    if (d.limit_after != 0) {
      e.marks |= am::has_limit;
      limits_[d.row] = d.limit_after;
    }
    touched(d.row);
    consider_move(d.row, out);
  }
  wake_touched(out);
}

// ---------------------------------------------------------------------------------------------------- hot accounts

bool account_book::wants_hot(const account_entity& e) const {
  if (topology_.hot_shards() == 0) return false;
  return (e.flags & af::hot) != 0 || options_.hot_mixes.contains(mix_id(e.tenant, e.id.value));
}

void account_book::find_misplaced(account_effects& out) {
  for (std::uint32_t row = 0; row < table_.rows(); ++row)
    if (table_.at(row).marks & am::live) consider_move(row, out);
}

/// An account whose hot flag does not fit where it is gets on its way; whoever comes meanwhile waits here.
void account_book::consider_move(std::uint32_t row, account_effects& out) {
  account_entity& e = table_.at(row);
  PAYLOOM_ASSERT(e.claims == 0);
  const bool here_hot = options_.shard >= topology_.home_shards();
  if (here_hot == wants_hot(e)) return;
  e.marks |= am::exclusive;
  e.claims = 1;
  out.to_move.push_back(row);
}

shard_index account_book::move_target(std::uint32_t row) const {
  const account_entity& e = table_.at(row);
  const std::uint64_t mix = mix_id(e.tenant, e.id.value);
  return wants_hot(e) ? topology_.hot_shard(mix) : topology_.home_shard(mix);
}

moved_account account_book::take_for_move(std::uint32_t row) const {
  const account_entity& e = table_.at(row);
  PAYLOOM_ASSERT(e.claims == 1 && (e.marks & am::exclusive) && e.debits_reserved == 0 && e.credits_reserved == 0);
  return {e, limit_of(e, row), as_of(row)};
}

void account_book::finish_move(std::uint32_t row, bool moved, account_effects& out) {
  account_entity& e = table_.at(row);
  e.claims = 0;
  e.marks &= static_cast<std::uint16_t>(~am::exclusive);
  wake(row, out);  // before the row goes: those who wait look at the topology and follow
  if (!moved) return;
  PAYLOOM_ASSERT(e.claims == 0 && (e.marks & am::waiters) == 0);
  // An empty row stays: should the account come back, work that is routed here may overtake it and must wait for it.
  limits_.erase(row);
  arrived_.erase(row);
  e.marks = am::exclusive;
  e.sums = {};
}

std::uint32_t account_book::expect_arrival(std::uint64_t mix, tenant_id tenant, u128 id) {
  const std::uint32_t row = table_.insert(mix, id);
  account_entity& e = table_.at(row);
  e = account_entity{};
  e.id.value = id;
  e.tenant = tenant;
  e.marks = am::exclusive;
  return row;
}

void account_book::arrive(const moved_account& a, account_effects& out) {
  const std::uint64_t mix = mix_id(a.entity.tenant, a.entity.id.value);
  std::uint32_t row = table_.find(mix, a.entity.tenant, a.entity.id.value);
  if (row == table_.none) row = expect_arrival(mix, a.entity.tenant, a.entity.id.value);
  account_entity& e = table_.at(row);
  PAYLOOM_ASSERT((e.marks & am::live) == 0 && (e.marks & am::exclusive));
  const auto waiters = static_cast<std::uint16_t>(e.marks & am::waiters);
  e = a.entity;
  e.claims = 0;
  e.marks = am::live | waiters;
  arrived_[row] = a.as_of;
  if (a.limit != 0) {
    e.marks |= am::has_limit;
    limits_[row] = a.limit;
  }
  touched(row);
  wake_touched(out);
}

}  // namespace payloom::core

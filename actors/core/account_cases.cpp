// Linked chains and balancing transfers at their accounts. Each account looks at all members that touch it, in chain
// order, counting the chain's own earlier movements (architecture.md section 2).
#include <algorithm>

#include "actors/core/account_book.hpp"
#include "actors/core/mutation.hpp"

namespace payloom::core {

namespace tf = transfer_flags;
namespace af = account_flags;
namespace am = account_marks;

namespace {

void prefetch_lines(const void* from, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(static_cast<const char*>(from) + at, 1);
}

/// The head of a case and the places of its first accounts.
void prefetch_case(const unit_case& c) { prefetch_lines(&c, 448); }

void prefetch_postings(const unit_case& c) {
  if (c.count != 0) prefetch_lines(&c.transfer(0), c.count * sizeof(transfer_record));
}

}  // namespace

void account_book::step_cases(std::span<unit_case* const> cases, account_effects& out) {
  // What a case needs is asked for a block ahead: the case itself, then its next account and its postings.
  constexpr std::size_t block = 12;
  std::uint64_t places[block];
  for (std::size_t at = 0; at < cases.size(); at += block) {
    const std::size_t n = std::min(block, cases.size() - at);
    for (std::size_t i = at + n; i < std::min(at + n + block, cases.size()); ++i) prefetch_case(*cases[i]);
    for (std::size_t i = 0; i < n; ++i) {
      const unit_case& c = *cases[at + i];
      PAYLOOM_ASSERT(c.next_account < c.accounts.size());
      const case_account_stop& stop = c.accounts[c.next_account];
      places[i] = table_.place_of(stop.mix, stop.id.value);
      table_.prefetch_index(places[i]);
      if (c.order != nullptr) prefetch_postings(c);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint32_t row = table_.candidate(places[i]);
      if (row != table_.none) table_.prefetch_row(row);
    }
    for (std::size_t i = 0; i < n; ++i) visit_case(*cases[at + i], out);
  }
  wake_touched(out);
}

void account_book::visit_case(unit_case& c, account_effects& out) {
  PAYLOOM_ASSERT(c.routed);
  for (; c.next_account < c.accounts.size(); ++c.next_account) {
    case_account_stop& stop = c.accounts[c.next_account];
    const shard_index shard = topology_.account_shard(stop.mix, c.frame->header.tenant, stop.id.value);
    if (shard != options_.shard) {
      out.to_account_cases[shard].push_back(&c);
      return;
    }
    if (!stop_case(c, stop, out)) return;
  }
  conclude_case(c, out);
}

/// The accounts refuse what a channel told of something that is over: the news stand in the order, without postings.
void account_book::leave_to_people(unit_case& c) {
  c.order->decision = *c.order->unbooked;
  c.order->unbooked.reset();
  c.accounts.clear();
  c.count = 0;
  c.culprit = no_slot;
}

/// False when the case was parked.
bool account_book::stop_case(unit_case& c, case_account_stop& stop, account_effects& out) {
  const std::uint32_t row = find_row(stop.mix, c.frame->header.tenant, stop.id.value);
  stop.as_of = row == table_.none ? applied_ : as_of(row);
  if (row == table_.none) {
    for (std::uint32_t m = 0; m < c.count && !c.exclusive; ++m) {
      if (c.is_stored(m)) continue;
      if (c.transfer(m).debit_account == stop.id) c.refuse(m, result_code::debit_account_not_found, stop.as_of);
      if (c.transfer(m).credit_account == stop.id) c.refuse(m, result_code::credit_account_not_found, stop.as_of);
    }
    return true;
  }
  account_entity& e = table_.at(row);
  const bool mine_to_try = waking_row_ == row;
  if (c.exclusive) {
    if (e.claims != 0 || (e.marks & am::exclusive) || ((e.marks & am::waiters) && !mine_to_try)) {
      park(row, {{}, &c}, out);
      return false;
    }
    e.claims = 1;
    e.marks |= am::exclusive;
    stop.row = row;
    stop.found = true;
    c.facts_of(stop) = {e, limit_of(e, row)};
    return true;
  }
  const bool limited = (e.flags & af::limited) != 0;
  if ((e.marks & am::exclusive) || ((e.marks & am::waiters) && !mine_to_try && newcomer_waits(e, limited))) {
    park(row, {{}, &c}, out);
    return false;
  }
  if (evaluate_case_at(c, stop, e, row) == stop_answer::wait) {
    park(row, {{}, &c}, out);
    return false;
  }
  if (!c.refused()) {
    ++e.claims;
    e.debits_reserved += stop.debits_reserved;
    e.credits_reserved += stop.credits_reserved;
    stop.row = row;
    stop.found = true;
  }
  return true;
}

namespace {

/// The most that one side needs at any point of the chain: amounts taken minus amounts brought so far.
struct prefix_need {
  u128 taken = 0, brought = 0, need = 0;
  void take(u128 n) {
    taken = saturating_add(taken, n);
    if (taken > brought) need = std::max(need, taken - brought);
  }
  void bring(u128 n) { brought = saturating_add(brought, n); }
};

}  // namespace

/// Refusals go into the case; the claim's reservations into the stop. Says `wait` only when nothing was refused.
stop_answer account_book::evaluate_case_at(unit_case& c, case_account_stop& stop, const account_entity& e,
                                           std::uint32_t row) {
  account_entity local = e;
  local.debits_reserved = local.credits_reserved = 0;
  const u128 limit = limit_of(e, row);
  prefix_need debits, credits;
  bool must_wait = false;
  for (std::uint32_t m = 0; m < (c.refused() ? c.culprit + 1 : c.count); ++m) {
    const transfer_record& t = c.transfer(m);
    const bool debit = t.debit_account == stop.id, credit = t.credit_account == stop.id;
    if ((!debit && !credit) || c.is_stored(m)) continue;
    const u128 target = c.frame->notes != nullptr ? c.notes(m).target_amount_minor : 0;
    const bool resolving = (t.flags & tf::resolving) != 0;
    if (!resolving) {
      const stop_verdict v = debit ? check_debit(local, t.ledger, t.amount_minor, limit)
                                   : check_credit(local, t.ledger, t.amount_minor, limit);
      if (v.answer == stop_answer::refuse) {
        c.refuse(m, v.code, stop.as_of);
        break;
      }
      must_wait |= v.answer == stop_answer::wait;
    }
    move_sums(local.sums, t, target, credit);
    const bool posts = (t.flags & (tf::hold | tf::void_hold)) == 0;
    const u128 released = resolving ? target - ((t.flags & tf::capture) ? t.amount_minor : 0) : 0;
    if (debit) {
      resolving ? debits.bring(released) : debits.take(t.amount_minor);
      if (posts) credits.bring(t.amount_minor);
    } else {
      resolving ? credits.bring(released) : credits.take(t.amount_minor);
      if (posts) debits.bring(t.amount_minor);
    }
  }
  if (c.refused()) return stop_answer::refuse;
  if (must_wait || near_overflow(e.debits_reserved) || near_overflow(e.credits_reserved)) return stop_answer::wait;
  const auto& s = e.sums;
  stop.debits_reserved = near_overflow(debits.taken) ? debits.taken : 0;
  stop.credits_reserved = near_overflow(credits.taken) ? credits.taken : 0;
  if (e.flags & af::debits_must_not_exceed_credits) {
    const u128 used = saturating_add(saturating_add(s.debits_posted, s.debits_pending), e.debits_reserved);
    if (debits.need != 0 && saturating_add(used, debits.need) > saturating_add(s.credits_posted, limit))
      return stop_answer::wait;
    stop.debits_reserved = debits.need;
  }
  if (e.flags & af::credits_must_not_exceed_debits) {
    const u128 used = saturating_add(saturating_add(s.credits_posted, s.credits_pending), e.credits_reserved);
    if (credits.need != 0 && saturating_add(used, credits.need) > saturating_add(s.debits_posted, limit))
      return stop_answer::wait;
    stop.credits_reserved = credits.need;
  }
  return stop_answer::enter;
}

void account_book::conclude_case(unit_case& c, account_effects& out) {
  if (c.exclusive && c.next_account == c.accounts.size()) decide_exclusive_case(c);
  if (!c.refused()) {
    out.cases_to_writer.push_back(&c);
    return;
  }
  for (const case_account_stop& stop : c.accounts) {
    if (PAYLOOM_MUTATED(8) && c.count > 1 && &stop != &c.accounts.front()) continue;  // released in part
    const shard_index shard = topology_.account_shard(stop.mix, c.frame->header.tenant, stop.id.value);
    release_stop(stop, c.exclusive, [&](const apply_entry& a) {
      if (shard != options_.shard) {
        out.release[shard].push_back(a);
        return;
      }
      apply_one(a);
      touched(a.row);
    });
  }
  if (c.order != nullptr && c.order->unbooked != nullptr && c.combined.empty()) {
    leave_to_people(c);
    out.cases_to_writer.push_back(&c);
    return;
  }
  for_each_refusal(c, [&](const plain_slip& s) {
    if (leaves_record(s)) {
      out.to_writer.push_back(s);
    } else {
      end_without_record(s, out);
    }
  });
  delete &c;
}

}  // namespace payloom::core

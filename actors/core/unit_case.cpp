#include "actors/core/unit_case.hpp"

#include <algorithm>

#include "actors/core/ledger_rules.hpp"
#include "actors/core/mutation.hpp"
#include "actors/core/topology.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::core {

namespace tf = transfer_flags;

void route_accounts(unit_case& c) {
  PAYLOOM_ASSERT(!c.routed);
  const std::uint32_t end = c.refused() ? c.culprit : c.count;
  const tenant_id tenant = c.frame->header.tenant;
  for (std::uint32_t m = 0; m < end; ++m) {
    const transfer_record& t = c.transfer(m);
    for (const account_id id : {t.debit_account, t.credit_account}) {
      case_account_stop stop;
      stop.id = id;
      stop.mix = mix_id(tenant, id.value);
      c.accounts.push_back(stop);
    }
  }
  const auto before = [](const case_account_stop& a, const case_account_stop& b) {
    return route_before(a.mix, a.id.value, b.mix, b.id.value);
  };
  std::sort(c.accounts.begin(), c.accounts.end(), before);
  const auto same = [](const case_account_stop& a, const case_account_stop& b) { return a.id == b.id; };
  c.accounts.resize(
      static_cast<std::size_t>(std::unique(c.accounts.begin(), c.accounts.end(), same) - c.accounts.begin()));
  if (c.exclusive) c.facts.resize(c.accounts.size());
  c.routed = true;
}

case_account_stop& stop_of(unit_case& c, account_id id) {
  const std::uint64_t mix = mix_id(c.frame->header.tenant, id.value);
  auto* it = std::lower_bound(
      c.accounts.begin(), c.accounts.end(), id,
      [mix](const case_account_stop& a, account_id b) { return route_before(a.mix, a.id.value, mix, b.value); });
  PAYLOOM_ASSERT(it != c.accounts.end() && it->id == id);
  return *it;
}

void move_sums(account_counters& sums, const transfer_record& t, u128 target_amount, bool credit) {
  u128& posted = credit ? sums.credits_posted : sums.debits_posted;
  u128& pending = credit ? sums.credits_pending : sums.debits_pending;
  if (t.flags & tf::resolving) {
    PAYLOOM_ASSERT(pending >= target_amount);
    pending -= target_amount;
  }
  if (t.flags & tf::hold) {
    pending += t.amount_minor;
  } else if ((t.flags & tf::void_hold) == 0) {
    posted += t.amount_minor;
  }
}

plain_slip refused_member(unit_case& c, std::uint32_t member) {
  PAYLOOM_ASSERT(c.refused());
  const case_event& e = c.events[member];
  transfer_record& t = c.transfer(member);
  if ((t.flags & tf::balancing) && c.notes(member).reserved_minor != 0) t.amount_minor = c.notes(member).reserved_minor;
  plain_slip s;
  s.frame = c.frame;
  s.index_and_marks = static_cast<std::uint16_t>(c.first + member);
  s.id_slot = e.claimed_id ? e.id_slot : no_slot;
  s.target_slot = e.claimed_target ? e.target_slot : no_slot;
  if (member == c.culprit) {
    s.refuse(c.culprit_code, c.culprit_as_of);
    if (e.stored && c.culprit_code == e.stored_code) {  // a stored refusal is replayed, not stored again
      result_record& r = s.result();
      r.sequence = e.stored_seq;
      r.timestamp = 0;
      r.code = e.stored_code;
      r.flags = result_flags::replayed;
      s.answered = 1;
    }
  } else {
    s.refuse(result_code::linked_event_failed, c.culprit_as_of);
  }
  return s;
}

namespace {

/// Which of the linked actions the culprit is: a refused posting is its action's.
std::uint32_t culprit_work(const unit_case& c) {
  if (c.combined.empty()) return 0;
  if (c.count == 0) return c.culprit;  // refused before there were postings
  std::uint32_t leg = c.culprit, i = 0;
  while (i + 1 < c.works() && leg >= c.work(i).decision.legs.size()) leg -= size32(c.work(i++).decision.legs);
  return i;
}

}  // namespace

plain_slip refused_order(unit_case& c, std::uint32_t i) {
  const order_work& w = c.work(i);
  plain_slip s;
  s.frame = c.frame;
  s.index_and_marks = static_cast<std::uint16_t>(c.first + i);
  s.id_slot = w.own.claimed_id ? w.own.id_slot : no_slot;
  s.target_slot = w.order_slot;
  const bool culprit = !c.combined.empty() && c.refused() && i == culprit_work(c);
  // A stored refusal is replayed, not stored again (40: it is).
  const bool again = culprit && c.culprit_code == w.own.stored_code && !PAYLOOM_MUTATED(40);
  if (w.own.stored && (c.combined.empty() || !c.refused() || again)) {
    result_record& r = s.result();
    r.sequence = w.own.stored_seq;
    r.timestamp = w.own.stored_time;
    r.code = w.own.stored_code;
    r.flags = result_flags::replayed;
    s.answered = 1;
    return s;
  }
  PAYLOOM_ASSERT(c.refused());
  s.refuse(i == culprit_work(c) ? c.culprit_code : result_code::linked_event_failed, c.culprit_as_of);
  return s;
}

namespace {

u128 left(u128 allowed, u128 used) { return allowed > used ? allowed - used : 0; }

u128 debit_room(const case_facts& s) {
  const auto& f = s.facts;
  const u128 limit = (f.flags & account_flags::debits_must_not_exceed_credits) ? s.limit : 0;
  return left(saturating_add(f.sums.credits_posted, limit),
              saturating_add(f.sums.debits_posted, f.sums.debits_pending));
}
u128 credit_room(const case_facts& s) {
  const auto& f = s.facts;
  const u128 limit = (f.flags & account_flags::credits_must_not_exceed_debits) ? s.limit : 0;
  return left(saturating_add(f.sums.debits_posted, limit),
              saturating_add(f.sums.credits_posted, f.sums.credits_pending));
}

/// The code of one member against the facts of its two accounts; `amount` is settled by then.
result_code check_member(const transfer_record& t, const case_facts& d, const case_facts& c, u128 amount) {
  if (t.flags & tf::resolving) return result_code::ok;
  const stop_verdict vd = check_debit(d.facts, t.ledger, amount, d.limit);
  const stop_verdict vc = check_credit(c.facts, t.ledger, amount, c.limit);
  if (vd.answer == stop_answer::refuse && vc.answer == stop_answer::refuse) return std::min(vd.code, vc.code);
  if (vd.answer == stop_answer::refuse) return vd.code;
  return vc.answer == stop_answer::refuse ? vc.code : result_code::ok;
}

}  // namespace

void decide_exclusive_case(unit_case& c) {
  const std::uint32_t end = c.refused() ? c.culprit : c.count;
  for (std::uint32_t m = 0; m < end; ++m) {
    transfer_record& t = c.transfer(m);
    case_account_stop& d = stop_of(c, t.debit_account);
    case_account_stop& k = stop_of(c, t.credit_account);
    case_facts& debit = c.facts_of(d);
    case_facts& credit = c.facts_of(k);
    u128 amount = t.amount_minor;
    result_code code = !d.found ? result_code::debit_account_not_found : result_code::credit_account_not_found;
    if (d.found && k.found) {
      if (t.flags & tf::balancing_debit) amount = std::min(amount, debit_room(debit));
      if (t.flags & tf::balancing_credit) amount = std::min(amount, credit_room(credit));
      code = check_member(t, debit, credit, amount);
    }
    if (code == result_code::ok && amount == 0 && (t.flags & tf::balancing)) code = result_code::nothing_available;
    if (code != result_code::ok) {
      commit_seq as_of = std::max(d.as_of, k.as_of);
      if (code != result_code::nothing_available)  // the codes of the two accounts alternate
        as_of = static_cast<std::uint16_t>(code) % 2 == 0 ? d.as_of : k.as_of;
      c.refuse(m, code, as_of);
      return;
    }
    if (t.flags & tf::balancing) c.notes(m).reserved_minor = t.amount_minor;  // what was asked, to put back
    t.amount_minor = amount;
    const u128 target = c.frame->notes != nullptr ? c.notes(m).target_amount_minor : 0;
    move_sums(debit.facts.sums, t, target, false);
    move_sums(credit.facts.sums, t, target, true);
  }
}

}  // namespace payloom::core

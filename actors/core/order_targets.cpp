// Claims on holds and originals: each is resolved by one command at a time (architecture.md section 2, "Holds").
#include <algorithm>

#include "actors/core/ledger_rules.hpp"
#include "actors/core/mutation.hpp"
#include "actors/core/order_book.hpp"

namespace payloom::core {

namespace tf = transfer_flags;
using enum result_code;

/// The target's stop. `answered == 2` marks the stop as passed until the route leaves the order shards.
order_book::outcome order_book::claim_target(plain_slip& s, unit_case* whole, std::uint64_t mix, order_effects& out) {
  const transfer_record& t = s.transfer();
  const tenant_id tenant = s.frame->header.tenant;
  const u128 id = t.target_id.value;
  if (t.flags & tf::reversal) {
    if (auto it = original_by_key_.find({tenant, id}); it != original_by_key_.end()) {
      auto& waiting = originals_[it->second].waiting;
      if (waiting.size() >= options_.duplicates_waiting_max) {
        s.refuse(busy, durable_);
        s.answered = 2;
        return outcome::go_on;
      }
      waiting.push_back({s, whole, purpose::target});
      ++parked_;
      return outcome::parked;
    }
  } else {
    const std::uint32_t row = holds_.find(mix, tenant, id);
    if (row != holds_.none) return claim_hold_row(s, whole, row);
  }
  if (!filter_.may_contain(mix)) {
    s.refuse((t.flags & tf::reversal) ? original_not_found : hold_not_found, durable_);
    s.answered = 2;
    return outcome::go_on;
  }
  const recent_ids::handle h = recent_.find(mix, tenant, id);
  if (h != recent_ids::none && recent_.at(h).st == recent_ids::state::claimed) {
    wait_for_id(h, {s, whole, purpose::target}, out);
    return outcome::parked;
  }
  if (t.flags & tf::reversal) {  // claimed before it is read, so that the sum of reversals cannot move meanwhile
    if (originals_free_.empty()) {
      originals_free_.push_back(static_cast<std::uint32_t>(originals_.size()));
      originals_.emplace_back();
    }
    const std::uint32_t slot = originals_free_.back();
    originals_free_.pop_back();
    originals_[slot] = {true, {tenant, id}, {}};
    original_by_key_[{tenant, id}] = slot;
    s.target_slot = slot | original_bit;
  }
  const bool stored = h != recent_ids::none && recent_.at(h).st == recent_ids::state::committed;
  ask({s, whole, purpose::target}, tenant, id, stored ? recent_.at(h).value : 0, out);
  return outcome::parked;
}

order_book::outcome order_book::claim_hold_row(plain_slip& s, unit_case* whole, std::uint32_t row) {
  hold_entity& h = holds_.at(row);
  if (h.claimed) {
    auto& waiting = hold_waiters_[row];
    if (waiting.size() >= options_.duplicates_waiting_max) {
      s.refuse(busy, durable_);
      s.answered = 2;
      return outcome::go_on;
    }
    waiting.push_back({s, whole, purpose::target});
    ++parked_;
    return outcome::parked;
  }
  if (const result_code c = fill_from_hold(s.transfer(), s.notes(), h); c != ok) {
    s.refuse(c, durable_);
  } else {
    h.claimed = 1;
    s.target_slot = row;
  }
  s.answered = 2;
  return outcome::go_on;
}

/// Checks a capture or void against its hold and completes the record (RULES.md 102-107).
result_code order_book::fill_from_hold(transfer_record& t, event_notes& n, const hold_entity& h) const {
  if (t.debit_account.value != 0 && t.debit_account != h.debit_account) return hold_has_different_debit_account;
  if (t.credit_account.value != 0 && t.credit_account != h.credit_account) return hold_has_different_credit_account;
  if (t.ledger != 0 && t.ledger != h.ledger) return hold_has_different_ledger;
  if (t.code != 0 && t.code != h.code) return hold_has_different_code;
  if (t.flags & tf::capture) {
    if (t.amount_minor != u128_max && t.amount_minor > h.amount_minor) return exceeds_hold_amount;
  } else if (t.amount_minor != 0 && t.amount_minor != h.amount_minor) {
    return hold_has_different_amount;
  }
  note_open_fields(t, n);
  if (t.amount_minor == u128_max || t.amount_minor == 0) t.amount_minor = h.amount_minor;
  t.debit_account = h.debit_account;
  t.credit_account = h.credit_account;
  t.ledger = h.ledger;
  t.code = h.code;
  n.target_amount_minor = h.amount_minor;
  n.target_seq = h.seq;
  return ok;
}

/// Checks a reversal against its original and completes the record (RULES.md 112-117).
result_code order_book::fill_from_original(transfer_record& t, event_notes& n, const stored_event& e) const {
  const transfer_record& o = e.transfer();
  if (o.flags & (tf::hold | tf::void_hold | tf::reversal)) return original_is_not_posted;
  if (t.debit_account.value != 0 && t.debit_account != o.credit_account) return original_has_different_debit_account;
  if (t.credit_account.value != 0 && t.credit_account != o.debit_account) return original_has_different_credit_account;
  if (t.ledger != 0 && t.ledger != o.ledger) return original_has_different_ledger;
  PAYLOOM_ASSERT(e.reversed_minor <= o.amount_minor);
  const u128 left = o.amount_minor - e.reversed_minor;
  const bool all = t.amount_minor == u128_max;
  if (all && left == 0) return original_already_reversed;
  if (!all && t.amount_minor > left) return exceeds_original_amount;
  note_open_fields(t, n);
  if (all) t.amount_minor = left;
  t.debit_account = o.credit_account;
  t.credit_account = o.debit_account;
  t.ledger = o.ledger;
  if (t.code == 0) t.code = o.code;
  n.target_amount_minor = o.amount_minor;
  n.target_seq = e.seq;
  return ok;
}

void order_book::target_loaded(parked_work& w, const stored_event& e, order_effects& out) {
  if (w.whole != nullptr && w.whole->order) {
    order_loaded(w, e, out);
    return;
  }
  plain_slip& s = w.slip;
  transfer_record& t = s.transfer();
  const tenant_id tenant = s.frame->header.tenant;
  const bool is_transfer = e.what == stored_event::kind::transfer;
  result_code c = ok;
  if (t.flags & tf::reversal) {
    c = is_transfer ? fill_from_original(t, s.notes(), e) : original_not_found;
    if (c != ok) {  // the claim was only for looking
      targets_ended(std::array{target_end{s.target_slot, false}}, out);
      s.target_slot = no_slot;
    }
  } else {
    // While we looked it may have become durable and open: the table is nearer than the index.
    const std::uint32_t row = holds_.find(mix_id(tenant, t.target_id.value), tenant, t.target_id.value);
    if (row != holds_.none) {
      if (claim_hold_row(s, w.whole, row) == outcome::go_on) target_settled(w, out);
      return;
    }
    if (is_transfer && e.state == transfer_state::held) {  // resolved since the look-up: the answer is out of date
      resume(w, out);
      return;
    }
    if (!is_transfer) {
      c = hold_not_found;
    } else if ((e.transfer().flags & tf::hold) == 0) {
      c = target_is_not_a_hold;
    } else {
      hold_entity h;
      h.debit_account = e.transfer().debit_account;
      h.credit_account = e.transfer().credit_account;
      h.amount_minor = e.transfer().amount_minor;
      h.ledger = e.transfer().ledger;
      h.code = e.transfer().code;
      transfer_record copy = t;  // the request stays as it came when it is refused
      event_notes ignored;
      c = fill_from_hold(copy, ignored, h);
      if (c == ok) {
        c = e.state == transfer_state::captured ? hold_already_captured
            : e.state == transfer_state::voided ? hold_already_voided
                                                : hold_expired;
      }
    }
  }
  if (c != ok) s.refuse(c, std::max(durable_, e.seq));
  s.answered = 2;
  target_settled(w, out);
}

/// The target's stop is behind: the slip, or its case, goes on.
void order_book::target_settled(parked_work& w, order_effects& out) {
  if (w.whole == nullptr) {
    route_targeting(w.slip, w.slip.mix(), out);
    return;
  }
  case_target_settled(*w.whole, w.slip);
  ++w.whole->next_id;
  visit_case(*w.whole, out);
}

void order_book::targets_ended(std::span<const target_end> ends, order_effects& out) {
  for (const target_end& e : ends) {
    std::vector<parked_work> waiting;
    if (e.target_slot & order_bit) {
      if (PAYLOOM_MUTATED(12) && !e.resolved) continue;  // a refused command keeps its claim on the order
      end_order_claim(e.target_slot & ~order_bit, out);
      continue;
    }
    if (e.target_slot & original_bit) {
      original_claim& o = originals_[e.target_slot & ~original_bit];
      PAYLOOM_ASSERT(o.used);
      original_by_key_.erase(o.who);
      waiting = std::move(o.waiting);
      o = {};
      originals_free_.push_back(e.target_slot & ~original_bit);
    } else {
      hold_entity& h = holds_.at(e.target_slot);
      PAYLOOM_ASSERT(h.claimed);
      h.claimed = 0;
      if (e.resolved && !PAYLOOM_MUTATED(6)) {  // 6: a hold stays open when it was resolved
        holds_.erase(e.target_slot);
        h.seq = 0;  // stale deadlines of this row no longer fit
      }
      if (!hold_waiters_.empty()) {
        if (auto it = hold_waiters_.find(e.target_slot); it != hold_waiters_.end()) {
          waiting = std::move(it->second);
          hold_waiters_.erase(it);
        }
      }
    }
    if (!waiting.empty()) wake(std::move(waiting), out);
  }
}

void order_book::tick(time_ns now, order_effects& out, std::uint64_t patience) {
  now_ = std::max(now_, now);
  constexpr std::size_t expiries_per_tick = 4096;
  while (!deadlines_.empty() && deadlines_.top().at <= now && out.expiries.size() < expiries_per_tick) {
    const deadline d = deadlines_.top();
    deadlines_.pop();
    const hold_entity& h = holds_.at(d.row);
    if (h.seq != d.seq || d.seq == 0) continue;  // resolved meanwhile
    if (h.claimed) {                             // someone is resolving it; look again soon
      deadlines_.push({now + 100'000'000u, d.row, d.seq, d.attempt});
      continue;
    }
    transfer_record t{};
    t.id.value = expiry_id(h.id, d.attempt, expiry_secret_);
    t.target_id = h.id;
    t.flags = tf::void_hold | tf::expiry;
    out.expiries.push_back(t);
    out.expiry_tenants.push_back(h.tenant);
    // Again, should the expiry come to nothing: a full disk, a bound, or somebody has used its id.
    deadlines_.push({now + 1'000'000'000u, d.row, d.seq, d.attempt + 1});
  }
  tick_orders(now, out);
  tick_parked(now, out);
  watch_claims(now, patience, out);
}

}  // namespace payloom::core

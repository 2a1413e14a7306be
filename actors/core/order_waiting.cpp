// Waiting for ids in flight, and for what the index and the journal know (effect `loads`, event `loaded`).
#include <algorithm>

#include "actors/core/ledger_rules.hpp"
#include "actors/core/order_book.hpp"

namespace payloom::core {

using enum result_code;

namespace {
command_frame& frame_of(const plain_slip& s, const unit_case* c) { return c != nullptr ? *c->frame : *s.frame; }
}  // namespace

void order_book::ask(parked_work w, tenant_id tenant, u128 id, commit_seq seq, order_effects& out) {
  const std::uint64_t token = next_token_++;
  loading_.emplace(token, w);
  ++parked_;
  out.loads.push_back({token, tenant, id, seq, std::max(durable_, seq)});
}

void order_book::wait_for_id(recent_ids::handle h, parked_work w, order_effects& out) {
  auto& waiting = id_waiters_[h];
  if (waiting.size() >= options_.duplicates_waiting_max) {
    give_up(w, busy, out);
    return;
  }
  waiting.push_back(w);
  ++parked_;
}

void order_book::wake_id(recent_ids::handle h, order_effects& out) {
  auto it = id_waiters_.find(h);
  if (it == id_waiters_.end()) return;
  std::vector<parked_work> waiting = std::move(it->second);
  id_waiters_.erase(it);
  wake(std::move(waiting), out);
}

void order_book::wake(std::vector<parked_work> waiting, order_effects& out) {
  parked_ -= waiting.size();
  for (parked_work& w : waiting) resume(w, out);
}

/// Tries again where the work was parked.
void order_book::resume(parked_work& w, order_effects& out) {
  plain_slip& s = w.slip;
  switch (w.what) {
    case purpose::case_id:
      visit_case(*w.whole, out);
      return;
    case purpose::target:
      if (w.whole != nullptr) {
        visit_case(*w.whole, out);
      } else {
        route_targeting(s, s.mix(), out);
      }
      return;
    case purpose::transfer_id:
    case purpose::change_id:
    case purpose::seal_id:
      break;
  }
  const u128 id = w.what == purpose::seal_id ? reinterpret_cast<const id_record*>(s.frame->records)[s.index()].id
                                             : s.transfer().id.value;
  const std::uint64_t mix = mix_id(s.frame->header.tenant, id);
  if (claim_own_id(s, mix, id, w.what, out) == outcome::go_on) after_own_id(s, w.what, out);
}

void order_book::loaded(std::uint64_t token, const stored_event& found, order_effects& out) {
  auto it = loading_.find(token);
  if (it == loading_.end()) return;  // given up at its deadline
  parked_work w = it->second;
  loading_.erase(it);
  --parked_;
  if (w.what == purpose::target) {
    target_loaded(w, found, out);
    return;
  }
  own_id_loaded(w, found, out);
}

void order_book::own_id_loaded(parked_work& w, const stored_event& e, order_effects& out) {
  const recent_ids::handle h = w.claim;
  if (e.what == stored_event::kind::none) {
    PAYLOOM_ASSERT(h != recent_ids::none);  // a committed slot names a stored event
    if (w.what == purpose::case_id) {
      unit_case& whole = *w.whole;
      const std::uint32_t member = whole.ids[whole.next_id].event;
      case_event& ce = whole.order ? whole.work(member).own : whole.events[member];
      ce.id_slot = h;
      ce.claimed_id = true;
      ++w.whole->next_id;
      visit_case(*w.whole, out);
      return;
    }
    w.slip.id_slot = h;
    w.slip.mark(plain_slip::own_id_seen);
    after_own_id(w.slip, w.what, out);
    return;
  }
  if (w.what == purpose::case_id) {
    case_own_loaded(*w.whole, e);
    visit_case(*w.whole, out);
  } else {
    answer_stored(w.slip, e, w.what);
    end_here(w.slip, out);
  }
  if (h != recent_ids::none) {
    recent_.commit(h, e.seq);
    wake_id(h, out);
  }
}

/// The answer to a command whose id was used before (RULES.md, "Id").
void order_book::answer_stored(plain_slip& s, const stored_event& e, purpose what) {
  result_record& r = s.result();
  r = {};
  // A target stop before this one may have completed the record.
  if (s.frame->notes != nullptr && s.frame->type() == frame_type::create_transfers &&
      (s.transfer().flags & transfer_flags::targeting))
    put_back_request(s.transfer(), s.notes());
  s.answered = 1;
  s.code = ok;
  if (e.what == stored_event::kind::seal) {
    r.code = id_sealed;
    r.sequence = e.seq;
    r.timestamp = e.timestamp;
    if (what == purpose::seal_id) r.flags = result_flags::replayed;
    return;
  }
  result_code c = ok;
  const frame_type before = e.what == stored_event::kind::transfer ? frame_type::create_transfers
                            : e.what == stored_event::kind::change ? frame_type::change_accounts
                                                                   : e.request_type;  // refusals and orders
  if (what == purpose::transfer_id) {
    c = before != frame_type::create_transfers  ? exists_with_different_type
        : e.what == stored_event::kind::refusal ? compare_refused_transfer(s.transfer(), e.transfer())
                                                : compare_transfer(s.transfer(), e.transfer());
  } else if (what == purpose::change_id) {
    const auto& asked = reinterpret_cast<const account_change_record*>(s.frame->records)[s.index()];
    c = before == frame_type::change_accounts ? compare_change(asked, e.change()) : exists_with_different_type;
  }
  if (c != ok) {
    r.code = c;
    return;
  }
  r.flags = result_flags::replayed;
  if (e.what == stored_event::kind::refusal) {
    r.code = e.code;
    r.sequence = e.as_of;
  } else {
    r.sequence = e.seq;
    r.timestamp = e.timestamp;
  }
}

void order_book::give_up(parked_work& w, result_code code, order_effects& out) {
  if (w.claim != recent_ids::none) {
    recent_.doubt(w.claim);  // nobody learned whether the id is used
    wake_id(w.claim, out);
  }
  if (w.whole != nullptr) {
    if (w.slip.target_slot != no_slot)  // an original that was claimed for looking; the case does not know of it
      targets_ended(std::array{target_end{w.slip.target_slot, false}}, out);
    w.whole->culprit = no_slot;
    w.whole->refuse(0, code, durable_);
    dissolve(*w.whole, out);
    return;
  }
  w.slip.code = code;
  w.slip.result().sequence = durable_;
  end_here(w.slip, out);
}

/// Every command in flight has its own id claimed here, wherever it is. A part of the table at each tick.
void order_book::watch_claims(time_ns now, std::uint64_t patience, order_effects& out) {
  constexpr std::uint32_t slots_per_tick = 4096;
  recent_.visit_claims(slots_per_tick, [&](recent_ids::slot& s) {
    if (claim_age::too_old(s.value, now, patience)) out.overdue = {s.tenant, s.id, true};
  });
}

void order_book::tick_parked(time_ns now, order_effects& out) {
  if (parked_ == 0) return;
  std::vector<parked_work> late;
  const auto is_late = [now](const parked_work& w) { return frame_of(w.slip, w.whole).deadline_at <= now; };
  const auto take = [&](std::vector<parked_work>& waiting) {
    for (auto it = waiting.begin(); it != waiting.end();) {
      if (!is_late(*it)) {
        ++it;
        continue;
      }
      late.push_back(*it);
      it = waiting.erase(it);
    }
  };
  for (auto& [h, waiting] : id_waiters_) take(waiting);
  for (auto& [row, waiting] : hold_waiters_) take(waiting);
  for (auto& [row, waiting] : order_waiters_) take(waiting);
  for (original_claim& o : originals_) take(o.waiting);
  for (auto it = loading_.begin(); it != loading_.end();) {
    if (!is_late(it->second)) {
      ++it;
      continue;
    }
    late.push_back(it->second);
    it = loading_.erase(it);
  }
  parked_ -= late.size();
  for (parked_work& w : late) give_up(w, deadline_exceeded, out);
}

}  // namespace payloom::core

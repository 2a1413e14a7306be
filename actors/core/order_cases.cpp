// Linked chains and balancing transfers at the order shards: members' ids and targets in route order, then the
// accounts (RULES.md, "Linked chains").
#include <algorithm>
#include <unordered_set>

#include "actors/core/ledger_rules.hpp"
#include "actors/core/mutation.hpp"
#include "actors/core/order_book.hpp"

namespace payloom::core {

namespace tf = transfer_flags;
using enum result_code;

void order_book::intake_cases(std::span<unit_case* const> cases, time_ns now, order_effects& out) {
  now_ = std::max(now_, now);
  for (unit_case* c : cases) {
    if (c->events.empty() && !c->order) {
      prepare_case(*c, now_);
      if (c->refused()) {
        dissolve(*c, out);
        continue;
      }
    }
    visit_case(*c, out);
  }
}

/// Checks a case's content and lays its route over the ids.
void order_book::prepare_case(unit_case& c, time_ns now) const {
  c.events.resize(c.count);
  for (std::uint32_t m = 0; m < c.count; ++m)
    if (c.transfer(m).flags & tf::balancing) c.exclusive = true;
  if (c.transfer(c.count - 1).flags & tf::linked) {  // an open chain is wrong whatever its members say
    c.refuse(c.count - 1, linked_event_chain_open, 0);
    return;
  }
  if (c.count > limits::chain_events_max) {
    c.refuse(0, chain_too_long, 0);
    return;
  }
  const key_hash hash{place_hash(options_.salt)};
  std::unordered_set<key, key_hash> ids(0, hash), targets(0, hash);
  for (std::uint32_t m = 0; m < c.count && !c.refused(); ++m) {
    const transfer_record& t = c.transfer(m);
    const bool targeting = (t.flags & tf::targeting) != 0;
    result_code code = ok;
    if (!ids.insert({0, t.id.value}).second) {
      code = chain_id_repeated;
    } else if (targeting && !targets.insert({0, t.target_id.value}).second) {
      code = chain_shape_unsupported;
    } else {
      code = (t.flags & tf::expiry) ? reserved_flag : check_transfer_content(t, now);
    }
    if (code != ok) c.refuse(m, code, 0);
  }
  if (c.refused()) return;
  const tenant_id tenant = c.frame->header.tenant;
  for (std::uint32_t m = 0; m < c.count; ++m) {
    const transfer_record& t = c.transfer(m);
    const auto member = static_cast<std::uint16_t>(m);
    c.ids.push_back({mix_id(tenant, t.id.value), t.id.value, member, false, false});
    if (t.flags & tf::targeting)
      c.ids.push_back({mix_id(tenant, t.target_id.value), t.target_id.value, member, true, false});
  }
  std::sort(c.ids.begin(), c.ids.end(), [](const case_id_stop& a, const case_id_stop& b) {
    if (a.mix == b.mix && a.id == b.id) return !a.is_target && b.is_target;  // known as an own id before as a target
    return route_before(a.mix, a.id, b.mix, b.id);
  });
}

void order_book::visit_case(unit_case& c, order_effects& out) {
  while (c.next_id < c.ids.size()) {
    case_id_stop& stop = c.ids[c.next_id];
    if (!mine(stop.mix)) {
      out.to_order_cases[topology_.order_shard(stop.mix)].push_back(&c);
      return;
    }
    const outcome o = !stop.is_target ? case_own_id(c, stop, out)
                      : c.order       ? claim_order(c, stop, out)
                                      : case_target(c, stop, out);
    if (o == outcome::parked) return;
    ++c.next_id;
  }
  leave_orders(c, out);
}

order_book::outcome order_book::case_own_id(unit_case& c, case_id_stop& stop, order_effects& out) {
  const tenant_id tenant = c.frame->header.tenant;
  case_event& e = c.order ? c.work(stop.event).own : c.events[stop.event];
  const time_ns ends_at = c.frame->deadline_at;
  const parked_work work{{}, &c, purpose::case_id};
  const auto claimed = [&](recent_ids::handle h) {
    e.id_slot = h;
    e.claimed_id = true;
    return outcome::go_on;
  };
  if (!filter_.test_and_add(stop.mix)) return claimed(recent_.claim(stop.mix, tenant, stop.id, ends_at));
  const recent_ids::handle h = recent_.find(stop.mix, tenant, stop.id);
  const bool doubtful = h != recent_ids::none && recent_.at(h).st == recent_ids::state::doubtful;
  if (h == recent_ids::none || doubtful) {
    parked_work w = work;
    w.claim = doubtful ? h : recent_.claim(stop.mix, tenant, stop.id, ends_at);
    if (doubtful) recent_.reclaim(h, ends_at);
    ask(w, tenant, stop.id, 0, out);
    return outcome::parked;
  }
  if (recent_.at(h).st == recent_ids::state::vacant) {
    recent_.reclaim(h, ends_at);
    return claimed(h);
  }
  if (PAYLOOM_MUTATED(17) && c.order && recent_.at(h).st == recent_ids::state::committed)  // a repeat executes again
    return claimed(recent_.claim(stop.mix, tenant, stop.id, ends_at));
  if (recent_.at(h).st == recent_ids::state::claimed) {
    wait_for_id(h, work, out);
  } else {
    ask(work, tenant, stop.id, recent_.at(h).value, out);
  }
  return outcome::parked;
}

/// A member's id was used before; the route goes on, since an earlier member may be the culprit.
void order_book::case_own_loaded(unit_case& c, const stored_event& found) {
  if (c.order) {
    order_own_loaded(c, found);
    return;
  }
  const std::uint32_t m = c.ids[c.next_id].event;
  case_event& e = c.events[m];
  plain_slip probe;
  probe.frame = c.frame;
  probe.index_and_marks = static_cast<std::uint16_t>(c.first + m);
  const result_record kept = probe.result();
  answer_stored(probe, found, purpose::transfer_id);
  const result_record r = probe.result();
  probe.result() = kept;
  if (r.flags & result_flags::replayed) {
    e.stored = true;
    e.stored_code = r.code;
    e.stored_seq = r.sequence;
    e.stored_time = r.timestamp;
  } else {
    c.refuse(m, r.code, durable_);
  }
  ++c.next_id;
}

order_book::outcome order_book::case_target(unit_case& c, case_id_stop& stop, order_effects& out) {
  const std::uint32_t m = stop.event;
  plain_slip s;
  s.frame = c.frame;
  s.index_and_marks = static_cast<std::uint16_t>(c.first + m);
  // A target that the same chain makes is not known yet (RULES.md: answered 100); one that a member repeats is.
  for (std::uint32_t i = 0; i < c.count; ++i)
    if (c.transfer(i).id == c.transfer(m).target_id && c.events[i].claimed_id) {
      c.refuse(m, (c.transfer(m).flags & tf::reversal) ? original_not_found : hold_not_found, durable_);
      return outcome::go_on;
    }
  const outcome o = claim_target(s, &c, stop.mix, out);
  if (o == outcome::go_on) case_target_settled(c, s);
  return o;
}

void order_book::case_target_settled(unit_case& c, const plain_slip& s) {
  const std::uint32_t m = s.index() - c.first;
  if (s.refused()) {
    c.refuse(m, s.code, s.result().sequence);
    return;
  }
  c.events[m].target_slot = s.target_slot;
  c.events[m].claimed_target = true;
}

void order_book::leave_orders(unit_case& c, order_effects& out) {
  if (c.order && !decide_order(c, out)) return;
  const bool all_stored = !c.order && std::all_of(c.events.begin(), c.events.end(),
                                                  [](const case_event& e) { return e.stored && e.stored_code == ok; });
  if (all_stored) {
    answer_all_stored(c, out);
    return;
  }
  for (std::uint32_t m = 0; m < c.count; ++m)
    if (c.is_stored(m)) {
      const case_event& e = c.events[m];
      if (c.culprit == m) c.culprit = no_slot;  // its id comes before what its target said
      c.refuse(m, e.stored_code == ok ? exists_outside_chain : e.stored_code, e.stored_seq);
      break;
    }
  route_accounts(c);
  if (c.accounts.empty()) {
    dissolve(c, out);
  } else {
    const case_account_stop& first = c.accounts.front();
    out.to_account_cases[topology_.account_shard(first.mix, c.frame->header.tenant, first.id.value)].push_back(&c);
  }
}

void order_book::answer_all_stored(unit_case& c, order_effects& out) {
  for (std::uint32_t m = 0; m < c.count; ++m) {
    const case_event& e = c.events[m];
    plain_slip s;
    s.frame = c.frame;
    s.index_and_marks = static_cast<std::uint16_t>(c.first + m);
    s.answered = 1;
    result_record& r = s.result();
    r.sequence = e.stored_seq;
    r.timestamp = e.stored_time;
    r.code = ok;
    r.flags = result_flags::replayed;
    if (e.claimed_target) s.target_slot = e.target_slot;
    end_here(s, out);
  }
  delete &c;
}

/// Sends every member of a refused case home.
void order_book::dissolve(unit_case& c, order_effects& out) {
  for_each_refusal(c, [&](plain_slip s) {
    if (leaves_record(s)) {
      out.to_writer.push_back(s);
    } else {
      end_here(s, out);
    }
  });
  delete &c;
}

}  // namespace payloom::core

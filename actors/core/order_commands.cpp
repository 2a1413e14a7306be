// Commands on orders at the order shards: own id and order in route order, the decision, then the accounts of the
// postings (RULES.md, "Orders"). One command on an order at a time; the others wait behind its claim.
#include <algorithm>

#include "actors/core/case_block.hpp"
#include "actors/core/mutation.hpp"
#include "actors/core/order_book.hpp"
#include "actors/core/payments/order_content.hpp"

namespace payloom::core {

using enum result_code;

void order_book::intake_orders(std::span<const plain_slip> slips, time_ns now, order_effects& out) {
  now_ = std::max(now_, now);
  const catalog::payment_catalog* payments = options_.payments ? &options_.payments->active(now_) : nullptr;
  constexpr std::size_t ahead = 16;
  case_block* block = nullptr;
  for (std::size_t i = 0; i < slips.size(); ++i) {
    if (i + 2 * ahead < slips.size()) filter_.prefetch_header(slips[i + 2 * ahead].mix());
    if (i + ahead < slips.size()) {
      filter_.prefetch(slips[i + ahead].mix());
      recent_.prefetch(slips[i + ahead].mix(), slips[i + ahead].transfer().id.value);
    }
    plain_slip s = slips[i];
    command_frame& f = *s.frame;
    const bool creation = f.type() == frame_type::create_orders;
    if (!creation && (f.order_action(s.index()).flags & action_flags::linked) != 0 && !f.from_server) {
      intake_linked(s, out);
      continue;
    }
    s.code = creation ? check_order_content(f.order(s.index()), payments, now_, f.from_server)
                      : check_action_content(f.order_action(s.index()), payments, f.from_server);
    if (s.refused()) {
      s.result().sequence = durable_;
      end_here(s, out);
      continue;
    }
    if (block == nullptr || block->full()) {
      if (block != nullptr) block->close();
      block =
          case_block::make(static_cast<std::uint32_t>(std::min<std::size_t>(slips.size() - i, case_block::places_max)));
    }
    unit_case* c = block->add();
    c->frame = &f;
    c->first = s.index();
    c->order->creation = creation;
    c->order->terms = payments;
    const tenant_id tenant = f.header.tenant;
    const u128 own = s.transfer().id.value;
    c->ids.push_back({mix_id(tenant, own), own, 0, false, false});
    if (!creation) {
      const u128 order = f.order_action(s.index()).order.value;
      c->ids.push_back({mix_id(tenant, order), order, 0, true, false});
      if (!route_before(c->ids[0].mix, own, c->ids[1].mix, order)) std::swap(c->ids[0], c->ids[1]);
    }
    visit_case(*c, out);
  }
  if (block != nullptr) block->close();
}

/// The stop at the order of an action.
order_book::outcome order_book::claim_order(unit_case& c, case_id_stop& stop, order_effects& out) {
  const tenant_id tenant = c.frame->header.tenant;
  std::uint32_t row = orders_.find(stop.mix, tenant, stop.id);
  if (row != orders_.none) {
    if (orders_.at(row).claimed == 0 || PAYLOOM_MUTATED(20)) {  // 20: two commands on one order at a time
      take_order(c, row);
      return outcome::go_on;
    }
    auto& waiting = order_waiters_[row];
    if (waiting.size() >= limits::order_waiters_max) {
      c.refuse(stop.event, busy, durable_);
      return outcome::go_on;
    }
    waiting.push_back({{}, &c, purpose::target});
    ++parked_;
    return outcome::parked;
  }
  if (!filter_.may_contain(stop.mix)) {
    c.refuse(stop.event, order_not_found, durable_);
    return outcome::go_on;
  }
  const recent_ids::handle h = recent_.find(stop.mix, tenant, stop.id);
  if (h != recent_ids::none && recent_.at(h).st == recent_ids::state::claimed) {
    wait_for_id(h, {{}, &c, purpose::target}, out);
    return outcome::parked;
  }
  // Known not to be stored. A creation may take the id without asking the index, so nobody may look there meanwhile:
  // the order would stand here twice.
  if (h != recent_ids::none && recent_.at(h).st == recent_ids::state::vacant) {
    c.refuse(stop.event, order_not_found, durable_);
    return outcome::go_on;
  }
  // Claimed before it is read, so that it cannot change meanwhile.
  row = orders_.insert(stop.mix, stop.id);
  order_entity& e = orders_.at(row);
  e = {};
  e.row.id.value = stop.id;
  e.tenant = tenant;
  e.claimed = 1;
  parked_work w{{}, &c, purpose::target};
  w.slip.target_slot = row | order_bit;
  const bool stored = h != recent_ids::none && recent_.at(h).st == recent_ids::state::committed;
  ask(w, tenant, stop.id, stored ? recent_.at(h).value : 0, out);
  return outcome::parked;
}

void order_book::take_order(unit_case& c, std::uint32_t row) {
  order_entity& e = orders_.at(row);
  e.claimed = 1;
  order_work& w = c.work(c.ids[c.next_id].event);
  w.order_slot = row | order_bit;
  w.before = e.row;
  w.before_seq = e.seq;
  w.has_payment_before = e.payment != 0;
  if (e.payment != 0) w.payment_before = payments_[e.payment - 1];
}

void order_book::order_loaded(parked_work& w, const stored_event& found, order_effects& out) {
  unit_case& c = *w.whole;
  const std::uint32_t slot = w.slip.target_slot;
  PAYLOOM_ASSERT(slot & order_bit);
  order_entity& e = orders_.at(slot & ~order_bit);
  if (found.what == stored_event::kind::order && found.order != nullptr && found.order->row.id == e.row.id) {
    e.row = found.order->row;
    e.seq = found.order->seq;
    keep_payment(e, found.order->has_payment ? &found.order->payment : nullptr);
    take_order(c, slot & ~order_bit);
  } else {
    c.refuse(c.ids[c.next_id].event, order_not_found, durable_);
    end_order_claim(slot & ~order_bit, out);
  }
  ++c.next_id;
  visit_case(c, out);
}

/// The command's own id was used before: its answer is what is stored, or that the content differs.
void order_book::order_own_loaded(unit_case& c, const stored_event& found) {
  const std::uint32_t i = c.ids[c.next_id].event;
  const std::uint32_t record = c.first + i;
  case_event& own = c.work(i).own;
  ++c.next_id;
  if (found.what == stored_event::kind::seal) {
    c.refuse(i, id_sealed, found.seq);
    return;
  }
  const bool is_order = found.what == stored_event::kind::order || found.what == stored_event::kind::refusal;
  result_code code = exists_with_different_type;
  if (is_order && found.request_type == c.frame->type()) {
    code = c.order->creation
               ? compare_orders(c.frame->order(record), *reinterpret_cast<const order_record*>(found.record))
               : compare_actions(c.frame->order_action(record),
                                 *reinterpret_cast<const order_action_record*>(found.record));
  }
  if (code != ok) {
    c.refuse(i, code, durable_);
    return;
  }
  own.stored = true;
  const bool refusal = found.what == stored_event::kind::refusal;
  own.stored_code = refusal ? found.code : ok;
  own.stored_seq = refusal ? found.as_of : found.seq;
  own.stored_time = refusal ? 0 : found.timestamp;
}

/// What the command is judged by: a new order by the version that was active when it came, every other for ever by the
/// one that it began with (domain PC-4). nullptr: the server does not have it.
const catalog::payment_catalog* order_book::terms_of(const order_work& w) const {
  if (w.creation) return w.terms;
  return options_.payments ? options_.payments->find(w.before.rule_version) : nullptr;
}

/// The id and the order are this command's: what it makes of the order.
result_code order_book::decide_work(order_work& w, unit_case& c, std::uint32_t i) {
  const frame_header& h = c.frame->header;
  order_request about{terms_of(w),
                      h.tenant,
                      now_,
                      deferred_open_ < limits::deferred_open_max,
                      &watched_rules_,
                      {h.root_id, h.context_id, h.hop}};
  about.linked = !c.combined.empty();
  if (!c.combined.empty() && w.has_payment_before) {
    about.together = 0;
    for (std::uint32_t j = 0; j < c.works(); ++j) {
      const order_work& other = c.work(j);
      const bool cancels = c.frame->order_action(c.first + j).action == order_action::cancel;
      about.together +=
          cancels && other.has_payment_before && other.payment_before.combined == w.payment_before.combined;
    }
  }
  if (about.catalog == nullptr) return rule_version_missing;
  if (w.creation) {
    decide_creation(about, c.frame->order(c.first), w.decision);
    const bool stays = (w.decision.event.order.flags & order_row_flags::resident) != 0;
    if (w.decision.code == ok && stays && orders_.size() >= options_.orders_max) w.decision.code = orders_full;
    if (w.decision.code == ok) begun_.add(about.catalog->version());
  } else {
    const order_before before{&w.before, w.before_seq, w.has_payment_before ? &w.payment_before : nullptr};
    const order_action_record& record = c.frame->order_action(c.first + i);
    decide_action(about, record, before, w.decision);
    const bool fact = record.action == order_action::channel_fact;
    if (fact && w.decision.code == ok && !w.decision.legs.empty()) {  // never lost, whatever the accounts say
      auto unbooked = std::make_unique<order_decision>();
      if (decide_unbooked(about, record, before, *unbooked)) w.unbooked = std::move(unbooked);
    }
  }
  c.frame->result(c.first + i).rule = w.decision.refused_by.id;
  c.frame->result(c.first + i).rule_version = w.decision.refused_by.version;
  return w.decision.code;
}

/// All ids and orders are this case's. False when the case went elsewhere, or is over.
bool order_book::decide_order(unit_case& c, order_effects& out) {
  std::uint32_t executed = 0;
  for (std::uint32_t i = 0; i < c.works(); ++i)
    executed += c.work(i).own.stored && (c.combined.empty() || c.work(i).own.stored_code == ok);
  const bool again = executed == c.works();
  // One after the other, up to the first that is refused: what its id says comes before what its order says.
  for (std::uint32_t i = 0; i < c.works() && !again && (!c.refused() || i <= c.culprit); ++i) {
    order_work& w = c.work(i);
    if (w.own.stored) {
      c.culprit = no_slot;
      c.refuse(i, w.own.stored_code == ok ? exists_outside_chain : w.own.stored_code, w.own.stored_seq);
    } else if (c.refused() && c.culprit == i) {
      break;
    } else if (const result_code code = decide_work(w, c, i); code != ok) {
      c.refuse(i, code, std::max(durable_, w.before_seq));
    }
  }
  if (!again && !c.refused() && !c.combined.empty() && !PAYLOOM_MUTATED(38)) combine(c);  // 38: each for itself
  if (again) c.culprit = no_slot;
  if (c.refused() || again) {
    dissolve(c, out);
    return false;
  }
  for (std::uint32_t i = 0; i < c.works() && !c.combined.empty(); ++i) {
    const auto& legs = c.work(i).decision.legs;
    c.combined_legs.insert(c.combined_legs.end(), legs.begin(), legs.end());
  }
  c.count = c.combined.empty() ? size32(c.order->decision.legs) : size32(c.combined_legs);
  if (c.count != 0) return true;
  out.cases_to_writer.push_back(&c);
  return false;
}

/// The newest payment of an order stays with it while it is in memory.
void order_book::keep_payment(order_entity& e, const payment_row* payment) {
  if (payment == nullptr) {
    if (e.payment != 0) payments_free_.push_back(e.payment - 1);
    e.payment = 0;
    return;
  }
  if (e.payment == 0) {
    if (payments_free_.empty()) {
      payments_free_.push_back(static_cast<std::uint32_t>(payments_.size()));
      payments_.emplace_back();
    }
    e.payment = (payments_free_.back() + 1) & 0x7fffffff;
    payments_free_.pop_back();
  }
  payments_[e.payment - 1] = *payment;
}

/// The next time at which something is due for an order by itself.
void order_book::order_timer_of(const order_entity& e, std::uint32_t row) {
  if ((e.row.flags & order_row_flags::resident) == 0) return;
  time_ns at = e.row.timeout_at;
  if (e.payment != 0 && payments_[e.payment - 1].due_at != 0)
    at = at == 0 ? payments_[e.payment - 1].due_at : std::min(at, payments_[e.payment - 1].due_at);
  if (at != 0) order_deadlines_.push({at, row, e.seq});
}

void order_book::orders_changed(std::span<const order_end> ends, std::span<const payment_row> payments,
                                order_effects& out) {
  for (const order_end& end : ends) {
    std::uint32_t row = end.slot == no_slot ? no_slot : end.slot & ~order_bit;
    if (row == no_slot) {
      if ((end.row.flags & order_row_flags::resident) == 0) continue;
      row = orders_.insert(mix_id(end.tenant, end.row.id.value), end.row.id.value);
      PAYLOOM_ASSERT(row < order_bit);
      orders_.at(row) = {};
    }
    order_entity& e = orders_.at(row);
    if (PAYLOOM_MUTATED(15) && end.slot != no_slot) {  // the claim ends before the order is what it became
      end_order_claim(row, out);
      continue;
    }
    const bool was = e.seq != 0 && (e.row.flags & order_row_flags::deferred) != 0;
    const bool is = (end.row.flags & order_row_flags::deferred) != 0;
    deferred_open_ += is && !was ? 1u : 0u;
    deferred_open_ -= was && !is ? 1u : 0u;
    e.row = end.row;
    if (e.row.created_seq == 0) e.row.created_seq = end.seq;
    e.seq = end.seq;
    e.tenant = end.tenant;
    keep_payment(e, end.payment == no_slot ? nullptr : &payments[end.payment]);
    if (end.payment != no_slot && payments[end.payment].call != channel_operation::none)
      ask_outside(e, payments[end.payment], out);
    if (is && !was) note_deferral({row, e.seq, e.row.timeout_at});
    order_timer_of(e, row);
    if (end.slot != no_slot) end_order_claim(row, out);
  }
}

void order_book::note_deferral(const deferral& d) {
  if (deferrals_.size() >= 2 * limits::deferred_open_max)
    std::erase_if(deferrals_, [&](auto& old) { return over(old); });
  deferrals_.push_back(d);
}

time_ns order_book::deferred_since() {
  while (!deferrals_.empty() && over(deferrals_.front())) deferrals_.pop_front();
  return deferrals_.empty() ? 0 : deferrals_.front().since;
}

void order_book::end_order_claim(std::uint32_t row, order_effects& out) {
  order_entity& e = orders_.at(row);
  PAYLOOM_ASSERT(e.claimed != 0);
  e.claimed = 0;
  std::vector<parked_work> waiting;
  if (const auto it = order_waiters_.find(row); it != order_waiters_.end()) {
    waiting = std::move(it->second);
    order_waiters_.erase(it);
  }
  if (e.seq == 0 || (e.row.flags & order_row_flags::resident) == 0) {  // the journal has it; who comes next asks there
    keep_payment(e, nullptr);
    orders_.erase(row);
    e.seq = 0;
  }
  if (!waiting.empty()) wake(std::move(waiting), out);
}

void order_book::restore_order(const order_row& row, const payment_row* payment, tenant_id tenant, commit_seq seq) {
  PAYLOOM_ASSERT(mine(mix_id(tenant, row.id.value)));
  order_end end{no_slot, tenant, seq, no_slot, row};
  order_effects nothing(topology_);
  payment_row known;
  if (payment != nullptr) {
    end.payment = 0;
    known = *payment;
    // Whether the call left before the stop nobody knows: the channel is asked at once.
    const catalog::payment_catalog* terms = terms_of_checks(row, known);
    if (terms != nullptr) {  // nor whether anybody answered; asking changes nothing
      checks_restored_.push_back(make_check_call(tenant, row, known, terms->parts().checks.core()));
    } else if (known.call != channel_operation::none && known.due_at != 0) {
      known.due_at = 1;
    }
  }
  orders_changed({&end, 1}, {&known, payment != nullptr ? 1u : 0u}, nothing);
}

/// Orders whose state's time is over: the server's own command takes the ordinary way and may come too late.
void order_book::tick_orders(time_ns now, order_effects& out) {
  if (!checks_restored_.empty()) {
    out.checks.insert(out.checks.end(), checks_restored_.begin(), checks_restored_.end());
    checks_restored_ = {};
  }
  constexpr std::size_t timers_per_tick = 4096;
  while (!order_deadlines_.empty() && order_deadlines_.top().at <= now && out.timers.size() < timers_per_tick) {
    const deadline d = order_deadlines_.top();
    order_deadlines_.pop();
    const order_entity& e = orders_.at(d.row);
    if ((e.seq != d.seq && !PAYLOOM_MUTATED(13)) || e.seq == 0) continue;  // something happened to it meanwhile
    if (e.claimed != 0) {                                                  // something is about to
      order_deadlines_.push({now + 100'000'000u, d.row, d.seq, d.attempt});
      continue;
    }
    order_action_record timer{};
    timer.id.value = expiry_id({e.row.id.value ^ make_u128(0, d.seq)}, d.attempt + 1, expiry_secret_);
    timer.order = e.row.id;
    timer.action = order_action::timer;
    out.timers.push_back(timer);
    out.timer_tenants.push_back(e.tenant);
    // Again, should the command come to nothing: a full disk, a bound, an account without money.
    const time_ns again = std::min<time_ns>(std::uint64_t{1} << std::min<std::uint32_t>(d.attempt, 12), 3600);
    order_deadlines_.push({now + again * 1'000'000'000u, d.row, d.seq, d.attempt + 1});
  }
}

}  // namespace payloom::core

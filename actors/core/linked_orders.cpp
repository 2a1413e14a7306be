// Linked actions at the order shards: commands on several orders that are one (RULES.md, "Linked actions").
#include <algorithm>

#include "actors/core/order_book.hpp"
#include "actors/core/payments/combined_payment.hpp"
#include "actors/core/payments/order_content.hpp"

namespace payloom::core {

using enum result_code;

/// More linked actions than may be: none of them is looked at.
void order_book::refuse_all(plain_slip head, std::uint32_t members, order_effects& out) {
  for (std::uint32_t i = 0; i < members; ++i) {
    plain_slip s = head;
    s.index_and_marks = static_cast<std::uint16_t>(head.index() + i);
    s.code = i == 0 ? chain_too_long : linked_event_failed;
    s.result().sequence = 0;
    end_here(s, out);
  }
}

/// Linked actions: one case that claims all their ids and orders; they are decided together, and posted as one unit.
void order_book::intake_linked(plain_slip head, order_effects& out) {
  command_frame& f = *head.frame;
  const tenant_id tenant = f.header.tenant;
  std::uint32_t end = head.index();
  while (end < f.count && (f.order_action(end).flags & action_flags::linked) != 0) ++end;
  const bool open = end == f.count;
  const std::uint32_t members = open ? end - head.index() : end + 1 - head.index();
  if (members > limits::combined_orders_max) {
    refuse_all(head, members, out);
    return;
  }
  auto* c = new unit_case;
  c->frame = &f;
  c->first = head.index();
  for (std::uint32_t i = 0; i < members; ++i) c->combined.push_back(std::make_unique<order_work>());
  c->order = c->combined.front().get();
  if (open) c->refuse(members - 1, linked_event_chain_open, 0);
  for (std::uint32_t i = 0; i < members; ++i) {
    const order_action_record& r = f.order_action(c->first + i);
    const auto used = [&](auto&& same) {
      for (std::uint32_t j = 0; j < i; ++j)
        if (same(f.order_action(c->first + j))) return true;
      return false;
    };
    result_code code = check_action_content(r, options_.payments ? &options_.payments->active(now_) : nullptr, false);
    if (used([&](const order_action_record& o) { return o.id == r.id; })) {
      code = chain_id_repeated;
    } else if (used([&](const order_action_record& o) {
                 // One order twice; or an id that would wait for itself, being claimed as both.
                 return o.order == r.order || o.order.value == r.id.value || o.id.value == r.order.value;
               })) {
      code = chain_shape_unsupported;
    }
    if (code != ok) c->refuse(i, code, durable_);
    const auto member = static_cast<std::uint16_t>(i);
    c->ids.push_back({mix_id(tenant, r.id.value), r.id.value, member, false, false});
    c->ids.push_back({mix_id(tenant, r.order.value), r.order.value, member, true, false});
  }
  if (c->refused()) {
    dissolve(*c, out);
    return;
  }
  std::sort(c->ids.begin(), c->ids.end(), [](const case_id_stop& a, const case_id_stop& b) {
    if (a.mix == b.mix && a.id == b.id) return !a.is_target && b.is_target;
    return route_before(a.mix, a.id, b.mix, b.id);
  });
  visit_case(*c, out);
}

/// What linked payments take from a channel is one payment there.
void order_book::combine(unit_case& c) {
  std::vector<combined_part> parts;
  const catalog::payment_catalog* terms = nullptr;
  for (std::uint32_t i = 0; i < c.works(); ++i) {
    order_decision& d = c.work(i).decision;
    const bool begins = d.has_payment && d.payment.call == channel_operation::pay &&
                        d.payment.payment == c.frame->order_action(c.first + i).id.value;
    if (!begins) continue;
    if (terms == nullptr) terms = terms_of(c.work(i));
    parts.push_back({&d.payment, d.event.order.ledger, i});
  }
  if (terms == nullptr) return;
  const combined_verdict v = combine_payments(parts, *terms);
  if (v.code != ok) c.refuse(v.action, v.code, std::max(durable_, c.work(v.action).before_seq));
}

}  // namespace payloom::core

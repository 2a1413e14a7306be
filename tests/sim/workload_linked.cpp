// Linked actions of the workload: baskets of orders of one buyer that are paid as one, through a channel or from
// balances, and cancelled and refunded together; now and then in part, again, or with something wrong in it. Others'
// actions on the same orders come between.
#include "tests/sim/workload.hpp"

namespace payloom::sim {
namespace {
using action_list = std::vector<order_action_record>;
constexpr std::uint16_t balance = 1, coupon = 2, channel = 4;
constexpr std::size_t baskets_max = 6, sent_max = 64;
}  // namespace

/// Two to eight orders of one user, mostly of one currency.
audit_request workload::basket_frame(world& w, tenant_id t) {
  count("basket");
  audit_request q{.type = frame_type::create_orders, .tenant = t, .records = {}};
  static constexpr std::uint16_t products[] = {101, 101, 101, 102, 102, 201};
  basket b;
  const owner_number user = random_.between(1, 4);
  const ledger_id ledger = random_.chance(92) ? 978 : 840;
  for (std::uint64_t n = random_.between(2, 8); n > 0; --n) {
    order_record r{};
    r.business_id = random_.id();
    r.merchant = random_.between(1, 3);
    r.user = user;
    r.product = random_.pick(products);
    r.ledger = random_.chance(98) ? ledger : 840;
    r.amount_minor = random_.chance(90) ? random_.between(5, 200) : random_.between(1, 3);
    r.timeout_s = random_.chance(50) ? 0 : random_.chance(80) ? 60 : 2;
    r.id = order_id_of(r.merchant, r.business_id);
    add_order(w, r);
    b.orders.push_back(r);
    q.records.emplace_back(r);
  }
  if (w.baskets.size() < baskets_max) {
    w.baskets.push_back(std::move(b));
  } else {
    random_.pick(w.baskets) = std::move(b);
  }
  return q;
}

/// All of them, mostly of all that is due, by the same tools.
action_list workload::linked_pay(basket& b) {
  action_list unit;
  const bool inside = random_.chance(25);
  const auto by = static_cast<std::uint32_t>(random_.chance(50) ? 0 : random_.between(1, 2));
  for (const order_record& o : b.orders) {
    if (inside && o.product == 201) continue;  // a recharge comes from outside
    order_action_record r{};
    r.id.value = random_.id();
    r.order = o.id;
    r.action = order_action::pay;
    if (random_.chance(10)) r.amount_minor = random_.between(1, 1 + lo64(o.amount_minor));
    if (!inside) r.tools = channel, r.channel = by;
    if (inside && o.product == 101 && random_.chance(30)) r.tools = balance | coupon, r.coupon_minor = 2;
    if (!inside && o.product != 201 && random_.chance(20)) {
      r.tools |= random_.chance(50) ? balance : coupon;
      ((r.tools & balance) != 0 ? r.balance_minor : r.coupon_minor) = random_.between(1, 1 + lo64(o.amount_minor) / 3);
    }
    unit.push_back(r);
  }
  if (unit.size() > 2 && random_.chance(10)) unit.pop_back();
  if (unit.empty()) return unit;
  order_action_record& one = random_.pick(unit);
  const std::uint64_t wrong = random_.below(30);
  if (wrong == 0) one.channel = 3 - std::max(one.channel, 1u);
  if (wrong == 1) one.amount_minor = 5'000;
  if (wrong == 2) one.expected_version = 7;
  if (wrong == 3) one.order.value = random_.id();
  if (wrong == 4) one.tools = balance, one.channel = 0;
  b.paid = true;
  return unit;
}

/// All are cancelled, or all but one, or one of them does something else meanwhile.
action_list workload::linked_end(basket& b) {
  action_list unit;
  for (const order_record& o : b.orders) {
    order_action_record r{};
    r.id.value = random_.id();
    r.order = o.id;
    r.action = order_action::cancel;
    unit.push_back(r);
  }
  const std::uint64_t how = random_.below(10);
  if (how == 0) unit.pop_back();
  if (how == 1) random_.pick(unit).action = order_action::pay;
  if (how == 2) random_.pick(unit).action = order_action::resolve, unit.back().reason = 2;
  return unit;
}

action_list workload::linked_refund(basket& b) {
  action_list unit;
  for (const order_record& o : b.orders) {
    if (!unit.empty() && random_.chance(30)) continue;
    order_action_record r{};
    r.id.value = random_.id();
    r.order = o.id;
    r.action = order_action::refund;
    if (random_.chance(60)) r.amount_minor = random_.between(1, 1 + lo64(o.amount_minor) / 2);
    unit.push_back(r);
  }
  return unit;
}

/// What was sent before: the same, or not quite.
action_list workload::linked_again(basket& b) {
  action_list unit = b.sent;
  switch (random_.below(8)) {
    case 0:
      random_.pick(unit).amount_minor += 1;
      break;
    case 1:
      unit.pop_back();
      break;
    case 2:
      unit.erase(unit.begin());
      break;
    case 3: {
      order_action_record first = unit.front();
      first.id.value = random_.id();
      first.order = random_.pick(b.orders).id;
      unit.insert(unit.begin(), first);
      break;
    }
    default:
      break;
  }
  return unit;
}

action_list workload::linked_mixture(world& w) {
  action_list unit;
  for (std::uint64_t n = random_.between(2, 4); n > 0; --n) unit.push_back(new_action(w));
  return unit;
}

void workload::spoil_linked(world& w, action_list& unit) {
  count("bad linked actions");
  order_action_record& one = random_.pick(unit);
  switch (random_.below(6)) {
    case 0:
      one.id = unit.front().id;
      break;
    case 1:
      one.order = unit.front().order;
      break;
    case 2:
      one.id.value = unit.front().order.value;
      break;
    case 3:
      spoil_action(one);
      break;
    case 4:
      one.id.value = w.sealed.empty() ? random_.id() : random_.pick(w.sealed);
      break;
    default:
      if (!random_.chance(10)) break;
      while (unit.size() <= limits::combined_orders_max) {
        unit.push_back(unit.front());
        unit.back().id.value = random_.id();
        unit.back().order.value = random_.id();
      }
      break;
  }
}

audit_request workload::linked_frame(world& w, tenant_id t) {
  audit_request q{.type = frame_type::act_on_orders, .tenant = t, .records = {}};
  for (std::uint64_t n = random_.chance(80) ? 1 : 2; n > 0; --n) {
    basket& b = random_.pick(w.baskets);
    const bool first = !b.paid;
    action_list unit = random_.chance(8)                       ? linked_mixture(w)
                       : !b.sent.empty() && random_.chance(25) ? linked_again(b)
                       : first || random_.chance(30)           ? linked_pay(b)
                       : random_.chance(40)                    ? linked_end(b)
                                                               : linked_refund(b);
    if (unit.empty()) continue;
    if (random_.chance(5)) spoil_linked(w, unit);
    const bool open = random_.chance(1);
    for (std::size_t i = 0; i < unit.size(); ++i) {
      constexpr std::uint16_t all_but = static_cast<std::uint16_t>(~action_flags::linked);
      unit[i].flags = static_cast<std::uint16_t>((unit[i].flags & all_but) |
                                                 (i + 1 < unit.size() || open ? action_flags::linked : 0));
      q.records.emplace_back(unit[i]);
    }
    count("linked actions");
    remember(w.actions, random_.pick(unit));
    if (unit.size() <= sent_max) b.sent = std::move(unit);
  }
  if (q.records.empty() || random_.chance(15)) q.records.emplace_back(new_action(w));
  return q;
}

}  // namespace payloom::sim

#include "actors/app/bench/scenario/scenario_books.hpp"

namespace payloom::bench {

void scenario_books::made(known_order& o) {
  const scenario_parties& p = parties_;
  const std::uint64_t user = p.available(o.user);
  if (o.kind == kind_escrow) {
    move(user, p.escrow(), o.amount);
    o.held = o.amount;
  } else if (o.kind == kind_pre_authorisation) {
    move(user, p.frozen(o.user), o.amount);
    o.held = o.amount;
  } else if (o.kind == kind_pay) {
    const std::uint64_t fee = p.fee_of(o.kind, order_action::pay, o.amount);
    move(user, p.pending(o.other), o.amount - fee);
    move(user, p.fee(), fee);
  } else if (o.kind == kind_recharge) {
    move(p.receivable(), user, o.amount);
  } else if (o.kind == kind_withdraw) {
    const std::uint64_t fee = p.fee_of(o.kind, order_action::pay, o.amount);
    move(user, p.sent_out(), o.amount + fee);
    move(p.sent_out(), p.bank(), o.amount);
    move(p.sent_out(), p.fee(), fee);
  } else {
    move(user, p.available(o.other), o.amount);
  }
}

void scenario_books::acted(known_order& o, order_action action, std::uint64_t amount) {
  const scenario_parties& p = parties_;
  const std::uint64_t user = p.available(o.user), merchant = p.pending(o.other);
  ++o.version;
  switch (action) {
    case order_action::confirm:
    case order_action::release: {
      const std::uint64_t fee = p.fee_of(o.kind, action, o.held);
      move(p.escrow(), merchant, o.held - fee);
      move(p.escrow(), p.fee(), fee);
      o.held = 0;
      return;
    }
    case order_action::capture: {
      const std::uint64_t fee = p.fee_of(o.kind, action, amount);
      move(p.frozen(o.user), user, o.held - amount);
      move(p.frozen(o.user), merchant, amount - fee);
      move(p.frozen(o.user), p.fee(), fee);
      o.held = 0;
      return;
    }
    case order_action::void_:
      move(p.frozen(o.user), user, o.held);
      o.held = 0;
      return;
    default: {  // refund
      const bool of_escrow = o.held != 0;
      move(of_escrow ? p.escrow() : merchant, p.transit(), amount);
      move(p.transit(), user, amount);
      o.refunded += amount;
      if (of_escrow) o.held -= amount;
      return;
    }
  }
}

}  // namespace payloom::bench

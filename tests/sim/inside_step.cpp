// Money that stays inside: balances and coupons; over in the unit that begins it.
#include <algorithm>

#include "tests/sim/order_step.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;
using role = chart_role;

constexpr ledger_id euro = 978, dollar = 840, yen = 392;
bool is_known(ledger_id l) { return l == euro || l == dollar || l == yen; }

/// merchant_standard: never above the amount, half a minor unit upwards.
u128 standard_fee(ledger_id ledger, u128 amount) {
  const u128 rate = ledger == euro ? 14'000 : ledger == dollar ? 29'000 : 36'000;
  const u128 fixed = ledger == euro ? 25 : ledger == dollar ? 30 : 0;
  return std::min(amount, fixed + (amount * rate + 500'000) / 1'000'000);
}

/// withdraw_standard: on top of the amount.
u128 withdraw_fee(ledger_id ledger, u128 amount) {
  if (ledger == dollar) return 100;
  if (ledger == yen) return 150;
  return amount <= 10'000 ? u128{100} : std::min<u128>(2'000, 50 + (amount * 1'000 + 500'000) / 1'000'000);
}

/// Which tools may pay.
std::uint16_t tools_of(std::uint16_t product, std::uint8_t event) {
  switch (product) {
    case product_code::instant_sale:
      return event == order_events().pay ? tool::balance | tool::coupon : tool::balance | tool::coupon | tool::channel;
    case product_code::escrow_sale:
      return event == order_events().pay ? tool::balance : tool::balance | tool::coupon | tool::channel;
    case product_code::recharge:
    case product_code::withdraw:
      return tool::channel;
    default:
      return tool::balance;
  }
}

bool is_sale(std::uint16_t product) {
  return product == product_code::instant_sale || product == product_code::escrow_sale;
}
}  // namespace

bool order_step::leg(role debit, owner_number debit_owner, role credit, owner_number credit_owner, u128 amount) {
  if (amount == 0) return true;
  if ((has_owner(debit) && debit_owner == 0) || (has_owner(credit) && credit_owner == 0))
    return refuse(rc::party_missing);
  if (debit == credit && debit_owner == credit_owner) return refuse(rc::parties_must_be_different);
  transfer_record r{};
  const auto number = static_cast<std::uint32_t>(out.legs.size());
  r.id = posting_id_of(tenant_, cause_, number);
  r.debit_account = chart_account(debit, row().ledger, has_owner(debit) ? debit_owner : 0);
  r.credit_account = chart_account(credit, row().ledger, has_owner(credit) ? credit_owner : 0);
  r.amount_minor = amount;
  r.user_data_128 = row().id.value;
  r.user_data_64 = row().merchant;
  r.user_data_32 = number;
  r.ledger = row().ledger;
  r.code = static_cast<std::uint16_t>(debit);
  out.legs.push_back(r);
  return true;
}

std::uint8_t order_step::pay_event(std::uint16_t tools) const {
  const order_event_table& e = order_events();
  if (!has_row(out.after.product, e.pay_in)) return e.pay;
  return (tools & tool::channel) != 0 || !has_row(out.after.product, e.pay) ? e.pay_in : e.pay;
}

bool order_step::ledger_known() { return is_known(row().ledger) || refuse(rc::ledger_not_allowed); }

bool order_step::within_limits() {
  const bool payout = row().product == product_code::withdraw;
  const u128 min = payout ? 100 : 1;
  const u128 max = payout ? 10'000'000'000 : 1'000'000'000;
  if (!ledger_known()) return false;
  if (out.amount < min) return refuse(rc::below_minimum);
  return out.amount <= max || refuse(rc::above_maximum);
}

bool order_step::move_money(std::uint8_t event, const payment_wish& w) {
  const order_event_table& e = order_events();
  if (!has_row(row().product, event)) return w.amount == 0 || refuse(rc::order_state_refuses);
  if (event == e.return_due && out.has_payment && suspense_place() != nullptr) return return_suspense();
  if (event == e.pay || event == e.pay_in) return pay(event, w);
  if (event == e.capture) return capture(w.amount);
  if (event == e.refund || event == e.refund_held || event == e.return_due) return give_back(event, w.amount, w.source);
  return let_go(event);
}

bool order_step::pay(std::uint8_t event, const payment_wish& w) {
  order_row& o = row();
  if (checked_products.contains(o.product) && !going_on_) return begin_checks(event, w);
  const u128 due = o.amount_minor - o.paid_minor;
  out.amount = w.amount == 0 ? due : w.amount;
  if (out.amount > due || out.amount == 0) return refuse(rc::exceeds_due);
  if (out.amount < o.amount_minor && !goes(order_events().paid_in_part)) return refuse(rc::part_not_possible);
  const std::uint16_t may = tools_of(o.product, event);
  const std::uint16_t used = w.tools != 0 ? w.tools : (may & tool::balance) != 0 ? tool::balance : may;
  if ((used & ~may) != 0) return refuse(rc::tool_not_usable);
  o.tools |= used;
  if ((used & tool::channel) != 0) return pay_outside(event, used, w);
  // The tool that takes the rest may say so, too.
  const bool coupons = (used & tool::coupon) != 0, balance = (used & tool::balance) != 0;
  const u128 coupon = !coupons ? u128{0} : !balance ? out.amount : w.coupon;
  const bool coupon_fits = coupons ? coupon != 0 && (w.coupon == 0 || w.coupon == coupon) : w.coupon == 0;
  const bool leaves_something = !balance || coupon < out.amount;
  const bool balance_fits = w.balance == 0 || w.balance == out.amount - std::min(coupon, out.amount);
  if (!coupon_fits || !leaves_something || !balance_fits) return refuse(rc::parts_do_not_fit);
  if (live()) return refuse(rc::payment_in_flight);
  return pay_inside(event, coupon);
}

bool order_step::pay_inside(std::uint8_t event, u128 coupon) {
  order_row& o = row();
  const u128 amount = out.amount;
  if (!within_limits()) return false;
  bool done = false;
  if (o.product == product_code::instant_sale) {
    out.fee = standard_fee(o.ledger, amount);
    if (coupon == 0) {
      done = leg(role::user_available, o.user, role::merchant_pending, o.merchant, amount - out.fee) &&
             leg(role::user_available, o.user, role::fee_income, 0, out.fee);
    } else {
      done = leg(role::user_coupon, o.user, role::payment_transit, 0, coupon) &&
             leg(role::payment_transit, 0, role::merchant_pending, o.merchant, amount - out.fee) &&
             leg(role::payment_transit, 0, role::fee_income, 0, out.fee) &&
             leg(role::user_available, o.user, role::payment_transit, 0, amount - coupon);
    }
  } else if (o.product == product_code::escrow_sale) {
    done = leg(role::user_available, o.user, role::escrow, 0, amount);
  } else if (o.product == product_code::pre_authorisation) {
    done = leg(role::user_available, o.user, role::user_frozen, o.user, amount);
  } else {
    done = leg(role::user_available, o.user, role::user_available, o.counterparty, amount);
  }
  if (!done) return false;
  if (coupon != 0 || going_on_) keep_inside(event, payment_purpose::pay, coupon);
  ++o.payments;
  o.fee_minor += out.fee;
  const order_event_table& e = order_events();
  if (goes(e.authorised)) {
    o.held_minor += amount;
    out.fact = e.authorised;
    return step(out.fact);
  }
  o.paid_minor += amount;
  if (o.product == product_code::escrow_sale) o.held_minor += amount;
  out.fact = o.paid_minor == o.amount_minor ? e.paid_in_full : e.paid_in_part;
  return step(out.fact);
}

/// A payment inside in which coupons took part is known of, too.
void order_step::keep_inside(std::uint8_t event, payment_purpose purpose, u128 coupon) {
  payment_row& p = out.payment;
  if (!out.has_payment) p = {};
  out.has_payment = true;
  const bool back = purpose == payment_purpose::refund;
  (back ? p.coupon_refunded_minor : p.coupon_paid_minor) += coupon;
  p.order = row().id;
  p.payment = payment_;
  p.amount_minor = out.amount;
  p.fee_minor = out.fee;
  p.coupon_minor = coupon;
  p.balance_minor = out.amount - coupon;
  p.purpose = purpose;
  static const std::uint8_t refund = shipped_machines().payment_machine("refund");
  static const std::uint8_t transfer = shipped_machines().payment_machine("transfer");
  p.form = back ? refund : transfer;
  p.state = form().state(back ? "COMPLETED" : "POSTED");
  p.row_event = event;
  p.outcome = channel_outcome::none;
  p.source = 0;
}

bool order_step::capture(u128 asked) {
  order_row& o = row();
  const u128 amount = asked == 0 ? o.held_minor : asked;
  if (amount > o.held_minor || amount == 0) return refuse(rc::exceeds_authorised);
  if (!ledger_known()) return false;
  out.amount = amount;
  out.fee = standard_fee(o.ledger, amount);
  if (!leg(role::user_frozen, o.user, role::user_available, o.user, o.held_minor - amount) ||
      !leg(role::user_frozen, o.user, role::fee_income, 0, out.fee) ||
      !leg(role::user_frozen, o.user, role::merchant_pending, o.merchant, amount - out.fee))
    return false;
  o.tools |= tool::balance;
  o.paid_minor += amount;
  o.held_minor = 0;
  o.fee_minor += out.fee;
  out.fact = o.paid_minor == o.amount_minor ? order_events().paid_in_full : order_events().paid_in_part;
  return step(out.fact);
}

/// A hold is given up, or escrow becomes the merchant's.
bool order_step::let_go(std::uint8_t) {
  order_row& o = row();
  out.amount = o.held_minor;
  if (out.amount == 0) return refuse(rc::exceeds_due);
  if (!ledger_known()) return false;
  if (o.product == product_code::pre_authorisation) {
    if (!leg(role::user_frozen, o.user, role::user_available, o.user, o.held_minor)) return false;
  } else {
    out.fee = standard_fee(o.ledger, out.amount);
    if (!leg(role::escrow, 0, role::merchant_pending, o.merchant, out.amount - out.fee) ||
        !leg(role::escrow, 0, role::fee_income, 0, out.fee))
      return false;
  }
  o.tools |= tool::balance;
  o.held_minor = 0;
  o.fee_minor += out.fee;
  if (!goes(order_events().auth_voided)) return true;
  out.fact = order_events().auth_voided;
  return step(out.fact);
}

/// A refund over what channel, coupons and balance brought, in that order: the sum of the first parts is rounded down.
void order_step::divide(u128 amount, u128& external, u128& coupon) const {
  external = coupon = 0;
  if (!out.has_payment) return;
  const order_row& o = out.after;
  const payment_row& p = out.payment;
  const u128 left = o.paid_minor - o.refunded_minor - o.refunding_minor;
  const u128 external_left = p.external_paid_minor - p.external_refunded_minor;
  const u128 coupon_left = p.coupon_paid_minor - p.coupon_refunded_minor;
  external = external_left * amount / left;
  coupon = (external_left + coupon_left) * amount / left - external;
}

/// The standard fee is kept: what goes back is the merchant's, or what is still in escrow.
bool order_step::give_back(std::uint8_t event, u128 asked, std::uint16_t source) {
  order_row& o = row();
  const order_event_table& e = order_events();
  const u128 most = event == e.refund_held ? o.held_minor : o.paid_minor - o.refunded_minor - o.refunding_minor;
  out.amount = asked == 0 ? most : asked;
  if (out.amount > most || out.amount == 0) return refuse(rc::exceeds_paid);
  if (live()) return refuse(rc::payment_in_flight);
  payment_source from{};
  if (!choose_source(event, asked == 0, source, from)) return false;
  u128 external = 0, coupon = 0;
  divide(out.amount, external, coupon);
  if (external == 0) return ledger_known() && give_back_inside(event, coupon);
  if (!ledger_known()) return false;
  const payment_sums sums{out.amount, 0, out.amount - external - coupon, coupon};
  if (!begin(event, payment_purpose::refund, sums, from.channel, from.attempt_id)) return false;
  o.refunding_minor += out.amount;
  out.payment.external_refunded_minor += external;
  place_of(from.attempt_id, source_kind::paid)->refunded_minor += external;
  out.payment.coupon_refunded_minor += coupon;
  return true;
}

bool order_step::give_back_inside(std::uint8_t event, u128 coupon) {
  order_row& o = row();
  const order_event_table& e = order_events();
  const bool held = is_sale(o.product) && o.held_minor != 0;
  const bool taken = held ? leg(role::escrow, 0, role::refund_transit, 0, out.amount)
                          : leg(role::merchant_pending, o.merchant, role::refund_transit, 0, out.amount);
  if (!taken || !leg(role::refund_transit, 0, role::user_available, o.user, out.amount - coupon) ||
      !leg(role::refund_transit, 0, role::user_coupon, o.user, coupon))
    return false;
  if (coupon != 0) keep_inside(event, payment_purpose::refund, coupon);
  ++o.refunds;
  o.refunded_minor += out.amount;
  o.held_minor -= std::min(out.amount, o.held_minor);
  out.fact = o.refunded_minor == o.paid_minor ? e.refunded_in_full : e.refunded_in_part;
  return step(out.fact);
}

u128 fee_outside(std::uint16_t product, ledger_id ledger, u128 amount) {
  return product == product_code::instant_sale ? standard_fee(ledger, amount)
         : product == product_code::withdraw   ? withdraw_fee(ledger, amount)
                                               : u128{0};
}

}  // namespace payloom::sim

#include "tests/sim/order_rules.hpp"

#include <algorithm>
#include <array>

#include "protocol/types/frame.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;
using role = chart_role;
constexpr std::uint64_t minute = 60, day = 86'400;
constexpr std::uint16_t balance_tool = 1;
constexpr std::uint16_t instant_sale = 101, escrow_sale = 102, pre_authorisation = 103, transfer_product = 203;

// Where an order is between two commands. The states in between begin and end in one unit.
enum phase : std::uint8_t {
  wait_pay,
  part_paid,
  closed,
  to_return,
  paid,
  in_hold,
  part_refunded,
  refunded,
  finished,
  phases,
  nowhere = 0xff
};
constexpr std::uint8_t no = 0xff;

// Positions of the events and states in machines.yaml: what the journal calls them.
enum event_number : std::uint8_t {
  ev_create = 0,
  ev_pay = 1,
  ev_capture = 5,
  ev_void = 6,
  ev_confirm = 7,
  ev_release = 8,
  ev_cancel = 9,
  ev_refund = 10,
  ev_authorised = 11,
  ev_auth_voided = 12,
  ev_paid_in_full = 13,
  ev_paid_in_part = 14,
  ev_refunded_in_part = 20,
  ev_refunded_in_full = 21,
  ev_expire = 25,
  ev_auto_confirm = 27,
  ev_auth_expired = 28,
  ev_return_due = 31,
  ev_refund_held = 35
};

struct product_rules {
  std::uint16_t code;
  std::uint8_t machine;
  u128 min, max;                              // of a payment, in EUR, USD, GBP
  std::array<std::uint8_t, phases> state;     // number of the state that a phase is
  std::array<std::uint64_t, phases> waits_s;  // of the state's timer
  std::array<bool, phases> by_time;           // the timer brings it elsewhere by itself
  std::array<bool, phases> over_in_time;      // nobody acts when the time is over, but then nothing goes any more
};

constexpr std::array<product_rules, 4> products{{
    //                                    wait part closed return paid hold partref refunded finished
    {instant_sale,
     0,
     1,
     1'000'000'000,
     {1, 3, 5, 6, 9, no, 12, 13, no},
     {30 * minute, 30 * minute, 35 * day, 1, day, 0, 180 * day, 0, 0},
     {true, true, false, true, false, false, false, false, false},
     {false, false, true, false, false, false, true, false, false}},
    {escrow_sale,
     1,
     1,
     1'000'000'000,
     {1, 3, 5, 6, 11, 9, 14, 15, no},
     {30 * minute, 30 * minute, 35 * day, 1, day, 10 * day, 180 * day, 0, 0},
     {true, true, false, true, false, true, false, false, false},
     {false, false, true, false, false, false, true, false, false}},
    {pre_authorisation,
     2,
     1,
     1'000'000'000,
     {1, no, 12, no, 6, 3, 9, 10, no},
     {30 * minute, 0, 0, 0, day, 7 * day, 180 * day, 0, 0},
     {true, false, false, false, false, true, false, false, false},
     {false, false, false, false, false, false, true, false, false}},
    {transfer_product,
     5,
     1,
     1'000'000'000,
     {1, no, 4, no, no, no, no, no, 3},
     {30 * minute, 0, 0, 0, 0, 0, 0, 0, 0},
     {true, false, false, false, false, false, false, false, false},
     {false, false, false, false, false, false, false, false, false}},
}};

const product_rules* rules_of(std::uint16_t code) {
  for (const product_rules& p : products)
    if (p.code == code) return &p;
  return nullptr;
}

phase phase_of(const product_rules& p, std::uint8_t state) {
  for (std::uint8_t i = 0; i < phases; ++i)
    if (p.state[i] == state) return static_cast<phase>(i);
  return nowhere;
}

/// merchant_standard: never above the amount, half a minor unit upwards.
u128 standard_fee(ledger_id ledger, u128 amount) {
  const u128 rate = ledger == 978 ? 14'000 : ledger == 840 ? 29'000 : 36'000;
  const u128 fixed = ledger == 978 ? 25 : ledger == 840 ? 30 : 0;
  return std::min(amount, fixed + (amount * rate + 500'000) / 1'000'000);
}

/// One command in the making.
class step {
 public:
  step(tenant_id t, const order_row& before, u128 cause) : tenant_(t), cause_(cause) { out.after = before; }

  bool refuse(rc code) {
    out.code = code;
    return false;
  }
  order_row& row() { return out.after; }

  bool leg(role debit, owner_number debit_owner, role credit, owner_number credit_owner, u128 amount) {
    if (amount == 0) return true;
    const auto has_owner = [](role r) { return r < role::refund_transit; };
    if ((has_owner(debit) && debit_owner == 0) || (has_owner(credit) && credit_owner == 0))
      return refuse(rc::party_missing);
    if (debit == credit && debit_owner == credit_owner) return refuse(rc::parties_must_be_different);
    transfer_record r{};
    const auto number = static_cast<std::uint32_t>(out.legs.size());
    r.id = posting_id_of(tenant_, cause_, number);
    r.debit_account = chart_account(debit, row().ledger, debit_owner);
    r.credit_account = chart_account(credit, row().ledger, credit_owner);
    r.amount_minor = amount;
    r.user_data_128 = row().id.value;
    r.user_data_64 = row().merchant;
    r.user_data_32 = number;
    r.ledger = row().ledger;
    r.code = static_cast<std::uint16_t>(debit);
    out.legs.push_back(r);
    return true;
  }

  bool pay(const product_rules& p, u128 asked, std::uint16_t tools);
  bool capture(u128 asked);
  bool void_hold();
  bool release();
  bool give_back(bool from_escrow, u128 asked);

  void to(phase f) { phase_ = f; }
  void finish(const product_rules& p) {
    order_row& o = row();
    ++o.version;
    o.state = p.state[phase_];
    const bool own = o.timeout_s != 0 && o.payments == 0;
    out.waits_s = p.waits_s[phase_] == 0 ? 0 : own ? o.timeout_s : p.waits_s[phase_];
    const bool over = phase_ == refunded || phase_ == finished || (phase_ == closed && p.waits_s[closed] == 0);
    o.flags = over ? order_row_flags::final_state : p.by_time[phase_] ? order_row_flags::resident : std::uint16_t{0};
    o.timeout_at = 0;
  }

  order_outcome out;

 private:
  bool may_move(const product_rules& p, u128 amount) {
    const bool yen = row().ledger == 392;
    if (row().ledger != 978 && row().ledger != 840 && !yen) return refuse(rc::ledger_not_allowed);
    if (amount < p.min) return refuse(rc::below_minimum);
    return amount <= p.max || refuse(rc::above_maximum);
  }
  bool ledger_known() {
    const ledger_id l = row().ledger;
    return l == 978 || l == 840 || l == 392 || refuse(rc::ledger_not_allowed);
  }
  void paid_fact() { out.fact = row().paid_minor == row().amount_minor ? ev_paid_in_full : ev_paid_in_part; }

  tenant_id tenant_;
  u128 cause_;
  phase phase_ = nowhere;
};

bool step::pay(const product_rules& p, u128 asked, std::uint16_t tools) {
  order_row& o = row();
  const u128 due = o.amount_minor - o.paid_minor;
  const u128 amount = asked == 0 ? due : asked;
  if (amount > due || amount == 0) return refuse(rc::exceeds_due);
  if (p.code == pre_authorisation && amount < o.amount_minor) return refuse(rc::part_not_possible);
  if (tools != 0 && tools != balance_tool) return refuse(rc::tool_not_usable);
  if (!may_move(p, amount)) return false;
  out.amount = amount;
  bool done = false;
  if (p.code == instant_sale) {
    out.fee = standard_fee(o.ledger, amount);
    done = leg(role::user_available, o.user, role::merchant_pending, o.merchant, amount - out.fee) &&
           leg(role::user_available, o.user, role::fee_income, 0, out.fee);
  } else if (p.code == escrow_sale) {
    done = leg(role::user_available, o.user, role::escrow, 0, amount);
  } else if (p.code == pre_authorisation) {
    done = leg(role::user_available, o.user, role::user_frozen, o.user, amount);
  } else {
    done = leg(role::user_available, o.user, role::user_available, o.counterparty, amount);
  }
  if (!done) return false;
  ++o.payments;
  o.tools |= balance_tool;
  o.fee_minor += out.fee;
  if (p.code == pre_authorisation) {
    o.held_minor += amount;
    out.fact = ev_authorised;
    to(in_hold);
    return true;
  }
  o.paid_minor += amount;
  if (p.code == escrow_sale) o.held_minor += amount;
  paid_fact();
  const bool full = out.fact == ev_paid_in_full;
  to(p.code == transfer_product ? finished : !full ? part_paid : p.code == escrow_sale ? in_hold : paid);
  return true;
}

bool step::capture(u128 asked) {
  order_row& o = row();
  const u128 amount = asked == 0 ? o.held_minor : asked;
  if (amount > o.held_minor) return refuse(rc::exceeds_authorised);
  if (!ledger_known()) return false;
  out.amount = amount;
  out.fee = standard_fee(o.ledger, amount);
  if (!leg(role::user_frozen, o.user, role::user_available, o.user, o.held_minor - amount) ||
      !leg(role::user_frozen, o.user, role::fee_income, 0, out.fee) ||
      !leg(role::user_frozen, o.user, role::merchant_pending, o.merchant, amount - out.fee))
    return false;
  o.tools |= balance_tool;
  o.paid_minor += amount;
  o.held_minor = 0;
  o.fee_minor += out.fee;
  paid_fact();
  to(paid);
  return true;
}

bool step::void_hold() {
  order_row& o = row();
  out.amount = o.held_minor;
  if (!ledger_known() || !leg(role::user_frozen, o.user, role::user_available, o.user, o.held_minor)) return false;
  o.tools |= balance_tool;
  o.held_minor = 0;
  out.fact = ev_auth_voided;
  to(closed);
  return true;
}

bool step::release() {
  order_row& o = row();
  out.amount = o.held_minor;
  out.fee = standard_fee(o.ledger, out.amount);
  if (!ledger_known() || !leg(role::escrow, 0, role::merchant_pending, o.merchant, out.amount - out.fee) ||
      !leg(role::escrow, 0, role::fee_income, 0, out.fee))
    return false;
  o.tools |= balance_tool;
  o.held_minor = 0;
  o.fee_minor += out.fee;
  to(paid);
  return true;
}

/// The standard fee is kept: what goes back is the merchant's, or what is still in escrow.
bool step::give_back(bool from_escrow, u128 asked) {
  order_row& o = row();
  const u128 most = o.paid_minor - o.refunded_minor;
  const u128 amount = asked == 0 ? most : asked;
  if (amount > most || amount == 0) return refuse(rc::exceeds_paid);
  if (!ledger_known()) return false;
  out.amount = amount;
  const bool taken = from_escrow ? leg(role::escrow, 0, role::refund_transit, 0, amount)
                                 : leg(role::merchant_pending, o.merchant, role::refund_transit, 0, amount);
  if (!taken || !leg(role::refund_transit, 0, role::user_available, o.user, amount)) return false;
  ++o.refunds;
  o.tools |= balance_tool;
  o.refunded_minor += amount;
  if (from_escrow) o.held_minor -= amount;
  const bool full = o.refunded_minor == o.paid_minor;
  out.fact = full ? ev_refunded_in_full : ev_refunded_in_part;
  to(full ? refunded : from_escrow ? in_hold : part_refunded);
  return true;
}

/// What an action is where the order stands; `ok`: it goes.
rc admitted(const product_rules& p, phase at, order_action a) {
  const bool escrow = p.code == escrow_sale, held = p.code == pre_authorisation && at == in_hold;
  switch (a) {
    case order_action::pay:
      return at == wait_pay || at == part_paid ? rc::ok : rc::order_state_refuses;
    case order_action::cancel:
      if (at == wait_pay || at == part_paid) return rc::ok;
      return at == closed || at == to_return ? rc::order_unchanged : rc::order_state_refuses;
    case order_action::capture:
      return held ? rc::ok : rc::order_state_refuses;
    case order_action::void_:
      if (p.code == pre_authorisation && at == closed) return rc::order_unchanged;
      return held ? rc::ok : rc::order_state_refuses;
    case order_action::confirm:
    case order_action::release:
      if (escrow && (at == paid || at == part_refunded)) return rc::order_unchanged;
      return escrow && at == in_hold ? rc::ok : rc::order_state_refuses;
    case order_action::refund:
      return at == paid || at == part_refunded || (escrow && at == in_hold) ? rc::ok : rc::order_state_refuses;
    case order_action::timer:
      return at != nowhere && p.by_time[at] ? rc::ok : rc::order_unchanged;
    case order_action::approve:
    case order_action::reject:
    case order_action::resolve:
    case order_action::channel_fact:
    case order_action::none:
      break;
  }
  return rc::order_state_refuses;
}

bool act(step& s, const product_rules& p, phase at, const order_action_record& r) {
  const bool escrow = p.code == escrow_sale;
  switch (r.action) {
    case order_action::pay:
      s.out.event = ev_pay;
      return s.pay(p, r.amount_minor, r.tools);
    case order_action::cancel:
      s.out.event = ev_cancel;
      s.to(at == wait_pay ? closed : to_return);
      return true;
    case order_action::capture:
      s.out.event = ev_capture;
      return s.capture(r.amount_minor);
    case order_action::void_:
      s.out.event = ev_void;
      return s.void_hold();
    case order_action::confirm:
      s.out.event = ev_confirm;
      return s.release();
    case order_action::release:
      s.out.event = ev_release;
      return s.release();
    case order_action::refund:
      s.out.event = at == in_hold ? ev_refund_held : ev_refund;
      return s.give_back(at == in_hold, r.amount_minor);
    case order_action::timer:
      if (at == wait_pay || at == part_paid) {
        s.out.event = ev_expire;
        s.to(at == wait_pay ? closed : to_return);
        return true;
      }
      s.out.event = at == to_return ? ev_return_due : escrow ? ev_auto_confirm : ev_auth_expired;
      return at == to_return ? s.give_back(escrow, 0) : escrow ? s.release() : s.void_hold();
    case order_action::approve:
    case order_action::reject:
    case order_action::resolve:
    case order_action::channel_fact:
    case order_action::none:
      break;
  }
  return s.refuse(rc::order_state_refuses);
}
}  // namespace

account_id chart_account(chart_role r, ledger_id ledger, owner_number owner) {
  return {
      make_u128((std::uint64_t{0xfa1d} << 48) | (std::uint64_t{static_cast<std::uint16_t>(r)} << 32) | ledger, owner)};
}
u128 in_escrow(const order_row& o) { return o.product == escrow_sale ? o.held_minor : 0; }
u128 frozen(const order_row& o) { return o.product == pre_authorisation ? o.held_minor : 0; }

order_outcome created_order(tenant_id t, const order_record& r) {
  const product_rules& p = *rules_of(r.product);
  order_row o{};
  o.id = r.id;
  o.business_id = r.business_id;
  o.amount_minor = r.amount_minor;
  o.user_data_128 = r.user_data_128;
  o.merchant = r.merchant;
  o.user = r.user;
  o.counterparty = r.counterparty;
  o.user_data_64 = r.user_data_64;
  o.ledger = r.ledger;
  o.accounting_date = r.accounting_date;
  o.rule_version = 1;
  o.timeout_s = r.timeout_s;
  o.product = r.product;
  o.machine = p.machine;
  step s(t, o, r.id.value);
  s.out.event = ev_create;
  s.to(wait_pay);
  if ((r.flags & order_flags::pay_now) != 0) {
    s.out.event = ev_pay;
    s.out.from_state = p.state[wait_pay];
    if (!s.pay(p, 0, r.tools)) return s.out;
  }
  s.finish(p);
  return s.out;
}

order_outcome changed_order(tenant_id t, const order_action_record& r, const order_row& before, commit_seq before_seq,
                            time_ns now) {
  const product_rules& p = *rules_of(before.product);
  step s(t, before, r.id.value);
  const phase at = phase_of(p, before.state);
  const bool over = before.timeout_at != 0 && before.timeout_at <= now;
  rc code = rc::ok;
  if (r.expected_version != 0 && r.expected_version != before.version) {
    code = rc::order_version_differs;
  } else if (at == nowhere || (over && p.over_in_time[at])) {
    code = rc::order_state_refuses;
  } else if (r.action == order_action::timer && !over) {
    code = rc::order_unchanged;
  } else {
    code = admitted(p, at, r.action);
  }
  s.out.code = code;
  s.out.from_state = before.state;
  s.row().previous_seq = before_seq;
  if (code == rc::ok && act(s, p, at, r)) s.finish(p);
  if (!s.out.legs.empty()) s.row().accounting_date = 0;  // the day of the decision
  return s.out;
}

}  // namespace payloom::sim

#include "tests/sim/order_rules.hpp"

#include <algorithm>

#include "protocol/types/frame.hpp"
#include "tests/sim/order_step.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;
constexpr std::uint64_t day = 86'400;
constexpr std::uint32_t events_max = 65'000;
}  // namespace

const order_event_table& order_events() {
  static const order_event_table numbers = [] {
    const machine_tables& m = shipped_machines();
    const auto e = [&](std::string_view name) { return m.order_event(name); };
    return order_event_table{e("create"),
                             e("pay"),
                             e("pay_in"),
                             e("capture"),
                             e("void"),
                             e("confirm"),
                             e("release"),
                             e("cancel"),
                             e("refund"),
                             e("refund_held"),
                             e("approve"),
                             e("reject"),
                             e("authorised"),
                             e("auth_voided"),
                             e("paid_in_full"),
                             e("paid_in_part"),
                             e("paid_again"),
                             e("payment_failed"),
                             e("rest_failed"),
                             e("payment_returned"),
                             e("refunded_in_part"),
                             e("refunded_in_full"),
                             e("refund_failed"),
                             e("refund_failed_part"),
                             e("auto_confirm"),
                             e("auth_expired"),
                             e("ask_refund"),
                             e("return_due")};
  }();
  return numbers;
}

std::uint8_t machine_of_product(std::uint16_t product) {
  static const std::array<std::pair<std::uint16_t, std::uint8_t>, 6> machines = [] {
    const auto m = [](std::string_view name) { return shipped_machines().order_machine(name); };
    return std::array<std::pair<std::uint16_t, std::uint8_t>, 6>{
        {{product_code::instant_sale, m("instant_sale")},
         {product_code::escrow_sale, m("escrow_sale")},
         {product_code::pre_authorisation, m("pre_authorisation")},
         {product_code::recharge, m("recharge")},
         {product_code::withdraw, m("withdraw")},
         {product_code::transfer, m("transfer")}}};
  }();
  for (const auto& [code, machine] : machines)
    if (code == product) return machine;
  return nothing;
}

bool has_row(std::uint16_t product, std::uint8_t event) {
  const order_event_table& e = order_events();
  const auto is = [&](std::initializer_list<std::uint8_t> list) {
    return std::find(list.begin(), list.end(), event) != list.end();
  };
  switch (product) {
    case product_code::instant_sale:
      return is({e.pay, e.pay_in, e.refund, e.paid_again, e.return_due});
    case product_code::escrow_sale:
      return is(
          {e.pay, e.pay_in, e.confirm, e.release, e.auto_confirm, e.refund_held, e.refund, e.paid_again, e.return_due});
    case product_code::pre_authorisation:
      return is({e.pay, e.capture, e.void_, e.auth_expired, e.refund});
    case product_code::recharge:
      return is({e.pay_in, e.refund, e.paid_again, e.return_due});
    case product_code::withdraw:
    case product_code::transfer:
      return is({e.pay});
    default:
      return false;
  }
}

order_step::order_step(tenant_id t, const order_standing& before, u128 cause, time_ns now,
                       std::uint32_t cancelled_together)
    : before_(before), tenant_(t), cause_(cause), now_(now), payment_(cause), cancelled_together_(cancelled_together) {
  out.after = before.row;
  out.after.previous_seq = before.seq;
  out.has_payment = before.has_payment;
  out.payment = before.payment;
  out.payment.id = 0;
  out.payment.call = channel_operation::none;
}

bool order_step::raise(std::uint8_t event) {
  out.event = event;
  out.from_state = row().state;
  return step(event);
}

bool order_step::step(std::uint8_t event) {
  const table_answer answer = machine().on(row().state, event);
  if (answer.what == says::ignores) return refuse(rc::order_unchanged);
  if (answer.what != says::goes) return refuse(rc::order_state_refuses);
  row().state = answer.to;
  return true;
}

bool order_step::create(const order_record& r) {
  order_row& o = row();
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
  o.hold_s = r.hold_s;
  o.product = r.product;
  o.machine = machine_of_product(r.product);
  o.state = machine().state("CREATED");
  if (!raise(order_events().create)) return false;
  if ((r.flags & order_flags::pay_now) == 0) return true;
  const std::uint8_t event = pay_event(r.tools);
  return raise(event) && move_money(event, {0, r.tools, 0, 0, r.channel, 0});
}

bool order_step::is_lazy() const {
  const table_state& state = machine().at(out.after.state);
  if (state.fact_only || state.timer == nothing) return !state.fact_only;
  if (state.wait_s < day || has_row(out.after.product, state.timer)) return false;
  const table_answer next = state.answers.at(state.timer);
  return next.what != says::goes || next.to == out.after.state || machine().at(next.to).final;
}

bool order_step::too_late() const {
  const order_row& o = out.after;
  if (o.timeout_at == 0 || o.timeout_at > now_ || !is_lazy()) return false;
  const table_state& state = machine().at(o.state);
  return state.answers.at(state.timer).to != o.state;
}

bool order_step::act(const order_action_record& r) {
  using a = order_action;
  const order_event_table& e = order_events();
  const bool fact = is_channel_fact(r) || is_check_fact(r);
  if (!fact && r.expected_version != 0 && r.expected_version != row().version) return refuse(rc::order_version_differs);
  const bool told = fact || r.action == a::resolve;
  if (row().version >= events_max || (!told && too_late())) return refuse(rc::order_state_refuses);
  std::uint8_t event = nothing;
  switch (r.action) {
    case a::channel_fact:
      return learn(raw_record(r).as<channel_fact_record>());
    case a::check_fact:
      return learn_checks(raw_record(r).as<check_fact_record>());
    case a::resolve:
      return resolve(static_cast<channel_outcome>(r.reason));
    case a::timer: {
      if (live() && out.payment.due_at != 0 && out.payment.due_at <= now_)
        return checking() ? checks_due() : payment_timer();
      event = machine().at(row().state).timer;
      if (event == nothing || row().timeout_at == 0 || row().timeout_at > now_) return refuse(rc::order_unchanged);
      if (event == e.ask_refund && !live()) return return_rest();
      break;
    }
    case a::pay:
      event = pay_event(r.tools);
      break;
    case a::cancel:
      event = e.cancel;
      break;
    case a::capture:
      event = e.capture;
      break;
    case a::void_:
      event = e.void_;
      break;
    case a::confirm:
      event = e.confirm;
      break;
    case a::release:
      event = e.release;
      break;
    case a::refund:
      event = goes(e.refund_held) ? e.refund_held : e.refund;
      break;
    case a::approve:
      event = e.approve;
      break;
    case a::reject:
      event = e.reject;
      break;
    case a::none:
      return refuse(rc::order_state_refuses);
  }
  if (!raise(event)) return false;
  if (event == e.cancel && checking()) {
    end_checks(rc::ok);
  } else if (event == e.cancel && live()) {
    const bool alone = out.payment.combined != 0 && cancelled_together_ != out.payment.combined_count;
    if (alone) return refuse(rc::combined_in_flight);
    call_off();
  }
  return move_money(event, {r.amount_minor, r.tools, r.balance_minor, r.coupon_minor, r.channel, r.source});
}

void order_step::finish(u128 command) {
  order_row& o = row();
  if (out.legs.empty()) out.amount = out.fee = 0;
  ++o.version;
  const bool waits_outside = live();
  bool people = false;
  if (out.has_payment) {
    if (!began_) out.payment.id = posting_id_of(tenant_, command, payment_record_leg).value;
    if (!waits_outside) out.payment.due_at = out.payment_waits_s = 0;
    people = out.payment.reason != case_reason::none;
  }
  const table_state& state = machine().at(o.state);
  const bool own = o.timeout_s != 0 && o.payments == 0 && o.paid_minor == 0;
  const bool held = o.hold_s != 0 && o.held_minor != 0 && !own && !goes(order_events().pay);
  out.waits_s = state.timer == nothing || waits_outside ? 0 : own ? o.timeout_s : held ? o.hold_s : state.wait_s;
  o.timeout_at = 0;
  o.flags = state.final ? order_row_flags::final_state : std::uint16_t{0};
  if (waits_outside || people || (!state.final && !is_lazy())) o.flags |= order_row_flags::resident;
  if (!out.legs.empty() && o.previous_seq != 0) o.accounting_date = 0;  // the day of the decision
}

order_outcome created_order(tenant_id t, const order_record& r) {
  const order_standing nobody;
  order_step s(t, nobody, r.id.value, 0);
  if (s.create(r)) s.finish(r.id.value);
  return s.out;
}

order_outcome changed_order(tenant_id t, const order_action_record& r, const order_standing& before, time_ns now,
                            std::uint32_t cancelled_together) {
  order_step s(t, before, r.id.value, now, cancelled_together);
  s.out.from_state = before.row.state;
  if (s.act(r)) {
    s.finish(r.id.value);
  } else if (s.out.code != result_code::order_unchanged && r.action == order_action::channel_fact) {
    const order_outcome unbooked = unbooked_fact(t, r, before, now);
    if (unbooked.code == result_code::ok) return unbooked;
  }
  return s.out;
}

order_outcome unbooked_fact(tenant_id t, const order_action_record& r, const order_standing& before, time_ns now) {
  order_step s(t, before, r.id.value, now);
  s.out.from_state = before.row.state;
  s.out.event = nothing;
  if (r.action != order_action::channel_fact || !s.left_to_people(raw_record(r).as<channel_fact_record>())) {
    s.refuse(result_code::order_unchanged);
  } else {
    s.finish(r.id.value);
  }
  return s.out;
}

bool has_owner(chart_role r) { return r < chart_role::payment_transit; }

account_id chart_account(chart_role r, ledger_id ledger, owner_number owner) {
  return {
      make_u128((std::uint64_t{0xfa1d} << 48) | (std::uint64_t{static_cast<std::uint16_t>(r)} << 32) | ledger, owner)};
}

bool is_outside(const payment_row& p) {
  const table_state& state = shipped_machines().payments.at(p.form).at(p.state);
  return !state.final && state.is == stage::waits;
}

order_money money_of(const order_standing& o) {
  order_money m;
  if (o.row.product == product_code::escrow_sale) m.escrow = o.row.held_minor;
  if (o.row.product == product_code::pre_authorisation) m.frozen = o.row.held_minor;
  if (!o.has_payment) return m;
  const payment_row& p = o.payment;
  m.suspense = p.suspense_minor;
  if (!is_outside(p) || is_checking(p)) return m;
  switch (p.purpose) {
    case payment_purpose::pay:
      m.payment_transit = p.balance_minor + p.coupon_minor;
      break;
    case payment_purpose::payout:
      m.withdraw_transit = p.amount_minor + p.fee_minor;
      break;
    case payment_purpose::refund:
      m.refund_transit = p.amount_minor;
      m.escrow -= std::min(m.escrow, p.amount_minor);
      break;
    case payment_purpose::return_late:
      m.refund_transit = p.amount_minor;
      m.suspense -= p.amount_minor;
      break;
  }
  return m;
}

}  // namespace payloom::sim

#include "tests/crash/order_maker.hpp"

#include <iterator>

#include "tests/crash/account_plan.hpp"

namespace payloom::crash {
namespace {

using action = order_action;
constexpr std::uint16_t instant_sale = 101, escrow_sale = 102, pre_authorisation = 103, recharge = 201, withdraw = 202,
                        transfer_product = 203;
constexpr std::uint16_t balance = 1, coupon = 2, channel = 4;
constexpr std::uint32_t bank_channel = 1, card_channel = 2;  // the card's payments end in every way
constexpr std::uint32_t orders_of_lives = 12;

}  // namespace

order_maker::order_maker(std::uint64_t seed, const load_pool& pool) : pool_(pool), engine_(seed), ids_(seed ^ 0x1du) {}

std::vector<load_frame> order_maker::next() {
  const std::uint64_t dice = random(100);
  if (dice < 30) return {creations()};
  if (dice < 72) return {actions()};
  if (dice < 84) return whole_lives();
  if (dice < 94) return {version_race()};
  load_frame twice = chance(50) ? creations() : actions();
  return {twice, twice};
}

order_record order_maker::new_order() {
  static constexpr std::uint16_t products[] = {instant_sale, instant_sale,      instant_sale,      escrow_sale,
                                               escrow_sale,  pre_authorisation, pre_authorisation, transfer_product,
                                               recharge,     recharge,          withdraw};
  order_record r{};
  r.business_id = ids_.next();
  r.amount_minor = chance(95) ? 100 + random(5000) : 1 + random(500'000);
  r.merchant = 1 + random(account_plan::merchants);
  r.user = 1 + random(account_plan::users);
  r.counterparty = 1 + (r.user + random(account_plan::users - 1)) % account_plan::users;
  r.user_data_64 = engine_();
  r.ledger = account_plan::euro;
  r.product = products[random(std::size(products))];
  if (chance(45)) {
    r.flags = order_flags::pay_now;
    const bool sale = r.product == instant_sale || r.product == escrow_sale;
    if (sale && chance(40)) r.tools = channel;
    if (r.tools != 0 || r.product == recharge) r.channel = chance(70) ? card_channel : bank_channel;
  } else if (chance(60)) {
    r.timeout_s = static_cast<std::uint32_t>(1 + random(3));
  }
  r.id = order_id_of(r.merchant, r.business_id);
  return r;
}

order_action_record order_maker::new_action(const order_record& on) {
  static constexpr action of_sale[] = {action::pay, action::pay, action::pay, action::cancel, action::refund};
  static constexpr action of_escrow[] = {action::pay,     action::pay,    action::confirm,
                                         action::release, action::refund, action::cancel};
  static constexpr action of_hold[] = {action::pay, action::capture, action::capture, action::void_, action::refund};
  static constexpr action of_recharge[] = {action::pay, action::pay, action::cancel, action::refund};
  static constexpr action of_any[] = {action::pay,     action::cancel,  action::capture, action::void_,
                                      action::confirm, action::release, action::refund};
  const auto one_of = [this](const auto& list) { return list[random(std::size(list))]; };
  order_action_record r{};
  r.id = ids_.transfer();
  r.order = on.id;
  r.user_data_64 = engine_();
  r.reason = random(9);
  r.action = chance(5)                         ? one_of(of_any)
             : on.product == escrow_sale       ? one_of(of_escrow)
             : on.product == pre_authorisation ? one_of(of_hold)
             : on.product == recharge          ? one_of(of_recharge)
             : on.product >= withdraw          ? (chance(80) ? action::pay : action::cancel)
                                               : one_of(of_sale);
  const bool sized = r.action == action::pay || r.action == action::capture || r.action == action::refund;
  if (sized && chance(45)) r.amount_minor = 1 + random(lo64(on.amount_minor));
  if (chance(15)) r.expected_version = static_cast<std::uint32_t>(1 + random(3));
  if (r.action == action::pay) choose_tools(on, r);
  if (chance(3)) {  // people decide, mostly where there is nothing to decide
    r.action = action::resolve;
    r.amount_minor = r.balance_minor = r.coupon_minor = 0;
    r.tools = 0;
    r.channel = 0;
  }
  return r;
}

/// Sales are often paid through a channel, some with a part from balance or coupons.
void order_maker::choose_tools(const order_record& on, order_action_record& r) {
  if (on.product == recharge) r.channel = chance(70) ? card_channel : bank_channel;
  if ((on.product != instant_sale && on.product != escrow_sale) || !chance(45)) return;
  const auto part = [&] { return 1 + random(lo64(on.amount_minor) / 3 + 1); };
  r.tools = channel;
  r.channel = chance(70) ? card_channel : bank_channel;
  if (chance(25)) r.tools |= balance, r.balance_minor = part();
  if (chance(15)) r.tools |= coupon, r.coupon_minor = part();
}

load_frame order_maker::creations() {
  load_frame frame;
  frame.type = frame_type::create_orders;
  const std::uint64_t wanted = chance(25) ? 1 : 2 + random(60);
  while (frame.count < wanted) {
    const order_record r = new_order();
    frame.add(r, expectation::order);
    if (chance(3)) frame.add(r, expectation::order);  // the second waits for the first
    if (chance(3)) add_repeat(frame);
  }
  return frame;
}

/// What somebody made before, as it was or with another amount.
void order_maker::add_repeat(load_frame& to) {
  if (to.type == frame_type::create_orders) {
    auto old = pool_.any_order(engine_());
    if (!old) return;
    const bool other = chance(40);
    if (other) old->amount_minor += 1;
    return to.add(*old, other ? expectation::different_amount : expectation::order);
  }
  auto old = pool_.any_action(engine_());
  if (!old) return;
  const bool other = chance(40) && old->amount_minor != 0;
  if (other) old->amount_minor += 1;
  to.add(*old, other ? expectation::different_amount : expectation::racing_order);
}

load_frame order_maker::actions() {
  load_frame frame;
  frame.type = frame_type::act_on_orders;
  const std::uint64_t wanted = chance(25) ? 1 : 2 + random(80);
  for (std::uint64_t i = 0; i < wanted; ++i) {
    const auto on = pool_.any_order(engine_());
    if (!on) break;
    frame.add(new_action(*on), expectation::racing_order);
    if (chance(4)) add_repeat(frame);
  }
  return frame.count != 0 ? frame : creations();
}

/// Orders, and commands on them before anybody knows that they are there.
std::vector<load_frame> order_maker::whole_lives() {
  load_frame made;
  made.type = frame_type::create_orders;
  std::vector<order_record> orders;
  for (std::uint32_t i = 0; i < orders_of_lives; ++i) {
    orders.push_back(new_order());
    made.add(orders.back(), expectation::order);
  }
  std::vector<load_frame> out{made};
  for (std::uint64_t steps = 1 + random(3); steps > 0; --steps) {
    load_frame then;
    then.type = frame_type::act_on_orders;
    for (const order_record& o : orders) then.add(new_action(o), expectation::racing_order);
    out.push_back(then);
  }
  return out;
}

/// Several commands expect the same version of one order: at most one is executed.
load_frame order_maker::version_race() {
  load_frame frame;
  frame.type = frame_type::act_on_orders;
  for (std::uint64_t i = 1 + random(6); i > 0; --i) {
    const auto on = pool_.any_order(engine_());
    if (!on) break;
    const auto version = static_cast<std::uint32_t>(1 + random(2));
    for (std::uint64_t rivals = 2 + random(3); rivals > 0; --rivals) {
      order_action_record r = new_action(*on);
      r.expected_version = version;
      frame.add(r, expectation::racing_order);
    }
  }
  return frame.count != 0 ? frame : creations();
}

}  // namespace payloom::crash

// Orders of the workload: few merchants and users, who often have too little money; actions that compete for a few
// recent orders; repeats, short timeouts, and wrong content for every code.
#include <utility>

#include "tests/sim/order_rules.hpp"
#include "tests/sim/workload.hpp"

namespace payloom::sim {
namespace {
namespace af = account_flags;
using role = chart_role;
constexpr owner_number users = 4, merchants = 3, channels = 2;
constexpr std::uint16_t balance = 1, coupon = 2, channel = 4;
constexpr std::size_t recent_orders = 6, orders_max = 400, parts_max = 6;
constexpr std::uint64_t day = 86'400'000'000'000u;

account_record chart_record(role r, ledger_id ledger, owner_number owner) {
  account_record a{};
  a.id = chart_account(r, ledger, owner);
  a.ledger = ledger;
  a.code = static_cast<std::uint16_t>(r);
  const bool users_own = r == role::user_available || r == role::user_frozen || r == role::user_coupon;
  a.flags = users_own ? af::debits_must_not_exceed_credits : std::uint16_t{0};
  return a;
}
}  // namespace

/// The chart accounts that the parties' orders use, in two currencies.
void workload::make_chart(world& w) {
  for (const ledger_id ledger : {978u, 840u}) {
    for (owner_number u = 1; u <= users; ++u)
      for (role r : {role::user_available, role::user_frozen, role::user_coupon})
        w.chart.push_back(chart_record(r, ledger, u));
    for (owner_number m = 1; m <= merchants; ++m) w.chart.push_back(chart_record(role::merchant_pending, ledger, m));
    for (owner_number c = 1; c <= channels; ++c)
      for (role r : {role::channel_receivable, role::bank}) w.chart.push_back(chart_record(r, ledger, c));
    for (role r : {role::refund_transit, role::payment_transit, role::withdraw_transit, role::suspense_long,
                   role::escrow, role::fee_income})
      w.chart.push_back(chart_record(r, ledger, 0));
  }
  for (account_record& a : w.chart)
    if (random_.chance(20)) a.flags |= af::hot;
}

std::vector<account_record> workload::chart_of(tenant_id t) const {
  std::vector<account_record> all = tenants_[t].chart;
  for (const ledger_id ledger : {978u, 840u}) {
    all.push_back(chart_record(role::merchant_pending, ledger, merchants + 1));
    for (role r : {role::user_available, role::user_frozen, role::user_coupon})
      all.push_back(chart_record(r, ledger, users + 1));  // an order again with another user may be the first
  }
  return all;
}

void workload::on_case(tenant_id t, order_id order) { remember(tenants_[t].cases, order); }

audit_request workload::chart_frame(world& w, tenant_id t) {
  audit_request q{.type = frame_type::create_accounts, .tenant = t, .records = {}};
  for (const account_record& a : w.chart) q.records.emplace_back(a);
  count("chart");
  return q;
}

/// From the bank to a purse; the last user gets little.
transfer_record workload::funding(world& w) {
  count("funding");
  const owner_number user = random_.chance(10) ? users : random_.between(1, users - 1);
  transfer_record r{};
  r.id.value = random_.id();
  r.debit_account = w.accounts[1].id;
  r.credit_account = chart_account(random_.chance(75) ? role::user_available : role::user_coupon, 978, user);
  r.amount_minor = random_.between(50, 900) * options_.funding_factor;
  r.ledger = 978;
  r.code = 1;
  return r;
}

order_record workload::new_order(world& w) {
  static constexpr std::uint16_t products[] = {101, 101, 101, 101, 102, 102, 102, 103, 103, 201, 201, 202, 203};
  order_record r{};
  r.business_id = random_.id();
  r.merchant = random_.between(1, merchants);
  r.user = random_.between(1, users);
  r.counterparty = random_.between(1, users);
  r.product = random_.pick(products);
  r.ledger = random_.chance(96) ? 978 : random_.chance(70) ? 840 : 1000;
  r.amount_minor = random_.chance(85) ? random_.between(20, 400) : random_.between(1, 3000);
  if ((r.product == 203 || r.product == 202) && random_.chance(80)) r.amount_minor += 100;
  const std::uint64_t patience = random_.below(10);
  r.timeout_s = patience < 3 ? 0 : patience < 8 ? static_cast<std::uint32_t>(random_.between(1, 2)) : 60;
  r.user_data_64 = random_.below(3);
  if (random_.chance(45)) r.flags = order_flags::pay_now;
  if ((r.flags & order_flags::pay_now) != 0 && random_.chance(40)) {
    r.tools = random_.chance(70) ? channel : static_cast<std::uint16_t>(random_.between(1, 7));
    if (random_.chance(60)) r.channel = static_cast<std::uint32_t>(random_.between(1, random_.chance(95) ? 2 : 3));
  }
  if (random_.chance(2)) r.amount_minor = 2'000'000'000;
  if (random_.chance(2)) r.merchant = 0;
  if (random_.chance(2)) r.user = 0;
  if (random_.chance(1)) r.counterparty = r.user;
  if (random_.chance(1)) r.merchant = merchants + 1;  // nobody opened its accounts
  r.id = order_id_of(r.merchant, r.business_id);
  add_order(w, r);
  return r;
}

void workload::add_order(world& w, const order_record& r) {
  if (w.orders.size() < orders_max)
    w.orders.push_back(r);
  else
    w.orders[random_.below(w.orders.size() - recent_orders)] = std::exchange(w.orders.back(), r);
}

void workload::spoil_order(order_record& r, time_ns now) {
  count("bad order");
  switch (random_.below(9)) {
    case 0:
      r.flags |= 2;
      break;
    case 1:
      r.amount_minor = random_.chance(50) ? 0 : u128_max;
      break;
    case 2:
      r.ledger = 0;
      break;
    case 3:
      r.id.value += 1;
      break;
    case 4:
      r.business_id = 0, r.id = order_id_of(r.merchant, 0);
      break;
    case 5:
      r.reserved[random_.below(sizeof r.reserved)] = 1;
      break;
    case 6:
      r.product = 999;
      break;
    case 7:
      r.tools = 8, r.flags |= order_flags::pay_now;
      break;
    default:
      r.accounting_date = day_number(now / day + 60);
      break;
  }
}

order_record workload::order_again(world& w, time_ns now) {
  count("order again");
  order_record r = random_.pick(w.orders);
  switch (random_.below(16)) {
    case 0:
      r.flags ^= order_flags::pay_now;
      r.tools = 0;
      break;
    case 1:
      r.amount_minor += 1;
      break;
    case 2:
      r.user_data_128 += 1;
      break;
    case 3:
      r.user_data_64 += 1;
      break;
    case 4:
      r.timeout_s += 1;
      break;
    case 5:
      r.ledger = r.ledger == 840 ? 978 : 840;
      break;
    case 6:
      r.user += 1;
      break;
    case 7:
      r.product = r.product == 101 ? 102 : r.product == 102 ? 101 : r.product == 103 ? 203 : 103;
      break;
    case 8:
      r.accounting_date = day_number(now / day + random_.below(20));
      break;
    default:
      break;
  }
  return r;
}

audit_request workload::order_frame(world& w, tenant_id t, time_ns now) {
  audit_request q{.type = frame_type::create_orders, .tenant = t, .records = {}};
  for (std::uint64_t n = random_.between(1, 6); n > 0; --n) {
    order_record r = !w.orders.empty() && random_.chance(10) ? order_again(w, now) : new_order(w);
    if (random_.chance(6)) r.accounting_date = day_number(now / day + random_.below(20));
    if (random_.chance(4)) spoil_order(r, now);
    if (random_.chance(1) && !w.actions.empty()) r.id.value = random_.pick(w.actions).id.value;
    count("order");
    q.records.emplace_back(r);
  }
  return q;
}

order_action_record workload::new_action(world& w) {
  using a = order_action;
  static constexpr a sale[] = {a::pay, a::pay, a::pay, a::cancel, a::refund, a::refund, a::refund};
  static constexpr a escrow[] = {a::pay, a::pay, a::cancel, a::confirm, a::release, a::refund, a::refund};
  static constexpr a hold[] = {a::pay, a::pay, a::capture, a::capture, a::void_, a::refund, a::cancel};
  static constexpr a recharge[] = {a::pay, a::pay, a::pay, a::cancel, a::refund, a::refund};
  static constexpr a any[] = {a::pay, a::cancel, a::capture, a::void_, a::confirm, a::release, a::refund, a::approve};
  const std::size_t first = w.orders.size() > recent_orders && random_.chance(75) ? w.orders.size() - recent_orders : 0;
  const order_record& o = w.orders[random_.between(first, w.orders.size() - 1)];
  order_action_record r{};
  r.id.value = random_.id();
  r.order = o.id;
  r.action = random_.chance(8)  ? random_.pick(any)
             : o.product == 102 ? random_.pick(escrow)
             : o.product == 103 ? random_.pick(hold)
             : o.product == 201 ? random_.pick(recharge)
             : o.product > 201  ? (random_.chance(80) ? a::pay : a::cancel)
                                : random_.pick(sale);
  const bool sized = r.action == a::pay || r.action == a::capture || r.action == a::refund;
  if (sized && random_.chance(40)) r.amount_minor = random_.between(1, random_.chance(85) ? 200 : 4000);
  if (random_.chance(20)) r.expected_version = static_cast<std::uint32_t>(random_.between(1, 3));
  if (r.action == a::pay) choose_tools(o, r);
  if (r.action == a::pay && r.tools == channel && (o.product == 101 || o.product == 102) && random_.chance(50)) {
    r.amount_minor = std::max<u128>(1, o.amount_minor / 2);
    w.in_parts.push_back(o.id);
    if (w.in_parts.size() > parts_max) w.in_parts.erase(w.in_parts.begin());
  }
  if (r.action == a::refund && random_.chance(20)) r.source = static_cast<std::uint16_t>(random_.between(1, 5));
  r.reason = random_.below(3);
  if (random_.chance(2)) r.order.value = random_.id();
  if (random_.chance(1) && !w.executed.empty()) r.order.value = random_.pick(w.executed).id.value;
  if (random_.chance(1) && !w.actions.empty()) r.order.value = random_.pick(w.actions).id.value;
  if (random_.chance(1) && !w.executed.empty()) r.id.value = random_.pick(w.executed).id.value;
  if (random_.chance(1) && !w.refused.empty()) r.id.value = random_.pick(w.refused).id.value;
  if (random_.chance(1) && !w.sealed.empty()) r.id.value = random_.pick(w.sealed);
  if (random_.chance(1)) r.id.value = random_.pick(w.orders).id.value;
  remember(w.actions, r);
  return r;
}

/// Balance, coupons and channels, alone and together; sometimes parts that do not fit.
void workload::choose_tools(const order_record& o, order_action_record& r) {
  const bool sale = o.product == 101 || o.product == 102;
  if (!random_.chance(sale ? 75 : 15)) return;
  static constexpr std::uint16_t mixes[] = {
      channel, channel,         channel, balance | channel, coupon | channel, balance | coupon | channel,
      coupon,  balance | coupon};
  r.tools = random_.chance(93) ? random_.pick(mixes) : static_cast<std::uint16_t>(random_.between(1, 7));
  if ((r.tools & channel) != 0 && random_.chance(60))
    r.channel = static_cast<std::uint32_t>(random_.between(1, random_.chance(97) ? 2 : 3));
  const auto part = [&] { return random_.between(1, std::max<std::uint64_t>(1, lo64(o.amount_minor) / 3)); };
  const bool alone = (r.tools & channel) == 0;
  if ((r.tools & balance) != 0 && !alone) r.balance_minor = part();
  if ((r.tools & coupon) != 0 && r.tools != coupon) r.coupon_minor = part();
  if (random_.chance(2)) r.balance_minor = part();
  if (random_.chance(2)) r.coupon_minor = part();
}

/// The next part of an order that several attempts pay, by any channel; or its money goes back.
order_action_record workload::part_of_order(world& w) {
  count("part");
  order_action_record r{};
  r.id.value = random_.id();
  r.order = random_.pick(w.in_parts);
  if (random_.chance(55)) {
    r.action = order_action::pay;
    r.tools = channel;
    r.channel = static_cast<std::uint32_t>(random_.between(1, 2));
    if (random_.chance(30)) r.amount_minor = random_.between(1, 60);
  } else if (random_.chance(80)) {
    r.action = order_action::refund;
    if (random_.chance(50)) r.amount_minor = random_.between(1, 100);
    if (random_.chance(40)) r.source = static_cast<std::uint16_t>(random_.between(1, 4));
  } else {
    r.action = order_action::cancel;
  }
  remember(w.actions, r);
  return r;
}

/// People say what became of a payment; nobody knows whether they are right.
order_action_record workload::resolution_of_case(world& w) {
  count("case");
  using o = channel_outcome;
  static constexpr o said[] = {o::returned, o::returned, o::returned, o::success, o::rejected,
                               o::closed,   o::none,     o::none,     o::unknown};
  const std::size_t which = random_.below(w.cases.size());
  order_action_record r{};
  r.id.value = random_.id();
  r.order = w.cases[which];
  r.action = order_action::resolve;
  r.reason = static_cast<std::uint64_t>(random_.pick(said));
  if (random_.chance(60)) w.cases.erase(w.cases.begin() + static_cast<std::ptrdiff_t>(which));
  remember(w.actions, r);
  return r;
}

void workload::spoil_action(order_action_record& r) {
  count("bad action");
  switch (random_.below(13)) {
    case 0:
      r.flags = 2;
      break;
    case 1:
      r.id.value = 0;
      break;
    case 2:
      r.id.value = u128_max;
      break;
    case 3:
      r.id.value = r.order.value;
      break;
    case 4:
      r.id = posting_id_of(0, r.id.value, 0);
      break;
    case 5:
      r.order.value = 0;
      break;
    case 6:
      r.source = 1, r.action = order_action::confirm;
      break;
    case 7:
      r.action = order_action{11};
      break;
    case 8:
      r.action = order_action::timer, r.amount_minor = 0;
      break;
    case 9:
      r.action = order_action::cancel, r.amount_minor = 5;
      break;
    case 10:
      r.action = order_action::refund, r.channel = 1;
      break;
    case 11:
      r.action = order_action::resolve, r.reason = 9, r.amount_minor = 0, r.tools = 0;
      break;
    default:
      r.action = order_action::refund, r.tools = 1;
      break;
  }
}

order_action_record workload::action_again(world& w) {
  count("action again");
  order_action_record r = random_.pick(w.actions);
  switch (random_.below(14)) {
    case 0:
      r.amount_minor += 1;
      break;
    case 1:
      r.user_data_128 += 1;
      break;
    case 2:
      r.user_data_64 += 1;
      break;
    case 3:
      r.order = random_.pick(w.orders).id;
      break;
    case 4:
      r.tools ^= 1;
      break;
    case 5:
      r.reason += 1;
      break;
    case 6:
      r.expected_version += 1;
      break;
    default:
      break;
  }
  return r;
}

audit_request workload::action_frame(world& w, tenant_id t) {
  audit_request q{.type = frame_type::act_on_orders, .tenant = t, .records = {}};
  for (std::uint64_t n = random_.between(1, 6); n > 0; --n) {
    order_action_record r = !w.actions.empty() && random_.chance(12)    ? action_again(w)
                            : !w.cases.empty() && random_.chance(4)     ? resolution_of_case(w)
                            : !w.in_parts.empty() && random_.chance(12) ? part_of_order(w)
                                                                        : new_action(w);
    if (!q.records.empty() && random_.chance(25)) r.order = q.records.back().as<order_action_record>().order;
    if (random_.chance(3)) spoil_action(r);
    count("action");
    q.records.emplace_back(r);
  }
  return q;
}

}  // namespace payloom::sim

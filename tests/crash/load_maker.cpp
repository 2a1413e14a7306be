#include "tests/crash/load_maker.hpp"

#include <algorithm>

namespace payloom::crash {
namespace {

constexpr std::uint32_t chain_members_max = 6;
constexpr std::uint32_t large_frame = 600;

}  // namespace

load_maker::load_maker(std::uint64_t seed, const account_plan& plan, const load_pool& pool)
    : plan_(plan), pool_(pool), engine_(seed), ids_(seed ^ 0x5eedu), orders_(seed ^ 0x0bdeu, pool) {}

std::vector<load_frame> load_maker::next() {
  if (chance(35)) return orders_.next();
  const std::uint64_t dice = random(100);
  if (dice < 76) return {transfers()};
  if (dice < 82) {
    if (auto again = pool_.any_frame(engine_())) return {*again};  // somebody else's, perhaps in flight now
    return {transfers()};
  }
  if (dice < 88) return {changes()};
  if (dice < 90) return {accounts()};
  if (dice < 94) return {seals()};
  if (dice < 97) return seal_race();
  load_frame twice = transfers();
  return {twice, twice};
}

load_frame load_maker::transfers() {
  load_frame frame;
  const std::uint64_t size = random(10);
  const std::uint32_t wanted = size < 3   ? 1
                               : size < 7 ? static_cast<std::uint32_t>(2 + random(40))
                               : size < 9 ? static_cast<std::uint32_t>(40 + random(200))
                                          : static_cast<std::uint32_t>(200 + random(large_frame));
  while (frame.count < wanted) add_event(frame);
  return frame;
}

void load_maker::add_event(load_frame& to) {
  const std::uint64_t dice = random(100);
  if (dice < 36) return to.add(plain_move(), expectation::executed);
  if (dice < 46) return to.add(limited_move(), expectation::limited);
  if (dice < 50)
    return to.add(move(one_of(plan_.dollars).id, one_of(plan_.dollars).id, plan_.dollar), expectation::executed);
  if (dice < 53) {  // money for the users of orders
    transfer_record t = move(one_of(plan_.plain).id, one_of(plan_.purses).id, plan_.euro);
    t.amount_minor *= 400;
    return to.add(t, expectation::executed);
  }
  if (dice < 60) {  // money for the limited accounts, so that not everything on them is refused
    return to.add(move(one_of(plan_.plain).id, one_of(plan_.limited).id, plan_.euro), expectation::executed);
  }
  if (dice < 74) {
    transfer_record hold = chance(70) ? plain_move() : limited_move();
    const bool free = std::any_of(plan_.plain.begin(), plan_.plain.end(),
                                  [&](const account_record& a) { return a.id == hold.debit_account; });
    hold.flags = transfer_flags::hold;
    if (chance(25)) hold.timeout_s = static_cast<std::uint32_t>(1 + random(2));
    return to.add(hold, free ? expectation::executed : expectation::limited);
  }
  if (dice < 86) return add_resolution(to);
  if (dice < 90) {
    const bool out = chance(50);
    const account_id other = one_of(plan_.plain).id, mine = one_of(plan_.changing).id;
    return to.add(move(out ? mine : other, out ? other : mine, plan_.euro), expectation::changing);
  }
  if (dice < 95) return add_repeat(to);
  add_chain(to);
}

void load_maker::add_resolution(load_frame& to) {
  transfer_record t{};
  t.id = ids_.transfer();
  if (chance(25)) {
    const auto original = pool_.any_posted(engine_());
    if (!original) return to.add(plain_move(), expectation::executed);
    t.flags = transfer_flags::reversal;
    t.target_id = original->id;
    t.debit_account = original->credit_account;
    t.credit_account = original->debit_account;
    t.ledger = original->ledger;
    t.code = original->code;
    t.amount_minor = chance(50) ? original->amount_minor : (original->amount_minor + 1) / 2;
    return to.add(t, expectation::racing_target);
  }
  const auto hold = pool_.any_hold(engine_());
  if (!hold) return to.add(plain_move(), expectation::executed);
  t.target_id = hold->id;
  if (chance(60)) {
    t.flags = transfer_flags::capture;
    t.amount_minor = chance(50) ? u128_max : 1 + random(lo64(hold->amount_minor));
  } else {
    t.flags = transfer_flags::void_hold;
  }
  if (chance(50)) {
    t.debit_account = hold->debit_account;
    t.credit_account = hold->credit_account;
    t.ledger = hold->ledger;
  }
  to.add(t, expectation::racing_target);
}

void load_maker::add_repeat(load_frame& to) {
  auto old = pool_.any_posted(engine_());
  if (!old || chance(20)) {  // the same id twice in one frame: the second waits for the first
    const transfer_record t = plain_move();
    to.add(t, expectation::executed);
    return to.add(t, expectation::executed);
  }
  if (chance(30)) {
    old->amount_minor += 1;
    return to.add(*old, expectation::different_amount);
  }
  to.add(*old, expectation::executed);
}

void load_maker::add_chain(load_frame& to) {
  const auto members = static_cast<std::uint32_t>(2 + random(chain_members_max - 1));
  const bool may_fail = chance(40);
  for (std::uint32_t i = 0; i < members; ++i) {
    transfer_record t = may_fail && chance(50) ? limited_move() : plain_move();
    if (chance(20)) t.flags |= transfer_flags::hold;
    if (i + 1 < members) t.flags |= transfer_flags::linked;
    to.add(t, may_fail ? expectation::limited : expectation::executed);
  }
}

transfer_record load_maker::move(account_id from, account_id to, ledger_id ledger) {
  transfer_record t{};
  t.id = ids_.transfer();
  t.debit_account = from;
  t.credit_account = to;
  t.amount_minor = 1 + random(200);
  t.ledger = ledger;
  t.code = static_cast<std::uint16_t>(1 + random(9));
  t.user_data_64 = engine_();
  while (t.credit_account == t.debit_account) {
    const auto& group = ledger == plan_.dollar ? plan_.dollars : plan_.plain;
    t.credit_account = one_of(group).id;
  }
  return t;
}

transfer_record load_maker::plain_move() {
  account_id from = one_of(plan_.plain).id;
  if (chance(10)) {
    if (const auto fresh = pool_.any_new_account(engine_())) from = fresh->id;
  }
  return move(from, one_of(plan_.plain).id, plan_.euro);
}

transfer_record load_maker::limited_move() {
  return move(one_of(plan_.limited).id, one_of(chance(70) ? plan_.plain : plan_.limited).id, plan_.euro);
}

load_frame load_maker::changes() {
  load_frame frame;
  frame.type = frame_type::change_accounts;
  const auto count = 1 + random(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    account_change_record c{};
    c.id = ids_.transfer();
    if (chance(30)) {  // the hot set is drawn anew all the time
      const std::vector<account_record>* groups[] = {&plan_.plain, &plan_.limited, &plan_.purses, &plan_.platform};
      c.account = one_of(*groups[random(4)]).id;
      c.kind = chance(50) ? account_change_kind::set_flags : account_change_kind::clear_flags;
      c.flags = account_flags::hot;
      frame.add(c, expectation::executed);
      continue;
    }
    const std::uint64_t which = random(plan_.changing.size());
    const bool has_limit = (plan_.changing[which].flags & account_flags::limited) != 0;
    c.account = plan_.changing[which].id;
    const std::uint64_t dice = random(100);
    if (dice < 20 && has_limit) {
      c.kind = account_change_kind::set_limit;
      c.overdraft_limit_minor = random(5000);
    } else if (dice < 35) {
      c.kind = account_change_kind::close;
    } else if (dice < 60) {
      c.kind = account_change_kind::reopen;
    } else {
      c.kind = dice < 75 ? account_change_kind::set_flags : account_change_kind::clear_flags;
      constexpr std::uint16_t choice[] = {account_flags::stop_in, account_flags::stop_out, account_flags::hot};
      c.flags = choice[random(3)];
    }
    frame.add(c, expectation::change);
  }
  return frame;
}

load_frame load_maker::accounts() {
  load_frame frame;
  frame.type = frame_type::create_accounts;
  const auto count = 1 + random(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    account_record a{};
    a.id = ids_.account();
    a.ledger = plan_.euro;
    a.code = 2;
    a.user_data_64 = engine_();
    frame.add(a, expectation::account);
    if (chance(20)) frame.add(a, expectation::account);
  }
  return frame;
}

load_frame load_maker::seals() {
  load_frame frame;
  frame.type = frame_type::seal_transfers;
  const auto count = 1 + random(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto old = pool_.any_posted(engine_());
    if (old && chance(50)) {
      frame.add(id_record{old->id.value}, expectation::executed);
    } else {
      frame.add(id_record{ids_.next()}, expectation::sealed);
    }
  }
  return frame;
}

/// Transfers and seals of the same ids at once: each id is executed or sealed, never both.
std::vector<load_frame> load_maker::seal_race() {
  load_frame first, second;
  second.type = frame_type::seal_transfers;
  const auto count = 1 + random(10);
  for (std::uint64_t i = 0; i < count; ++i) {
    const transfer_record t = plain_move();
    first.add(t, expectation::racing_seal);
    second.add(id_record{t.id.value}, expectation::racing_seal);
  }
  if (chance(50)) std::swap(first, second);
  return {first, second};
}

}  // namespace payloom::crash

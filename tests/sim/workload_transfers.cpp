// Transfers of the workload: every kind, good and wrong.
#include <utility>

#include "tests/sim/workload.hpp"

namespace payloom::sim {
namespace {
namespace tf = transfer_flags;
constexpr time_ns hour = 3'600'000'000'000u;
constexpr std::size_t open_holds_max = 24;

transfer_record blank(u128 id, account_id debit, account_id credit, u128 amount) {
  transfer_record r{};
  r.id.value = id;
  r.debit_account = debit;
  r.credit_account = credit;
  r.amount_minor = amount;
  r.ledger = 978;
  r.code = 1;
  return r;
}
}  // namespace

account_id workload::some_account(world& w) {
  if (w.accounts.size() > 10 && random_.chance(25)) {
    const account_record& r = w.accounts[random_.between(10, w.accounts.size() - 1)];
    if (r.ledger == 978 || random_.chance(15)) return r.id;  // other ledgers mostly end in a refusal
  }
  return w.accounts[random_.below(8)].id;
}

transfer_record workload::plain(world& w) {
  count("single");
  account_id debit = w.accounts[1].id, credit = some_account(w);
  if (random_.chance(40)) debit = some_account(w);
  const bool to_loan = credit == w.accounts[6].id || credit == w.accounts[7].id;
  if (to_loan && random_.chance(70)) std::swap(debit, credit);  // a loan is drawn before it is repaid
  if (debit == credit) credit = w.accounts[0].id, debit = w.accounts[1].id;
  transfer_record r = blank(random_.id(), debit, credit, random_.between(1, 300));
  r.user_data_32 = static_cast<std::uint32_t>(random_.below(4));
  return r;
}

// Between the few limited accounts, in amounts near what they hold.
transfer_record workload::contended(world& w) {
  count("contended");
  if (random_.chance(12)) {  // sweep a purse or repay a loan, so that the next one finds nearly nothing
    const bool loan = random_.chance(40);
    const account_id bank = w.accounts[1].id;
    const account_id swept = w.accounts[loan ? random_.between(6, 7) : random_.between(2, 5)].id;
    transfer_record sweep = blank(random_.id(), loan ? bank : swept, loan ? swept : bank, 1'000'000);
    sweep.flags = loan ? tf::balancing_credit : tf::balancing_debit;
    return sweep;
  }
  const std::uint64_t from = random_.between(2, 7), to = 2 + (from - 2 + random_.between(1, 5)) % 6;
  return blank(random_.id(), w.accounts[from].id, w.accounts[to].id, random_.between(1, 150));
}

transfer_record workload::hot(world& w) {
  count("hot");
  const account_id other = w.accounts[random_.between(1, 7)].id;
  const bool out = random_.chance(30);
  return blank(random_.id(), out ? w.accounts[0].id : other, out ? other : w.accounts[0].id, random_.between(1, 50));
}

// Amounts that bring an account's sums to the end of 128 bits.
transfer_record workload::huge(world& w) {
  count("huge");
  // One transfer fills both whales; then the bank, which must never be full itself, meets each of them.
  const account_id bank = w.accounts[1].id, payer = w.accounts[8].id, payee = w.accounts[9].id;
  switch (random_.below(3)) {
    case 0:
      return blank(random_.id(), payer, payee, u128_max - 1000);
    case 1:
      return blank(random_.id(), payer, bank, random_.between(1, 2000));
    default:
      return blank(random_.id(), bank, payee, random_.between(1, 2000));
  }
}

transfer_record workload::new_hold(world& w) {
  // Holds that nobody resolves would keep every account from being closed.
  if (w.open_holds.size() > open_holds_max) return resolution(w);
  count("hold");
  transfer_record r = random_.chance(50) ? plain(w) : contended(w);
  r.flags |= tf::hold;
  if (random_.chance(40)) r.timeout_s = static_cast<std::uint32_t>(random_.between(1, 3));
  return r;
}

transfer_record workload::resolution(world& w) {
  count("resolution");
  const bool known = !w.open_holds.empty() && random_.chance(85);
  if (!known && w.old_holds.empty()) return plain(w);
  const transfer_record hold = known ? random_.pick(w.open_holds) : random_.pick(w.old_holds);
  transfer_record r{};
  r.id.value = random_.id();
  r.target_id = hold.id;
  r.flags = random_.chance(70) ? tf::capture : tf::void_hold;
  const bool capture = r.flags == tf::capture;
  r.amount_minor = capture ? u128_max : 0;
  switch (random_.below(20)) {
    case 0:
    case 1:
    case 2:
      r.amount_minor = hold.amount_minor;
      break;
    case 3:
    case 4:
    case 5:
    case 6:
      r.amount_minor = random_.between(1, lo64(hold.amount_minor));
      break;
    case 7:
      r.amount_minor = hold.amount_minor + 1;
      break;
    case 8:
      r.debit_account = hold.debit_account, r.ledger = hold.ledger, r.code = hold.code;
      break;
    case 9:
      r.debit_account = some_account(w);
      break;
    case 10:
      r.credit_account = some_account(w);
      break;
    case 11:
      r.ledger = 840;
      break;
    case 12:
      r.code = 77;
      break;
    case 13:
      if (!w.posted.empty()) r.target_id = random_.pick(w.posted).id;
      break;
    case 14:
      r.target_id.value = random_.id();
      break;
    case 15:
      if (!w.refused.empty()) r.target_id = random_.pick(w.refused).id;
      break;
    case 16:
      if (!w.sealed.empty()) r.target_id.value = random_.pick(w.sealed);
      break;
    default:
      break;
  }
  return r;
}

transfer_record workload::reversal(world& w) {
  count("reversal");
  if (w.posted.empty()) return plain(w);
  const transfer_record original = random_.pick(w.posted);
  transfer_record r{};
  r.id.value = random_.id();
  r.target_id = original.id;
  r.flags = tf::reversal;
  r.amount_minor = u128_max;
  switch (random_.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      r.amount_minor = random_.between(1, 60);
      break;
    case 4:
      r.amount_minor = original.amount_minor;
      break;
    case 5:
      r.amount_minor = 100'000;
      break;
    case 6:
      r.debit_account = original.credit_account, r.credit_account = original.debit_account;
      break;
    case 7:
      r.debit_account = some_account(w);
      break;
    case 8:
      r.credit_account = some_account(w);
      break;
    case 9:
      r.ledger = 840;
      break;
    case 10:
      r.code = 78;
      break;
    case 11:
      if (!w.old_holds.empty()) r.target_id = random_.pick(w.old_holds).id;
      break;
    case 12:
      r.target_id.value = random_.id();
      break;
    default:
      break;
  }
  return r;
}

transfer_record workload::balancing(world& w) {
  count("balancing");
  transfer_record r = random_.chance(30) ? plain(w) : contended(w);
  r.amount_minor = random_.between(1, 1000);
  const std::uint16_t kinds[] = {tf::balancing_debit, tf::balancing_credit, tf::balancing};
  r.flags |= random_.pick(kinds);
  if (random_.chance(20)) r.flags |= tf::hold;
  return r;
}

transfer_record workload::imported(world& w, time_ns now) {
  count("imported");
  transfer_record r = plain(w);
  r.flags |= tf::imported;
  if (random_.chance(20)) r.flags |= tf::hold;
  r.effective_at = now - random_.between(1, hour);
  return r;
}

transfer_record workload::with_unknown(world& w, tenant_id t) {
  count("unknown account");
  transfer_record r = plain(w);
  account_id stranger{random_.id()};
  const world& other = tenants_[(t + 1) % tenants_.size()];
  if (!w.closed.empty() && random_.chance(40))
    stranger = random_.pick(w.closed);
  else if (tenants_.size() > 1 && random_.chance(50))
    stranger = other.accounts[random_.below(other.accounts.size())].id;
  const bool of_chart = hi64(stranger.value) >> 48 == 0xfa1d;  // escrow and frozen money are moved by orders alone
  if (random_.chance(50) && !of_chart)
    r.debit_account = stranger;
  else if (!of_chart)
    r.credit_account = stranger;
  if (random_.chance(10)) r.ledger = 840;
  return r;
}

transfer_record workload::repeat(world& w) {
  count("repeat");
  if (!w.refused.empty() && random_.chance(30)) return random_.pick(w.refused);
  return w.executed.empty() ? plain(w) : random_.pick(w.executed);
}

transfer_record workload::repeat_with_other_field(world& w, time_ns now) {
  count("repeat with another field");
  transfer_record r = repeat(w);
  const bool targeting = (r.flags & tf::targeting) != 0;
  switch (random_.below(13)) {
    case 0:
      r.flags ^= tf::hold;
      break;
    case 1:
      r.debit_account.value = random_.id();
      break;
    case 2:
      r.credit_account.value = random_.id();
      break;
    case 3:
      r.amount_minor = r.amount_minor / 2 + 1;
      break;
    case 4:
      if (targeting)
        r.target_id.value = random_.id();
      else
        r.amount_minor += 1;
      break;
    case 5:
      r.user_data_128 += 1;
      break;
    case 6:
      r.user_data_64 += 1;
      break;
    case 7:
      r.user_data_32 += 1;
      break;
    case 8:
      r.timeout_s += 1;
      break;
    case 9:
      r.ledger = r.ledger == 840 ? 978 : 840;
      break;
    case 10:
      r.code = static_cast<std::uint16_t>(r.code + 1);
      break;
    case 11:
      r.effective_at = (r.flags & tf::imported) != 0 ? now - 2 * hour : 0;
      break;
    default:
      if (!w.changes.empty()) r.id = random_.pick(w.changes).id;
      break;
  }
  return r;
}

void workload::spoil_content(transfer_record& r, time_ns now) {
  count("bad content");
  switch (random_.below(25)) {
    case 0:
      r.flags |= 1 << 8;
      break;
    case 1:
      r.id.value = 0;
      break;
    case 2:
      r.id.value = u128_max;
      break;
    case 3:
      r.flags = tf::hold | tf::capture;
      break;
    case 4:
      r.flags = tf::reversal | tf::balancing_debit;
      break;
    case 5:
      r.debit_account.value = 0, r.flags = 0;
      break;
    case 6:
      r.debit_account.value = u128_max;
      break;
    case 7:
      r.credit_account.value = 0, r.flags = 0;
      break;
    case 8:
      r.credit_account.value = u128_max;
      break;
    case 9:
      r.credit_account = r.debit_account;
      break;
    case 10:
      r.target_id.value = 5, r.flags = 0;
      break;
    case 11:
      r.target_id.value = 0, r.flags = tf::capture;
      break;
    case 12:
      r.target_id.value = u128_max, r.flags = tf::void_hold;
      break;
    case 13:
      r.target_id = r.id, r.flags = tf::capture;
      break;
    case 14:
      r.timeout_s = 3, r.flags = 0;
      break;
    case 15:
      r.amount_minor = 0, r.flags = 0;
      break;
    case 16:
      r.ledger = 0, r.flags = 0;
      break;
    case 17:
      r.code = 0, r.flags = 0;
      break;
    case 18:
      r.effective_at = 1, r.flags = 0;
      break;
    case 19:
      r.effective_at = 0, r.flags = tf::imported;
      break;
    case 20:
      r.effective_at = now + hour, r.flags = tf::imported;
      break;
    case 21:
      r.effective_at = now - hour, r.flags = tf::imported | tf::hold, r.timeout_s = 3;
      break;
    case 22:
      r.amount_minor = 0, r.ledger = 0, r.flags |= 1 << 15;
      break;
    case 23:
      r.id.value = make_u128(0xfa1d1e6000000000 | lo64(r.id.value) >> 32, hi64(r.id.value));
      break;
    default:
      r.credit_account = r.debit_account, r.code = 0, r.timeout_s = 1;
      break;
  }
}

void workload::spoil_chain(world& w, transfer_list& out, std::size_t first) {
  count("chain spoiled");
  transfer_record& victim = out[first + random_.below(out.size() - first)];
  const std::uint16_t linked = victim.flags & tf::linked;
  switch (random_.below(8)) {
    case 0:
      victim.id = out[first].id.value == victim.id.value ? out.back().id : out[first].id;
      break;
    case 1:
      victim.amount_minor = 0;
      break;
    case 2:
      victim.debit_account.value = random_.id();
      break;
    case 3:
      victim.debit_account = w.accounts[2].id, victim.amount_minor = 1'000'000;
      break;
    case 4:
      if (!w.executed.empty()) victim = random_.pick(w.executed);
      break;
    case 5:
      if (!w.refused.empty()) victim = random_.pick(w.refused);
      break;
    case 6:
      if (!w.sealed.empty()) victim.id.value = random_.pick(w.sealed);
      break;
    default:
      victim.ledger = 840;
      break;
  }
  victim.flags = static_cast<std::uint16_t>((victim.flags & ~tf::linked) | linked);
}

void workload::add_chain(world& w, transfer_list& out, time_ns now) {
  count("chain");
  const std::size_t first = out.size();
  if (!w.chains.empty() && random_.chance(12)) {
    for (const transfer_record& r : random_.pick(w.chains)) out.push_back(r);
    if (random_.chance(30)) spoil_chain(w, out, first);
    return;
  }
  const std::uint64_t members = random_.between(2, 10);
  account_id last = w.accounts[1].id;
  for (std::uint64_t i = 0; i < members; ++i) {
    transfer_record r{};
    const std::uint64_t kind = random_.below(100);
    if (kind < 60) {  // pass the money on: each spends what the one before brought
      account_id next = w.accounts[random_.between(2, 5)].id;
      if (next == last) next = w.accounts[0].id;
      const bool more = random_.chance(4);
      r = blank(random_.id(), last, next, more ? random_.between(20, 2000) : 60 - 4 * i);
      last = next;
    } else if (kind < 74) {
      r = blank(random_.id(), w.accounts[1].id, w.accounts[random_.chance(50) ? 0 : 3].id, random_.between(1, 90));
    } else if (kind < 80) {
      r = blank(random_.id(), w.accounts[1].id, w.accounts[random_.between(2, 5)].id, random_.between(1, 90));
      r.flags = tf::hold;
    } else if (kind < 90 && !w.open_holds.empty() && i % 3 == 0) {
      r.id.value = random_.id();
      r.target_id = random_.pick(w.open_holds).id;
      r.amount_minor = random_.chance(50) ? u128_max : 0;
      r.flags = r.amount_minor == 0 ? tf::void_hold : tf::capture;
    } else if (kind < 91) {
      r = plain(w);
    } else if (kind < 92) {
      r = resolution(w);
    } else if (kind < 93) {
      r = reversal(w);
    } else if (kind < 98) {
      r = imported(w, now);
    } else {
      r = balancing(w);
    }
    // Now and then a member resolves an earlier member's hold, or the same target a second time.
    if (i > 0 && random_.chance(1)) r.target_id = out.back().id;
    if (i > 0 && (r.flags & tf::targeting) != 0 && random_.chance(15) && out.back().target_id.value != 0)
      r.target_id = out.back().target_id;
    r.flags |= tf::linked;
    out.push_back(r);
  }
  out.back().flags = static_cast<std::uint16_t>(out.back().flags & ~tf::linked);
  if (random_.chance(15)) spoil_chain(w, out, first);
}

transfer_record workload::any_transfer(world& w, tenant_id t, time_ns now) {
  const std::uint64_t kind = random_.below(100);
  if (kind < 18) return plain(w);
  if (kind < 38) return contended(w);
  if (kind < 48) return hot(w);
  if (kind < 60) return new_hold(w);
  if (kind < 73) return resolution(w);
  if (kind < 79) return reversal(w);
  if (kind < 83) return balancing(w);
  if (kind < 85) return imported(w, now);
  if (kind < 87) return with_unknown(w, t);
  if (kind < 91) return repeat(w);
  if (kind < 95) return repeat_with_other_field(w, now);
  if (kind < 96) return huge(w);
  transfer_record r = plain(w);
  if (kind < 97 && !w.orders.empty() && random_.chance(30)) {  // ids of orders and of actions, as own id or as target
    count("order id");
    const bool action = !w.actions.empty() && random_.chance(50);
    const u128 id = action ? random_.pick(w.actions).id.value : random_.pick(w.orders).id.value;
    if (random_.chance(60)) {
      r.id.value = id;
      return r;
    }
    r = blank(r.id.value, {}, {}, random_.chance(50) ? u128_max : 1);
    r.target_id.value = id;
    r.flags = random_.chance(50) ? tf::capture : tf::reversal;
    return r;
  }
  if (kind < 97 && !w.sealed.empty()) {
    r.id.value = random_.pick(w.sealed);
    count("sealed id");
    return r;
  }
  spoil_content(r, now);
  return r;
}

}  // namespace payloom::sim

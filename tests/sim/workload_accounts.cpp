// Accounts and account changes of the workload.
#include "tests/sim/workload.hpp"

namespace payloom::sim {
namespace {
namespace af = account_flags;
constexpr time_ns hour = 3'600'000'000'000u;
}  // namespace

void workload::spoil_account(account_record& r, time_ns now) {
  count("bad account");
  r.id.value = random_.id();
  switch (random_.below(14)) {
    case 0:
      r.id.value = 0;
      break;
    case 1:
      r.id.value = u128_max;
      break;
    case 2:
      r.flags |= af::closed;
      break;
    case 3:
      r.flags |= 1 << 9;
      break;
    case 4:
      r.reserved[random_.below(sizeof r.reserved)] = 1;
      break;
    case 5:
      r.ledger = 0;
      break;
    case 6:
      r.ledger = 1;
      break;
    case 7:
      r.code = 0;
      break;
    case 8:
      r.flags = 0, r.overdraft_limit_minor = 5;
      break;
    case 9:
      r.flags = af::limited;
      break;
    case 10:
      r.flags |= af::imported;
      break;
    case 11:
      r.flags |= af::imported, r.effective_at = now + hour;
      break;
    case 12:
      r.effective_at = 1;
      break;
    default:
      r.id.value = 0, r.ledger = 0, r.code = 0;
      break;
  }
}

account_record workload::any_account(world& w, time_ns now) {
  if (w.created < w.accounts.size() && random_.chance(80)) {
    count("account");
    account_record& r = w.accounts[w.created++];
    if (w.created > 10 && random_.chance(10)) r.flags |= af::imported, r.effective_at = now - hour;
    return r;
  }
  account_record r = random_.pick(w.accounts);
  const std::uint64_t kind = random_.below(20);
  if (kind < 4) {
    spoil_account(r, now);
    return r;
  }
  count("account again");
  switch (kind) {
    case 4:
      r.flags ^= af::history;
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
      r.ledger = r.ledger == 840 ? 978 : 840;
      break;
    case 9:
      r.code = static_cast<std::uint16_t>(r.code + 1);
      break;
    case 10:
      if ((r.flags & af::imported) != 0) r.effective_at -= 1;
      break;
    case 11:
    case 12:
      if ((r.flags & af::limited) != 0) r.overdraft_limit_minor += 1;
      break;
    default:
      break;
  }
  return r;
}

void workload::spoil_change(account_change_record& r) {
  count("bad change");
  switch (random_.below(8)) {
    case 0:
      r.id.value = 0;
      break;
    case 1:
      r.id.value = u128_max;
      break;
    case 2:
      r.account.value = 0;
      break;
    case 3:
      r.account.value = u128_max;
      break;
    case 4:
      r.kind = account_change_kind{9};
      break;
    case 5:
      r.reserved[random_.below(sizeof r.reserved)] = 1;
      break;
    case 6:
      r.kind = account_change_kind::close, r.flags = af::hot;
      break;
    default:
      r.kind = account_change_kind::set_flags, r.flags = af::closed;
      break;
  }
}

/// An account of the chart is stopped, closed, or marked hot for a while; its limit flags stay.
account_change_record workload::chart_change(world& w, account_change_record r) {
  using kind = account_change_kind;
  count("chart change");
  r.account = random_.pick(w.chart).id;
  r.kind = random_.chance(50) ? kind::set_flags : kind::clear_flags;
  r.flags = random_.chance(60) ? af::hot : random_.chance(50) ? af::stop_in : af::stop_out;
  if (random_.chance(10)) r.kind = kind::close, r.flags = 0;
  return r;
}

account_change_record workload::any_change(world& w) {
  using kind = account_change_kind;
  account_change_record r{};
  r.id.value = random_.id();
  r.account = random_.chance(30) ? w.accounts[0].id : some_account(w);
  r.reason = static_cast<std::uint32_t>(random_.below(3));
  if (!w.changes.empty() && random_.chance(12)) {  // the same again, sometimes with another field
    count("change again");
    r = random_.pick(w.changes);
    switch (random_.below(8)) {
      case 0:
        r.account = some_account(w);
        break;
      case 1:
        r.reason += 1;
        break;
      case 2:
        if (r.kind == kind::set_limit) r.overdraft_limit_minor += 1;
        break;
      case 3:
        if (!w.executed.empty()) r.id = random_.pick(w.executed).id;
        break;
      case 4:
        if (!w.sealed.empty()) r.id.value = random_.pick(w.sealed);
        break;
      default:
        break;
    }
    return r;
  }
  // What was closed or stopped is opened again sooner or later, or everything would stand still.
  if (!w.closed.empty() && random_.chance(50)) {
    count("reopen");
    r.kind = kind::reopen, r.account = random_.pick(w.closed);
    return r;
  }
  if (!w.stopped.empty() && random_.chance(50)) {
    count("unstop");
    r.kind = kind::clear_flags, r.flags = af::stop_in | af::stop_out, r.account = random_.pick(w.stopped);
    return r;
  }
  if (!w.chart.empty() && random_.chance(6)) return chart_change(w, r);
  if (!w.closed.empty() && random_.chance(20)) r.account = random_.pick(w.closed);
  switch (random_.below(14)) {
    case 0:
      count("close"), r.kind = kind::close;
      if (random_.chance(70)) r.account = w.accounts[random_.between(10, w.accounts.size() - 1)].id;
      break;
    case 1:
      count("stop"), r.kind = kind::set_flags, r.flags = random_.chance(50) ? af::stop_in : af::stop_out;
      break;
    case 2:
      count("limit flag"), r.kind = kind::set_flags, r.flags = af::debits_must_not_exceed_credits;
      break;
    case 3:
      count("limit flag"), r.kind = kind::set_flags, r.flags = af::credits_must_not_exceed_debits;
      break;
    case 4:
      count("limit flag off"), r.kind = kind::clear_flags, r.flags = af::limited,
                               r.account = w.accounts[random_.chance(50) ? 0 : w.accounts.size() - 1].id;
      break;
    case 5:
    case 6:
      count("limit"), r.kind = kind::set_limit, r.overdraft_limit_minor = random_.below(400);
      r.account = w.accounts[random_.between(2, 7)].id;
      break;
    case 7:
      count("limit"), r.kind = kind::set_limit, r.overdraft_limit_minor = 5;
      break;
    case 8:
      count("stranger"), r.kind = kind::close, r.account.value = random_.id();
      break;
    case 9:
      count("history"), r.kind = kind::set_flags, r.flags = af::history;
      break;
    case 10:
    case 11:
      count("hot on"), r.kind = kind::set_flags, r.flags = af::hot;
      break;
    case 12:
      count("hot off"), r.kind = kind::clear_flags, r.flags = af::hot;
      break;
    default:
      count("close"), r.kind = kind::close;
      spoil_change(r);
      break;
  }
  return r;
}

audit_request workload::change_frame(world& w, tenant_id t) {
  audit_request q{.type = frame_type::change_accounts, .tenant = t, .records = {}};
  const std::uint64_t events = random_.between(1, 3);
  for (std::uint64_t i = 0; i < events; ++i) q.records.emplace_back(any_change(w));
  return q;
}

}  // namespace payloom::sim

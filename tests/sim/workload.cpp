#include "tests/sim/workload.hpp"

#include <algorithm>

namespace payloom::sim {
namespace {
namespace tf = transfer_flags;
namespace af = account_flags;
using rc = result_code;
}  // namespace

workload::workload(std::uint64_t seed, workload_options options) : options_(options), random_(seed) {
  tenants_.resize(options_.tenants);
  for (world& w : tenants_) {
    make_accounts(w);
    if (options_.orders_percent != 0) make_chart(w);
  }
}

template <class T>
void workload::remember(std::vector<T>& list, T value) {
  if (list.size() < options_.remembered_max)
    list.push_back(std::move(value));
  else
    random_.pick(list) = std::move(value);
}

void workload::make_accounts(world& w) {
  for (std::uint32_t i = 0; i < std::max(options_.accounts_per_tenant, 12u); ++i) {
    account_record r{};
    r.id.value = random_.id();
    r.ledger = 978;
    r.code = static_cast<std::uint16_t>(random_.between(1, 9));
    r.user_data_64 = random_.below(3);
    if (i >= 2 && i < 8) {
      r.flags = i < 6 ? af::debits_must_not_exceed_credits : af::credits_must_not_exceed_debits;
      r.overdraft_limit_minor = i % 2 ? random_.below(200) : 0;
    }
    if (i >= 10) {
      if (random_.chance(20)) r.ledger = random_.chance(50) ? 840 : 1000;
      if (random_.chance(30)) r.flags = af::debits_must_not_exceed_credits;
      if (random_.chance(20)) r.flags |= af::history;
    }
    w.accounts.push_back(r);
  }
}

template void workload::remember(std::vector<order_action_record>&, order_action_record);
template void workload::remember(std::vector<order_id>&, order_id);

audit_request workload::account_frame(world& w, tenant_id t, time_ns now) {
  audit_request q{.type = frame_type::create_accounts, .tenant = t, .records = {}};
  const std::uint64_t events = random_.between(1, options_.frame_events_max);
  for (std::uint64_t i = 0; i < events; ++i) {
    account_record r = any_account(w, now);
    q.records.emplace_back(r);
  }
  return q;
}

audit_request workload::seal_frame(world& w, tenant_id t) {
  audit_request q{.type = frame_type::seal_transfers, .tenant = t, .records = {}};
  const std::uint64_t events = random_.between(1, 4);
  for (std::uint64_t i = 0; i < events; ++i) {
    u128 id = random_.id();
    const std::uint64_t which = random_.below(20);
    if (which == 0) id = 0;
    if (which == 1) id = u128_max;
    if (which < 6 && which > 1 && !w.executed.empty()) id = random_.pick(w.executed).id.value;
    if (which == 6 && !w.refused.empty()) id = random_.pick(w.refused).id.value;
    if (which == 7 && !w.sealed.empty()) id = random_.pick(w.sealed);
    if (which == 8 && !w.changes.empty()) id = random_.pick(w.changes).id.value;
    if (which >= 15 && !w.recent.empty()) {  // perhaps in flight: both the seal and the command may win
      const audit_request& other = random_.pick(w.recent);
      if (other.type != frame_type::create_accounts) id = random_.pick(other.records).first_id();
    }
    count("seal");
    q.records.emplace_back(id_record{id});
  }
  return q;
}

audit_request workload::long_chain_frame(world& w, tenant_id t) {
  audit_request q{.type = frame_type::create_transfers, .tenant = t, .records = {}};
  for (std::uint32_t i = 0; i < limits::chain_events_max + 2; ++i) {
    transfer_record r = plain(w);
    if (i < limits::chain_events_max + 1) r.flags = tf::linked;
    q.records.emplace_back(r);
  }
  count("chain too long");
  return q;
}

audit_request workload::transfer_frame(world& w, tenant_id t, time_ns now) {
  const std::uint64_t events = random_.between(1, options_.frame_events_max);
  transfer_list list;
  while (list.size() < events) {
    if (options_.orders_percent != 0 && w.chart_asked && random_.chance(8))
      list.push_back(funding(w));
    else if (random_.chance(12))
      add_chain(w, list, now);
    else
      list.push_back(any_transfer(w, t, now));
  }
  if (random_.chance(1)) {
    list.back().flags |= tf::linked;
    count("chain open");
  }
  audit_request q{.type = frame_type::create_transfers, .tenant = t, .records = {}};
  for (const transfer_record& r : list) q.records.emplace_back(r);
  return q;
}

audit_request workload::next(time_ns now) {
  const auto t = static_cast<tenant_id>(random_.below(tenants_.size()));
  world& w = tenants_[t];
  audit_request q;
  const std::uint64_t what = random_.below(100);
  const bool orders = options_.orders_percent != 0 && w.created >= 10;
  if (orders && (!w.chart_asked || random_.below(300) == 0)) {
    w.chart_asked = true;
    return chart_frame(w, t);
  }
  if (orders && random_.chance(options_.orders_percent)) {
    if (random_.chance(18)) {
      q = w.baskets.empty() || random_.chance(45) ? basket_frame(w, t) : linked_frame(w, t);
    } else {
      q = w.orders.empty() || random_.chance(35) ? order_frame(w, t, now) : action_frame(w, t);
    }
  } else if (w.created < w.accounts.size() && (w.created < 10 || what < 20)) {
    q = account_frame(w, t, now);
  } else if (what < 4) {
    q = account_frame(w, t, now);
  } else if (what < 14) {
    q = change_frame(w, t);
  } else if (what < 17) {
    q = seal_frame(w, t);
  } else if (what < 21 && !w.recent.empty()) {
    q = random_.pick(w.recent);  // the whole frame again, perhaps while it is in flight
    count("frame again");
    return q;
  } else if (options_.long_chain_every != 0 && random_.below(options_.long_chain_every) == 0) {
    return long_chain_frame(w, t);
  } else {
    q = transfer_frame(w, t, now);
  }
  if (w.recent.size() < remembered_frames)
    w.recent.push_back(q);
  else
    random_.pick(w.recent) = q;
  return q;
}

void workload::learn(world& w, const transfer_record& r, const result_record& result) {
  const auto drop = [](transfer_list& list, transfer_id id) {
    std::erase_if(list, [id](const transfer_record& x) { return x.id == id; });
  };
  const bool fresh = (result.flags & result_flags::replayed) == 0;
  if (result.code == rc::ok && fresh) {
    remember(w.executed, r);
    if ((r.flags & tf::hold) != 0) {
      remember(w.open_holds, r);
      remember(w.old_holds, r);
    } else if ((r.flags & (tf::void_hold | tf::reversal)) == 0) {
      remember(w.posted, r);
    }
    if ((r.flags & tf::resolving) != 0) drop(w.open_holds, r.target_id);
  } else if (fresh && is_remembered(result.code)) {
    remember(w.refused, r);
    if (result.code >= rc::hold_already_captured && result.code <= rc::hold_expired) drop(w.open_holds, r.target_id);
  } else if (result.code == rc::id_sealed) {
    remember(w.sealed, r.id.value);
  }
}

void workload::learn_change(world& w, const account_change_record& r, const result_record& result) {
  if (result.code != rc::ok) return;
  remember(w.changes, r);
  if (r.kind == account_change_kind::close) remember(w.closed, r.account);
  if (r.kind == account_change_kind::reopen) std::erase(w.closed, r.account);
  const bool stops = (r.flags & (af::stop_in | af::stop_out)) != 0;
  if (r.kind == account_change_kind::set_flags && stops) remember(w.stopped, r.account);
  if (r.kind == account_change_kind::clear_flags && stops) std::erase(w.stopped, r.account);
}

void workload::on_result(const audit_request& q, std::span<const result_record> results) {
  world& w = tenants_[q.tenant];
  const std::size_t count = std::min(results.size(), q.records.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (q.type == frame_type::create_transfers) learn(w, q.records[i].as<transfer_record>(), results[i]);
    if (q.type == frame_type::change_accounts) learn_change(w, q.records[i].as<account_change_record>(), results[i]);
    if (q.type == frame_type::seal_transfers && results[i].code == rc::id_sealed)
      remember(w.sealed, q.records[i].first_id());
  }
  if (q.type != frame_type::create_transfers) return;
  for (std::size_t first = 0; first < count;) {
    std::size_t last = first;
    bool executed = results[first].code == rc::ok && results[first].flags == 0;
    while (last + 1 < count && (q.records[last].as<transfer_record>().flags & tf::linked) != 0) {
      ++last;
      executed = executed && results[last].code == rc::ok;
    }
    if (executed && last > first && last - first < 16) {
      transfer_list chain;
      for (std::size_t i = first; i <= last; ++i) chain.push_back(q.records[i].as<transfer_record>());
      if ((chain.back().flags & tf::linked) == 0) remember(w.chains, chain);
    }
    first = last + 1;
  }
}

}  // namespace payloom::sim

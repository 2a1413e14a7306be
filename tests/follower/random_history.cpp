#include "tests/follower/random_history.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/types/assert.hpp"
#include "protocol/types/frame.hpp"

namespace payloom::testing {

using storage::run_kind;
namespace tf = transfer_flags;

random_history::random_history(storage::journal& journal, std::uint64_t seed, std::uint32_t accounts)
    : journal_(journal), rng_(seed) {
  builder_.begin();
  for (std::uint32_t i = 0; i < accounts; ++i) add_account();
  const auto bytes = builder_.finish(1, time_);
  PAYLOOM_ASSERT(journal_.append(bytes) == storage::append_status::ok);
}

u128 random_history::fresh_id() {
  // Some random, some counting up, so that radix sorting sees both.
  return chance(30) ? make_u128(1, ++ids_) + (u128{pick(1u << 20)} << 70) : make_u128(rng_(), rng_() | 1);
}

std::uint32_t random_history::context(tenant_id tenant, u128 context_id, u128 root_id) {
  storage::context_entry entry{};
  entry.context_id = context_id;
  entry.root_id = root_id;
  entry.tenant = tenant;
  return builder_.add_context(entry);
}

void random_history::add_account() {
  // Two tenants use the same account ids.
  const tenant_id tenant = accounts_.size() % 2 == 0 ? 0 : 7;
  model_event event;
  event.kind = run_kind::accounts;
  event.tenant = tenant;
  event.is_transfer = false;
  event.sequence = events_.size() + 1;
  event.timestamp = time_ + builder_.event_count();
  model_account account;
  account.tenant = tenant;
  account.record.id.value = accounts_.size() / 2 + 1;
  account.record.ledger = 840 + static_cast<ledger_id>(accounts_.size() / 2 % 2);
  account.record.code = static_cast<std::uint16_t>(1 + pick(4));
  if (const auto number = accounts_.size() / 2; number % 5 == 3) {  // a merchant's pending account
    const owner_number merchant = number + 1;
    account.record.id = pending_account(merchant, account.record.ledger);
    account.record.code = merchant_pending_code;
    model_pending& pending = pending_[{tenant, account.record.id.value}];
    pending.merchant = merchant;
    pending.ledger = account.record.ledger;
  }
  account.record.user_data_32 = static_cast<std::uint32_t>(pick(3));
  account.record.user_data_64 = pick(4);
  account.record.user_data_128 = pick(3) == 0 ? make_u128(9, pick(3)) : 0;
  account.record.flags = chance(50) ? account_flags::history : 0;
  if (chance(20)) {
    account.record.flags |= account_flags::debits_must_not_exceed_credits;
    account.record.overdraft_limit_minor = pick(1000);
  }
  if (chance(10)) {
    account.record.flags |= account_flags::imported;
    account.record.effective_at = 1000 + pick(1000);
  }
  account.flags = account.record.flags;
  account.limit = account.record.overdraft_limit_minor;
  account.created_seq = event.sequence;
  account.timestamp = event.timestamp;
  auto* bytes = builder_.append(run_kind::accounts, context(tenant), 1);
  std::memcpy(bytes, &account.record, sizeof(account.record));
  account_by_id_[{tenant, account.record.id.value}] = accounts_.size();
  accounts_.push_back(account);
  events_.push_back(event);
}

transfer_record random_history::random_transfer(tenant_id tenant) {
  transfer_record record{};
  record.ledger = 840 + static_cast<ledger_id>(pick(2));
  const auto any = [&] {
    // A few accounts take most of the traffic.
    while (true) {
      const auto i = chance(40) ? pick(std::min<std::size_t>(8, accounts_.size())) : pick(accounts_.size());
      if (accounts_[i].tenant == tenant && accounts_[i].record.ledger == record.ledger) return accounts_[i].record.id;
    }
  };
  record.id.value = fresh_id();
  record.debit_account = any();
  do record.credit_account = any();
  while (record.credit_account == record.debit_account);
  record.amount_minor = chance(3) ? (u128{1} << 70) + pick(9) : 1 + pick(1000);
  record.code = static_cast<std::uint16_t>(1 + pick(5));
  record.user_data_32 = static_cast<std::uint32_t>(chance(50) ? pick(5) : 0);
  record.user_data_64 = chance(50) ? events_.size() / 500 : 0;
  record.user_data_128 = chance(20) ? make_u128(pick(3), 5) : 0;
  if (chance(5)) {
    record.flags |= tf::imported;
    record.effective_at = 1 + pick(1000);
  }
  return record;
}

model_event random_history::make_transfer(tenant_id tenant) {
  model_event event;
  event.tenant = tenant;
  event.record = random_transfer(tenant);
  if (chance(30)) {
    event.record.flags |= tf::hold;
    event.record.timeout_s = static_cast<std::uint32_t>(pick(3) * 60);
    event.state = transfer_state::held;
  }
  return event;
}

bool random_history::make_resolution(tenant_id tenant, model_event& out, const std::set<commit_seq>& taken) {
  const bool reversal = chance(40);
  const auto& targets = reversal ? reversible_ : open_holds_;
  if (targets.empty()) return false;
  const commit_seq target_seq =
      targets[chance(50) ? targets.size() - 1 - pick(std::min<std::size_t>(20, targets.size())) : pick(targets.size())];
  const model_event& target = events_[target_seq - 1];
  if (target.tenant != tenant || taken.contains(target_seq)) return false;
  out = {};
  out.tenant = tenant;
  out.target_sequence = target_seq;
  out.record = target.record;
  out.record.id.value = fresh_id();
  out.record.target_id = target.record.id;
  out.record.timeout_s = 0;
  out.record.effective_at = 0;
  out.record.user_data_64 = pick(10);
  if (reversal) {
    const u128 left = target.record.amount_minor - target.reversed;
    if (left == 0) return false;
    out.target_amount = target.record.amount_minor;
    out.record.flags = tf::reversal;
    out.record.amount_minor = chance(50) ? left : 1 + pick(lo64(left < 1000 ? left : 1000));
    std::swap(out.record.debit_account, out.record.credit_account);
    return true;
  }
  out.target_amount = target.record.amount_minor;
  const std::uint64_t how = pick(10);
  out.record.flags = how < 6 ? tf::capture : how < 8 ? tf::void_hold : tf::void_hold | tf::expiry;
  if (how < 3) out.record.amount_minor = 1 + pick(lo64(std::min<u128>(target.record.amount_minor, 500)));
  return true;
}

void random_history::apply(const model_event& event) {
  if (!event.is_transfer) return;
  auto& debit = accounts_[account_by_id_.at({event.tenant, event.record.debit_account.value})].counters;
  auto& credit = accounts_[account_by_id_.at({event.tenant, event.record.credit_account.value})].counters;
  const auto flags = event.record.flags;
  if ((flags & tf::hold) != 0) {
    debit.debits_pending += event.record.amount_minor;
    credit.credits_pending += event.record.amount_minor;
    open_holds_.push_back(event.sequence);
    return;
  }
  if ((flags & tf::resolving) != 0) {
    debit.debits_pending -= event.target_amount;
    credit.credits_pending -= event.target_amount;
    std::erase(open_holds_, event.target_sequence);
    model_event& hold = events_[event.target_sequence - 1];
    hold.resolved_by = event.sequence;
    hold.state = (flags & tf::capture) != 0  ? transfer_state::captured
                 : (flags & tf::expiry) != 0 ? transfer_state::expired
                                             : transfer_state::voided;
    if ((flags & tf::capture) == 0) return;
  }
  note_pending(event, event.record.debit_account.value, -static_cast<signed_sum>(event.record.amount_minor));
  note_pending(event, event.record.credit_account.value, static_cast<signed_sum>(event.record.amount_minor));
  debit.debits_posted += event.record.amount_minor;
  credit.credits_posted += event.record.amount_minor;
  if ((flags & tf::reversal) != 0) {
    events_[event.target_sequence - 1].reversed += event.record.amount_minor;
  } else {
    reversible_.push_back(event.sequence);
  }
}

void random_history::note_pending(const model_event& event, u128 account, signed_sum amount) {
  const auto at = pending_.find({event.tenant, account});
  if (at == pending_.end()) return;
  const bool posting = event.order != 0;
  if (posting && batch_day_ != 0 && amount < 0) {
    at->second.settled -= amount;
    at->second.settled_through = batch_day_;
  } else {
    at->second.postings.emplace_back(posting ? unit_day_ : utc_day_of(event.timestamp), amount);
  }
}

void random_history::write(const std::vector<model_event>& events) {
  const run_kind kind = events[0].kind;
  auto* to = builder_.append_run(kind, context(events[0].tenant), static_cast<std::uint32_t>(events.size()));
  PAYLOOM_ASSERT(to != nullptr);
  for (const model_event& event : events) {
    if (kind == run_kind::transfers) {
      std::memcpy(to, &event.record, sizeof(event.record));
    } else {
      storage::resolution_event out{};
      out.record = event.record;
      out.target_amount_minor = event.target_amount;
      out.target_sequence = event.target_sequence;
      std::memcpy(to, &out, sizeof(out));
    }
    to += storage::event_bytes(kind);
    events_.push_back(event);
    apply(event);
  }
}

void random_history::add_run(run_kind kind, std::uint32_t count) {
  const tenant_id tenant = chance(30) ? 7 : 0;
  const auto stamp = [&](model_event& event, std::size_t index) {
    event.kind = kind;
    event.sequence = events_.size() + 1 + index;
    event.timestamp = time_ + builder_.event_count() + index;
  };
  if (kind == run_kind::transfers || kind == run_kind::resolutions || kind == run_kind::chain) {
    std::vector<model_event> batch;
    std::set<commit_seq> taken;
    for (std::uint32_t i = 0; i < count; ++i) {
      model_event event = make_transfer(tenant);
      const bool targeting = kind == run_kind::resolutions || (kind == run_kind::chain && chance(40));
      if (targeting && !make_resolution(tenant, event, taken)) continue;
      if (targeting) taken.insert(event.target_sequence);
      if (kind == run_kind::chain && i + 1 < count) event.record.flags |= tf::linked;
      stamp(event, batch.size());
      batch.push_back(event);
    }
    if (!batch.empty()) write(batch);
    return;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    model_event event;
    stamp(event, 0);
    model_account& changed = accounts_[pick(accounts_.size())];
    event.tenant = kind == run_kind::changes ? changed.tenant : tenant;
    event.is_transfer = false;
    auto* to = builder_.append(kind, context(event.tenant), 1);
    if (kind == run_kind::refusals) {
      event.record = random_transfer(tenant);
      event.code = result_code::exists_with_different_flags;
      event.is_other_refusal = chance(30);
      event.state = transfer_state::refused;
      frame_type type = event.is_other_refusal ? frame_type::change_accounts : frame_type::create_transfers;
      storage::refusal_event out{};
      std::memcpy(out.request, &event.record, sizeof(event.record));
      if (event.is_other_refusal && !orders_.empty() && chance(60)) {
        const model_order& order = orders_[pick(orders_.size())];
        order_action_record action{};
        action.id = event.record.id;
        action.order = order.row.id;
        if (order.tenant == tenant) event.order = order.row.id.value;
        type = frame_type::act_on_orders;
        std::memcpy(out.request, &action, sizeof(action));
      }
      out.code = event.code;
      out.request_type = static_cast<std::uint16_t>(type);
      std::memcpy(to, &out, sizeof(out));
    } else if (kind == run_kind::seals) {
      event.record.id.value = fresh_id();
      event.state = transfer_state::sealed;
      storage::seal_event out{};
      out.id = event.record.id;
      std::memcpy(to, &out, sizeof(out));
    } else {
      storage::change_event out{};
      event.record.id.value = fresh_id();
      out.record.id = event.record.id;
      out.record.account = changed.record.id;
      changed.flags ^= static_cast<std::uint16_t>(chance(50) ? account_flags::stop_in : account_flags::history);
      if ((changed.flags & account_flags::limited) != 0) changed.limit = pick(2000);
      out.flags_after = changed.flags;
      out.overdraft_limit_after = changed.limit;
      std::memcpy(to, &out, sizeof(out));
    }
    events_.push_back(event);
  }
}

void random_history::add_group(std::uint32_t most) {
  builder_.begin();
  const commit_seq base = events_.size() + 1;
  time_ += 1 + pick(chance(10) ? 5'000'000'000 : 1'000'000);
  const auto wanted = 1 + pick(most);
  while (builder_.event_count() < wanted) {
    const auto room = static_cast<std::uint32_t>(wanted - builder_.event_count());
    const auto some = static_cast<std::uint32_t>(1 + pick(room));
    const std::uint64_t what = pick(120);
    if (what >= 100) {
      for (std::uint64_t units = 1 + pick(6); units > 0; --units) add_order_unit();
    } else if (what < 45) {
      add_run(run_kind::transfers, some);
    } else if (what < 70) {
      add_run(run_kind::resolutions, some);
    } else if (what < 82) {
      add_run(run_kind::chain, std::min(some, 6u));
    } else if (what < 89) {
      add_run(run_kind::refusals, std::min(some, 5u));
    } else if (what < 93) {
      add_run(run_kind::changes, 1);
    } else if (what < 97) {
      add_run(run_kind::seals, 1);
    } else {
      add_account();
    }
  }
  const auto bytes = builder_.finish(base, time_);
  time_ += builder_.event_count();
  PAYLOOM_ASSERT(journal_.append(bytes) == storage::append_status::ok);
}

void random_history::run(std::uint32_t events, std::uint32_t group_events) {
  const auto goal = events_.size() + events;
  while (events_.size() < goal) add_group(group_events);
}

}  // namespace payloom::testing

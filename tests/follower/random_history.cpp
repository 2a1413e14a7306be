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

std::uint32_t random_history::context(tenant_id tenant, u128 context_id) {
  storage::context_entry entry{};
  entry.context_id = context_id;
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
  debit.debits_posted += event.record.amount_minor;
  credit.credits_posted += event.record.amount_minor;
  if ((flags & tf::reversal) != 0) {
    events_[event.target_sequence - 1].reversed += event.record.amount_minor;
  } else {
    reversible_.push_back(event.sequence);
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

order_event random_history::new_order(tenant_id tenant) {
  order_event event{};
  order_row& order = event.order;
  order_record request{};
  request.merchant = order.merchant = 1 + pick(5);
  request.business_id = order.business_id = fresh_id();
  request.id = order.id = order_id_of(order.merchant, order.business_id);
  request.amount_minor = order.amount_minor = 1 + pick(1000);
  request.user = order.user = tenant + pick(3);
  request.ledger = order.ledger = 840 + static_cast<ledger_id>(pick(2));
  order.version = 1;
  event.request_type = static_cast<std::uint16_t>(frame_type::create_orders);
  event.from_state = 0;
  std::memcpy(event.request, &request, sizeof(request));
  if (chance(40)) event.amount_minor = order.paid_minor = order.amount_minor;
  return event;
}

order_event random_history::order_step(const model_order& before) {
  order_event event{};
  order_row& order = event.order = before.row;
  order_action_record request{};
  request.id.value = fresh_id();
  request.order = order.id;
  order.created_seq = before.created;
  order.previous_seq = before.newest;
  ++order.version;
  event.from_state = order.state;
  event.request_type = static_cast<std::uint16_t>(frame_type::act_on_orders);
  if (order.paid_minor < order.amount_minor) {
    request.action = order_action::pay;
    event.amount_minor = 1 + pick(lo64(order.amount_minor - order.paid_minor));
    order.paid_minor += event.amount_minor;
  } else if (order.refunded_minor < order.paid_minor && chance(80)) {
    request.action = order_action::refund;
    event.amount_minor = 1 + pick(lo64(order.paid_minor - order.refunded_minor));
    order.refunded_minor += event.amount_minor;
  } else {
    request.action = order_action::confirm;
  }
  std::memcpy(event.request, &request, sizeof(request));
  return event;
}

void random_history::add_order_unit() {
  const tenant_id tenant = chance(30) ? 7 : 0;
  // Most steps are of recent orders, some of very old ones.
  const std::size_t recent = std::min<std::size_t>(orders_.size(), 12);
  const std::size_t which = orders_.empty() ? 0 : chance(80) ? orders_.size() - 1 - pick(recent) : pick(orders_.size());
  const bool step = !orders_.empty() && chance(75) && orders_[which].tenant == tenant &&
                    (orders_[which].row.flags & order_row_flags::final_state) == 0;
  order_event event = step ? order_step(orders_[which]) : new_order(tenant);
  order_row& order = event.order;
  order.flags = chance(60) ? order_row_flags::resident : chance(20) ? order_row_flags::final_state : std::uint16_t{0};
  order.state = static_cast<std::uint8_t>(pick(9));
  event.posting_rule = event.amount_minor != 0 ? 3 : 0xffff;
  event.legs = static_cast<std::uint8_t>(event.amount_minor != 0 ? 1 + pick(4) : 0);

  model_event known;
  known.kind = run_kind::orders;
  known.tenant = tenant;
  known.is_transfer = false;
  known.sequence = events_.size() + 1;
  known.timestamp = time_ + builder_.event_count();
  known.order = order.id.value;
  std::memcpy(&known.record.id, event.request, sizeof(known.record.id));
  const u128 context_id = pick(4);
  const std::uint32_t where = context(tenant, context_id);
  std::memcpy(builder_.append(run_kind::orders, where, 1), &event, sizeof(event));
  events_.push_back(known);
  model_order_event row{};
  row.event = event;
  row.sequence = known.sequence;
  row.timestamp = known.timestamp;
  row.context_id = context_id;
  row.tenant = tenant;
  order_events_.push_back(row);
  if (!step) {
    orders_.push_back({tenant, order, known.sequence, known.sequence});
  } else {
    orders_[which].row = order;
    orders_[which].newest = known.sequence;
  }
  if (event.legs != 0) add_postings(event, tenant, where);
}

void random_history::add_postings(const order_event& cause, tenant_id tenant, std::uint32_t context) {
  auto* to = builder_.append_run(run_kind::chain, context, cause.legs);
  PAYLOOM_ASSERT(to != nullptr);
  u128 command;
  std::memcpy(&command, cause.request, sizeof(command));
  const time_ns first_time = events_.back().timestamp + 1;
  for (std::uint32_t leg = 0; leg < cause.legs; ++leg) {
    model_event posting;
    do posting.record = random_transfer(tenant);
    while (posting.record.ledger != cause.order.ledger);
    posting.kind = run_kind::chain;
    posting.tenant = tenant;
    posting.sequence = events_.size() + 1;
    posting.timestamp = first_time + leg;
    posting.order = cause.order.id.value;
    posting.record.id = posting_id_of(tenant, command, leg);
    posting.record.flags = 0;
    posting.record.effective_at = 0;
    posting.record.user_data_128 = cause.order.id.value;
    posting.record.user_data_64 = cause.order.merchant;
    posting.record.user_data_32 = leg;
    storage::resolution_event out{};
    out.record = posting.record;
    std::memcpy(to + leg * sizeof(out), &out, sizeof(out));
    events_.push_back(posting);
    apply(posting);
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

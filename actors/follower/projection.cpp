#include "actors/follower/projection.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/types/u128_text.hpp"

namespace payloom::follower {

using storage::run_kind;
using storage::run_view;

namespace {

[[noreturn]] void fault(commit_seq sequence, const std::string& what) {
  throw projection_fault("follower: event " + std::to_string(sequence) + ": " + what);
}

std::uint64_t id_hash(tenant_id tenant, u128 id) { return mix_id(tenant, id); }

void add(u128& sum, u128 amount, commit_seq sequence) {
  if (!checked_add(sum, amount, sum)) fault(sequence, "a sum passes 2^128 - 1");
}
void subtract(u128& sum, u128 amount, commit_seq sequence) {
  if (!checked_sub(sum, amount, sum)) fault(sequence, "a pending sum falls below zero");
}

/// How many transfers are looked up at once: enough to overlap their cache misses, few enough to stay in the cache.
constexpr std::uint32_t window = 24;

struct looked_up {
  std::uint64_t debit_hash, credit_hash;
  std::uint32_t debit, credit;
};

}  // namespace

movement movement_of(const transfer_record& record, u128 target_amount_minor) {
  if ((record.flags & transfer_flags::hold) != 0) return {0, record.amount_minor, 0};
  if ((record.flags & transfer_flags::capture) != 0) return {record.amount_minor, 0, target_amount_minor};
  if ((record.flags & transfer_flags::void_hold) != 0) return {0, 0, target_amount_minor};
  return {record.amount_minor, 0, 0};
}

storage::link_entry link_of(const storage::resolution_event& event, commit_seq sequence) {
  const std::uint16_t flags = event.record.flags;
  const auto kind = (flags & transfer_flags::reversal) != 0  ? storage::link_kind::reversed
                    : (flags & transfer_flags::capture) != 0 ? storage::link_kind::captured
                    : (flags & transfer_flags::expiry) != 0  ? storage::link_kind::expired
                                                             : storage::link_kind::voided;
  return {event.target_sequence, sequence, event.record.amount_minor, kind};
}

storage::link_entry link_of(const order_event& event, commit_seq sequence) {
  return {event.order.created_seq, sequence, 0, storage::link_kind::order_step};
}

u128 root_named_by(const order_event& event, const storage::context_entry& context) {
  if (event.order.created_seq == 0) return event.order.root_id;
  return context.root_id != event.order.root_id ? context.root_id : 0;
}

storage::link_entry name_link(u128 root, tenant_id tenant, commit_seq sequence) {
  constexpr auto kind = storage::link_kind::named_root;
  return {storage::name_target(kind, tenant, root), sequence, root, kind};
}

storage::link_entry name_link(const payment_row& payment, tenant_id tenant, commit_seq sequence) {
  constexpr auto kind = storage::link_kind::named_reference;
  return {storage::name_target(kind, tenant, payment.channel_reference), sequence, payment.channel_reference, kind};
}

unit_rest rest_behind(const run_view& run) {
  if (run.kind != run_kind::orders) return {};
  const order_event& last = run.events<order_event>().back();
  return {last.legs, (last.flags & order_event_flags::payment) != 0};
}

void projection::apply(const run_view& run, std::uint32_t skip, std::uint32_t count, tail* into) {
  const auto note_id = [&](std::uint32_t i, u128 id) {
    if (into != nullptr) into->add_id(run.first_sequence + i, id_hash(run.context->tenant, id));
  };
  time_base_ = run.first_time - run.first_sequence;
  switch (run.kind) {
    case run_kind::transfers:
      return apply_transfers(run, skip, count, into);
    case run_kind::resolutions:
    case run_kind::chain:
      return apply_resolutions(run, skip, count, into);
    case run_kind::accounts:
      for (std::uint32_t i = skip; i < skip + count; ++i) apply_account(run, i);
      return;
    case run_kind::changes:
      for (std::uint32_t i = skip; i < skip + count; ++i) {
        apply_change(run, i);
        note_id(i, run.events<storage::change_event>()[i].record.id.value);
      }
      return;
    case run_kind::refusals:
      for (std::uint32_t i = skip; i < skip + count; ++i) {
        // Every request begins with its id.
        u128 id;
        std::memcpy(&id, run.events<storage::refusal_event>()[i].request, sizeof(id));
        note_id(i, id);
      }
      return;
    case run_kind::seals:
      for (std::uint32_t i = skip; i < skip + count; ++i) note_id(i, run.events<storage::seal_event>()[i].id.value);
      return;
    case run_kind::orders:
      return apply_orders(run, skip, count, into);
    case run_kind::payments:
      for (std::uint32_t i = skip; i < skip + count; ++i) {
        const payment_row& payment = run.events<payment_row>()[i];
        note_id(i, payment.id);
        if (into != nullptr && payment.channel_reference != 0)
          into->add_link(name_link(payment, run.context->tenant, run.first_sequence + i));
      }
      return;
  }
}

void projection::apply_transfers(const run_view& run, std::uint32_t skip, std::uint32_t count, tail* into) {
  const auto events = run.events<storage::transfer_event>();
  const tenant_id tenant = run.context->tenant;
  std::array<looked_up, window> found;
  for (std::uint32_t from = skip; from < skip + count; from += window) {
    const std::uint32_t n = std::min(window, skip + count - from);
    for (std::uint32_t i = 0; i < n; ++i) {
      const transfer_record& record = events[from + i];
      found[i].debit_hash = account_table::hash(tenant, record.debit_account.value);
      found[i].credit_hash = account_table::hash(tenant, record.credit_account.value);
      accounts_.prefetch_slot(found[i].debit_hash);
      accounts_.prefetch_slot(found[i].credit_hash);
    }
    for (std::uint32_t i = 0; i < n; ++i) {
      found[i].debit = accounts_.candidate(found[i].debit_hash);
      found[i].credit = accounts_.candidate(found[i].credit_hash);
    }
    for (std::uint32_t i = 0; i < n; ++i) {
      const transfer_record& record = events[from + i];
      const looked_up& at = found[i];
      const std::uint32_t debit = accounts_.confirm(at.debit, at.debit_hash, tenant, record.debit_account.value);
      const std::uint32_t credit = accounts_.confirm(at.credit, at.credit_hash, tenant, record.credit_account.value);
      move(record, run.first_sequence + from + i, debit, credit, movement_of(record, 0), into);
      if (into != nullptr) into->add_id(run.first_sequence + from + i, id_hash(tenant, record.id.value));
    }
  }
}

void projection::apply_resolutions(const run_view& run, std::uint32_t skip, std::uint32_t count, tail* into) {
  const auto events = run.events<storage::resolution_event>();
  const tenant_id tenant = run.context->tenant;
  for (std::uint32_t i = skip; i < skip + count; ++i) {
    const storage::resolution_event& event = events[i];
    const commit_seq sequence = run.first_sequence + i;
    const std::uint32_t debit = accounts_.find(tenant, event.record.debit_account.value);
    const std::uint32_t credit = accounts_.find(tenant, event.record.credit_account.value);
    move(event.record, sequence, debit, credit, movement_of(event.record, event.target_amount_minor), into);
    if (into == nullptr) continue;
    into->add_id(sequence, id_hash(tenant, event.record.id.value));
    if ((event.record.flags & transfer_flags::targeting) != 0) {
      if (event.target_sequence == 0 || event.target_sequence >= sequence) fault(sequence, "its target is not older");
      into->add_link(link_of(event, sequence));
    }
  }
}

void projection::apply_orders(const run_view& run, std::uint32_t skip, std::uint32_t count, tail* into) {
  const auto events = run.events<order_event>();
  for (std::uint32_t i = skip; i < skip + count; ++i) {
    const order_event& event = events[i];
    const commit_seq sequence = run.first_sequence + i;
    const bool alone = event.legs != 0 || (event.flags & order_event_flags::payment) != 0;
    if (alone && i + 1 < run.count) fault(sequence, "another order's event stands before its postings");
    if (event.order.created_seq >= sequence) fault(sequence, "its order is not older");
    const order_row& order = event.order;
    const bool batch = order.product == settlement_product && order.created_seq == 0;
    unit_ = {sequence + 1, sequence + event.legs, order.accounting_date,
             batch ? settlement_through(order.business_id) : day_number{0}};
    if (into == nullptr) continue;
    u128 id;
    std::memcpy(&id, event.request, sizeof(id));
    into->add_id(sequence, id_hash(run.context->tenant, id));
    if (event.order.created_seq != 0) into->add_link(link_of(event, sequence));
    if (const u128 root = root_named_by(event, *run.context); root != 0)
      into->add_link(name_link(root, run.context->tenant, sequence));
  }
}

void projection::move(const transfer_record& record, commit_seq sequence, std::uint32_t debit, std::uint32_t credit,
                      const movement& moved, tail* into) {
  if (debit == no_account || credit == no_account || debit == credit) {
    fault(sequence, "debit account " + to_hex(record.debit_account.value) + " or credit account " +
                        to_hex(record.credit_account.value) + " does not exist or is the other one");
  }
  account_slot& from = accounts_.row(debit);
  account_slot& to = accounts_.row(credit);
  if (into != nullptr) {
    const bool posted = moved.posted != 0;
    into->add_line(accounts_, debit, {sequence, false, posted}, from.debits_posted, from.credits_posted);
    into->add_line(accounts_, credit, {sequence, true, posted}, to.debits_posted, to.credits_posted);
  }
  accounts_.touch(debit);
  accounts_.touch(credit);
  add(from.debits_posted, moved.posted, sequence);
  add(to.credits_posted, moved.posted, sequence);
  if (from.code == merchant_pending_code) note_unsettled(debit, moved.posted, false, sequence);
  if (to.code == merchant_pending_code) note_unsettled(credit, moved.posted, true, sequence);
  if ((moved.pending_added | moved.pending_released) == 0) return;
  account_rest& from_rest = accounts_.rest(debit);
  account_rest& to_rest = accounts_.rest(credit);
  add(from_rest.debits_pending, moved.pending_added, sequence);
  add(to_rest.credits_pending, moved.pending_added, sequence);
  subtract(from_rest.debits_pending, moved.pending_released, sequence);
  subtract(to_rest.credits_pending, moved.pending_released, sequence);
}

unsettled_account& projection::unsettled_at(std::uint32_t ordinal) {
  std::uint32_t& place = accounts_.rest(ordinal).unsettled;
  if (place == 0) place = unsettled_.add(ordinal) + 1;
  return unsettled_.at(place - 1).sums;
}

const unsettled_account* projection::unsettled_of(std::uint32_t ordinal) const {
  const std::uint32_t place = accounts_.rest(ordinal).unsettled;
  return place == 0 ? nullptr : &unsettled_.at(place - 1).sums;
}

void projection::load_unsettled(const storage::account_state& state) {
  unsettled_at(state.ordinal).load(state.settled_through, state.unsettled);
}

void projection::note_unsettled(std::uint32_t ordinal, u128 amount_minor, bool credit, commit_seq sequence) {
  const account_slot& slot = accounts_.row(ordinal);
  // Anybody may give an account of his own this code; only the chart's ids are merchants' pending accounts.
  if (amount_minor == 0 || hi64(slot.id) != pending_account_prefix(slot.ledger)) return;
  unsettled_account& sums = unsettled_at(ordinal);
  const bool of_order = sequence >= unit_.first && sequence <= unit_.last;
  const day_number day = of_order ? unit_.day : utc_day_of(time_base_ + sequence);
  if (credit) {
    sums.credit(day, amount_minor);
  } else if (of_order && unit_.settled_through != 0) {
    sums.settle(unit_.settled_through, amount_minor);
  } else {
    sums.debit(day, amount_minor);
  }
}

void projection::apply_account(const run_view& run, std::uint32_t index) {
  const account_record& record = run.events<account_record>()[index];
  const commit_seq sequence = run.first_sequence + index;
  if (accounts_.find(run.context->tenant, record.id.value) != no_account) {
    fault(sequence, "account " + to_hex(record.id.value) + " is created twice");
  }
  accounts_.add(run.context->tenant, record, run.first_time + index, sequence);
}

void projection::apply_change(const run_view& run, std::uint32_t index) {
  const storage::change_event& event = run.events<storage::change_event>()[index];
  const std::uint32_t ordinal = accounts_.find(run.context->tenant, event.record.account.value);
  if (ordinal == no_account) {
    fault(run.first_sequence + index, "changed account " + to_hex(event.record.account.value) + " does not exist");
  }
  accounts_.set_terms(ordinal, event.flags_after, event.overdraft_limit_after);
}

}  // namespace payloom::follower

#include "actors/core/account_book.hpp"

#include <algorithm>

#include "actors/core/mutation.hpp"

namespace payloom::core {

namespace tf = transfer_flags;
namespace af = account_flags;
namespace am = account_marks;
using enum result_code;

// The two sides of a movement differ in names only.
struct account_book::side_debit {
  static constexpr std::uint16_t seen = plain_slip::debit_seen;
  static constexpr std::uint16_t limit_flag = af::debits_must_not_exceed_credits;
  static constexpr result_code not_found = debit_account_not_found;
  static const account_id& id(const transfer_record& t) { return t.debit_account; }
  static std::uint32_t& row(plain_slip& s) { return s.debit_row; }
  static u128& reserved(account_entity& e) { return e.debits_reserved; }
  static stop_verdict check(const account_entity& e, ledger_id l, u128 a, u128 limit) {
    return check_debit(e, l, a, limit);
  }
};
struct account_book::side_credit {
  static constexpr std::uint16_t seen = plain_slip::credit_seen;
  static constexpr std::uint16_t limit_flag = af::credits_must_not_exceed_debits;
  static constexpr result_code not_found = credit_account_not_found;
  static const account_id& id(const transfer_record& t) { return t.credit_account; }
  static std::uint32_t& row(plain_slip& s) { return s.credit_row; }
  static u128& reserved(account_entity& e) { return e.credits_reserved; }
  static stop_verdict check(const account_entity& e, ledger_id l, u128 a, u128 limit) {
    return check_credit(e, l, a, limit);
  }
};

account_book::account_book(const topology& t, options o, std::function<bool(ledger_id)> ledger_known)
    : topology_(t), options_(std::move(o)), ledger_known_(std::move(ledger_known)), table_(4096, options_.salt) {
  PAYLOOM_ASSERT(options_.shard < t.account_shards());
}

account_book::~account_book() {
  for (auto& [row, queue] : waiting_)
    for (waiter& w : queue) delete w.whole;
}

void account_book::step(std::span<plain_slip> slips, account_effects& out) {
  // Blocks small enough that what is prefetched is still in the first cache when it is used.
  constexpr std::size_t block = 24;
  std::uint64_t mixes[block][2], places[block][2];
  bool mine[block][2];
  for (std::size_t at = 0; at < slips.size(); at += block) {
    const std::size_t n = std::min(block, slips.size() - at);
    for (std::size_t i = at + n; i < std::min(at + n + block, slips.size()); ++i) {
      const char* record = reinterpret_cast<const char*>(&slips[i].transfer());
      __builtin_prefetch(record);
      __builtin_prefetch(record + 64);
    }
    for (std::size_t i = 0; i < n; ++i) {
      plain_slip& s = slips[at + i];
      const transfer_record& t = s.transfer();
      const tenant_id tenant = s.frame->header.tenant;
      mixes[i][0] = mix_id(tenant, t.debit_account.value);
      mixes[i][1] = mix_id(tenant, t.credit_account.value);
      mine[i][0] = topology_.account_shard(mixes[i][0], tenant, t.debit_account.value) == options_.shard;
      mine[i][1] = topology_.account_shard(mixes[i][1], tenant, t.credit_account.value) == options_.shard;
      places[i][0] = table_.place_of(mixes[i][0], t.debit_account.value);
      places[i][1] = table_.place_of(mixes[i][1], t.credit_account.value);
      if (mine[i][0]) table_.prefetch_index(places[i][0]);
      if (mine[i][1]) table_.prefetch_index(places[i][1]);
    }
    for (std::size_t i = 0; i < n; ++i)
      for (int side = 0; side < 2; ++side) {
        if (!mine[i][side]) continue;
        const std::uint32_t row = table_.candidate(places[i][side]);
        if (row != table_.none) table_.prefetch_row(row);
      }
    for (std::size_t i = 0; i < n; ++i) visit_slip(slips[at + i], mixes[i][0], mixes[i][1], out);
  }
  wake_touched(out);
}

void account_book::visit_slip(plain_slip& s, std::uint64_t debit_mix, std::uint64_t credit_mix, account_effects& out) {
  const transfer_record& t = s.transfer();
  const bool debit_first = route_before(debit_mix, t.debit_account.value, credit_mix, t.credit_account.value);
  for (int turn = 0; turn < 2; ++turn) {
    const bool debit = (turn == 0) == debit_first;
    if (s.has(debit ? plain_slip::debit_seen : plain_slip::credit_seen)) continue;
    const std::uint64_t mix = debit ? debit_mix : credit_mix;
    const u128 id = debit ? t.debit_account.value : t.credit_account.value;
    const shard_index shard = topology_.account_shard(mix, s.frame->header.tenant, id);
    if (shard != options_.shard) {
      forward(s, shard, out);
      return;
    }
    if (!(debit ? stop_at<side_debit>(s, mix, out) : stop_at<side_credit>(s, mix, out))) return;
  }
  conclude(s, out);
}

/// One stop. False when the slip was parked.
template <class Side>
bool account_book::stop_at(plain_slip& s, std::uint64_t mix, account_effects& out) {
  const transfer_record& t = s.transfer();
  const std::uint32_t row = find_row(mix, s.frame->header.tenant, Side::id(t).value);
  if (row == table_.none) {
    s.refuse(Side::not_found, applied_);
    s.mark(Side::seen);
    return true;
  }
  account_entity& e = table_.at(row);
  const bool limited = (e.flags & Side::limit_flag) != 0;
  if ((e.marks & (am::exclusive | am::waiters)) != 0 && newcomer_waits(e, limited) && waking_row_ != row) {
    park(row, {s}, out);
    return false;
  }
  if ((e.marks & am::exclusive) != 0) {  // woken too early: go on waiting, at the front
    park(row, {s}, out);
    return false;
  }
  if ((t.flags & tf::resolving) != 0) {  // the hold has counted already: only the claim
    ++e.claims;
    Side::row(s) = row;
    s.mark(Side::seen);
    return true;
  }
  const stop_verdict v = Side::check(e, t.ledger, t.amount_minor, limit_of(e, row));
  if (v.answer == stop_answer::refuse) {
    s.refuse(v.code, as_of(row));
  } else if (!s.refused()) {
    if (v.answer == stop_answer::wait) {
      park(row, {s}, out);
      return false;
    }
    ++e.claims;
    if (limited || near_overflow(t.amount_minor)) Side::reserved(e) += t.amount_minor;
    if (PAYLOOM_MUTATED(3) && Side::seen == plain_slip::credit_seen && (t.flags & tf::hold) == 0)
      e.sums.credits_posted += t.amount_minor;  // spendable before it is durable
    Side::row(s) = row;
  }
  s.mark(Side::seen);
  return true;
}

void account_book::conclude(plain_slip& s, account_effects& out) {
  if (!s.refused()) {
    PAYLOOM_ASSERT(s.debit_row != no_slot && s.credit_row != no_slot);
    out.to_writer.push_back(s);
    return;
  }
  release_claims(s, out);
  if (is_remembered(s.code) && !PAYLOOM_MUTATED(7)) {  // 7: a refusal is not remembered
    out.to_writer.push_back(s);
  } else {
    end_without_record(s, out);
  }
}

void account_book::release_claims(const plain_slip& s, account_effects& out) {
  const transfer_record& t = s.transfer();
  const tenant_id tenant = s.frame->header.tenant;
  const bool reserves = (t.flags & tf::resolving) == 0;
  for (int side = 0; side < 2; ++side) {
    const std::uint32_t row = side == 0 ? s.debit_row : s.credit_row;
    if (row == no_slot) continue;
    if (PAYLOOM_MUTATED(2) && side == 1) continue;  // a claim is never given back
    const u128 id = side == 0 ? t.debit_account.value : t.credit_account.value;
    apply_entry a;
    a.amount_minor = t.amount_minor;
    a.row = row;
    a.op = (side == 0 ? 0 : apply_op::credit) | apply_op::unclaim | (reserves ? apply_op::unreserve : 0);
    const shard_index shard = topology_.account_shard(mix_id(tenant, id), tenant, id);
    if (shard == options_.shard) {
      apply_one(a);
      touched(row);
    } else {
      out.release[shard].push_back(a);
    }
  }
}

void account_book::end_without_record(const plain_slip& s, account_effects& out) {
  const transfer_record& t = s.transfer();
  const tenant_id tenant = s.frame->header.tenant;
  if (s.target_slot != no_slot) {
    const shard_index target = topology_.order_shard(mix_id(tenant, target_of(s)));
    out.to_target[target].push_back({s.target_slot, false});
  }
  out.to_order[topology_.order_shard(mix_id(tenant, t.id.value))].push_back(s);
}

// ------------------------------------------------------------------------------------------------ after the commit

void account_book::apply_one(const apply_entry& a) {
  account_entity& e = table_.at(a.row);
  const u128 n = a.amount_minor;
  if (a.op & apply_op::credit) {
    if (PAYLOOM_MUTATED(3) && (a.op & apply_op::unreserve)) {
      if ((a.op & (apply_op::post | apply_op::hold)) == 0) e.sums.credits_posted -= n;
    } else if (a.op & apply_op::post) {
      e.sums.credits_posted += n;
    }
    if (a.op & apply_op::hold) e.sums.credits_pending += n;
    if (a.op & apply_op::unhold) {
      PAYLOOM_ASSERT(e.sums.credits_pending >= n);
      e.sums.credits_pending -= n;
    }
    if ((a.op & apply_op::unreserve) && ((e.flags & af::credits_must_not_exceed_debits) || near_overflow(n))) {
      PAYLOOM_ASSERT(e.credits_reserved >= n);
      e.credits_reserved -= n;
    }
  } else {
    if (a.op & apply_op::post) e.sums.debits_posted += n;
    if (PAYLOOM_MUTATED(4) && (a.op & apply_op::post) && n % 16 == 3) e.sums.debits_posted += n;  // applied twice
    if (a.op & apply_op::hold) e.sums.debits_pending += n;
    if (a.op & apply_op::unhold) {
      PAYLOOM_ASSERT(e.sums.debits_pending >= n);
      e.sums.debits_pending -= n;
    }
    if ((a.op & apply_op::unreserve) && ((e.flags & af::debits_must_not_exceed_credits) || near_overflow(n))) {
      PAYLOOM_ASSERT(e.debits_reserved >= n);
      e.debits_reserved -= n;
    }
  }
  if (a.op & apply_op::unclaim) {
    const std::uint32_t claims = 1 + (a.op >> apply_op::more_claims_shift);
    PAYLOOM_ASSERT(e.claims >= claims);
    e.claims -= claims;
  }
  if (a.op & apply_op::open_up) {
    PAYLOOM_ASSERT(e.claims == 0 && (e.marks & am::exclusive));
    e.marks &= static_cast<std::uint16_t>(~am::exclusive);
  }
}

void account_book::touched(std::uint32_t row) {
  if (table_.at(row).marks & am::waiters) touched_.push_back(row);
}

void account_book::apply(std::span<const apply_entry> entries, std::span<const balance_request> balances,
                         commit_seq through, account_effects& out) {
  constexpr std::size_t ahead = 12;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + ahead < entries.size()) table_.prefetch_row(entries[i + ahead].row);
    const apply_entry& a = entries[i];
    apply_one(a);
    touched(a.row);
    if (a.tag != 0) {
      const balance_request& b = balances[a.tag - 1];
      auto& r = *reinterpret_cast<balances_result*>(b.frame->results + std::size_t{b.index} * sizeof(balances_result));
      (b.side == 0 ? r.debit : r.credit) = table_.at(a.row).sums;
      finish_results(*b.frame, 1, out);
    }
  }
  PAYLOOM_ASSERT(through >= applied_);
  applied_ = through;
  wake_touched(out);
}

void account_book::release(std::span<const apply_entry> entries, account_effects& out) {
  for (const apply_entry& a : entries) {
    apply_one(a);
    touched(a.row);
  }
  wake_touched(out);
}

void account_book::restore(const account_row& row, tenant_id tenant) {
  const std::uint64_t mix = mix_id(tenant, row.id.value);
  PAYLOOM_ASSERT(topology_.account_shard(mix, tenant, row.id.value) == options_.shard);
  PAYLOOM_ASSERT(table_.find(mix, tenant, row.id.value) == table_.none);
  const std::uint32_t r = table_.insert(mix, row.id.value);
  account_entity& e = table_.at(r);
  e = account_entity{};
  e.id = row.id;
  e.tenant = tenant;
  e.ledger = row.ledger;
  e.flags = row.flags;
  e.marks = am::live;
  e.sums = row.counters;
  if (row.overdraft_limit_minor != 0) {
    e.marks |= am::has_limit;
    limits_[r] = row.overdraft_limit_minor;
  }
  applied_ = std::max(applied_, row.as_of);
}

void account_book::visit(const std::function<void(const account_entity&, u128)>& f) const {
  for (std::uint32_t r = 0; r < table_.rows(); ++r) {
    const account_entity& e = table_.at(r);
    if (e.marks & am::live) f(e, limit_of(e, r));
  }
}

}  // namespace payloom::core

#include "actors/core/order_book.hpp"

#include <algorithm>

#include "actors/core/ledger_rules.hpp"
#include "actors/core/mutation.hpp"

namespace payloom::core {

namespace tf = transfer_flags;
using enum result_code;

order_book::order_book(const topology& t, options o)
    : topology_(t),
      options_(o),
      filter_(o.filter_sub_tables, o.salt),
      recent_(o.recent_generation_slots, o.salt),
      holds_(1024, o.salt),
      orders_(1024, o.salt),
      original_by_key_(0, key_hash{place_hash(o.salt)}),
      expiry_secret_(place_hash(o.salt)(0x65787069, 0x7279)) {
  PAYLOOM_ASSERT(o.shard < t.order_shards());
}

order_book::~order_book() {
  for (auto& [h, waiting] : id_waiters_)
    for (parked_work& w : waiting) delete w.whole;
  for (auto& [row, waiting] : hold_waiters_)
    for (parked_work& w : waiting) delete w.whole;
  for (auto& [row, waiting] : order_waiters_)
    for (parked_work& w : waiting) delete w.whole;
  for (auto& [token, w] : loading_) delete w.whole;
}

// ------------------------------------------------------------------------------------------------------- arriving

void order_book::intake(std::span<plain_slip> slips, time_ns now, order_effects& out) {
  now_ = std::max(now_, now);
  constexpr std::size_t ahead = 16;
  for (std::size_t i = 0; i < slips.size(); ++i) {
    if (i + 2 * ahead < slips.size()) {
      const plain_slip& far = slips[i + 2 * ahead];
      const char* record = reinterpret_cast<const char*>(&far.transfer());
      __builtin_prefetch(record);
      __builtin_prefetch(record + 64);
      filter_.prefetch_header(far.mix());
    }
    if (i + ahead < slips.size()) {
      filter_.prefetch(slips[i + ahead].mix());
      recent_.prefetch(slips[i + ahead].mix(), slips[i + ahead].transfer().id.value);
    }
    route(slips[i], out);
  }
}

void order_book::route(plain_slip& s, order_effects& out) {
  const transfer_record& t = s.transfer();
  const std::uint64_t own_mix = s.mix();
  const bool arrived = !s.has(plain_slip::own_id_seen) && s.target_slot == no_slot && !s.refused();
  if (arrived) {
    result_code c = check_transfer_content(t, now_);
    if ((t.flags & tf::expiry) != 0 && !s.frame->from_server) c = reserved_flag;  // the smallest of all
    if (c != ok) [[unlikely]] {
      s.code = c;
      end_here(s, out);
      return;
    }
  }
  if ((t.flags & tf::targeting) != 0) {
    route_targeting(s, own_mix, out);
    return;
  }
  if (claim_own_id(s, own_mix, t.id.value, purpose::transfer_id, out) == outcome::go_on) to_accounts(s, out);
}

/// Own id and target in route order; the second may be another shard's.
void order_book::route_targeting(plain_slip& s, std::uint64_t own_mix, order_effects& out) {
  const transfer_record& t = s.transfer();
  const tenant_id tenant = s.frame->header.tenant;
  const std::uint64_t target_mix = mix_id(tenant, t.target_id.value);
  const bool own_first = route_before(own_mix, t.id.value, target_mix, t.target_id.value);
  for (int turn = 0; turn < 2; ++turn) {
    const bool own = (turn == 0) == own_first;
    const bool target_seen = s.answered == 2;
    if (own ? s.has(plain_slip::own_id_seen) : target_seen) continue;
    const std::uint64_t mix = own ? own_mix : target_mix;
    if (!mine(mix)) {
      out.to_order[topology_.order_shard(mix)].push_back(s);
      return;
    }
    const outcome o =
        own ? claim_own_id(s, mix, t.id.value, purpose::transfer_id, out) : claim_target(s, nullptr, mix, out);
    if (o != outcome::go_on) return;
  }
  s.answered = 0;
  if (!s.refused()) {
    to_accounts(s, out);
  } else if (is_remembered(s.code) && !s.frame->from_server) {  // an expiry that came late leaves no trace
    out.to_writer.push_back(s);
  } else {
    end_here(s, out);
  }
}

void order_book::to_accounts(plain_slip& s, order_effects& out) {
  const transfer_record& t = s.transfer();
  const tenant_id tenant = s.frame->header.tenant;
  const std::uint64_t d = mix_id(tenant, t.debit_account.value), c = mix_id(tenant, t.credit_account.value);
  s.debit_row = s.credit_row = no_slot;
  const bool debit_first = route_before(d, t.debit_account.value, c, t.credit_account.value);
  const u128 first = debit_first ? t.debit_account.value : t.credit_account.value;
  out.to_account[topology_.account_shard(debit_first ? d : c, tenant, first)].push_back(s);
}

order_book::outcome order_book::claim_own_id(plain_slip& s, std::uint64_t mix, u128 id, purpose what,
                                             order_effects& out) {
  const tenant_id tenant = s.frame->header.tenant;
  if (!filter_.test_and_add(mix)) [[likely]] {
    s.id_slot = recent_.claim(mix, tenant, id, s.frame->deadline_at);
    s.mark(plain_slip::own_id_seen);
    return outcome::go_on;
  }
  const recent_ids::handle h = recent_.find(mix, tenant, id);
  if (h == recent_ids::none) {  // old, or a false positive: only the index knows
    const recent_ids::handle claimed = recent_.claim(mix, tenant, id, s.frame->deadline_at);
    ask({s, nullptr, what, claimed}, tenant, id, 0, out);
    return outcome::parked;
  }
  if (PAYLOOM_MUTATED(9) && recent_.at(h).st == recent_ids::state::committed) {  // a duplicate executes again
    s.id_slot = recent_.claim(mix, tenant, id, s.frame->deadline_at);
    s.mark(plain_slip::own_id_seen);
    return outcome::go_on;
  }
  switch (recent_.at(h).st) {
    case recent_ids::state::vacant:
      recent_.reclaim(h, s.frame->deadline_at);
      s.id_slot = h;
      s.mark(plain_slip::own_id_seen);
      return outcome::go_on;
    case recent_ids::state::doubtful:
      recent_.reclaim(h, s.frame->deadline_at);
      ask({s, nullptr, what, h}, tenant, id, 0, out);
      return outcome::parked;
    case recent_ids::state::claimed:
      wait_for_id(h, {s, nullptr, what}, out);
      return outcome::parked;
    case recent_ids::state::committed:
      ask({s, nullptr, what}, tenant, id, recent_.at(h).value, out);
      return outcome::parked;
    case recent_ids::state::empty:
      break;
  }
  PAYLOOM_ASSERT(!"a found slot is not empty");
  return outcome::over;
}

/// What follows once the own id of a command is this command's.
void order_book::after_own_id(plain_slip& s, purpose what, order_effects& out) {
  switch (what) {
    case purpose::transfer_id:
      if (s.transfer().flags & tf::targeting) {
        route_targeting(s, mix_id(s.frame->header.tenant, s.transfer().id.value), out);
      } else {
        to_accounts(s, out);
      }
      return;
    case purpose::change_id: {
      const auto& c = reinterpret_cast<const account_change_record*>(s.frame->records)[s.index()];
      const tenant_id tenant = s.frame->header.tenant;
      const std::uint64_t mix = mix_id(tenant, c.account.value);
      out.changes_to_account[topology_.account_shard(mix, tenant, c.account.value)].push_back(s);
      return;
    }
    case purpose::seal_id:
      out.to_writer.push_back(s);
      return;
    case purpose::target:
    case purpose::case_id:
      break;
  }
  PAYLOOM_ASSERT(!"not an own id");
}

void order_book::intake_changes(std::span<plain_slip> slips, order_effects& out) {
  for (plain_slip& s : slips) {
    const auto& c = reinterpret_cast<const account_change_record*>(s.frame->records)[s.index()];
    s.code = check_change_content(c);
    if (s.refused()) {
      end_here(s, out);
    } else if (claim_own_id(s, s.mix(), c.id.value, purpose::change_id, out) == outcome::go_on) {
      s.debit_row = s.credit_row = no_slot;
      after_own_id(s, purpose::change_id, out);
    }
  }
}

void order_book::intake_seals(std::span<plain_slip> slips, order_effects& out) {
  for (plain_slip& s : slips) {
    const u128 id = reinterpret_cast<const id_record*>(s.frame->records)[s.index()].id;
    if (id_is_reserved(id) || id_is_the_servers(id)) {
      s.code = id == 0 ? id_must_not_be_zero : id == u128_max ? id_must_not_be_max : posting_id_reserved;
      end_here(s, out);
    } else if (claim_own_id(s, s.mix(), id, purpose::seal_id, out) == outcome::go_on) {
      after_own_id(s, purpose::seal_id, out);
    }
  }
}

// --------------------------------------------------------------------------------------------------------- ending

/// Writes the answer of an event whose own id is here, and counts it. `executed` events with balances are completed
/// by the account shards as well.
void order_book::finish_event(const plain_slip& s, order_effects& out) {
  command_frame& f = *s.frame;
  const bool executed = s.answered == 0 && !s.refused();
  const std::uint32_t weight = f.wants_balances() && !executed ? 3 : 1;
  if (s.answered == 0) s.result().code = s.code;
  if (f.finish(weight)) out.finished.push_back(&f);
}

/// Ends an event without a record; its own id is this shard's.
void order_book::end_here(plain_slip& s, order_effects& out) {
  if (s.target_slot != no_slot && names_target(s)) {
    const std::uint64_t target = mix_id(s.frame->header.tenant, target_of(s));
    out.to_target[topology_.order_shard(target)].push_back({s.target_slot, false});
  }
  if (s.answered == 2) s.answered = 0;
  // The answer belongs to the own id's shard: a refusal found at the target's shard travels there.
  const u128 own = s.frame->type() == frame_type::seal_transfers
                       ? reinterpret_cast<const id_record*>(s.frame->records)[s.index()].id
                       : s.transfer().id.value;  // change records have their id at the same place
  const std::uint64_t own_mix = mix_id(s.frame->header.tenant, own);
  if (!mine(own_mix)) {
    out.ended[topology_.order_shard(own_mix)].push_back(s);
    return;
  }
  ended({&s, 1}, out);
}

void order_book::ended(std::span<const plain_slip> slips, order_effects& out) {
  for (const plain_slip& s : slips) {
    const std::uint32_t claim = s.id_slot;
    if (s.frame->from_server && s.refused()) [[unlikely]]
      check_join_refused(s, out);
    finish_event(s, out);  // the frame may be gone after this
    if (claim != no_slot) {
      recent_.vacate(claim);
      wake_id(claim, out);
    }
  }
}

void order_book::durable(std::span<const plain_slip> slips, commit_seq base_seq, time_ns base_time,
                         order_effects& out) {
  command_frame* frame = nullptr;
  std::uint32_t done = 0;
  const auto flush = [&] {
    if (frame != nullptr && frame->finish(done)) out.finished.push_back(frame);
    done = 0;
  };
  for (std::size_t i = 0; i < slips.size(); ++i) {
    if (i + 8 < slips.size()) __builtin_prefetch(&recent_.at(slips[i + 8].id_slot), 1);
    const plain_slip& s = slips[i];
    const commit_seq seq = s.mix();
    result_record& r = s.result();
    r.code = s.code;
    const bool transfers = s.frame->type() == frame_type::create_transfers;
    if (!s.refused()) {
      r.sequence = seq;
      r.timestamp = base_time + (seq - base_seq);
      if (transfers && (s.transfer().flags & tf::hold)) add_hold(s, s.transfer(), seq, r.timestamp);
      if (!transfers && s.frame->type() == frame_type::seal_transfers) r.code = id_sealed;
    }
    recent_.commit(s.id_slot, seq);
    if (!id_waiters_.empty()) wake_id(s.id_slot, out);
    if (s.frame != frame) {
      flush();
      frame = s.frame;
    }
    done += s.frame->wants_balances() && s.refused() ? 3 : 1;
  }
  flush();
}

void order_book::add_hold(const plain_slip& s, const transfer_record& t, commit_seq seq, time_ns timestamp) {
  hold_entity h;
  h.id = t.id;
  h.debit_account = t.debit_account;
  h.credit_account = t.credit_account;
  h.amount_minor = t.amount_minor;
  h.seq = seq;
  h.expires_at = t.timeout_s != 0 ? timestamp + std::uint64_t{t.timeout_s} * 1'000'000'000u : 0;
  if (PAYLOOM_MUTATED(10) && t.timeout_s != 0) h.expires_at -= 500'000'000u;  // expires too early
  h.tenant = s.frame->header.tenant;
  h.ledger = t.ledger;
  h.code = t.code;
  restore_hold(h);
}

void order_book::restore_hold(const hold_entity& h) {
  const std::uint64_t mix = mix_id(h.tenant, h.id.value);
  PAYLOOM_ASSERT(mine(mix));
  const std::uint32_t row = holds_.insert(mix, h.id.value);
  PAYLOOM_ASSERT(row < original_bit);
  holds_.at(row) = h;
  if (h.expires_at != 0) deadlines_.push({h.expires_at, row, h.seq});
}

void order_book::restore_ids(std::span<const std::uint64_t> mixes) {
  constexpr std::size_t ahead = 16;
  for (std::size_t i = 0; i < mixes.size(); ++i) {
    if (i + ahead < mixes.size()) filter_.prefetch(mixes[i + ahead]);
    filter_.test_and_add(mixes[i]);
  }
}

void order_book::restore_recent(std::uint64_t mix, tenant_id tenant, u128 id, commit_seq seq) {
  filter_.test_and_add(mix);
  recent_.commit(recent_.claim(mix, tenant, id), seq);
}

}  // namespace payloom::core

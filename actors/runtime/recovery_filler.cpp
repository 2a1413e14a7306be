#include "actors/runtime/recovery_filler.hpp"

#include <algorithm>
#include <bit>

#include "actors/runtime/secret_salt.hpp"

namespace payloom::actors {

namespace {

/// Sizes that keep the memory of all shards together about the same whatever their number.
core::order_book::options book_options(shard_index s, std::uint32_t shards, const book_limits& bounds) {
  core::order_book::options o;
  o.shard = s;
  o.salt = secret_salt();
  const std::uint32_t share = std::bit_ceil(shards);
  o.recent_generation_slots = std::max<std::uint32_t>(1024, (1u << 17) / share);
  o.filter_sub_tables = std::clamp<std::uint32_t>(512 / share, 1, 256);
  o.orders_max = std::max<std::uint32_t>(1, bounds.orders_max / shards);
  o.payments = bounds.payments;
  return o;
}

}  // namespace

recovery_filler::recovery_filler(core::topology& t, const book_limits& bounds,
                                 std::function<bool(ledger_id)> ledger_known, const std::vector<account_id>& hot)
    : topology_(t), payments_(bounds.payments), filling_(std::make_unique<std::mutex[]>(t.order_shards())) {
  for (shard_index s = 0; s < t.order_shards(); ++s)
    orders_.push_back(std::make_shared<core::order_book>(t, book_options(s, t.order_shards(), bounds)));
  core::account_book::options a;
  a.accounts_max = std::max<std::uint32_t>(1, bounds.accounts_max / t.home_shards());
  a.payments = bounds.payments;
  for (const account_id id : hot) a.hot_mixes.insert(mix_id(0, id.value));
  a.salt = secret_salt();
  for (a.shard = 0; a.shard < t.account_shards(); ++a.shard)
    accounts_.push_back(std::make_shared<core::account_book>(t, a, ledger_known));
}

void recovery_filler::expect_ids(std::uint64_t about) {
  for (const auto& book : orders_) book->expect_ids(about / orders_.size());
}

void recovery_filler::on_ids(std::span<const storage::id_query> ids) {
  thread_local std::vector<std::vector<std::uint64_t>> mixes;
  mixes.resize(orders_.size());
  for (const storage::id_query& i : ids) {
    const std::uint64_t mix = mix_id(i.tenant, i.id);
    mixes[topology_.order_shard(mix)].push_back(mix);
  }
  for (std::size_t shard = 0; shard < orders_.size(); ++shard) {
    if (mixes[shard].empty()) continue;
    const std::lock_guard lock(filling_[shard]);
    orders_[shard]->restore_ids(mixes[shard]);
    mixes[shard].clear();
  }
}

void recovery_filler::on_recent_id(tenant_id tenant, u128 id, commit_seq sequence, storage::run_kind kind) {
  if (kind == storage::run_kind::accounts) return;  // accounts are their own record
  const std::uint64_t mix = mix_id(tenant, id);
  orders_[topology_.order_shard(mix)]->restore_recent(mix, tenant, id, sequence);
}

void recovery_filler::on_account(const follower::recovered_account& account) {
  const std::uint64_t mix = mix_id(account.tenant, account.row.id.value);
  accounts_[topology_.account_shard(mix, account.tenant, account.row.id.value)]->restore(account.row, account.tenant);
}

void recovery_filler::settle() {
  core::account_effects effects(topology_);
  for (shard_index s = 0; s < topology_.home_shards(); ++s) {
    core::account_book& home = *accounts_[s];
    home.find_misplaced(effects);
    for (const std::uint32_t row : effects.to_move) {
      const core::moved_account account = home.take_for_move(row);
      const shard_index target = home.move_target(row);
      const tenant_id tenant = account.entity.tenant;
      const u128 id = account.entity.id.value;
      const bool room = topology_.set_host(mix_id(tenant, id), tenant, id, target);
      if (room) accounts_[target]->arrive(account, effects);
      home.finish_move(row, room, effects);
    }
    effects.to_move.clear();
  }
}

void recovery_filler::on_open_hold(const storage::open_hold& hold) {
  core::hold_entity h;
  h.id = hold.record.id;
  h.debit_account = hold.record.debit_account;
  h.credit_account = hold.record.credit_account;
  h.amount_minor = hold.record.amount_minor;
  h.seq = hold.sequence;
  h.expires_at = hold.expires_at();
  h.tenant = hold.tenant;
  h.ledger = hold.record.ledger;
  h.code = hold.record.code;
  orders_[topology_.order_shard(mix_id(h.tenant, h.id.value))]->restore_hold(h);
}

void recovery_filler::on_open_order(const storage::open_order& order) {
  const order_row& row = order.event.order;
  if (payments_ && payments_->find(row.rule_version) == nullptr) missing_versions_.insert(row.rule_version);
  orders_[topology_.order_shard(mix_id(order.tenant, row.id.value))]->restore_order(row, order.tenant, order.sequence);
}

}  // namespace payloom::actors

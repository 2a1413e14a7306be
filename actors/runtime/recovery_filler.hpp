#pragma once
// Fills the shards' books from recovery, for any number of shards. Used by the starting thread only, but for `on_ids`.
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "actors/core/account_book.hpp"
#include "actors/core/order_book.hpp"
#include "actors/follower/recovery_visitor.hpp"

namespace payloom::actors {

/// What the books are told beside their topology.
struct book_limits {
  std::uint32_t accounts_max = 0;
  std::uint32_t orders_max = 0;
  std::shared_ptr<const core::catalog::catalog_registry> payments;
};

class recovery_filler : public follower::recovery_visitor {
 public:
  /// `hot`: accounts of tenant 0 that are hot by configuration.
  recovery_filler(core::topology& t, const book_limits& bounds, std::function<bool(ledger_id)> ledger_known,
                  const std::vector<account_id>& hot);

  void expect_ids(std::uint64_t about) override;
  void on_ids(std::span<const storage::id_query> ids) override;
  void on_recent_id(tenant_id tenant, u128 id, commit_seq sequence, storage::run_kind kind) override;
  void on_account(const follower::recovered_account& account) override;
  void on_open_hold(const storage::open_hold& hold) override;
  void on_open_order(const storage::open_order& order) override;

  /// Versions of the catalogue that open orders began with and `payments` does not have. After the last call.
  const std::set<std::uint32_t>& missing_versions() const { return missing_versions_; }

  /// After the last call of the visitor: hot accounts go to their hot-account shards.
  void settle();
  std::shared_ptr<core::order_book> take_order_book(shard_index s) { return std::move(orders_[s]); }
  std::shared_ptr<core::account_book> take_account_book(shard_index s) { return std::move(accounts_[s]); }

 private:
  core::topology& topology_;
  std::shared_ptr<const core::catalog::catalog_registry> payments_;
  std::set<std::uint32_t> missing_versions_;
  std::vector<std::shared_ptr<core::order_book>> orders_;
  std::unique_ptr<std::mutex[]> filling_;  ///< one a shard, for `on_ids`
  std::vector<std::shared_ptr<core::account_book>> accounts_;
};

}  // namespace payloom::actors

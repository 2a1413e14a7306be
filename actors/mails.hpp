#pragma once
// The contents of every mail between the ledger's actors, without CAF: the shells send them (messages.hpp), the
// simulation delivers them itself. One mail type per kind of actor: a mail carries vectors, never one event. Mails are
// made by one actor and read by one.
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "actors/core/account_book.hpp"
#include "actors/core/checks/check_call.hpp"
#include "actors/core/order_book.hpp"
#include "actors/runtime/reader_functions.hpp"

namespace payloom::actors {

/// Cases on their way: a mail that nobody reads any more (shutdown, a simulated crash) takes them with it.
class case_list {
 public:
  case_list() = default;
  case_list(const case_list&) = delete;
  case_list& operator=(const case_list&) = delete;
  ~case_list() {
    for (core::unit_case* c : list_) delete c;
  }

  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size(); }
  void push_back(core::unit_case* c) { list_.push_back(c); }
  void swap(std::vector<core::unit_case*>& other) { list_.swap(other); }
  /// The cases are the caller's from now on.
  std::vector<core::unit_case*> take() { return std::exchange(list_, {}); }

 private:
  std::vector<core::unit_case*> list_;
};

/// Shows every order shard's book to somebody, each on its own thread between two mails.
struct order_visit {
  std::function<void(shard_index, const core::order_book&)> visit;
};

/// To an order shard. Parts are worked in this order.
struct order_mail {
  std::shared_ptr<const core::catalog::catalog_registry> payments;  ///< new versions of the catalogue
  core::slip_vector transfers, orders, changes, seals;
  case_list cases;
  std::vector<core::order_end> orders_changed;  ///< committed order commands
  std::vector<payment_row> payments_changed;    ///< of them
  core::slip_vector durable;                    ///< committed events (`mix` is the sequence) with the bases below
  commit_seq base_seq = 0;
  time_ns base_time = 0;
  commit_seq through = 0;  ///< everything up to here is durable; 0 = says nothing
  core::slip_vector ended;
  std::vector<core::target_end> targets;
  std::vector<std::pair<std::uint64_t, core::stored_event>> loaded;
  std::shared_ptr<order_visit> visit;
  commit_seq readable = 0;  ///< the reader finds ids up to here; 0 = says nothing
  time_ns tick = 0;
  std::uint64_t patience = 0;  ///< with a tick: core::patience_clock
};

/// Asks all account shards for their state at one commit sequence (a marker between two applies).
struct marker {
  commit_seq at = 0;
  /// Called once per account shard, on its thread, right after everything up to `at` was applied.
  std::function<void(shard_index, commit_seq, const core::account_book&)> visit;
};

/// To an account shard. Parts are worked in this order.
struct account_mail {
  std::shared_ptr<const core::catalog::catalog_registry> payments;  ///< new versions of the catalogue
  std::vector<core::moved_account> arrivals;                        ///< accounts that this shard holds from now on
  core::apply_vector apply;
  std::vector<core::balance_request> balances;
  core::slip_vector created;
  std::vector<core::change_decision> changed;
  commit_seq base_seq = 0;
  time_ns base_time = 0;
  commit_seq through = 0;  ///< 0 = no commit in this mail
  std::shared_ptr<marker> mark;
  core::apply_vector release;
  core::slip_vector uncreated;  ///< creations that the journal has no space for
  core::slip_vector transfers, creations, changes;
  case_list cases;
  std::vector<loaded_creation> loaded;
  time_ns tick = 0;
  std::uint64_t patience = 0;  ///< with a tick: core::patience_clock
};

/// To the journal writer.
struct writer_mail {
  core::slip_vector slips;
  case_list cases;
  std::vector<core::change_decision> changes;
  core::slip_vector creations;
  bool written = false;  ///< the log thread finished its group
  std::shared_ptr<marker> mark;
  time_ns tick = 0;
};

/// To the reader: look-ups in index and journal for one shard.
struct reader_mail {
  shard_index order_shard = 0;
  std::vector<core::load_request> loads;
  shard_index account_shard = 0;
  core::slip_vector created_before;
};

/// To a channel's gateway; with or without calls it also says that time passed.
struct channel_mail {
  std::vector<core::channel_call> calls;
  const core::catalog::channel_plan* plan = nullptr;  ///< of a newer catalogue; it outlives the actor
};

/// To the checks' gateway; with or without questions it also says that time passed.
struct check_mail {
  std::vector<core::check_call> calls;
  std::shared_ptr<const core::catalog::catalog_registry> payments;  ///< new versions of the catalogue
};

using check_mail_ptr = std::shared_ptr<check_mail>;
using channel_mail_ptr = std::shared_ptr<channel_mail>;
using order_mail_ptr = std::shared_ptr<order_mail>;
using account_mail_ptr = std::shared_ptr<account_mail>;
using writer_mail_ptr = std::shared_ptr<writer_mail>;
using reader_mail_ptr = std::shared_ptr<reader_mail>;

}  // namespace payloom::actors

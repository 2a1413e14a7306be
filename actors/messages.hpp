#pragma once
// Every CAF message and actor interface of the ledger in one catalogue. One mail type per kind of actor: a mail carries
// vectors, never one event. Mails are made by one actor and read by one (shared_ptr because CAF copies handles).
#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/core/account_book.hpp"
#include "actors/core/order_book.hpp"
#include "actors/runtime/reader_functions.hpp"

namespace payloom::actors {

/// To an order shard. Parts are worked in this order.
struct order_mail {
  core::slip_vector transfers, changes, seals;
  std::vector<core::unit_case*> cases;
  core::slip_vector durable;  ///< committed events (`mix` is the sequence) with the bases below
  commit_seq base_seq = 0;
  time_ns base_time = 0;
  commit_seq through = 0;  ///< everything up to here is durable; 0 = says nothing
  core::slip_vector ended;
  std::vector<core::target_end> targets;
  std::vector<std::pair<std::uint64_t, core::stored_event>> loaded;
  commit_seq indexed = 0;
  time_ns tick = 0;
};

/// Asks all account shards for their state at one commit sequence (a marker between two applies).
struct marker {
  commit_seq at = 0;
  /// Called once per account shard, on its thread, right after everything up to `at` was applied.
  std::function<void(shard_index, commit_seq, const core::account_book&)> visit;
};

/// To an account shard. Parts are worked in this order.
struct account_mail {
  std::vector<core::moved_account> arrivals;  ///< accounts that this shard holds from now on
  core::apply_vector apply;
  std::vector<core::balance_request> balances;
  core::slip_vector created;
  std::vector<core::change_decision> changed;
  commit_seq base_seq = 0;
  time_ns base_time = 0;
  commit_seq through = 0;  ///< 0 = no commit in this mail
  std::shared_ptr<marker> mark;
  core::apply_vector release;
  core::slip_vector transfers, creations, changes;
  std::vector<core::unit_case*> cases;
  std::vector<loaded_creation> loaded;
  time_ns tick = 0;
};

/// To the journal writer.
struct writer_mail {
  core::slip_vector slips;
  std::vector<core::unit_case*> cases;
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

using order_mail_ptr = std::shared_ptr<order_mail>;
using account_mail_ptr = std::shared_ptr<account_mail>;
using writer_mail_ptr = std::shared_ptr<writer_mail>;
using reader_mail_ptr = std::shared_ptr<reader_mail>;

/// "Work on what was collected": one in flight per actor at most.
struct flush_mark {};

}  // namespace payloom::actors

CAF_BEGIN_TYPE_ID_BLOCK(payloom, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(payloom, (payloom::actors::order_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::account_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::writer_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::reader_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::flush_mark))
CAF_END_TYPE_ID_BLOCK(payloom)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::order_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::account_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::writer_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::reader_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::flush_mark)

namespace payloom::actors {

using order_shard_actor = caf::typed_actor<caf::reacts_to<order_mail_ptr>, caf::reacts_to<flush_mark>>;
using account_shard_actor = caf::typed_actor<caf::reacts_to<account_mail_ptr>, caf::reacts_to<flush_mark>>;
using journal_writer_actor = caf::typed_actor<caf::reacts_to<writer_mail_ptr>, caf::reacts_to<flush_mark>>;
using reader_actor = caf::typed_actor<caf::reacts_to<reader_mail_ptr>>;

}  // namespace payloom::actors

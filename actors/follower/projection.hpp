#pragma once
// The second computation of every balance: applies the journal's runs to an account_table and records what the index
// does not have yet in a tail. Pure arithmetic on what the journal says; it decides nothing.
#include <cstdint>
#include <stdexcept>
#include <string>

#include "actors/follower/account_table.hpp"
#include "actors/follower/tail.hpp"
#include "actors/follower/unsettled.hpp"
#include "storage/codec/group_reader.hpp"

namespace payloom::follower {

/// The journal contradicts itself (unknown account, sum below zero or past 2^128, account twice): our bug or damage.
struct projection_fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What an executed transfer of any kind did to its two accounts, from the record alone.
struct movement {
  u128 posted = 0;            ///< added to debits_posted and credits_posted
  u128 pending_added = 0;     ///< added to the pending sums
  u128 pending_released = 0;  ///< taken off the pending sums
};
movement movement_of(const transfer_record& record, u128 target_amount_minor);

/// The link an executed targeting transfer makes; only for flags in transfer_flags::targeting.
storage::link_entry link_of(const storage::resolution_event& event, commit_seq sequence);

/// The link that a later event of an order makes; only where created_seq is not 0.
storage::link_entry link_of(const order_event& event, commit_seq sequence);

/// The root business that an event names for the first time for its order, or 0: an order's first event its own, a
/// later one that of its frame, where it is another.
u128 root_named_by(const order_event& event, const storage::context_entry& context);
/// The link from a root business to such an event, and from a channel's own number (not 0) to a payment.
storage::link_entry name_link(u128 root, tenant_id tenant, commit_seq sequence);
storage::link_entry name_link(const payment_row& payment, tenant_id tenant, commit_seq sequence);

/// What must follow an orders run: postings as one chain, then a payment. Only its last event may have them.
struct unit_rest {
  std::uint32_t postings = 0;
  bool payment = false;
};
unit_rest rest_behind(const storage::run_view& run);

/// Used by stage 1 under the follower's lock.
class projection {
 public:
  /// Applies the events of `run` from `skip` on. With a tail (already advanced over them) ids, lines and links are
  /// recorded there. Throws projection_fault.
  void apply(const storage::run_view& run, std::uint32_t skip, std::uint32_t count, tail* into);

  account_table& accounts() { return accounts_; }
  /// What no settlement batch has taken yet.
  const unsettled_table& unsettled() const { return unsettled_; }
  /// The sums of a merchant's pending account; nullptr: nothing was ever posted to it, or it is no such account.
  const unsettled_account* unsettled_of(std::uint32_t ordinal) const;
  /// From the index: the sums of an account, once.
  void load_unsettled(const storage::account_state& state);
  const account_table& accounts() const { return accounts_; }

 private:
  void apply_transfers(const storage::run_view& run, std::uint32_t skip, std::uint32_t count, tail* into);
  void apply_resolutions(const storage::run_view& run, std::uint32_t skip, std::uint32_t count, tail* into);
  void apply_orders(const storage::run_view& run, std::uint32_t skip, std::uint32_t count, tail* into);
  void apply_account(const storage::run_view& run, std::uint32_t index);
  void apply_change(const storage::run_view& run, std::uint32_t index);
  void note_unsettled(std::uint32_t ordinal, u128 amount_minor, bool credit, commit_seq sequence);
  unsettled_account& unsettled_at(std::uint32_t ordinal);
  void move(const transfer_record& record, commit_seq sequence, std::uint32_t debit, std::uint32_t credit,
            const movement& moved, tail* into);

  /// The order event whose postings follow: their accounting date, and for a settlement batch its day.
  struct unit {
    commit_seq first = 1, last = 0;
    day_number day = 0, settled_through = 0;
  };

  account_table accounts_;
  unsettled_table unsettled_;
  unit unit_;
  time_ns time_base_ = 0;  ///< of the run in hand: an event's time is this + its sequence (modulo 2^64)
};

}  // namespace payloom::follower

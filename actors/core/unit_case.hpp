#pragma once
// A command that is more than one plain event: a linked chain, a balancing transfer, or a command on an order. It
// travels alone along its route, collecting claims; at the end it dissolves into plain slips and release entries. One
// owner at a time.
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "actors/core/account_entity.hpp"
#include "actors/core/inline_list.hpp"
#include "actors/core/payments/order_decision.hpp"
#include "actors/core/slip.hpp"

namespace payloom::core {

/// What an order shard found out about a member's id or target.
struct case_id_stop {
  std::uint64_t mix = 0;
  u128 id = 0;
  std::uint16_t event = 0;  ///< member (0-based within the case)
  bool is_target = false;
  bool done = false;
};

/// One account of the route.
struct case_account_stop {
  std::uint64_t mix = 0;
  account_id id;
  std::uint32_t row = no_slot;  ///< claim, or no_slot
  u128 debits_reserved = 0;     ///< what the claim reserves
  u128 credits_reserved = 0;
  bool found = false;
  commit_seq as_of = 0;  ///< when the account was looked at
};

/// What an exclusive case copied of one account.
struct case_facts {
  account_entity facts;  ///< durable
  u128 limit = 0;        ///< the overdraft limit
};

/// A member.
struct case_event {
  std::uint32_t id_slot = no_slot;
  std::uint32_t target_slot = no_slot;
  bool claimed_id = false;
  bool claimed_target = false;
  bool stored = false;  ///< the id exists with the same content
  result_code stored_code = result_code::ok;
  commit_seq stored_seq = 0;
  time_ns stored_time = 0;
};

/// What a command on an order brings along: its claims at the order shards, the order as it stood, the decision.
struct order_work {
  case_event own;                      ///< the command's own id
  std::uint32_t order_slot = no_slot;  ///< the claim on the order, at its shard
  bool creation = false;
  order_row before;            ///< actions only, else it is not set
  payment_row payment_before;  ///< set only when has_payment_before is
  bool has_payment_before = false;
  commit_seq before_seq = 0;
  const catalog::payment_catalog* terms = nullptr;  ///< creations: what the order begins with
  order_decision decision;
  /// A channel's fact about what is over: what becomes of it when the accounts refuse its postings. Else nullptr.
  std::unique_ptr<order_decision> unbooked;
};

class case_block;

template <class Container>
std::uint32_t size32(const Container& c) {
  return static_cast<std::uint32_t>(c.size());
}

struct unit_case {
  command_frame* frame = nullptr;
  std::uint32_t first = 0;  ///< index of its first event in the frame
  std::uint32_t count = 0;
  bool exclusive = false;  ///< balancing: claims its accounts alone and is decided at the last stop
  bool routed = false;     ///< `accounts` is made
  result_code culprit_code = result_code::ok;
  std::uint32_t culprit = no_slot;  ///< smallest refused member, or no_slot
  commit_seq culprit_as_of = 0;
  order_work* order = nullptr;  ///< a command on an order: the members are its postings. Stands in the same block
  /// Linked actions: one for each, `order` is the first; empty for a single command.
  std::vector<std::unique_ptr<order_work>> combined;
  std::vector<transfer_record> combined_legs;  ///< linked actions, decided: the postings of all
  case_block* block = nullptr;                 ///< where it was made; nullptr: on the heap
  std::size_t next_id = 0;
  std::size_t next_account = 0;
  inline_list<case_account_stop, 4> accounts;  ///< in route order, made when the targets are known
  inline_list<case_id_stop, 2> ids;            ///< in route order
  std::vector<case_event> events;              ///< none for postings: their ids are nobody's claims
  std::vector<case_facts> facts;               ///< exclusive: of the stops in `accounts`

  /// `delete` ends a case wherever it was made.
  static void operator delete(unit_case* c, std::destroying_delete_t);

  transfer_record& transfer(std::uint32_t member) const {
    if (order == nullptr) return frame->transfer(first + member);
    return combined.empty() ? order->decision.legs[member] : const_cast<transfer_record&>(combined_legs[member]);
  }
  /// The member's id is known already: it is answered with what is stored, whatever the accounts say.
  bool is_stored(std::uint32_t member) const { return order == nullptr && events[member].stored; }
  case_facts& facts_of(const case_account_stop& stop) {
    return facts[static_cast<std::size_t>(&stop - accounts.begin())];
  }
  /// Commands on orders that it holds; `work(i)` is the frame's record first + i.
  std::uint32_t works() const { return order == nullptr ? 0 : combined.empty() ? 1 : size32(combined); }
  order_work& work(std::uint32_t i) const { return combined.empty() ? *order : *combined[i]; }
  /// Events that it is in the journal.
  std::uint32_t journal_events() const {
    std::uint32_t sum = count;
    for (std::uint32_t i = 0; i < works(); ++i) sum += work(i).decision.has_payment ? 2 : 1;
    return sum;
  }
  event_notes& notes(std::uint32_t member) const { return frame->notes[first + member]; }
  bool refused() const { return culprit != no_slot; }
  /// Keeps the smallest (member, code).
  void refuse(std::uint32_t member, result_code code, commit_seq as_of) {
    if (refused() && (culprit < member || (culprit == member && culprit_code <= code))) return;
    culprit = member;
    culprit_code = code;
    culprit_as_of = as_of;
  }
};

/// Fills in `accounts` from the members that can still matter. Targets must be known.
void route_accounts(unit_case& c);
/// The stop of an account of the route.
case_account_stop& stop_of(unit_case& c, account_id id);
/// What a member does to one account's sums (RULES.md, "Effects").
void move_sums(account_counters& sums, const transfer_record& t, u128 target_amount, bool credit);
/// A member of a refused case as the plain slip that carries its answer home: the culprit its code, the others
/// linked_event_failed. Puts back what the case wrote into the record.
plain_slip refused_member(unit_case& c, std::uint32_t member);
/// The answer of a command on an order (of `c.work(i)`) that was refused, or (own.stored) answered with what is stored.
plain_slip refused_order(unit_case& c, std::uint32_t i);
/// Calls `f(plain_slip)` for each answer that a refused case owes.
template <class F>
void for_each_refusal(unit_case& c, F&& f) {
  if (c.order) {
    for (std::uint32_t i = 0; i < c.works(); ++i) f(refused_order(c, i));
    return;
  }
  for (std::uint32_t m = 0; m < c.count; ++m) f(refused_member(c, m));
}
/// Calls `f(apply_entry)` for what gives a stop's claim back.
template <class F>
void release_stop(const case_account_stop& stop, bool exclusive, F&& f) {
  if (stop.row == no_slot) return;
  apply_entry a;
  a.row = stop.row;
  if (stop.credits_reserved != 0) {
    a.amount_minor = stop.credits_reserved;
    a.op = apply_op::credit | apply_op::unreserve;
    f(a);
  }
  a.amount_minor = stop.debits_reserved;
  a.op = apply_op::unreserve | apply_op::unclaim | (exclusive ? apply_op::open_up : 0);
  f(a);
}
/// Decides an exclusive case on the facts its stops copied: settles balancing amounts or names the culprit.
void decide_exclusive_case(unit_case& c);

}  // namespace payloom::core

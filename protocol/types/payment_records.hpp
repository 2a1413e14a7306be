#pragma once
// The records of payments that leave the platform: how a payment and its attempt stand, and what a channel says of it.
// Fixed layout, little-endian, no padding; listed in protocol/wire/WIRE.md.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocol/types/order_records.hpp"

namespace payloom {

/// What a channel is asked to do. Numbers stand in the journal.
enum class channel_operation : std::uint8_t {
  none = 0,
  pay = 1,     ///< take money from the payer
  payout = 2,  ///< send money to a user
  refund = 3,  ///< send back what a payment brought
  query = 4,   ///< what became of the attempt?
  close = 5,   ///< end the attempt if it has not happened
  check = 6,   ///< no channel: checks are asked whether the payment may begin
};

/// How a call to a channel ends (domain.md 1.1): the first five, and what only later news can say. `unknown` never
/// becomes a failure by waiting.
enum class channel_outcome : std::uint8_t {
  none = 0,
  success = 1,
  rejected = 2,
  accepted = 3,       ///< taken, the result comes later
  not_sent = 4,       ///< provably never left
  unknown = 5,        ///< sent, no conclusive answer
  closed = 6,         ///< ended on our request; nothing moved
  returned = 7,       ///< came back after success
  source_closed = 8,  ///< a refund cannot go back to where the money came from
};
inline constexpr std::uint8_t channel_outcomes = 9;

/// What a payment is for.
enum class payment_purpose : std::uint8_t {
  pay = 1,
  payout = 2,
  refund = 3,       ///< a part of what is paid goes back
  return_late = 4,  ///< money that came for a closed order goes back
};

/// Why people must look at a payment; 0 = they need not. Owners stand in channels.yaml.
enum class case_reason : std::uint8_t {
  none = 0,
  outcome_unknown = 1,  ///< all queries are spent
  amount_differs = 2,   ///< the channel moved another amount, or another currency
  contradiction = 3,    ///< a fact that contradicts what is known
  late_success = 4,     ///< money came for a payment that had failed; it could not be sent back by itself
  money_came_back = 5,  ///< a refund was returned
  not_booked = 6,       ///< the accounts refused what a channel told of a payment that is over
};

/// The number of an attempt at its channel, unique for ever (GW: correlation). `payment` is the id of the command that
/// began the payment.
inline constexpr std::uint32_t attempt_leg = 0x10000;
inline constexpr std::uint32_t payment_record_leg = 0xff;
constexpr u128 attempt_id_of(tenant_id tenant, u128 payment, std::uint32_t attempt) {
  return posting_id_of(tenant, payment, attempt_leg + attempt).value;
}
/// The number that the channel knows the newest attempt of `p` by.
template <class Payment>
constexpr u128 channel_number_of(tenant_id tenant, const Payment& p) {
  return attempt_id_of(tenant, p.combined != 0 ? p.combined : p.payment, p.attempt);
}
/// The id under which a channel's fact is journaled: the same answer to the same question
/// has one effect; an answer that nothing came of (a refusal by an account) may be told again when asked again.
constexpr u128 fact_id_of(u128 attempt_id, channel_outcome outcome, u128 reference, std::uint32_t asked) {
  const std::uint64_t low =
      mix_id(static_cast<std::uint32_t>(outcome) + 0x66616374, attempt_id ^ reference ^ make_u128(asked, 0));
  return make_u128((std::uint64_t{fact_id_tag} << 32) | (mix_id(0x6f757463, reference ^ low) & 0xffffffff), low);
}

/// What the money of a source is.
enum class source_kind : std::uint8_t {
  paid = 0,      ///< of the order: it counts as paid
  suspense = 1,  ///< nobody's yet: it goes back to where it came from
};

/// Money that one attempt brought: what goes back of it goes through its channel. 64 bytes; all zero: a free place.
struct payment_source {
  u128 attempt_id;           // 0   the number that the channel knows the attempt by
  owner_number channel;      // 16
  source_kind kind;          // 24
  std::uint8_t reserved[7];  // 25
  u128 paid_minor;           // 32  it brought
  u128 refunded_minor;       // 48  went back through its channel, or is about to
};
static_assert(sizeof(payment_source) == 64);

/// A payment after one of its events; it stands in the journal behind the order's event and its postings. 576 bytes.
/// An order has at most one payment outside at a time; the newest one stays known for late news, and of each attempt
/// what it brought.
struct payment_row {
  u128 id;                        // 0   of this record: the attempt's when this event began one, else derived
  order_id order;                 // 16
  u128 payment;                   // 32  the payment's id: of the command that began it
  u128 amount_minor;              // 48  all of it
  u128 fee_minor;                 // 64  of it, booked with success
  u128 balance_minor;             // 80  the part from (refund: to) the user's balance
  u128 coupon_minor;              // 96  the part from (refund: to) the user's coupons; the rest is the channel's
  u128 external_paid_minor;       // 112 of the order: channels brought
  u128 coupon_paid_minor;         // 128 of the order: coupons brought
  u128 external_refunded_minor;   // 144 of the order: sent back through channels, or about to be
  u128 coupon_refunded_minor;     // 160 of the order: likewise, to coupons
  u128 suspense_minor;            // 176 came and is nobody's yet
  u128 channel_reference;         // 192 the channel's own number
  u128 source;                    // 208 refunds: the attempt whose money goes back
  owner_number channel;           // 224
  time_ns due_at;                 // 232 when the state's timer is due, 0 = none
  std::uint16_t attempt;          // 240 number of the newest attempt, from 1
  std::uint16_t tries;            // 242 timers in a row: queries, or waits to send again
  std::uint16_t channel_code;     // 244 the channel's own code
  payment_purpose purpose;        // 246
  std::uint8_t form;              // 247 payment machine of the catalogue
  std::uint8_t state;             // 248 of that machine
  channel_outcome outcome;        // 249 the newest
  case_reason reason;             // 250 an open case, 0 = none
  std::uint8_t row_event;         // 251 the order event that began it: row of the business map
  channel_operation call;         // 252 what the channel is asked because of this event
  std::uint8_t reserved[3];       // 253
  u128 combined;                  // 256 one payment for several orders: the id of its first payment; 0: for this alone
  u128 combined_minor;            // 272 what the channel moves for all of them
  std::uint16_t combined_count;   // 288 how many orders
  std::uint16_t combined_member;  // 290 this one's place among them, from 0
  std::uint8_t checks_wanted;     // 292 bit n: check n + 1 is asked before the payment begins
  std::uint8_t checks_passed;     // 293
  std::uint8_t checks_refused;    // 294
  std::uint8_t checks_missed;     // 295 no answer in time
  std::uint8_t reserved2[8];      // 296
  u128 combined_before_minor;     // 304 what the channel moves for those before it
  payment_source sources[limits::payment_sources_max];  // 320 of the order, in the order in which they came
};
static_assert(sizeof(payment_row) == 576 && std::is_trivially_copyable_v<payment_row>);
static_assert(offsetof(payment_row, channel) == 224 && offsetof(payment_row, call) == 252);
static_assert(offsetof(payment_row, checks_wanted) == 292 && offsetof(payment_row, sources) == 320);

/// An order's event as queries and subscriptions show it. 1152 bytes.
struct order_event_row {
  order_event event;        // 0
  commit_seq sequence;      // 512 its postings are the `legs` sequences behind it
  time_ns timestamp;        // 520
  u128 context_id;          // 528 of the command's frame
  u128 root_id;             // 544 likewise; the order's own stands in event.order
  tenant_id tenant;         // 560
  std::uint16_t hop;        // 564
  std::uint16_t reserved0;  // 566
  std::uint64_t reserved;   // 568
  payment_row payment;      // 576 zeroes without the event's flag `payment`
};
static_assert(sizeof(order_event_row) == 1152);

/// What a channel says of an attempt. Made by the server alone, as an action on the order (`channel_fact`); begins like
/// order_action_record.
struct channel_fact_record {
  transfer_id id;               // 0   fact_id_of
  order_id order;               // 16
  u128 amount_minor;            // 32  what moved, or would have
  u128 payment;                 // 48
  owner_number channel;         // 64
  channel_operation operation;  // 72  of the attempt: pay, payout or refund
  std::uint8_t source;          // 73  refund: number of the source whose money goes back, from 1
  std::uint8_t reserved0[6];    // 74
  std::uint32_t attempt;        // 80
  order_action action;          // 84  channel_fact
  std::uint16_t flags;          // 86  zero
  channel_outcome outcome;      // 88
  std::uint8_t differs;         // 89  1: the channel moved another sum than it was asked for
  std::uint16_t channel_code;   // 90  the channel's own
  ledger_id ledger;             // 92  of the amount
  u128 channel_reference;       // 96
  u128 number;                  // 112 the channel knows the attempt by it
};
static_assert(sizeof(channel_fact_record) == limits::record_bytes);
static_assert(offsetof(channel_fact_record, action) == offsetof(order_action_record, action));

}  // namespace payloom

#pragma once
// The records of orders: what clients send, how an order stands, and what one event of its life was. Fixed layout,
// little-endian, no padding; offsets are checked here and listed in protocol/wire/WIRE.md. A request has 128 bytes and
// begins with its id, like every command.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocol/types/ids.hpp"
#include "protocol/types/limits.hpp"
#include "protocol/types/result_code.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom {

struct order_id {
  u128 value = 0;
  friend constexpr bool operator==(order_id a, order_id b) { return a.value == b.value; }
};
static_assert(sizeof(order_id) == 16);

/// The number of a merchant, user or channel; 0 = nobody. Part of the ids of its accounts (config/payments/chart.yaml).
using owner_number = std::uint64_t;

/// The id of the order that a merchant calls `business_id`: one order for each pair, so the pair is unique without a
/// table of its own (issue: "unique (merchant, business id)"). Published in WIRE.md; never 0 or 2^128 - 1.
constexpr order_id order_id_of(owner_number merchant, u128 business_id) {
  const std::uint64_t low = mix_id(0x6f726431, business_id ^ make_u128(merchant, ~merchant));
  const std::uint64_t high = mix_id(0x6f726432, make_u128(low ^ merchant, lo64(business_id) + hi64(business_id)));
  return {make_u128(high | 1, low & ~std::uint64_t{1})};
}

/// The id of a payment's posting number `leg` (0-based); `cause` is the id of the command that made it. Clients cannot
/// use ids that begin so (`id_is_reserved_for_postings`).
inline constexpr std::uint32_t posting_id_tag = 0xfa1d1e60;
constexpr transfer_id posting_id_of(tenant_id tenant, u128 cause, std::uint32_t leg) {
  const std::uint64_t low = mix_id(tenant, cause) ^ mix_id(leg, ~cause);
  const std::uint64_t rest = mix_id(leg + 0x706f7374, cause ^ make_u128(low, tenant));
  return {make_u128((std::uint64_t{posting_id_tag} << 32) | (rest & 0xffffffff), low)};
}
constexpr bool id_is_reserved_for_postings(u128 id) { return hi64(id) >> 32 == posting_id_tag; }
/// What channels say is journaled under ids that begin so; clients cannot use them either.
inline constexpr std::uint32_t fact_id_tag = 0xfa1d1e61;
constexpr bool id_is_the_servers(u128 id) { return hi64(id) >> 33 == posting_id_tag >> 1; }
static_assert(posting_id_tag >> 1 == fact_id_tag >> 1);

// ----------------------------------------------------------------------------------------------------- requests

namespace order_flags {
inline constexpr std::uint16_t pay_now = 1 << 0;  ///< create and pay from a balance in one unit: both or neither
inline constexpr std::uint16_t client_mask = 0x0001;
}  // namespace order_flags

namespace action_flags {
/// This action and the next in the frame are one: all happen, or none (a combined payment of several orders).
inline constexpr std::uint16_t linked = 1 << 0;
inline constexpr std::uint16_t client_mask = 0x0001;
}  // namespace action_flags

/// Makes an order. Idempotent by id.
struct order_record {
  order_id id;                    // 0   order_id_of(merchant, business_id)
  u128 business_id;               // 16  the merchant's own name for it, not 0
  u128 amount_minor;              // 32  minor units of the ledger's currency, not 0
  u128 user_data_128;             // 48
  owner_number merchant;          // 64  0: the platform's own order
  owner_number user;              // 72  who pays (recharge: who is credited)
  owner_number counterparty;      // 80  the other user of a transfer; adjustments: the channel
  std::uint64_t user_data_64;     // 88
  ledger_id ledger;               // 96
  std::uint32_t timeout_s;        // 100 seconds to wait for the payment, 0 = as the product's machine says
  std::uint32_t accounting_date;  // 104 yyyymmdd; 0 = the day (UTC) on which the server decides
  std::uint16_t product;          // 108 code of the business product (config/payments/business_map.yaml)
  std::uint16_t flags;            // 110 order_flags
  std::uint16_t tools;            // 112 pay_now: bits of the tools that pay; 0 = as the product says
  std::uint16_t reserved0;        // 114 zero
  std::uint32_t channel;          // 116 pay_now through a channel: which, 0 = the first that can
  std::uint32_t hold_s;           // 120 how long money is held (authorised, in escrow, frozen), 0 = as the machine says
  std::uint8_t reserved[4];       // 124 zero
};
static_assert(sizeof(order_record) == limits::record_bytes && std::is_trivially_copyable_v<order_record>);
static_assert(offsetof(order_record, merchant) == 64 && offsetof(order_record, reserved) == 124);

/// What a command does to an order. `timer`, `channel_fact` and `check_fact` are the server's own.
enum class order_action : std::uint16_t {
  none = 0,
  pay = 1,  ///< amount 0 = all that is due
  cancel = 2,
  capture = 3,        ///< of a pre-authorisation; amount 0 = all; the rest is released
  void_ = 4,          ///< of a pre-authorisation
  confirm = 5,        ///< escrow: the buyer is content
  release = 6,        ///< escrow: the platform releases
  refund = 7,         ///< amount 0 = all that is left
  approve = 8,        ///< an adjustment: the second person agrees
  reject = 9,         ///< an adjustment: the second person does not
  resolve = 10,       ///< an open case: a person states what became of the payment (`reason` is the channel_outcome)
  timer = 64,         ///< server only: the time of the order's or its payment's state is over
  channel_fact = 65,  ///< server only: channel_fact_record
  check_fact = 66,    ///< server only: check_fact_record
};

/// Does something to an order. `id` is the command's own (of the payment, of the refund): a repeat gets the stored
/// result.
struct order_action_record {
  transfer_id id;                  // 0
  order_id order;                  // 16
  u128 amount_minor;               // 32 pay, capture, refund; others 0
  u128 user_data_128;              // 48
  std::uint64_t user_data_64;      // 64
  std::uint64_t reason;            // 72 the caller's own meaning
  std::uint32_t expected_version;  // 80 0 = any; another one than the order's: order_version_differs
  order_action action;             // 84
  std::uint16_t flags;             // 86 action_flags
  std::uint16_t tools;             // 88 pay: bits of the tools that pay; 0 = as the product says
  std::uint16_t source;            // 90 refund: number of the payment's source, from 1; 0 = the newest that has enough
  std::uint32_t channel;           // 92 pay through a channel: which, 0 = the first that can
  u128 balance_minor;              // 96 pay with several tools: the part from the balance, when another takes the rest
  u128 coupon_minor;               // 112 likewise from coupons. A channel takes the rest, else the balance
};
static_assert(sizeof(order_action_record) == limits::record_bytes);
static_assert(offsetof(order_action_record, action) == 84 && offsetof(order_action_record, balance_minor) == 96);

// -------------------------------------------------------------------------------------------- how an order stands

namespace order_row_flags {
inline constexpr std::uint16_t resident = 1 << 0;  ///< something can happen to it by time: shards keep it in memory
inline constexpr std::uint16_t final_state = 1 << 1;
inline constexpr std::uint16_t deferred = 1 << 2;  ///< the deferred legs of its payment are still to be booked
}  // namespace order_row_flags

/// An order after one of its events. 320 bytes.
/// Always 0 <= refunded + refunding <= paid <= amount (domain.md 1.2).
struct order_row {
  order_id id;                    // 0
  u128 business_id;               // 16
  u128 amount_minor;              // 32
  u128 paid_minor;                // 48
  u128 refunded_minor;            // 64
  u128 refunding_minor;           // 80
  u128 held_minor;                // 96  pre-authorised, or in escrow, and not yet the merchant's
  u128 fee_minor;                 // 112 booked so far
  u128 user_data_128;             // 128
  owner_number merchant;          // 144
  owner_number user;              // 152
  owner_number counterparty;      // 160
  std::uint64_t user_data_64;     // 168
  time_ns timeout_at;             // 176 when the state's timer is due, 0 = none
  commit_seq created_seq;         // 184 the order's first event; 0 in that event itself
  commit_seq previous_seq;        // 192 the event before; 0 in the first
  std::uint32_t version;          // 200 counts the events, from 1
  ledger_id ledger;               // 204
  std::uint32_t accounting_date;  // 208 yyyymmdd of the order's last posting (until then: of its creation)
  std::uint32_t rule_version;     // 212 of the catalogue that it began with
  std::uint32_t timeout_s;        // 216
  std::uint16_t product;          // 220 code
  std::uint16_t flags;            // 222 order_row_flags
  std::uint16_t payments;         // 224 payments so far
  std::uint16_t refunds;          // 226
  std::uint16_t tools;            // 228 that have paid
  std::uint8_t machine;           // 230 order machine of the catalogue
  std::uint8_t state;             // 231 of that machine
  std::uint32_t hold_s;           // 232
  std::uint32_t reserved;         // 236
  u128 fee_returned_minor;        // 240 of fee_minor, by refunds
  u128 root_id;                   // 256 of the frame that made it: all orders of one root business; 0: none
  u128 context_id;                // 272 of that frame
  std::uint16_t hop;              // 288 of that frame
  std::uint8_t reserved2[30];     // 290
};
static_assert(sizeof(order_row) == 320 && std::is_trivially_copyable_v<order_row>);
static_assert(offsetof(order_row, merchant) == 144 && offsetof(order_row, root_id) == 256);

namespace order_event_flags {
inline constexpr std::uint16_t payment = 1 << 0;  ///< its payment_row stands in the journal behind its postings
}  // namespace order_event_flags

/// Which rule decided; id 0: none did. Written down in config/payments/rules.yaml.
struct order_rule {
  std::uint16_t id = 0;
  std::uint16_t version = 0;
  friend bool operator==(const order_rule&, const order_rule&) = default;
};
inline constexpr std::size_t order_rule_kinds = 5;  ///< limit, risk, tool_selection, fee, split

/// One event in an order's life: the request, the order after it, and the payment it made. In the journal, before the
/// postings of the same unit. 512 bytes.
struct order_event {
  std::byte request[128];      // 0   order_record or order_action_record, as it came: begins with the command's id
  order_row order;             // 128
  u128 amount_minor;           // 448 what the payment moved, 0 = nothing moved
  u128 fee_minor;              // 400
  std::uint16_t request_type;  // 480 frame_type: create_orders, act_on_orders
  std::uint16_t posting_rule;  // 482 of the catalogue; 0xffff = nothing moved
  std::uint8_t event;          // 484 order event: what was asked
  std::uint8_t fact;           // 485 order event that followed in the same unit; 0xff = none
  std::uint8_t from_state;     // 422
  std::uint8_t form;           // 487 payment machine; 0xff = no payment
  std::uint8_t payment_state;  // 488 of that machine
  std::uint8_t legs;           // 489 postings: the events that follow in the journal
  std::uint16_t flags;         // 490 order_event_flags
  order_rule limit_rule;       // 492 that decided about the payment
  order_rule risk_rule;        // 432
  order_rule tool_rule;        // 436
  order_rule fee_rule;         // 440
  order_rule split_rule;       // 444
};
static_assert(offsetof(order_event, limit_rule) == 492 && offsetof(order_event, split_rule) == 508);
static_assert(sizeof(order_event) == 512 && std::is_trivially_copyable_v<order_event>);
static_assert(offsetof(order_event, order) == 128 && offsetof(order_event, request_type) == 480);

/// Which order events are wanted, in commit order. 128 bytes.
struct order_event_query {
  commit_seq after;           // 0   cursor: events with a larger sequence
  owner_number merchant;      // 8   0 = all
  u128 context_id;            // 16  0 = all
  order_id order;             // 32  0 = all
  std::uint32_t limit;        // 48  rows wanted, 1 .. order_rows_max
  std::uint32_t wait_ms;      // 52  when there is none: wait so long for one, at most order_wait_ms_max
  std::uint64_t reserved0;    // 56  zero
  u128 root_id;               // 64  orders of this root business; 0 = all
  std::uint8_t reserved[48];  // 80  zero
};
static_assert(sizeof(order_event_query) == 128);

}  // namespace payloom

#pragma once
// The records of subscriptions to the events of orders (SG-3: transactional outbox with server push). The server pushes
// `order_event_row`s in commit order, at least once; what was handled is acknowledged by sequence, and a subscription
// that comes back goes on behind its last acknowledgement. Listed in protocol/wire/WIRE.md.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocol/types/order_records.hpp"

namespace payloom {

namespace subscribe_flags {
/// Begins nothing: answers how the subscription stands, or with name 0 all of the tenant; all else in it is zero.
inline constexpr std::uint32_t show = 1 << 0;
inline constexpr std::uint32_t client_mask = 0x1;
}  // namespace subscribe_flags

/// Begins a subscription, or goes on with one, on this connection. 128 bytes.
struct subscribe_record {
  u128 name;                  // 0   the subscription, chosen by the client; one a tenant; not 0 or 2^128 - 1
  owner_number merchant;      // 16  events of this merchant's orders; 0 all
  commit_seq after;           // 24  a new subscription begins behind this commit; 0 with the first event
  u128 context_id;            // 32  0 all
  u128 root_id;               // 48  0 all
  order_id order;             // 64  0 all
  std::uint32_t window;       // 80  events pushed and not acknowledged at most, 1 .. subscription_window_max
  std::uint32_t flags;        // 84  subscribe_flags
  std::uint8_t reserved[40];  // 88  zero
};
static_assert(sizeof(subscribe_record) == limits::record_bytes && std::is_trivially_copyable_v<subscribe_record>);
static_assert(offsetof(subscribe_record, reserved) == 88);

namespace acknowledge_flags {
inline constexpr std::uint32_t end = 1 << 0;     ///< push nothing more on this connection; the cursor stays
inline constexpr std::uint32_t forget = 1 << 1;  ///< the subscription is over for ever
inline constexpr std::uint32_t client_mask = 0x3;
}  // namespace acknowledge_flags

/// Everything up to `sequence` has been handled. 128 bytes.
struct acknowledge_record {
  u128 name;                   // 0
  commit_seq sequence;         // 16  at most what was pushed; an older one than the last changes nothing
  std::uint32_t flags;         // 24  acknowledge_flags
  std::uint8_t reserved[100];  // 28  zero
};
static_assert(sizeof(acknowledge_record) == limits::record_bytes);

namespace subscription_flags {
inline constexpr std::uint32_t pushing = 1 << 0;  ///< to a connection of now
inline constexpr std::uint32_t created = 1 << 1;  ///< by this request
}  // namespace subscription_flags

/// A subscription as it stands. 128 bytes.
struct subscription_row {
  u128 name;                // 0
  owner_number merchant;    // 16
  commit_seq acknowledged;  // 24  durable: it goes on behind this one, whatever happens
  u128 context_id;          // 32
  u128 root_id;             // 48
  order_id order;           // 64
  std::uint32_t window;     // 80
  std::uint32_t flags;      // 84  subscription_flags
  commit_seq pushed;        // 88  newest event pushed to the connection of now
  time_ns acknowledged_at;  // 96  when the last acknowledgement came
  std::uint64_t waiting;    // 104 pushed and not acknowledged
  time_ns backlog_since;    // 112 of the oldest event not acknowledged, or commit not looked at; 0: nothing waits
  std::uint64_t unseen;     // 120 commits that were not looked at for it yet
};
static_assert(sizeof(subscription_row) == 128 && std::is_trivially_copyable_v<subscription_row>);
static_assert(offsetof(subscription_row, backlog_since) == 112);

}  // namespace payloom

#pragma once
// The frame: a 128-byte header and records of one type. Layout, meaning and bounds are the contract of WIRE.md.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocol/types/ids.hpp"
#include "protocol/types/result_code.hpp"

namespace payloom {

inline constexpr std::uint32_t frame_magic = 0x4c594150;  ///< the bytes "PAYL"
inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::uint16_t reply_bit = 0x8000;

enum class frame_type : std::uint16_t {
  hello = 1,   ///< body: hello_body; reply: welcome_body
  ping = 2,    ///< no body
  goaway = 3,  ///< server to client, unasked: draining, send nothing new on this connection
  error = 4,   ///< server to client: the frame-level code stands in the header's `code`
  create_transfers = 16,
  create_accounts = 17,
  change_accounts = 18,
  seal_transfers = 19,
  create_orders = 20,     ///< order_record in
  act_on_orders = 21,     ///< order_action_record in
  settle = 24,            ///< one settle_request in, settlement_row out; makes settlement batches
  lookup_accounts = 32,   ///< id_record in, account_row out
  lookup_transfers = 33,  ///< id_record in, transfer_row out
  list_accounts = 34,     ///< one query_record in, account_row out
  list_transfers = 35,    ///< one query_record in, transfer_row out
  statement = 36,         ///< one query_record in, statement_row out
  balances_at = 37,       ///< id_record in, account_row out, all at one commit sequence
  list_ledgers = 38,      ///< one query_record in (limit and cursor only), ledger_row out
  order_timeline = 39,    ///< one id_record in (order, command, posting): all events of its order, order_event_row out
  order_postings = 40,    ///< one id_record in (order or command): the postings, transfer_row out
  order_events = 41,      ///< one order_event_query in, order_event_row out, oldest first; may wait for the next
  settlements = 42,       ///< one settlement_query in, settlement_row out
  subscribe = 43,         ///< one subscribe_record in, subscription_row out; from then on the server pushes
  acknowledge = 44,       ///< one acknowledge_record in, subscription_row out: everything up to there has been handled
  pushed_events = 45,     ///< server to client, unasked: order_event_row of a subscription, oldest first
  order_graph = 46,       ///< one graph_query in, relation_row out: all that belongs to an id
  open_cases = 47,        ///< one order_event_query in, order_event_row out: newest events of orders with open cases
  stats = 48,             ///< no body; reply: JSON text
  verify = 49,            ///< no body; reply: JSON text; checks the books at one commit sequence
  load_catalog = 50,      ///< one load_catalog_record in; reply: JSON text
  rules_diff = 51,        ///< no body; reply: JSON text
  list_catalogs = 52,     ///< no body; reply: JSON text
};

constexpr frame_type reply_type(frame_type t) {
  return static_cast<frame_type>(static_cast<std::uint16_t>(t) | reply_bit);
}

namespace frame_flags {
inline constexpr std::uint16_t shadow = 1 << 0;         ///< must match the partition served
inline constexpr std::uint16_t want_balances = 1 << 1;  ///< create_transfers: answer with balances_result
inline constexpr std::uint16_t more = 1 << 2;           ///< reply of a query: rows were left, continue by cursor
inline constexpr std::uint16_t request_mask = shadow | want_balances;
}  // namespace frame_flags

struct frame_header {
  std::uint32_t magic;           // 0
  std::uint32_t header_crc;      // 4   CRC32C of bytes 8..127
  std::uint32_t body_crc;        // 8   CRC32C of the body; 0 for an empty body
  std::uint32_t length;          // 12  whole frame in bytes
  std::uint16_t version;         // 16
  std::uint16_t type;            // 18  frame_type; replies have bit 15 set
  std::uint16_t flags;           // 20  frame_flags
  std::uint8_t priority;         // 22  0 normal .. 3 highest
  std::uint8_t reserved0;        // 23
  std::uint32_t record_count;    // 24
  tenant_id tenant;              // 28
  std::uint64_t request;         // 32  chosen by the client, echoed
  std::uint32_t timeout_ms;      // 40  request: deadline counted from receipt, 0 = the server's default
  std::uint32_t retry_after_ms;  // 44  reply
  u128 context_id;               // 48  the client's, travels into the journal
  commit_seq sequence;           // 64  reply: the newest durable commit when it was answered (queries: stands at)
  std::uint64_t cursor;          // 72  reply of a query: where the next page begins
  result_code code;              // 80  reply: frame-level code, ok or why nothing was done
  std::uint16_t reserved1;       // 82
  std::uint32_t credits;         // 84  reply: requests the client may have in flight
  std::uint16_t hop;             // 88  request: how many systems passed it on
  std::uint16_t reserved2[3];    // 90
  u128 root_id;                  // 96  request: the root business that it is about; travels into the journal; 0: none
  std::uint8_t reserved[16];     // 112
};
static_assert(sizeof(frame_header) == 128 && std::is_trivially_copyable_v<frame_header>);
static_assert(offsetof(frame_header, context_id) == 48 && offsetof(frame_header, root_id) == 96 &&
              offsetof(frame_header, reserved) == 112);

/// Body of `hello`. 128 bytes.
struct hello_body {
  std::uint16_t version_min;        // 0
  std::uint16_t version_max;        // 2
  std::uint32_t features_wanted;    // 4   unknown bits are ignored
  std::uint32_t features_required;  // 8   unknown bits: version_unsupported
  std::uint32_t reserved0;          // 12
  char client_name[48];             // 16  text, zero padded
  std::uint8_t reserved[64];        // 64
};
static_assert(sizeof(hello_body) == 128);

/// Body of the reply to `hello`. 256 bytes.
struct welcome_body {
  std::uint16_t version;           // 0
  std::uint16_t reserved0;         // 2
  std::uint32_t features;          // 4
  std::uint32_t frame_bytes_max;   // 8
  std::uint32_t frame_events_max;  // 12
  std::uint32_t credit_requests;   // 16  requests in flight on this connection
  std::uint32_t credit_events;     // 20  events in flight on this connection
  std::uint32_t idle_timeout_ms;   // 24
  std::uint32_t shadow;            // 28  1: this address serves the shadow partition
  u128 cluster;                    // 32
  u128 server_instance;            // 48  new at every start
  time_ns server_time;             // 64
  commit_seq sequence;             // 72
  char build[64];                  // 80  version and revision as text, zero padded
  std::uint8_t reserved[112];      // 144
};
static_assert(sizeof(welcome_body) == 256);

}  // namespace payloom

#pragma once
// What is asked of routing, and what it decided and why: a record of fixed size that can be stored, shown and decided
// again (domain.md N8). No padding; equal decisions are equal bytes.
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "actors/core/routing/health_key.hpp"

namespace payloom::core::routing {

/// One attempt that needs a channel.
struct route_question {
  u128 payment = 0;  ///< percentages are split by it
  u128 amount_minor = 0;
  owner_number merchant = 0;
  tenant_id tenant = 0;
  ledger_id ledger = 0;
  std::uint32_t attempt = 0;  ///< of the payment, from 1
  bank_number bank = 0;
  channel_number asked = 0;  ///< the payment names its channel; 0: it does not
  channel_operation operation = channel_operation::pay;
  card_type card = 0;
};

/// Why a channel was not taken, by the first step that dropped it. Limits and health are looked at only where the
/// choice comes to: what it did not come to is `behind` or `dearer`. Numbers stand in recorded decisions.
enum class drop_reason : std::uint8_t {
  none = 0,           ///< it was taken
  not_asked = 1,      ///< the payment names another
  operation = 2,      ///< it cannot do it
  ledger = 3,         ///< it does not move that money
  amount_small = 4,   ///< below its least
  amount_large = 5,   ///< above its most
  closed_now = 6,     ///< a maintenance window
  day_limit = 7,      ///< it would pass the day's amount
  unknown_limit = 8,  ///< too much money without a known end (N3)
  not_in_rule = 9,    ///< the rule that decided names only others
  health = 10,        ///< health refuses; `refusal` says why
  degraded = 11,      ///< another one works better
  dearer = 12,        ///< a cheaper one was taken
  behind = 13,        ///< another one came first
};
inline constexpr std::uint8_t drop_reasons = 14;

/// Which step decided.
enum class route_step : std::uint8_t {
  none = 0,        ///< no channel can take it
  asked = 1,       ///< the payment named it
  priority = 2,    ///< a rule's list
  percentage = 3,  ///< a rule's split
  least_cost = 4,
  fallback = 5,  ///< the first of the plan that can
};

struct route_candidate {
  channel_number channel;
  drop_reason drop;
  health_state state;
  health_refusal refusal;
  std::uint8_t reserved;
};
static_assert(sizeof(route_candidate) == 8);

/// Candidates that a decision keeps: the first of the plan. Routing itself looks at all.
inline constexpr std::size_t candidates_kept = 15;

/// 256 bytes.
struct route_decision {
  u128 payment;                           // 0
  u128 amount_minor;                      // 16
  u128 cost_minor;                        // 32  of the chosen channel; u128_max: more than that
  u128 risk_minor;                        // 48  the amount as health counts it
  time_ns at;                             // 64
  owner_number merchant;                  // 72
  tenant_id tenant;                       // 80
  ledger_id ledger;                       // 84
  std::uint32_t attempt;                  // 88
  std::uint32_t plan_version;             // 92
  std::uint32_t draw;                     // 96
  bank_number bank;                       // 100
  channel_number asked;                   // 104
  channel_number channel;                 // 108 chosen; 0: none
  std::uint32_t round;                    // 112 of the admission
  std::uint32_t own_round;                // 116 likewise
  std::uint16_t rule;                     // 120 that matched, 0 = none
  std::uint16_t rule_version;             // 122
  channel_operation operation;            // 124
  card_type card;                         // 125
  route_step step;                        // 126
  health_verdict verdict;                 // 127 of the chosen channel, as are the next three
  health_verdict marked;                  // 128
  health_refusal refusal;                 // 129
  health_state state;                     // 130
  std::uint8_t candidates;                // 131 all there were
  std::uint8_t reserved[4];               // 132
  route_candidate kept[candidates_kept];  // 136
};
static_assert(sizeof(route_decision) == 256 && std::is_trivially_copyable_v<route_decision>);
static_assert(offsetof(route_decision, channel) == 108 && offsetof(route_decision, kept) == 136);

inline bool operator==(const route_decision& a, const route_decision& b) { return std::memcmp(&a, &b, sizeof(a)) == 0; }

/// The question that was decided.
inline route_question question_of(const route_decision& d) {
  return {d.payment, d.amount_minor, d.merchant, d.tenant, d.ledger, d.attempt, d.bank, d.asked, d.operation, d.card};
}

inline health_key key_of(const route_question& q, channel_number channel) {
  return {channel, q.bank, q.operation, q.card};
}

}  // namespace payloom::core::routing

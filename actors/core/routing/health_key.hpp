#pragma once
// What the health of channels is kept by, what is told about attempts, and what health answers. Plain values.
// Source: domain.md 1.4 "Channel health", N8.
#include <cstdint>

#include "protocol/types/payment_records.hpp"

namespace payloom::core::routing {

using channel_number = std::uint32_t;  ///< limits::channel_number_max; 0 = none
using bank_number = std::uint32_t;     ///< the platform's number of the payer's or payee's bank; 0 = any, or not known
using card_type = std::uint8_t;        ///< the platform's number of a kind of cards; 0 = any, or not known

/// Bank and card type 0: the channel's own key, which all of its banks' attempts pass as well.
struct health_key {
  channel_number channel = 0;
  bank_number bank = 0;
  channel_operation operation = channel_operation::none;
  card_type card = 0;

  constexpr bool is_own() const { return bank == 0 && card == 0; }
  constexpr health_key own() const { return {channel, 0, operation, 0}; }
  friend constexpr bool operator==(const health_key&, const health_key&) = default;
};

/// How an attempt ended, as health sees it. Numbers stand in recorded traffic.
enum class attempt_outcome : std::uint8_t {
  withdrawn = 0,          ///< it never left, or nobody will tell: says nothing about the channel, frees what it held
  ok = 1,                 ///< success, or taken for certain
  business_refusal = 2,   ///< no money, wrong password: the channel works
  technical_failure = 3,  ///< the channel said that it failed
  unknown = 4,            ///< an answer that says nothing
  timeout = 5,            ///< no answer in time
};
inline constexpr std::uint8_t attempt_outcomes = 6;

constexpr bool is_failure(attempt_outcome o) { return o >= attempt_outcome::technical_failure; }
/// Nobody knows where the money is.
constexpr bool is_unknown(attempt_outcome o) { return o >= attempt_outcome::unknown; }

/// Numbers stand in recorded decisions.
enum class health_state : std::uint8_t {
  normal = 0,
  degraded = 1,   ///< works, but badly: what may choose freely chooses another
  open = 2,       ///< cut
  half_open = 3,  ///< one attempt at a time finds out
  ramp = 4,       ///< a growing share of attempts
};
inline constexpr std::uint8_t health_states = 5;

enum class health_verdict : std::uint8_t { admit = 0, probe = 1, refuse = 2 };

/// Why health refuses.
enum class health_refusal : std::uint8_t {
  none = 0,
  open = 1,
  forced_open = 2,      ///< by an operator
  probe_out = 3,        ///< a probe has not been answered yet
  probe_too_large = 4,  ///< too much money to find out with
  ramp_share = 5,       ///< not among the share that the ramp lets through
  loss_budget = 6,      ///< what is at risk leaves no room for it
};

enum class health_override : std::uint8_t { none = 0, forced_open = 1, forced_normal = 2 };

/// What health says of one attempt. Whoever makes the attempt hands the rounds back with its outcome.
struct admission {
  health_verdict verdict = health_verdict::admit;
  health_verdict marked = health_verdict::admit;  ///< what it would be if health did not only label
  health_refusal refusal = health_refusal::none;  ///< of `marked`
  health_state state = health_state::normal;      ///< of the key that decided
  std::uint32_t round = 0;                        ///< of the bank's key: it runs at that round's risk; 0: at none's
  std::uint32_t own_round = 0;                    ///< likewise, of the channel's own key
};

/// The end of an attempt.
struct outcome_report {
  health_key key;
  attempt_outcome outcome = attempt_outcome::withdrawn;
  std::uint64_t latency_ns = 0;
  u128 amount_minor = 0;        ///< as it was admitted with
  std::uint32_t round = 0;      ///< of its admission
  std::uint32_t own_round = 0;  ///< of its admission
};

}  // namespace payloom::core::routing

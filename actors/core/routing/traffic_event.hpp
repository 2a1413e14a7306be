#pragma once
// What happened to routing, in order: enough to decide everything again (domain.md N8). Plain records of fixed size.
// A recording begins with `started`: whoever routes began with nothing known.
#include <cstddef>
#include <type_traits>

#include "actors/core/routing/route_decision.hpp"

namespace payloom::core::routing {

/// The end of an attempt, with what its decision said of it. 96 bytes.
struct attempt_report {
  u128 payment;                 // 0
  u128 amount_minor;            // 16
  u128 risk_minor;              // 32
  std::uint64_t latency_ns;     // 48
  std::uint32_t attempt;        // 56
  ledger_id ledger;             // 60
  channel_number channel;       // 64
  bank_number bank;             // 68
  std::uint32_t round;          // 72
  std::uint32_t own_round;      // 76
  channel_operation operation;  // 80
  card_type card;               // 81
  attempt_outcome outcome;      // 82
  std::uint8_t reserved[13];    // 83
};
static_assert(sizeof(attempt_report) == 96 && offsetof(attempt_report, outcome) == 82);

/// The report on the attempt that was decided.
inline attempt_report report_on(const route_decision& d, attempt_outcome outcome, std::uint64_t latency_ns) {
  return {d.payment, d.amount_minor, d.risk_minor, latency_ns,  d.attempt, d.ledger, d.channel,
          d.bank,    d.round,        d.own_round,  d.operation, d.card,    outcome,  {}};
}

/// Unknown money that was found (after a start), or whose end is known now. 48 bytes.
struct unknown_change {
  u128 payment;             // 0
  u128 amount_minor;        // 16
  std::uint32_t attempt;    // 32
  ledger_id ledger;         // 36
  channel_number channel;   // 40
  std::uint32_t reserved0;  // 44
};
static_assert(sizeof(unknown_change) == 48);

/// An operator's word. 24 bytes.
struct forced_change {
  time_ns until;                // 0
  channel_number channel;       // 8
  bank_number bank;             // 12
  channel_operation operation;  // 16
  card_type card;               // 17
  health_override kind;         // 18
  std::uint8_t reserved[5];     // 19

  health_key key() const { return {channel, bank, operation, card}; }
};
static_assert(sizeof(forced_change) == 24);

/// Numbers stand in recorded traffic.
enum class traffic_kind : std::uint8_t {
  started = 0,   ///< whatever was known is forgotten
  decision = 1,  ///< made and applied
  report = 2,
  unknown_found = 3,
  unknown_settled = 4,
  forced = 5,
};

/// 288 bytes.
struct traffic_event {
  union {
    route_decision decision;
    attempt_report report;
    unknown_change unknown;
    forced_change forced;
  };                          // 0
  time_ns at;                 // 256 not before the event before it
  traffic_kind kind;          // 264
  std::uint8_t reserved[23];  // 265
};
static_assert(sizeof(traffic_event) == 288 && std::is_trivially_copyable_v<traffic_event>);

inline traffic_event make_traffic(time_ns at, traffic_kind kind) {
  traffic_event e;
  std::memset(static_cast<void*>(&e), 0, sizeof(e));
  e.at = at;
  e.kind = kind;
  return e;
}
inline traffic_event traffic_of(const route_decision& d) {
  traffic_event e = make_traffic(d.at, traffic_kind::decision);
  e.decision = d;
  return e;
}
inline traffic_event traffic_of(const attempt_report& r, time_ns at) {
  traffic_event e = make_traffic(at, traffic_kind::report);
  e.report = r;
  return e;
}
inline traffic_event traffic_of(const unknown_change& c, traffic_kind kind, time_ns at) {
  traffic_event e = make_traffic(at, kind);
  e.unknown = c;
  return e;
}
inline traffic_event traffic_of(const forced_change& c, time_ns at) {
  traffic_event e = make_traffic(at, traffic_kind::forced);
  e.forced = c;
  return e;
}

}  // namespace payloom::core::routing

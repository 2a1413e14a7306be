#pragma once
// One line's settings, numbers that belong to it, and what it counts.
#include <cstdint>
#include <string>
#include <string_view>

namespace payloom::core {

struct iso_settings {
  std::string terminal;  ///< field 41, 1 to 8 characters; each line has its own, so that references differ
  std::string merchant;  ///< field 42, 1 to 15 characters
  std::uint32_t in_flight_max = 4096;      ///< requests without a response; more are not_sent
  std::uint32_t reversals_max = 4096;      ///< reversals without an answer; at this no request is taken
  std::uint32_t remembered_max = 1 << 18;  ///< answered attempts kept, so that a repeated answer or question is known
  std::uint32_t output_max = 1 << 20;      ///< bytes that wait for the socket; above it requests are not_sent
  std::uint32_t response_timeout_ms = 15'000;
  std::uint32_t reversal_repeat_ms = 10'000;
  std::uint32_t reversal_repeats_max = 10'000;  ///< then it is given up, and only a new question makes a new one
  std::uint32_t sign_on_timeout_ms = 5'000;     ///< for sign-on and sign-off
  std::uint32_t echo_idle_ms = 30'000;          ///< nothing came for so long: echo
  std::uint32_t echo_timeout_ms = 5'000;
  std::uint32_t echoes_lost_max = 3;  ///< unanswered in a row: the line is dead
  std::uint32_t rate_per_second = 0;  ///< requests; more are not_sent; 0: as many as come
  std::uint32_t burst = 1;            ///< requests at once within the rate

  /// What is wrong with them, empty: nothing. Settings with problems must not be used.
  std::string_view problem() const;
};

/// Why the line itself ended a call: codes of ours beside those of the list (iso_code::number). Stable.
enum class iso_refusal : std::uint16_t {
  line_down = 901,       ///< not connected, or not signed on
  line_lost = 902,       ///< the line broke before the request was handed to the socket
  in_flight_full = 903,  ///< in_flight_max
  reversals_full = 904,  ///< reversals_max: first the old ones must be settled
  output_full = 905,     ///< output_max: the other side reads too slowly
  rate = 906,            ///< rate_per_second
  amount_unfit = 907,    ///< field 4 holds 1 to 999,999,999,999 minor units
  ledger_unfit = 908,    ///< field 49 holds ISO 4217 numbers
  stopping = 909,        ///< signing off
  no_response = 910,     ///< unknown: none came in time
  line_broke = 911,      ///< unknown: the line broke behind the request
  response_unfit = 912,  ///< unknown: the response contradicts the request (currency, amount)
  reversed = 913,        ///< closed: the host has acknowledged the reversal
};
constexpr std::uint16_t number_of(iso_refusal r) { return static_cast<std::uint16_t>(r); }

struct iso_counters {
  std::uint64_t in_flight = 0;          ///< now
  std::uint64_t reversals_waiting = 0;  ///< now
  std::uint64_t sent = 0;               ///< requests
  std::uint64_t answered = 0;           ///< requests by their response
  std::uint64_t not_sent = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t lines_broken = 0;
  std::uint64_t reversals_queued = 0;
  std::uint64_t reversals_repeated = 0;
  std::uint64_t reversals_acknowledged = 0;
  std::uint64_t reversals_refused = 0;   ///< answered with a code that does not acknowledge; they go on
  std::uint64_t reversals_given_up = 0;  ///< after reversal_repeats_max (alert)
  std::uint64_t reversals_dropped = 0;   ///< no room in the queue; the payment's next question comes (alert)
  std::uint64_t late_responses = 0;      ///< for a request that is being reversed
  std::uint64_t repeated_responses = 0;  ///< for a request that has its response
  std::uint64_t stray_responses = 0;     ///< for no request that we know of; reversed when approved
  std::uint64_t unmapped_codes = 0;      ///< GW-7: alert
  std::uint64_t bad_messages = 0;        ///< could not be read
  std::uint64_t echoes_lost = 0;

  /// Sums, over the lines of a channel.
  iso_counters& operator+=(const iso_counters& other);
};

}  // namespace payloom::core

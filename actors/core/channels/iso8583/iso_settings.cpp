#include "actors/core/channels/iso8583/iso_settings.hpp"

#include <algorithm>

namespace payloom::core {

namespace {

bool is_printable(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

/// STANs have six digits, and a quarter of them must be enough: so a free one is near.
constexpr std::uint64_t slots_max = 250'000;
constexpr std::uint32_t timeout_max_ms = 3'600'000;

}  // namespace

std::string_view iso_settings::problem() const {
  if (!is_printable(terminal, 8)) return "terminal: 1 to 8 printable characters";
  if (!is_printable(merchant, 15)) return "merchant: 1 to 15 printable characters";
  if (in_flight_max == 0 || reversals_max == 0) return "in_flight_max and reversals_max: at least 1";
  if (std::uint64_t{in_flight_max} + reversals_max > slots_max)
    return "in_flight_max and reversals_max: at most 250,000 together";
  if (remembered_max < in_flight_max || remembered_max > (1u << 24))
    return "remembered_max: from in_flight_max to 16,777,216";
  if (output_max < 4'096 || output_max > (64u << 20)) return "output_max: from 4,096 to 67,108,864 bytes";
  for (const std::uint32_t ms :
       {response_timeout_ms, reversal_repeat_ms, sign_on_timeout_ms, echo_idle_ms, echo_timeout_ms})
    if (ms == 0 || ms > timeout_max_ms) return "times: from 1 to 3,600,000 ms";
  if (reversal_repeats_max == 0) return "reversal_repeats_max: at least 1";
  if (echoes_lost_max == 0) return "echoes_lost_max: at least 1";
  if (burst == 0 || rate_per_second > 1'000'000 || burst > 1'000'000)
    return "rate_per_second: at most 1,000,000; burst: from 1 to 1,000,000";
  return {};
}

iso_counters& iso_counters::operator+=(const iso_counters& other) {
  in_flight += other.in_flight;
  reversals_waiting += other.reversals_waiting;
  sent += other.sent;
  answered += other.answered;
  not_sent += other.not_sent;
  timeouts += other.timeouts;
  lines_broken += other.lines_broken;
  reversals_queued += other.reversals_queued;
  reversals_repeated += other.reversals_repeated;
  reversals_acknowledged += other.reversals_acknowledged;
  reversals_refused += other.reversals_refused;
  reversals_given_up += other.reversals_given_up;
  reversals_dropped += other.reversals_dropped;
  late_responses += other.late_responses;
  repeated_responses += other.repeated_responses;
  stray_responses += other.stray_responses;
  unmapped_codes += other.unmapped_codes;
  bad_messages += other.bad_messages;
  echoes_lost += other.echoes_lost;
  static_assert(sizeof(iso_counters) == 19 * sizeof(std::uint64_t), "one more counter: add it here");
  return *this;
}

}  // namespace payloom::core

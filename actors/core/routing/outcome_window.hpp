#pragma once
// How many attempts of the last 30 s, minute and 5 minutes ended how: a ring of slots of five seconds, with running
// sums. Fixed memory, no allocation. One thread at a time.
#include <array>
#include <cstdint>

#include "actors/core/routing/health_key.hpp"
#include "actors/core/routing/health_plan.hpp"

namespace payloom::core::routing {

struct outcome_counts {
  std::array<std::uint32_t, attempt_outcomes> of{};  ///< by attempt_outcome; `withdrawn` is never counted

  std::uint32_t at(attempt_outcome o) const { return of[static_cast<std::size_t>(o)]; }
  std::uint32_t failures() const;
  std::uint32_t samples() const;
  /// Failures are more than `per_mille` of the samples.
  bool fails_more_than(std::uint32_t per_mille) const;
  outcome_counts& operator+=(const outcome_counts& other);
  outcome_counts& operator-=(const outcome_counts& other);
  friend bool operator==(const outcome_counts&, const outcome_counts&) = default;
};

enum class window_length : std::uint8_t { half_minute = 0, minute = 1, five_minutes = 2 };

class outcome_window {
 public:
  static constexpr time_ns slot_ns = 5 * second_ns;
  static constexpr std::size_t slots = 60;
  /// A slot counts no more of one kind than this: so no sum can overflow.
  static constexpr std::uint32_t slot_max = 1u << 24;

  /// A time before an earlier one counts as the earlier one.
  void add(attempt_outcome outcome, time_ns now);
  /// Forgets what is too old at `now`.
  void advance(time_ns now);
  /// As of the newest time given. The slot of now counts as a whole one: 30 s are between 25 and 30.
  const outcome_counts& over(window_length length) const { return sums_[static_cast<std::size_t>(length)]; }
  void clear();

 private:
  static constexpr std::array<std::size_t, 3> lengths{6, 12, slots};

  std::uint64_t slot_ = 0;  ///< number of the newest one since 1970
  std::array<outcome_counts, 3> sums_{};
  std::array<outcome_counts, slots> ring_{};
};

}  // namespace payloom::core::routing

#include "actors/core/routing/outcome_window.hpp"

#include "protocol/types/assert.hpp"

namespace payloom::core::routing {

static_assert(std::uint64_t{outcome_window::slot_max} * outcome_window::slots <= UINT32_MAX);

std::uint32_t outcome_counts::failures() const {
  using enum attempt_outcome;
  return at(technical_failure) + at(unknown) + at(timeout);
}

std::uint32_t outcome_counts::samples() const {
  using enum attempt_outcome;
  return at(ok) + at(business_refusal) + failures();
}

bool outcome_counts::fails_more_than(std::uint32_t per_mille) const {
  return std::uint64_t{failures()} * 1000 > std::uint64_t{samples()} * per_mille;
}

outcome_counts& outcome_counts::operator+=(const outcome_counts& other) {
  for (std::size_t i = 0; i < of.size(); ++i) of[i] += other.of[i];
  return *this;
}

outcome_counts& outcome_counts::operator-=(const outcome_counts& other) {
  for (std::size_t i = 0; i < of.size(); ++i) {
    PAYLOOM_ASSERT(of[i] >= other.of[i]);
    of[i] -= other.of[i];
  }
  return *this;
}

void outcome_window::advance(time_ns now) {
  const std::uint64_t slot = now / slot_ns;
  if (slot <= slot_) return;
  if (slot - slot_ >= slots) {
    clear();
    slot_ = slot;
    return;
  }
  while (slot_ < slot) {
    ++slot_;
    for (std::size_t i = 0; i < lengths.size(); ++i) sums_[i] -= ring_[(slot_ + slots - lengths[i]) % slots];
    ring_[slot_ % slots] = {};
  }
}

void outcome_window::add(attempt_outcome outcome, time_ns now) {
  PAYLOOM_ASSERT(static_cast<std::uint8_t>(outcome) < attempt_outcomes);
  advance(now);
  if (outcome == attempt_outcome::withdrawn) return;
  const auto i = static_cast<std::size_t>(outcome);
  if (ring_[slot_ % slots].of[i] >= slot_max) return;
  ++ring_[slot_ % slots].of[i];
  for (outcome_counts& sum : sums_) ++sum.of[i];
}

void outcome_window::clear() {
  sums_ = {};
  ring_ = {};
}

}  // namespace payloom::core::routing

#include "actors/core/channels/iso8583/iso_slots.hpp"

#include <bit>

#include "protocol/types/assert.hpp"

namespace payloom::core {

iso_slots::iso_slots(std::uint32_t in_flight_max, std::uint32_t reversals_max)
    : slots_(in_flight_max + reversals_max),
      stans_(std::bit_ceil(slots_.size() * 2), none),
      attempts_(in_flight_max + reversals_max) {
  PAYLOOM_ASSERT(!slots_.empty() && stans_.size() <= stan_max);
  for (auto n = static_cast<number>(slots_.size()); n > 0; --n) {
    slots_[n - 1].next = free_;
    free_ = n - 1;
  }
}

iso_slots::number iso_slots::find_stan(std::uint32_t stan) const {
  const number n = stans_[stan & (stans_.size() - 1)];
  return n != none && slots_[n].stan == stan ? n : none;
}

iso_slots::number iso_slots::add(const channel_call& call, iso_stage stage) {
  PAYLOOM_ASSERT(free_ != none && stage != iso_stage::free);
  const number n = free_;
  iso_slot& s = slots_[n];
  free_ = s.next;
  s.call = call;
  s.stage = stage;
  s.told = true;
  attempts_.insert(call.attempt_id, n);
  stage == iso_stage::waiting ? push_back(n) : push_front(n);
  return n;
}

void iso_slots::reverse(number n) {
  PAYLOOM_ASSERT(slots_[n].stage == iso_stage::waiting);
  unlink(n);
  drop_stan(n);
  slots_[n].stage = iso_stage::reversing;
  push_front(n);
}

void iso_slots::to_back(number n) {
  PAYLOOM_ASSERT(slots_[n].stage == iso_stage::reversing);
  unlink(n);
  push_back(n);
}

void iso_slots::remove(number n) {
  iso_slot& s = slots_[n];
  PAYLOOM_ASSERT(s.stage != iso_stage::free);
  attempts_.erase(s.call.attempt_id);
  unlink(n);
  drop_stan(n);
  s = iso_slot{};
  s.next = free_;
  free_ = n;
}

void iso_slots::draw_stan(number n) {
  PAYLOOM_ASSERT(slots_[n].stan == 0);
  slots_[n].stan = pass_stan();
  stans_[slots_[n].stan & (stans_.size() - 1)] = n;
}

std::uint32_t iso_slots::pass_stan() {
  // At most half of the places are taken, and neighbours have neighbouring places: the loop ends.
  do {
    last_stan_ = last_stan_ == stan_max ? 1 : last_stan_ + 1;
  } while (stans_[last_stan_ & (stans_.size() - 1)] != none);
  return last_stan_;
}

void iso_slots::drop_stan(number n) {
  iso_slot& s = slots_[n];
  if (s.stan == 0) return;
  number& place = stans_[s.stan & (stans_.size() - 1)];
  PAYLOOM_ASSERT(place == n);
  place = none;
  s.stan = 0;
}

void iso_slots::push_back(number n) {
  iso_slot& s = slots_[n];
  list& l = list_of(s.stage);
  s.previous = l.last;
  s.next = none;
  (l.last == none ? l.first : slots_[l.last].next) = n;
  l.last = n;
  ++l.size;
}

void iso_slots::push_front(number n) {
  iso_slot& s = slots_[n];
  list& l = list_of(s.stage);
  s.previous = none;
  s.next = l.first;
  (l.first == none ? l.last : slots_[l.first].previous) = n;
  l.first = n;
  ++l.size;
}

void iso_slots::unlink(number n) {
  iso_slot& s = slots_[n];
  list& l = list_of(s.stage);
  (s.previous == none ? l.first : slots_[s.previous].next) = s.next;
  (s.next == none ? l.last : slots_[s.next].previous) = s.previous;
  --l.size;
}

}  // namespace payloom::core

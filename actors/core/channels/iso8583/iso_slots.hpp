#pragma once
// What a line waits for: requests without a response, reversals without an acknowledgement. One flat table; a request
// becomes its reversal in its place, so there is always room for that. Pure; one thread.
#include <array>
#include <cstdint>
#include <vector>

#include "actors/core/channels/channel_call.hpp"
#include "actors/core/channels/iso8583/attempt_index.hpp"
#include "actors/core/channels/iso8583/iso_stamp.hpp"

namespace payloom::core {

enum class iso_stage : std::uint8_t {
  free,
  waiting,    ///< a request
  reversing,  ///< a reversal
};

struct iso_slot {
  channel_call call;
  time_ns due = 0;  ///< waiting: too late from then on; reversing: to be sent then
  iso_reference reference{};
  std::array<char, 10> original_transmitted{};  ///< of the request; zeroes: it is not known (after a restart)
  std::uint32_t stan = 0;                       ///< of what was sent last, 0: nothing yet
  std::uint32_t original_stan = 0;              ///< of the request
  std::uint32_t sends = 0;                      ///< of the reversal
  std::uint32_t previous = 0, next = 0;
  iso_stage stage = iso_stage::free;
  bool told = false;  ///< whether anybody waits for the reversal's end: not for one of a stray response
};

class iso_slots {
 public:
  using number = std::uint32_t;
  static constexpr number none = attempt_index::none;

  iso_slots(std::uint32_t in_flight_max, std::uint32_t reversals_max);

  iso_slot& at(number n) { return slots_[n]; }
  const iso_slot& at(number n) const { return slots_[n]; }
  number find_attempt(u128 attempt_id) const { return attempts_.find(attempt_id); }
  /// The slot that waits for an answer with this STAN.
  number find_stan(std::uint32_t stan) const;
  bool full() const { return free_ == none; }
  std::uint32_t waiting() const { return waiting_.size; }
  std::uint32_t reversing() const { return reversing_.size; }
  number first_waiting() const { return waiting_.first; }
  number first_reversing() const { return reversing_.first; }

  /// A slot for the attempt: a request behind the others, a reversal in front of them. Must not be full, and the
  /// attempt must not have one.
  number add(const channel_call& call, iso_stage stage);
  /// A waiting one becomes a reversal, the first of them.
  void reverse(number n);
  /// A reversal goes behind the others.
  void to_back(number n);
  void remove(number n);
  /// A STAN that nothing waits for; the slot is found by it from now on.
  void draw_stan(number n);
  void drop_stan(number n);
  /// A STAN for a message that has no slot; it comes again only after all others.
  std::uint32_t pass_stan();

 private:
  struct list {
    number first = none, last = none;
    std::uint32_t size = 0;
  };
  list& list_of(iso_stage stage) { return stage == iso_stage::waiting ? waiting_ : reversing_; }
  void push_back(number n);
  void push_front(number n);
  void unlink(number n);

  static constexpr std::uint32_t stan_max = 999'999;

  std::vector<iso_slot> slots_;
  std::vector<number> stans_;  ///< slot by the lower bits of its STAN; a power of two, at most half of it taken
  attempt_index attempts_;
  list waiting_, reversing_;
  number free_ = none;  ///< first of the free ones, chained by `next`
  std::uint32_t last_stan_ = 0;
};

}  // namespace payloom::core

#pragma once
// Makes the orders of one worker's load from a seed: all products that need no channel, paid at once, later or in
// parts, cancelled, captured, voided, confirmed, released, refunded, left to their timers; commands that race for one
// order, with and without the version they expect; and everything a second time. Not thread-safe.
#include <cstdint>
#include <random>
#include <vector>

#include "protocol/client/id_generator.hpp"
#include "tests/crash/load_frame.hpp"
#include "tests/crash/load_pool.hpp"

namespace payloom::crash {

class order_maker {
 public:
  order_maker(std::uint64_t seed, const load_pool& pool);

  /// The next frames, to be sent one right after the other.
  std::vector<load_frame> next();

 private:
  std::uint64_t random(std::uint64_t below) { return engine_() % below; }
  bool chance(std::uint64_t percent) { return random(100) < percent; }

  load_frame creations();
  load_frame actions();
  std::vector<load_frame> whole_lives();
  load_frame version_race();
  void add_repeat(load_frame& to);
  order_record new_order();
  order_action_record new_action(const order_record& on);
  void choose_tools(const order_record& on, order_action_record& r);

  const load_pool& pool_;
  std::mt19937_64 engine_;
  client::id_generator ids_;
};

}  // namespace payloom::crash

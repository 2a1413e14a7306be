#pragma once
// Makes the load of one worker from a seed: frames of single transfers, holds, captures, voids, reversals, chains,
// account changes, new accounts, seals, orders (order_maker), and everything a second time. Not thread-safe.
#include <cstdint>
#include <random>
#include <vector>

#include "protocol/client/id_generator.hpp"
#include "tests/crash/account_plan.hpp"
#include "tests/crash/load_frame.hpp"
#include "tests/crash/load_pool.hpp"
#include "tests/crash/order_maker.hpp"

namespace payloom::crash {

class load_maker {
 public:
  load_maker(std::uint64_t seed, const account_plan& plan, const load_pool& pool);

  /// The next frames, to be sent one right after the other.
  std::vector<load_frame> next();

 private:
  std::uint64_t random(std::uint64_t below) { return engine_() % below; }
  bool chance(std::uint64_t percent) { return random(100) < percent; }
  const account_record& one_of(const std::vector<account_record>& group) { return group[random(group.size())]; }

  load_frame transfers();
  load_frame changes();
  load_frame accounts();
  load_frame seals();
  std::vector<load_frame> seal_race();
  void add_event(load_frame& to);
  void add_resolution(load_frame& to);
  void add_repeat(load_frame& to);
  void add_chain(load_frame& to);
  transfer_record move(account_id from, account_id to, ledger_id ledger);
  transfer_record plain_move();
  transfer_record limited_move();

  const account_plan& plan_;
  const load_pool& pool_;
  std::mt19937_64 engine_;
  client::id_generator ids_;
  order_maker orders_;
};

}  // namespace payloom::crash

#pragma once
// How a cycle ends: by SIGKILL at a random moment, or at a marked place (protocol/types/kill_point.hpp) that the server
// reaches by itself. What a place needs of the load is said here, in one table.
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "protocol/types/kill_point.hpp"

namespace payloom::crash {

struct kill_plan {
  kill_point point = kill_point::none;  ///< none: at a random moment
  std::string name;
  std::uint64_t count = 1;       ///< the passing that ends it
  bool in_recovery = false;      ///< it dies on its way to listening
  std::uint64_t events_max = 0;  ///< of load, over all connections, then silence: only an idle index writes; 0: no end

  /// The value of --kill-at.
  std::string argument() const { return name + ":" + std::to_string(count); }

  static kill_plan at(const kill_point_info& where, std::mt19937_64& engine) {
    constexpr std::uint64_t events_for_an_index_run = 60'000;
    kill_plan p;
    p.point = where.point;
    p.name = where.name;
    std::uint64_t passings = 150;  // groups, or batches of results: reached within a second of load
    switch (where.point) {
      case kill_point::segment_named:
        passings = 1;
        break;
      case kill_point::ingest_prepared:
      case kill_point::ingest_done:
        passings = 1;
        p.events_max = events_for_an_index_run;
        break;
      case kill_point::timer_submitted:
        passings = 20;
        break;
      case kill_point::recovery_snapshot:
        passings = 1;
        p.in_recovery = true;
        break;
      case kill_point::subscription_laid:
      case kill_point::subscription_written:
        passings = 40;
        break;
      case kill_point::subscription_remade:
      case kill_point::subscription_named:
        passings = 1;  // every start writes the file anew
        p.in_recovery = true;
        break;
      case kill_point::recovery_replayed:
        passings = 60;
        p.in_recovery = true;
        break;
      default:
        break;
    }
    p.count = 1 + engine() % passings;
    return p;
  }
};

}  // namespace payloom::crash

#pragma once
// One connection under load until the server dies: sends frames, keeps some in flight, and logs every one of them with
// its results. What has no results at the end is unknown. One thread runs it; `frames` is read after that.
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "protocol/client/blocking_connection.hpp"
#include "tests/crash/load_frame.hpp"
#include "tests/crash/load_maker.hpp"
#include "tests/crash/load_pool.hpp"

namespace payloom::crash {

class load_worker {
 public:
  struct settings {
    std::string address;
    std::uint64_t seed = 0;
    double events_per_second = 0;  ///< 0: as many as it can
    std::uint64_t events_max = 0;  ///< then it only waits for what is in flight
    std::uint32_t window = 4;      ///< frames in flight
  };

  load_worker(settings how, const account_plan& plan, load_pool& pool);

  /// Returns when the connection ends or the events are used up. `killing` tells our kill from any other end.
  void run(const std::atomic<bool>& killing);

  std::deque<load_frame> frames;
  std::string ended_early;  ///< why the connection ended before anybody was killed, else empty

 private:
  void fill_window(client::blocking_connection& to);
  void take(const client::reply& reply);

  settings how_;
  load_pool& pool_;
  load_maker maker_;
  std::deque<load_frame> ready_;
  std::map<std::uint64_t, std::size_t> in_flight_;  ///< request number -> index in frames
  std::uint64_t events_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace payloom::crash

#pragma once
// Drives a scenario: one thread, one epoll loop, all connections. Closed loop: every connection keeps its window of
// frames in flight. Open loop: frames leave at their intended times, whatever the server does, and their latency counts
// from then; what is late is sent late, never left out before the end.
#include <atomic>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "actors/app/bench/scenario/scenario_line.hpp"

namespace payloom::bench {

struct drive_result {
  double seconds = 0;  ///< from the first send to the last answer
  std::uint64_t frames = 0;
  std::uint64_t late = 0;    ///< open loop: operations sent more than 1 ms after their time
  std::uint64_t unsent = 0;  ///< open loop: operations whose time had come at the end, and that were not sent
  std::uint64_t connections_broken = 0;
  std::vector<std::uint64_t> per_second;  ///< operations done
};

class scenario_driver {
 public:
  struct settings {
    std::string address;
    double reconnect_seconds = 30;  ///< a connection that broke and stays away so long is given up
  };

  /// Connects (throws client::connect_failure). `stop` ends the sending early.
  scenario_driver(settings where, const scenario& how, scenario_world& world, std::uint64_t seed,
                  const std::atomic<bool>& stop);
  ~scenario_driver();
  scenario_driver(const scenario_driver&) = delete;
  scenario_driver& operator=(const scenario_driver&) = delete;

  /// Called about once a second with the seconds since the start.
  std::function<void(double)> on_second;

  /// Runs once. A connection that breaks is opened again, and what was in flight on it sent again with the same ids.
  drive_result run();

 private:
  bool may_send() const;
  void watch(std::uint32_t number);
  void send_what_is_due();
  bool send_next(scenario_line& l, std::uint64_t intended_ns);
  void send(scenario_line& l, scenario_slot& slot);
  void wait();
  void receive(scenario_line& l);
  void take(scenario_line& l, const frame_header& header, std::span<const std::byte> body);
  void flush(scenario_line& l);
  void lose(scenario_line& l);
  void reconnect_lost();
  void arm_timer(std::uint64_t at_ns);
  void each_second();
  void finish();
  std::uint64_t gap_ns(std::size_t operations);

  const settings where_;
  const scenario how_;
  scenario_world& world_;
  const std::atomic<bool>& stop_;
  std::mt19937_64 engine_;
  std::vector<scenario_line> lines_;
  std::size_t next_line_ = 0;
  int epoll_ = -1, timer_ = -1;
  std::uint64_t now_ns_ = 0, start_ns_ = 0, end_ns_ = 0, due_ns_ = 0, last_answer_ns_ = 0, next_second_ns_ = 0;
  std::uint64_t done_before_ = 0;
  std::uint64_t next_request_ = 1;
  std::uint64_t in_flight_ = 0;
  drive_result result_;
};

}  // namespace payloom::bench

#pragma once
// Keeps a loop at a rate. One thread.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

namespace payloom::support {

class pacer {
 public:
  /// 0: as fast as it goes. The clock starts now.
  explicit pacer(double events_per_second) : rate_(events_per_second) {}

  /// Sleeps a moment when more than is due was done already.
  void keep(std::uint64_t events_done) const {
    if (rate_ <= 0) return;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began_;
    const double ahead = static_cast<double>(events_done) / rate_ - passed.count();
    if (ahead > 0) std::this_thread::sleep_for(std::chrono::duration<double>(std::min(ahead, nap_seconds_max)));
  }

 private:
  static constexpr double nap_seconds_max = 0.05;

  double rate_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace payloom::support

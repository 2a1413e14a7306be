#pragma once
// Things to do later, by time. One thread, the io_context's.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include "actors/channels/http_json/asio.hpp"

namespace payloom::http_json {

class delay_line : public std::enable_shared_from_this<delay_line> {
 public:
  using clock = std::chrono::steady_clock;
  /// At most `waiting_max` things wait.
  delay_line(asio::io_context& io, std::size_t waiting_max) : timer_(io), waiting_max_(waiting_max) {}

  /// Of equal times the older first. False: there are too many.
  bool add(std::uint64_t delay_ns, std::function<void()> what);
  void stop();
  std::size_t size() const { return waiting_.size(); }

 private:
  struct thing {
    clock::time_point at;
    std::uint64_t number;
    std::function<void()> what;
    friend bool operator>(const thing& a, const thing& b) { return a.at != b.at ? a.at > b.at : a.number > b.number; }
  };
  void arm();
  void run();

  wait_timer timer_;
  const std::size_t waiting_max_;
  std::priority_queue<thing, std::vector<thing>, std::greater<>> waiting_;
  std::uint64_t next_number_ = 0;
  clock::time_point armed_for_ = clock::time_point::max();
  bool stopped_ = false;
};

}  // namespace payloom::http_json

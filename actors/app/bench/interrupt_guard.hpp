#pragma once
// While one lives, Ctrl-C ends the load instead of the process. One at a time.
#include <signal.h>

#include <atomic>

namespace payloom::bench {

class interrupt_guard {
 public:
  interrupt_guard();
  ~interrupt_guard();
  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;

  /// True from the first Ctrl-C on.
  static const std::atomic<bool>& interrupted();

 private:
  struct sigaction before_ {};
};

}  // namespace payloom::bench

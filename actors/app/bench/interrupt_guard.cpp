#include "actors/app/bench/interrupt_guard.hpp"

namespace payloom::bench {
namespace {

std::atomic<bool> was_interrupted{false};

void on_interrupt(int) { was_interrupted.store(true, std::memory_order_relaxed); }

}  // namespace

interrupt_guard::interrupt_guard() {
  struct sigaction ours {};
  ours.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &ours, &before_);
}

interrupt_guard::~interrupt_guard() { ::sigaction(SIGINT, &before_, nullptr); }

const std::atomic<bool>& interrupt_guard::interrupted() { return was_interrupted; }

}  // namespace payloom::bench

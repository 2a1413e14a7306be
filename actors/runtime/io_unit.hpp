#pragma once
// Runs actors on the thread that has the data: an I/O thread hands a small batch to an actor "on this unit" and drains
// it; whatever the actors send each other stays on the thread (architecture.md section 2, "Threads"). One per I/O
// thread.
#include <deque>

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

namespace payloom::actors {

class io_unit : public caf::execution_unit {
 public:
  explicit io_unit(caf::actor_system& system) : caf::execution_unit(&system) {}

  void exec_later(caf::resumable* job) override { jobs_.push_back(job); }

  /// Runs until nothing is runnable here. Bounded: each resume handles at most `throughput` messages, and the chains
  /// of messages that one batch causes are finite.
  void drain(std::size_t throughput) {
    while (!jobs_.empty()) {
      caf::resumable* job = jobs_.front();
      jobs_.pop_front();
      switch (job->resume(this, throughput)) {
        case caf::resumable::resume_later:
          jobs_.push_back(job);
          break;
        case caf::resumable::done:
        case caf::resumable::awaiting_message:
        case caf::resumable::shutdown_execution_unit:
          intrusive_ptr_release(job);
          break;
      }
    }
  }

 private:
  std::deque<caf::resumable*> jobs_;
};

}  // namespace payloom::actors

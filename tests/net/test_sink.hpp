#pragma once
// A sink without a ledger: answers at once, or keeps the frames until the test lets them go from its own thread.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "protocol/net/ports.hpp"

namespace payloom::net::testing {

class test_sink final : public request_sink {
 public:
  /// Fills in a frame before it is completed. The default echoes the low half of each id as the sequence.
  std::function<void(command_frame&)> answer = [](command_frame& frame) { echo(frame); };

  static void echo(command_frame& frame) {
    for (std::uint32_t i = 0; i < frame.count; ++i)
      if (frame.type() == frame_type::create_transfers) frame.result(i).sequence = lo64(frame.transfer(i).id.value);
  }

  void submit(std::span<command_frame* const> frames) override {
    std::unique_lock lock(mutex_);
    ++submits_;
    for (command_frame* frame : frames) {
      if (!holding_) {
        lock.unlock();
        finish(*frame);
        lock.lock();
      } else {
        held_.push_back(frame);
      }
    }
    lock.unlock();
    changed_.notify_all();
  }

  bool idle() override {
    std::unique_lock lock(mutex_);
    ++idles_;
    changed_.notify_all();
    return false;
  }

  void hold() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
  }

  /// Waits until `count` frames are held and takes them.
  std::vector<command_frame*> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return held_.size() >= count; }))
      throw std::runtime_error("frames did not arrive");
    return std::exchange(held_, {});
  }

  void finish(command_frame& frame) {
    answer(frame);
    if (frame.finish(frame.remaining.load())) frame.port->complete(frame);
  }

  /// Answers at once again, and what is held.
  void let_go() {
    std::vector<command_frame*> frames;
    {
      const std::lock_guard lock(mutex_);
      holding_ = false;
      frames.swap(held_);
    }
    for (command_frame* frame : frames) finish(*frame);
  }

  std::size_t submits() {
    const std::lock_guard lock(mutex_);
    return submits_;
  }
  std::size_t idles() {
    const std::lock_guard lock(mutex_);
    return idles_;
  }
  /// Waits until idle() was called more than `before` times.
  bool wait_for_idle(std::size_t before) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return idles_ > before; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<command_frame*> held_;
  bool holding_ = false;
  std::size_t submits_ = 0;
  std::size_t idles_ = 0;
};

}  // namespace payloom::net::testing

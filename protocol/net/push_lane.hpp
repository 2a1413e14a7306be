#pragma once
// Frames that the server sends unasked: a lane is one subscription on one connection. It says whether the connection is
// still there, and how much of what was pushed the socket has not taken yet, so that who pushes can stop in time.
// Asio-free.
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace payloom::net {

/// Shared by who pushes and the connection. Any thread.
class push_lane {
 public:
  /// `total` counts the unsent bytes of all lanes that share it.
  explicit push_lane(std::shared_ptr<std::atomic<std::uint64_t>> total) : total_(std::move(total)) {}

  bool open() const noexcept { return open_.load(std::memory_order_acquire); }
  /// By the connection when it ends, by who pushes when nothing more will come. For ever.
  void close() noexcept { open_.store(false, std::memory_order_release); }
  /// Bytes that were charged and are not given back: they stand in the server's memory.
  std::uint64_t unsent() const noexcept { return unsent_.load(std::memory_order_acquire); }

 private:
  friend class push_charge;
  std::shared_ptr<std::atomic<std::uint64_t>> total_;
  std::atomic<std::uint64_t> unsent_{0};
  std::atomic<bool> open_{true};
};

/// What one pushed frame takes of its lane, until its bytes were given to the socket or thrown away.
class push_charge {
 public:
  push_charge() = default;
  push_charge(std::shared_ptr<push_lane> lane, std::uint64_t bytes) noexcept : lane_(std::move(lane)), bytes_(bytes) {
    lane_->unsent_.fetch_add(bytes_, std::memory_order_acq_rel);
    lane_->total_->fetch_add(bytes_, std::memory_order_acq_rel);
  }
  push_charge(push_charge&& other) noexcept : lane_(std::move(other.lane_)), bytes_(std::exchange(other.bytes_, 0)) {}
  push_charge& operator=(push_charge&& other) noexcept {
    std::swap(lane_, other.lane_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~push_charge() {
    if (lane_ == nullptr) return;
    lane_->unsent_.fetch_sub(bytes_, std::memory_order_acq_rel);
    lane_->total_->fetch_sub(bytes_, std::memory_order_acq_rel);
  }
  /// Null without one.
  push_lane* lane() const noexcept { return lane_.get(); }

 private:
  std::shared_ptr<push_lane> lane_;
  std::uint64_t bytes_ = 0;
};

}  // namespace payloom::net

#pragma once
// The channels that this process serves, one actor each. It only grows: a catalogue that is loaded later brings its new
// channels along without a restart.
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include <caf/actor_system.hpp>

#include "actors/core/catalog/catalog_registry.hpp"
#include "actors/runtime/wiring.hpp"

namespace payloom::actors {

class channel_table {
 public:
  /// Both must outlive it.
  channel_table(caf::actor_system& system, wiring& w) : system_(system), wiring_(w) {}

  /// Starts an actor for every channel of the newest catalogue that has none yet. Those that run keep the settings of
  /// their driver until the next start; their bounds are the new ones from now on. At most limits::channels_max
  /// different channels are served. Any thread.
  void serve(const std::shared_ptr<const core::catalog::catalog_registry>& payments);
  /// Gives every channel its calls. One that is not served: nothing leaves, and the payment is told so; questions wait.
  /// Any thread.
  void call(std::vector<core::channel_call> calls);
  /// Tells all of them the time.
  void tick();
  /// Numbers of the channels served, in the order of `wiring::gateway_counters`. Any thread.
  std::vector<owner_number> numbers() const;
  /// Calls `end(actor)` for each. After that none is served.
  template <class End>
  void stop(End&& end) {
    for (std::size_t c = 0, all = count_.exchange(0); c < all; ++c) end(actors_[c]);
  }

 private:
  std::size_t place_of(owner_number number, std::size_t count) const;

  caf::actor_system& system_;
  wiring& wiring_;
  std::mutex growing_;
  std::vector<std::shared_ptr<const core::catalog::catalog_registry>> kept_;  ///< actors point into them
  std::array<owner_number, limits::channels_max> numbers_{};
  std::array<channel_actor, limits::channels_max> actors_;
  std::atomic<std::size_t> count_{0};  ///< places below are written once, before it grows
};

}  // namespace payloom::actors

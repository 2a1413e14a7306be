#pragma once
// The wires of this server's channels, put together: one thread for all their sockets, a wire for each channel that the
// file of channels.wires names, the listener for callbacks, the raw log.
#include <functional>
#include <memory>
#include <string>

#include "actors/channels/channel_wire.hpp"
#include "actors/core/catalog/channel_plan.hpp"
#include "actors/core/channels/channel_desk.hpp"
#include "config/wire_settings.hpp"

namespace payloom::app {

/// Made before the partition and stopped while its actors still run. Wires are made as the gateways ask for their
/// drivers; those of channels that nobody asks for stay cold.
class channel_wires {
 public:
  /// Takes facts that came as callbacks; the function is called once, on any thread, with whether they are durable.
  using take_facts = std::function<void(core::channel_facts, std::function<void(bool accepted)>)>;

  /// Reads keys and certificates; throws std::runtime_error that says what is wrong, never a secret.
  explicit channel_wires(config::wires_file settings);
  ~channel_wires();

  /// The driver of a channel; null when the file does not name it, or names another driver (which is logged). Any
  /// thread; `wake` is called, from the wires' thread, when there is something to tell.
  std::unique_ptr<core::channel_driver> make_driver(const core::catalog::channel_plan& plan,
                                                    std::function<void()> wake);
  /// Begins to take callbacks of the channels that have a driver by now; throws when it cannot listen.
  void listen(const take_facts& take);
  /// Closes listener and wires: nothing is told any more when it returns. Once.
  void stop();
  /// Calls `each(channel name, counters)` for every wire that was made. Any thread.
  void visit(const std::function<void(const std::string&, const actors::wire_counters&)>& each) const;

 private:
  struct inside;
  std::unique_ptr<inside> in_;
};

}  // namespace payloom::app

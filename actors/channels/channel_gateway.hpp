#pragma once
// The actor around one channel's desk: takes calls from the order shards, tells its facts as commands of the server's
// own. One actor a channel: a slow one holds up no other (GW: bulkhead).
#include <vector>

#include "actors/core/channels/channel_desk.hpp"
#include "actors/runtime/wiring.hpp"

namespace payloom::actors {

class channel_gateway : public channel_actor::base {
 public:
  /// `plan` must outlive it; `place` is its place in the catalogue's list.
  channel_gateway(caf::actor_config& config, wiring& w, const core::catalog::channel_plan& plan, std::size_t place);
  behavior_type make_behavior() override;
  const char* name() const override { return "channel_gateway"; }

 private:
  void work(channel_mail& mail);

  wiring& wiring_;
  core::channel_desk desk_;
  core::channel_facts facts_;
  channel_counters& counters_;
};

}  // namespace payloom::actors

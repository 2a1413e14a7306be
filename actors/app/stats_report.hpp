#pragma once
// The JSON text behind `payloom stats`.
#include <string>

#include "actors/app/subscription_service.hpp"
#include "actors/follower/follower.hpp"
#include "actors/runtime/partition.hpp"
#include "config/settings.hpp"
#include "protocol/net/server.hpp"
#include "storage/ports.hpp"

namespace payloom::app {

struct stats_sources {
  actors::partition& partition;
  follower::follower& follower;
  net::server& server;
  storage::journal& journal;
  const subscription_service& subscriptions;
  const config::settings& settings;
};

/// One JSON object; every figure is a running total or a present value, named with its unit.
std::string make_stats(const stats_sources& s);

}  // namespace payloom::app

#pragma once
// Routing compiled: channels with their windows, limits and costs, and the rules that decide, in the order in which
// they are asked. Immutable after `make`; any thread may read it; look-ups allocate nothing.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/routing/route_decision.hpp"
#include "actors/core/routing/route_definition.hpp"

namespace payloom::core::routing {

using channel_place = std::uint8_t;  ///< among the plan's channels
static_assert(limits::channels_max <= UINT8_MAX);

struct route_channel {
  std::string name;
  channel_number number = 0;
  catalog::operation_bits operations = 0;
  u128 min_minor = 1, max_minor = u128_max;
  std::vector<ledger_id> ledgers;  ///< empty: all
  std::vector<week_window> closed;
  std::vector<ledger_limit> day_limits, unknown_limits;
  std::vector<route_cost> costs;  ///< the one for all ledgers last

  bool moves(ledger_id ledger) const;
  bool is_closed(std::uint16_t minute_of_week) const;
  /// nullptr: none.
  static const ledger_limit* limit_of(std::span<const ledger_limit> limits, ledger_id ledger);
  /// Rounded down; u128_max when it is more than that.
  u128 cost_of(ledger_id ledger, u128 amount_minor) const;
};

/// Monday 00:00 UTC is 0.
std::uint16_t minute_of_week(time_ns now);

struct route_rule {
  route_rule_definition said;
  std::vector<channel_place> channels;
  std::vector<std::uint16_t> upto;  ///< percentage: sums of the shares

  bool holds(const route_question& q, time_ns now) const;
  /// Where the walk over `channels` begins; after the last comes the first.
  std::size_t first_for(u128 payment) const;
};

class route_plan {
 public:
  route_plan() = default;
  /// Whatever is wrong is added to `problems`, and then it must not be used. Rules decide when they are ACTIVE;
  /// `with_drafts`: DRAFT and SHADOW ones as well, to find out what they would do (`replay`).
  static route_plan make(const catalog::channel_plans& channels, const routing_definition& said, bool with_drafts,
                         problem_list& problems);

  std::uint32_t version() const { return version_; }
  const health_plan& health() const { return health_; }
  bool least_cost() const { return least_cost_; }
  /// In the order of the channels' file; at most limits::channels_max.
  std::span<const route_channel> channels() const { return channels_; }
  const route_channel* find(channel_number number) const;
  /// The first rule that holds; nullptr: none.
  const route_rule* rule_for(const route_question& q, time_ns now) const;
  /// An amount in the unit of the loss budget, rounded up; saturates.
  u128 valued(ledger_id ledger, u128 amount_minor) const;

 private:
  friend class route_compiler;

  std::uint32_t version_ = 0;
  health_plan health_;
  bool least_cost_ = false;
  std::vector<route_channel> channels_;
  std::vector<route_rule> rules_;  ///< those that decide, by priority
  std::vector<ledger_value> values_;
};

}  // namespace payloom::core::routing

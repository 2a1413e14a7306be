#pragma once
// Marked places where a process can be told to end by SIGKILL, for the crash tests (scripts/crash --points): what a
// power cut at that very place would leave behind has to be enough. Always compiled in, never armed but by the server's
// hidden option --kill-at; a place that is not armed costs one comparison a group, batch or chunk, never one an event.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace payloom {

enum class kill_point : std::uint8_t {
  none,
  group_closed,          ///< a group is laid and numbered, nothing of it is written
  group_written,         ///< it is durable, nobody has heard of it
  group_applied,         ///< the account shards are told, the order shards are not
  replies_ready,         ///< an order shard has results of a durable group and hands none of them back
  follower_takes,        ///< the follower has a durable group and applies nothing of it; its replies may be out
  segment_named,         ///< the next segment has its name, no group is in it
  ingest_prepared,       ///< the sorted runs of a chunk are written, the index does not know them
  ingest_done,           ///< the atomic step is over, nobody in the process knows
  timer_submitted,       ///< commands of the server's own (expiries, timers) are on their way to the shards
  recovery_snapshot,     ///< recovery has the index's states and ids, nothing is replayed
  recovery_replayed,     ///< recovery has replayed a group; more may follow
  subscription_laid,     ///< a batch of acknowledgements is made, nothing of it is written
  subscription_written,  ///< it is durable, nobody was answered
  subscription_remade,   ///< the file of subscriptions is written anew, under another name
  subscription_named,    ///< it has its name
};

struct kill_point_info {
  kill_point point;
  std::string_view name;
};
/// All but `none`, in the order of a command's way.
std::span<const kill_point_info> all_kill_points();

/// Arms one place: "NAME" or "NAME:COUNT", the count-th passing ends the process. False when the text is neither.
/// Before there are threads.
bool arm_kill_point(std::string_view text);

namespace detail {
extern kill_point armed_kill_point;
void reach_kill_point();
}  // namespace detail

/// Ends the process by SIGKILL when this place is armed and was passed often enough. Any thread.
inline void pass_kill_point(kill_point here) {
  if (detail::armed_kill_point == here) [[unlikely]]
    detail::reach_kill_point();
}

}  // namespace payloom

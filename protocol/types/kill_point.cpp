#include "protocol/types/kill_point.hpp"

#include <atomic>
#include <charconv>
#include <csignal>

namespace payloom {
namespace {

using enum kill_point;
constexpr kill_point_info places[] = {
    {group_closed, "group_closed"},
    {group_written, "group_written"},
    {group_applied, "group_applied"},
    {replies_ready, "replies_ready"},
    {follower_takes, "follower_takes"},
    {segment_named, "segment_named"},
    {ingest_prepared, "ingest_prepared"},
    {ingest_done, "ingest_done"},
    {timer_submitted, "timer_submitted"},
    {recovery_snapshot, "recovery_snapshot"},
    {recovery_replayed, "recovery_replayed"},
    {subscription_laid, "subscription_laid"},
    {subscription_written, "subscription_written"},
    {subscription_remade, "subscription_remade"},
    {subscription_named, "subscription_named"},
};

std::atomic<std::uint64_t> passings_left{0};

}  // namespace

namespace detail {

kill_point armed_kill_point = kill_point::none;

void reach_kill_point() {
  if (passings_left.fetch_sub(1, std::memory_order_relaxed) == 1) std::raise(SIGKILL);
}

}  // namespace detail

std::span<const kill_point_info> all_kill_points() { return places; }

bool arm_kill_point(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(':'));
  std::uint64_t count = 1;
  if (name.size() < text.size()) {
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + name.size() + 1, end, count);
    if (read.ec != std::errc{} || read.ptr != end || count == 0) return false;
  }
  for (const kill_point_info& place : places) {
    if (place.name != name) continue;
    passings_left = count;
    detail::armed_kill_point = place.point;
    return true;
  }
  return false;
}

}  // namespace payloom

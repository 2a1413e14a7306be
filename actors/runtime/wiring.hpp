#pragma once
// Who talks to whom within one partition. Filled once at start, read by all its actors, cleared at stop (actor handles
// in it keep the actors alive).
#include <array>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "actors/core/channels/channel_desk.hpp"
#include "actors/messages.hpp"
#include "actors/runtime/secret_salt.hpp"
#include "actors/runtime/shard_counters.hpp"

namespace payloom::actors {

/// Wall clock in ns; an input of the shells, faked in tests.
using clock_function = std::function<time_ns()>;

struct wiring {
  wiring(std::uint32_t order_shards, std::uint32_t account_shards, std::uint32_t hot_shards)
      : topology(order_shards, account_shards, hot_shards, secret_salt()),
        order_counters(order_shards),
        account_counters(account_shards + hot_shards),
        gateway_counters(limits::channels_max) {}
  core::topology topology;
  std::vector<order_shard_actor> orders;
  std::vector<account_shard_actor> accounts;  ///< home shards first, then hot-account shards
  journal_writer_actor writer;
  reader_actor reader;
  clock_function now;
  std::atomic<commit_seq> durable{0};        ///< newest durable commit whose applies were sent
  std::atomic<std::uint64_t> ticks_done{0};  ///< ticks worked off by all actors together
  std::vector<shard_counters> order_counters, account_counters;
  std::vector<channel_counters> gateway_counters;                           ///< in the order of `channel_table`
  std::array<check_counters, limits::checks_max> check_counters_by_number;  ///< by number - 1
  check_backlog checks_waiting;
  writer_counters journal_counters;
  /// Takes expiry voids made by order shards (not by clients) and submits them like a session would.
  std::function<void(std::vector<transfer_record>, std::vector<tenant_id>)> submit_expiries;
  std::function<void(std::vector<order_action_record>, std::vector<tenant_id>)> submit_timers;
  /// The driver of a channel; it calls the function, from any thread, when it has something to tell.
  std::function<std::unique_ptr<core::channel_driver>(const core::catalog::channel_plan&, std::function<void()>)>
      make_channel_driver;
  /// Takes what channels are asked, after it is durable.
  std::function<void(std::vector<core::channel_call>)> call_channels;
  /// Takes what channels say and submits it.
  std::function<void(core::channel_facts)> submit_facts;
  /// Takes what checks are asked, after it is durable; and what they said.
  std::function<void(std::vector<core::check_call>)> ask_checks;
  std::function<void(core::check_facts)> submit_check_facts;
};

/// Hands finished frames back; called by whoever wrote the last result.
inline void complete_all(std::vector<command_frame*>& finished) {
  for (command_frame* f : finished) f->port->complete(*f);
  finished.clear();
}

/// Exception handler of every actor that owns money: an escaped exception is our bug, and going on without the shard
/// would be worse than stopping; recovery replays the journal (architecture.md section 6).
caf::error stop_process(std::exception_ptr& escaped);

/// A claim was lost: our bug, too. The last line in the log names it.
[[noreturn]] void stop_overdue(const core::overdue_claim& claim);

/// Monotonic nanoseconds for busy-time counters.
std::uint64_t monotonic_ns();

}  // namespace payloom::actors

#pragma once
// One subscription as the service has it in memory.
#include <deque>
#include <memory>

#include "actors/app/subscription_store.hpp"
#include "actors/follower/event_fanout.hpp"
#include "protocol/net/ports.hpp"

namespace payloom::app {

/// Memory: this, 16 bytes for each event that was pushed and not acknowledged, and the rows of one round.
struct subscription {
  /// An event on its way to being acknowledged.
  struct unacknowledged {
    commit_seq sequence = 0;
    time_ns timestamp = 0;
  };
  /// Where it pushes to. Without a lane: nowhere.
  struct target {
    net::push_port* port = nullptr;
    std::uint64_t owner = 0;    ///< the connection
    std::uint64_t request = 0;  ///< number of the request that began it
    std::uint32_t window = 0;
    std::shared_ptr<net::push_lane> lane;
  };
  enum class phase : std::uint8_t { making, lasting, forgetting };  ///< making and forgetting wait for the file

  stored_subscription durable;  ///< as the file has it
  phase state = phase::making;
  commit_seq acknowledged = 0;  ///< the newest word; the file may be behind it
  time_ns acknowledged_at = 0;
  commit_seq reached = 0;  ///< the newest commit that may be acknowledged: since the start it was looked at
  commit_seq pushed = 0;   ///< newest event pushed to the connection of now
  target to;
  follower::event_reader reader;
  std::deque<unacknowledged> waiting;
  commit_seq since_of = 0;  ///< `since` is the time of this commit
  time_ns since = 0;
  bool reported_late = false;

  explicit subscription(const stored_subscription& from)
      : durable(from),
        acknowledged(from.acknowledged),
        acknowledged_at(from.acknowledged_at),
        reached(from.acknowledged) {
    reader.tenant = from.tenant;
    reader.looked = from.acknowledged;
    reader.wanted.merchant = from.merchant;
    reader.wanted.context_id = from.context_id;
    reader.wanted.root_id = from.root_id;
    reader.wanted.order = {from.order};
  }

  bool pushing() const { return to.lane != nullptr; }

  /// Everything goes to `where` from now on, beginning behind the newest acknowledgement.
  void begin(target where) {
    end();
    to = std::move(where);
  }
  /// Nothing is pushed any more; what was and is not acknowledged comes again.
  void end() {
    if (to.lane != nullptr) to.lane->close();
    to = {};
    pushed = 0;
    waiting.clear();
    reader.rows.clear();
    reader.room = 0;
    reader.looked = acknowledged;
  }
  /// Everything up to `sequence` was handled.
  void acknowledge(commit_seq sequence, time_ns now) {
    acknowledged_at = now;
    if (sequence <= acknowledged) return;
    acknowledged = sequence;
    while (!waiting.empty() && waiting.front().sequence <= sequence) waiting.pop_front();
    if (!pushing()) reader.looked = sequence;
  }
  /// What the file should have.
  stored_subscription to_store() const {
    stored_subscription out = durable;
    out.acknowledged = acknowledged;
    out.acknowledged_at = acknowledged_at;
    return out;
  }
};

}  // namespace payloom::app

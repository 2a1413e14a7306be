#pragma once
// One partition at work: its shards, its journal writer and its reader on a CAF system, filled from recovery, fed by
// one frame router per I/O thread. Hides CAF from the composition root.
#include <array>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "actors/core/catalog/catalog_registry.hpp"
#include "actors/core/channels/channel_desk.hpp"
#include "actors/core/order_book.hpp"
#include "actors/follower/recovery_visitor.hpp"
#include "actors/runtime/order_answers.hpp"
#include "actors/runtime/reader_functions.hpp"
#include "actors/runtime/shard_counters.hpp"
#include "protocol/net/ports.hpp"
#include "storage/ports.hpp"

namespace payloom::actors {

/// The CAF system all partitions of the process run on.
struct system_options {
  std::uint32_t workers = 2;
  bool stealing = false;  ///< policy: sharing unless set
  std::uint32_t max_throughput = 64;
};
class actor_host {
 public:
  explicit actor_host(const system_options& options);
  ~actor_host();
  struct inside;
  inside& get() { return *in_; }

 private:
  std::unique_ptr<inside> in_;
};

/// Makes a channel's driver, which calls the function, from any thread, when it has something to tell; null: it has no
/// wire here.
using channel_driver_maker =
    std::function<std::unique_ptr<core::channel_driver>(const core::catalog::channel_plan&, std::function<void()>)>;

struct partition_options {
  std::uint32_t order_shards = 2;
  std::uint32_t account_shards = 2;
  std::uint32_t hot_account_shards = 1;  ///< 0: hot accounts stay with their home shards
  std::vector<account_id> hot_accounts;  ///< hot by configuration (tenant 0)
  std::uint32_t io_threads = 1;
  std::uint32_t inline_events = 512;
  std::size_t inline_bytes = 64 * 1024;
  std::uint32_t max_throughput = 64;
  std::uint32_t accounts_max = 0xfffffff0;
  std::uint32_t orders_max = 1u << 22;
  std::shared_ptr<const core::catalog::catalog_registry> payments;  ///< null: orders are refused
  /// Drivers of channels with a wire; null, or when it makes none: the channel sends nothing.
  channel_driver_maker wires;
  bool shadow = false;
  std::function<bool(ledger_id)> ledger_known;
  std::function<time_ns()> now;       ///< wall clock; null: the system's
  std::function<void(bool)> on_full;  ///< no space (true), space again (false)
  std::function<void(std::shared_ptr<const std::byte>, std::size_t)> on_durable;  ///< groups for the follower
  std::function<void(command_frame&)> other_frames;  ///< queries, stats, verify; any I/O thread
};

/// A copy of one account's state, as a marker found it.
struct account_state {
  tenant_id tenant = 0;
  account_row row{};
};

class partition {
 public:
  partition(actor_host& host, partition_options options);
  ~partition();

  /// Fills the shards before start (follower::recover calls it).
  follower::recovery_visitor& recovery();
  /// After recovery: versions of the catalogue that open orders began with and nobody has any more.
  const std::set<std::uint32_t>& missing_rule_versions() const;
  /// Starts the actors. The journal must stand at the recovered end and outlive the partition.
  void start(storage::journal& journal, reader_functions functions);
  /// One per I/O thread; valid until stop.
  std::vector<net::request_sink*> sinks();
  /// Stops all actors; nothing may be in flight.
  void stop();

  /// Newest durable commit whose postings the shards have been told.
  const std::atomic<commit_seq>& durable() const;
  /// Whoever asks the reader finds the ids up to here.
  void set_readable(commit_seq seq);
  /// New versions of the catalogue: every command that comes after the return is judged by them. One thread.
  void set_payments(const std::shared_ptr<const core::catalog::catalog_registry>& next);
  /// Calls `each` with every order shard's book, on that shard's thread (several at once), then `done` on one of them.
  void visit_orders(std::function<void(const core::order_book&)> each, std::function<void()> done);
  /// Submits orders that only the server makes, of the tenants beside them; thread-safe, after start.
  std::shared_ptr<order_answers> submit_orders(const std::vector<order_record>& records,
                                               const std::vector<tenant_id>& tenants);
  /// Submits what a channel said by itself; `done` is called once, on some thread, when it is durable or refused.
  /// Thread-safe, after start; what is submitted after `stop` began is not answered.
  void submit_facts(const core::channel_facts& facts, order_answers::called done);
  /// The state of all accounts at one commit sequence; calls back once, on some thread, with that sequence.
  void snapshot(std::function<void(commit_seq, std::vector<account_state>)> done);

  /// How often an account moved between home and hot-account shards; a snapshot during which it changed may miss one.
  std::uint64_t moves() const;
  std::uint32_t home_shards() const;

  const std::vector<shard_counters>& order_counters() const;
  /// Numbers of the channels served, and what their gateways count, in the same order.
  std::vector<owner_number> channels() const;
  const std::vector<struct channel_counters>& channel_counters() const;
  /// What the checks' gateway counts, by number - 1.
  const std::array<struct check_counters, limits::checks_max>& check_counters() const;
  const check_backlog& checks_waiting() const;
  const std::vector<shard_counters>& account_counters() const;
  const writer_counters& journal_counters() const;

 private:
  struct inside;
  std::unique_ptr<inside> in_;
};

}  // namespace payloom::actors

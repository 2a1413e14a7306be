#pragma once
// S1 (architecture.md section 7): core and fault-injecting journal on one thread from one seed. Clients of the seeded
// workload talk to a `shard_world`; the auditor hears of every request, every durable event and every reply; processes
// crash and come back with other shard counts. The same seed and size give the same run. Single-threaded.
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/auditor.hpp"
#include "tests/sim/shard_world.hpp"
#include "tests/sim/workload.hpp"

namespace payloom::sim {

using required_list = std::vector<std::pair<std::string, std::uint64_t>>;

struct simulation_counts {
  world_counts world;
  std::uint64_t duplicates_in_flight = 0;  ///< an id submitted while a command with it was unanswered
  std::uint64_t restarts = 0;
  std::uint64_t crashes_with_unacked = 0;  ///< durable events that nobody had been told of
  std::uint64_t lost_writes = 0;           ///< appends that failed and left nothing
  std::uint64_t answered_expired = 0;      ///< captures and voids that came after the expiry
  // Orders.
  std::uint64_t orders = 0, postings = 0;  ///< durable events of orders, and their postings
  std::uint64_t payments = 0;              ///< of these events: those that moved money
  std::uint64_t order_duplicates = 0;      ///< an order or action submitted while one with its id was unanswered
  std::uint64_t order_poor = 0;            ///< refused because the payer had too little
  std::uint64_t timers_fired = 0;          ///< timers that brought an order further
  std::uint64_t order_crashes = 0;         ///< durable events of orders that nobody had been told of at a crash
  std::uint64_t order_restarts = 0;        ///< restarts with orders open
  payment_stats through_channels;
  linked_stats linked;
  combined_stats combined;
  std::uint64_t asked_again = 0;       ///< attempts of an earlier process that a later one asked about
  std::uint64_t compared = 0;          ///< orders whose channels' postings were compared with their channels
  std::uint64_t sources_compared = 0;  ///< attempts of which it was compared what went back of them

  void add(const simulation_counts& o);
  /// (name, how often), those that must not be zero over a run of the suite.
  required_list required() const;
  required_list required_of_linked() const;
};

class simulation {
 public:
  struct options {
    std::uint64_t seed = 1;
    std::uint64_t transfers = 20'000;   ///< events to ask for, in about as many
    std::uint32_t orders_percent = 25;  ///< of the clients' frames
    std::uint32_t funding_factor = 1;   ///< above 1 fewer orders find too little money
  };
  explicit simulation(options o);

  /// Runs to the end, or to the first violation. True when the auditor has nothing to say.
  bool run();

  const simulation_counts& counts() const { return counts_; }
  const auditor& judge() const { return judge_; }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  void start();
  void fill_disk();
  void crash();
  void turn();
  void submit_one();
  void clients_send();
  void pass_time();
  void on_durable(const std::vector<journal_event>& events);
  void on_finished(sim_frame& f);
  void drain();
  void come_to_rest();
  void check_claims();
  void settle_holds();
  void mend_accounts();
  void settle_payments();
  void settle_orders();
  std::size_t orders_open() const;
  void compare_at_rest();
  void complain(std::string what) { violations_.push_back(std::move(what)); }
  bool wrong() const { return !violations_.empty() || judge_.violation_count() != 0; }

  options options_;
  sim_random random_;
  time_ns now_ = 1'700'000'000'000'000'000u;
  storage::memory_journal journal_;
  journal_feed feed_{journal_};
  stored_index index_;
  outside_book outside_{[this](std::string what) { complain(std::move(what)); }};
  auditor judge_;
  workload clients_;
  simulation_counts counts_;
  std::unique_ptr<shard_world> world_;
  std::vector<audit_request> network_;             ///< on the way to the server, in no order
  std::map<audit_key, std::uint32_t> asked_;       ///< commands in flight by id
  commit_seq told_ = 0;                            ///< newest commit that a reply told of
  commit_seq order_told_ = 0, order_durable_ = 0;  ///< the same of orders, and the newest durable event of one
  std::uint64_t events_asked_ = 0;
  std::uint32_t in_flight_max_ = 16;
  std::uint64_t full_turns_ = 0;  ///< turns until the disk has space again
  bool settling_ = false;         ///< at the end: nothing has a deadline any more
  std::vector<std::string> violations_;
};

}  // namespace payloom::sim

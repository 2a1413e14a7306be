#pragma once
// A whole partition without CAF, on one thread: order shards, account shards, journal writer, log thread and reader as
// the shells of actors/ run them, part by part in the same order. Each actor has one mailbox in which mails stand in
// the order of sending, as in CAF; which actor goes on, how many mails it takes, and how far it gets with its sends
// before another one goes on, is drawn from the seed. Single-threaded; owns the frames in flight.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "actors/core/channels/channel_desk.hpp"
#include "actors/core/channels/inner_drivers.hpp"
#include "actors/core/checks/check_desk.hpp"
#include "actors/journal/writer_flow.hpp"
#include "storage/memory/memory_journal.hpp"
#include "tests/sim/journal_feed.hpp"
#include "tests/sim/outside_book.hpp"
#include "tests/sim/sim_frame.hpp"
#include "tests/sim/sim_random.hpp"
#include "tests/sim/stored_index.hpp"
#include "tests/sim/world_counts.hpp"

namespace payloom::sim {

using actors::account_mail, actors::account_mail_ptr, actors::order_mail, actors::order_mail_ptr;
using actors::reader_mail, actors::reader_mail_ptr, actors::writer_mail, actors::writer_mail_ptr;

struct world_options {
  std::uint32_t order_shards = 2;
  std::uint32_t account_shards = 4;
  std::uint32_t hot_shards = 2;
  std::uint32_t accounts_max = 1u << 20;  ///< per account shard
  std::uint32_t account_waiters_max = limits::account_waiters_max;
  std::uint32_t duplicates_waiting_max = limits::duplicates_waiting_max;
  std::uint32_t recent_slots = 64;  ///< small: generations come and go
  std::size_t inline_bytes = 4096;  ///< groups up to this size are written by the writer itself
};

/// What outlives a crash, and who hears of things.
struct world_surroundings {
  storage::memory_journal& journal;
  journal_feed& feed;
  stored_index& index;
  sim_random& random;
  world_counts& counts;
  outside_book& outside;
  const time_ns& now;
  std::function<void(const std::vector<journal_event>&)> durable;  ///< right after an append
  std::function<void(sim_frame&)> said;                            ///< a channel's frame enters the shards
  std::function<void(sim_frame&)> finished;                        ///< a client's or a channel's frame; gone afterwards
  std::function<void(std::string)> complain;                       ///< a state that the shards must never show
};

class shard_world : private actors::writer_ports {
 public:
  /// Rebuilds the books from `index`, which has read everything durable. Ids up to `indexed` are known to be old only,
  /// later ones by their sequence.
  shard_world(const world_options& o, world_surroundings s, commit_seq indexed);
  ~shard_world() override;
  shard_world(const shard_world&) = delete;
  shard_world& operator=(const shard_world&) = delete;

  /// The gateway and router: the newest commit that the frame's answers may rest on is in its header afterwards.
  void submit(std::unique_ptr<sim_frame> frame);
  /// One actor goes on a little; false when none has anything to do. Throws storage_failure with the journal.
  bool run_some();
  void run_all() {
    while (run_some()) {
    }
  }
  /// The ticker: deadlines and expiries.
  void tick();
  /// The monitor: the index has everything up to `seq` in readable runs.
  void set_readable(commit_seq seq);

  /// A live verify: asks all account shards for their state at one commit. The money must be in balance there.
  void ask_marker();

  std::size_t frames_in_flight() const { return frames_.size(); }
  std::size_t markers_open() const { return markers_open_; }
  /// Calls without an answer, and answers on their way: only time brings them further.
  std::size_t waiting_outside() const;
  std::size_t parked() const;
  std::size_t open_holds() const;
  std::size_t open_orders() const;
  bool full() const { return flow_.full(); }
  std::uint32_t accounts_shards() const { return topology_.account_shards(); }
  const core::account_book& account_book(shard_index s) const { return *accounts_[s].book; }

 private:
  using sends = std::deque<std::function<void()>>;
  struct order_actor {
    std::unique_ptr<core::order_book> book;
    std::unique_ptr<core::order_effects> effects;
    std::deque<order_mail_ptr> inbox;
    sends outbox;
  };
  struct account_actor {
    std::unique_ptr<core::account_book> book;
    std::unique_ptr<core::account_effects> effects;
    std::deque<account_mail_ptr> inbox;
    sends outbox;
  };

  /// One channel's gateway: the same desk that the server has.
  struct channel_actor {
    std::unique_ptr<core::channel_desk> desk;
    std::deque<std::vector<core::channel_call>> inbox;
  };
  /// What a channel said, or checks did, between it and the shards. Both records begin like an action on an order.
  struct channel_news {
    time_ns at = 0;
    tenant_id tenant = 0;
    channel_fact_record fact{};
  };

  // shard_world_channels.cpp
  void call_channels(const std::vector<core::channel_call>& calls);
  bool run_channel(std::size_t which);
  bool run_checks();
  void spread(tenant_id tenant, const channel_fact_record& fact);
  bool run_news();
  void send_news(std::vector<channel_news> facts);
  void count_facts(sim_frame& f);

  // shard_world_start.cpp
  void recover(commit_seq indexed);
  void recover_orders();
  void recover_accounts();
  void settle_hot();
  void route(sim_frame& f);
  void route_transfers(sim_frame& f);
  void route_orders(sim_frame& f);
  void note_races(const sim_frame& f, int step);
  void note_order_races(const sim_frame& f, int step);
  void complete(command_frame& f);
  void complete_all(std::vector<command_frame*>& finished, sends& out);
  void submit_expiries(const std::vector<transfer_record>& records, const std::vector<tenant_id>& tenants);
  void submit_timers(const std::vector<order_action_record>& records, const std::vector<tenant_id>& tenants);

  // shard_world.cpp
  bool run_actor(std::size_t which);
  bool run_others(std::size_t which);
  void send_some(sends& out);
  template <class Mail>
  std::size_t take(const std::deque<Mail>& inbox);
  void run_order(shard_index i);
  void work(order_actor& a, order_mail& m);
  void intake_orders(core::order_book& b, std::span<const core::plain_slip> slips, core::order_effects& e);
  void intake_cases(core::order_book& b, const std::vector<core::unit_case*>& cases, core::order_effects& e);
  void send_effects(order_actor& a, shard_index i);
  void run_account(shard_index i);
  void work(account_actor& a, account_mail& m);
  void send_effects(account_actor& a, shard_index i);
  void send_onward(account_actor& a, shard_index i);
  void move_accounts(shard_index i);
  void run_reader();

  bool at_rest() const;

  // shard_world_writer.cpp
  void run_writer();
  void run_log();
  storage::append_status append(std::span<std::byte> group);
  void count_refused(const order_mail& mail);
  time_ns now() const override { return around_.now; }
  storage::append_status append_here(std::span<std::byte> group) override { return append(group); }
  void append_elsewhere(std::span<std::byte> group) override { log_group_ = group; }
  storage::append_status mark_idle() override { return around_.journal.mark_idle(); }
  bool has_space() const override { return around_.journal.has_space(); }
  void to_account(shard_index shard, account_mail_ptr mail) override;
  void to_order(shard_index shard, order_mail_ptr mail) override;
  void applied(const std::shared_ptr<actors::open_group>& group) override;
  void full(bool is_full) override;

  world_options options_;
  world_surroundings around_;
  core::topology topology_;
  std::vector<order_actor> orders_;
  std::vector<account_actor> accounts_;
  std::vector<channel_actor> channels_;
  core::check_desk checks_;  ///< what actors/checks runs
  std::deque<std::vector<core::check_call>> check_inbox_;
  std::vector<channel_news> news_;
  std::deque<reader_mail_ptr> reader_inbox_;
  sends reader_outbox_;
  std::deque<writer_mail_ptr> writer_inbox_;
  sends writer_outbox_;
  actors::writer_flow flow_;
  std::span<std::byte> log_group_;  ///< what the log thread has not written yet
  storage::append_status written_ = storage::append_status::ok;
  std::size_t markers_open_ = 0;
  std::uint64_t patience_ = 0;
  commit_seq durable_ = 0;  ///< newest commit whose applies were sent
  std::map<command_frame*, std::unique_ptr<sim_frame>> frames_;
  struct race {
    int expiries = 0, others = 0;
  };
  std::map<audit_key, race> resolving_;  ///< holds that commands in flight resolve
  struct order_race {
    int pays = 0, ends = 0;
  };
  std::map<audit_key, order_race> paying_;  ///< orders that commands in flight pay, or cancel or time out
  std::map<audit_key, int> acting_;         ///< own ids of actions in flight
};

}  // namespace payloom::sim

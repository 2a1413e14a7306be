#pragma once
// The journal's one writer as an actor: collects mails, runs the writer's flow over them and sends what comes of it.
// Small groups are written by the thread that has them; larger ones by the log thread, while the next is being filled.
#include <memory>
#include <vector>

#include "actors/journal/log_thread.hpp"
#include "actors/journal/writer_flow.hpp"
#include "actors/runtime/wiring.hpp"

namespace payloom::actors {

struct writer_options {
  writer_flow::options flow;
  /// Called on the writer after a group became durable: the follower may keep the bytes for a while. May be empty.
  std::function<void(std::shared_ptr<const std::byte>, std::size_t bytes)> on_durable;
  /// Called when the journal has no space (true) and when it has again (false).
  std::function<void(bool)> on_full;
};

class journal_writer : public journal_writer_actor::base, private writer_ports {
 public:
  journal_writer(caf::actor_config& config, wiring& w, storage::journal& journal, writer_options options);
  ~journal_writer() override;
  behavior_type make_behavior() override;
  const char* name() const override { return "journal_writer"; }
  void on_exit() override;

 private:
  void collect(const writer_mail_ptr& mail);
  void flush();

  time_ns now() const override { return wiring_.now(); }
  storage::append_status append_here(std::span<std::byte> group) override;
  void append_elsewhere(std::span<std::byte> group) override { thread_->append(group); }
  storage::append_status mark_idle() override;
  bool has_space() const override { return journal_.has_space(); }
  void to_account(shard_index shard, account_mail_ptr mail) override { send(wiring_.accounts[shard], std::move(mail)); }
  void to_order(shard_index shard, order_mail_ptr mail) override { send(wiring_.orders[shard], std::move(mail)); }
  void applied(const std::shared_ptr<open_group>& group) override;
  void full(bool is_full) override;

  wiring& wiring_;
  storage::journal& journal_;
  writer_options options_;
  writer_flow flow_;
  std::vector<writer_mail_ptr> inbox_;
  storage::append_status written_status_ = storage::append_status::ok;  ///< set by the log thread before its mail
  std::uint64_t ticks_behind_write_ = 0;                                ///< worked off when the write under way is over
  bool flush_pending_ = false;
  std::unique_ptr<log_thread> thread_;
};

}  // namespace payloom::actors

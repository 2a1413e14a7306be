#pragma once
// The journal writer's state machine, without CAF, threads and I/O: what is laid and written when, and who is told of
// it in which order (architecture.md section 2: `apply` first, then `durable`). The actor and the simulation both run
// it. One thread at a time.
#include <memory>
#include <vector>

#include "actors/journal/journal_desk.hpp"
#include "actors/mails.hpp"
#include "storage/ports.hpp"

namespace payloom::actors {

/// What the flow needs of whoever runs it. Called per group and mail, never per event.
class writer_ports {
 public:
  virtual ~writer_ports() = default;
  virtual time_ns now() const = 0;
  /// Appends on this thread. A failure of the journal does not return.
  virtual storage::append_status append_here(std::span<std::byte> group) = 0;
  /// Has another thread append; its end comes back as `written`. The bytes stay put until then.
  virtual void append_elsewhere(std::span<std::byte> group) = 0;
  virtual storage::append_status mark_idle() = 0;
  /// Asked only after an append found no space: whether another one may find some.
  virtual bool has_space() const = 0;
  virtual void to_account(shard_index shard, account_mail_ptr mail) = 0;
  virtual void to_order(shard_index shard, order_mail_ptr mail) = 0;
  /// The applies of a group are sent, its replies not yet. May keep the group for a while (readers only).
  virtual void applied(const std::shared_ptr<open_group>& group) = 0;
  /// The journal has no space (true), or has again (false).
  virtual void full(bool is_full) = 0;
};

class writer_flow {
 public:
  struct options {
    std::size_t inline_bytes = 64 * 1024;   ///< groups up to this size are written by the thread that has them
    time_ns idle_mark_after = 200'000'000;  ///< ns without writes until an idle mark is written
    bool shadow = false;
  };
  writer_flow(const core::topology& t, writer_ports& ports, storage::journal_position at, options o);

  /// Queues what a mail brings; `written` and `tick` are the caller's.
  void take(writer_mail& mail);
  /// The group of append_elsewhere is over.
  void written(storage::append_status status);
  /// Fills and starts groups until nothing is queued or a write is under way. After the mails of one flush.
  void pump();
  void tick(time_ns now);

  std::uint64_t queued_events() const { return desk_.queued_events(); }
  /// While true everything that comes is refused `unavailable`.
  bool full() const { return no_space_; }
  /// Another thread writes a group.
  bool in_flight() const { return in_flight_; }

 private:
  void durable(const std::shared_ptr<open_group>& group);
  void close_next();
  void start_elsewhere();
  void no_space();
  void refuse();
  void tell_accounts(aftermath& a);
  void tell_orders(aftermath& a);
  void send_marks();
  std::shared_ptr<open_group> take_group();

  const core::topology& topology_;
  writer_ports& ports_;
  options options_;
  journal_desk desk_;
  commit_seq durable_ = 0;  ///< newest commit whose applies were sent
  /// Group buffers: the one being filled, the one being written, and those that the follower still reads.
  static constexpr std::size_t groups_max = 8;
  std::vector<std::shared_ptr<open_group>> groups_;
  std::shared_ptr<open_group> filling_, writing_;
  refused_work refused_;
  bool in_flight_ = false;  ///< another thread has `writing_`
  bool no_space_ = false;
  time_ns last_write_ = 0;
  bool marked_idle_ = true;
  std::vector<std::shared_ptr<marker>> marks_;
};

}  // namespace payloom::actors

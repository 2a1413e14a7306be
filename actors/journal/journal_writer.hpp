#pragma once
// The journal's one writer: lays decided events into groups, has them made durable, then tells the shards: first
// `apply`, then `durable` (architecture.md section 2). Small groups are written by the thread that has them when the
// pipeline is empty; otherwise the log thread writes while the next group is being filled.
#include <memory>
#include <vector>

#include "actors/journal/journal_desk.hpp"
#include "actors/journal/log_thread.hpp"
#include "actors/runtime/wiring.hpp"

namespace payloom::actors {

struct writer_options {
  std::size_t inline_bytes = 64 * 1024;  ///< groups up to this size are written by the thread that has them
  time_ns idle_mark_after = 200'000'000;
  bool shadow = false;
  /// Called on the writer after a group became durable: the follower may keep the bytes for a while. May be empty.
  std::function<void(std::shared_ptr<const std::byte>, std::size_t bytes)> on_durable;
  /// Called when the journal has no space (true) and when it has again (false).
  std::function<void(bool)> on_full;
};

class journal_writer : public journal_writer_actor::base {
 public:
  journal_writer(caf::actor_config& config, wiring& w, storage::journal& journal, writer_options options);
  ~journal_writer() override;
  behavior_type make_behavior() override;
  const char* name() const override { return "journal_writer"; }
  void on_exit() override;

 private:
  void collect(const writer_mail_ptr& mail);
  void flush();
  void pump();
  bool write_inline();
  void durable();
  void tell_accounts(aftermath& a);
  void tell_orders(aftermath& a);
  void send_marks();
  void full();
  void idle(time_ns now);

  wiring& wiring_;
  storage::journal& journal_;
  writer_options options_;
  journal_desk desk_;
  std::vector<writer_mail_ptr> inbox_;
  /// Group buffers: the one being filled, the one being written, and those that the follower still reads.
  static constexpr std::size_t groups_max = 8;
  std::shared_ptr<open_group> take_group();
  std::vector<std::shared_ptr<open_group>> groups_;
  std::shared_ptr<open_group> filling_, writing_;
  bool in_flight_ = false;                                              ///< the log thread has `writing_`
  bool no_space_ = false;                                               ///< `writing_` waits for space
  storage::append_status written_status_ = storage::append_status::ok;  ///< set by the log thread before its mail
  bool flush_pending_ = false;
  time_ns last_write_ = 0;
  bool marked_idle_ = true;
  std::vector<std::shared_ptr<marker>> marks_;
  std::unique_ptr<log_thread> thread_;
};

}  // namespace payloom::actors

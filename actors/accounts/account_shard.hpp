#pragma once
// The actor around one account_book: collects mails, works at the flush mark, sends at most one mail per destination.
#include <vector>

#include "actors/runtime/wiring.hpp"

namespace payloom::actors {

class account_shard : public account_shard_actor::base {
 public:
  /// `book` was restored from the journal before.
  account_shard(caf::actor_config& config, wiring& w, std::shared_ptr<core::account_book> book, shard_index shard);
  behavior_type make_behavior() override;
  const char* name() const override { return "account_shard"; }

 private:
  void collect(const account_mail_ptr& mail);
  void flush();
  std::size_t work(account_mail& mail);
  void send_effects();
  void move_accounts();

  wiring& wiring_;
  std::shared_ptr<core::account_book> book_;
  core::account_effects effects_;
  shard_counters& counters_;
  shard_index shard_;
  std::vector<account_mail_ptr> inbox_, working_;
  bool flush_pending_ = false;
};

}  // namespace payloom::actors

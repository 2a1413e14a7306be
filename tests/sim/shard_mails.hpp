#pragma once
// The mails of actors/messages.hpp without CAF, part by part in the same order. A mail that is thrown away in a crash
// takes its cases with it.
#include <memory>
#include <utility>
#include <vector>

#include "actors/core/account_book.hpp"
#include "actors/core/order_book.hpp"

namespace payloom::sim {

struct case_list {
  std::vector<core::unit_case*> list;
  case_list() = default;
  case_list(const case_list&) = delete;
  case_list& operator=(const case_list&) = delete;
  ~case_list() {
    for (core::unit_case* c : list) delete c;
  }
};

struct order_mail {
  core::slip_vector transfers, changes, seals;
  case_list cases;
  core::slip_vector durable;
  commit_seq base_seq = 0;
  time_ns base_time = 0;
  commit_seq through = 0;
  core::slip_vector ended;
  std::vector<core::target_end> targets;
  std::vector<std::pair<std::uint64_t, core::stored_event>> loaded;
  commit_seq indexed = 0;
  time_ns tick = 0;
};

/// The stored creation of an account that someone tried to create again.
struct loaded_creation {
  core::plain_slip slip;
  account_record stored{};
  commit_seq seq = 0;
  time_ns timestamp = 0;
};

struct account_mail {
  std::vector<core::moved_account> arrivals;
  core::apply_vector apply;
  std::vector<core::balance_request> balances;
  core::slip_vector created;
  std::vector<core::change_decision> changed;
  commit_seq base_seq = 0;
  time_ns base_time = 0;
  commit_seq through = 0;
  core::apply_vector release;
  core::slip_vector transfers, creations, changes;
  case_list cases;
  std::vector<loaded_creation> loaded;
  time_ns tick = 0;
};

struct writer_mail {
  core::slip_vector slips;
  case_list cases;
  std::vector<core::change_decision> changes;
  core::slip_vector creations;
  bool written = false;
  time_ns tick = 0;
};

struct reader_mail {
  shard_index order_shard = 0;
  std::vector<core::load_request> loads;
  shard_index account_shard = 0;
  core::slip_vector created_before;
};

using order_mail_ptr = std::shared_ptr<order_mail>;
using account_mail_ptr = std::shared_ptr<account_mail>;
using writer_mail_ptr = std::shared_ptr<writer_mail>;
using reader_mail_ptr = std::shared_ptr<reader_mail>;

}  // namespace payloom::sim

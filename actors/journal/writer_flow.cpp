#include "actors/journal/writer_flow.hpp"

#include <utility>

#include "protocol/types/assert.hpp"
#include "protocol/types/kill_point.hpp"

namespace payloom::actors {

using storage::append_status;

writer_flow::writer_flow(const core::topology& t, writer_ports& ports, storage::journal_position at, options o)
    : topology_(t),
      ports_(ports),
      options_(o),
      desk_(t, at.next_sequence, at.last_time, o.shadow),
      durable_(at.next_sequence - 1),
      filling_(take_group()),
      refused_(t) {}

void writer_flow::take(writer_mail& mail) {
  desk_.add(std::move(mail.slips));
  desk_.add_cases(mail.cases.take());
  desk_.add_changes(std::move(mail.changes));
  desk_.add_creations(std::move(mail.creations));
  if (mail.mark) marks_.push_back(mail.mark);
}

void writer_flow::written(append_status status) {
  PAYLOOM_ASSERT(in_flight_);
  in_flight_ = false;
  if (status != append_status::ok) return no_space();
  const std::shared_ptr<open_group> done = std::move(writing_);
  if (desk_.has_work()) desk_.fill(*filling_);
  // The disk works while this group is told.
  if (!filling_->builder.empty() && filling_->builder.bytes() > options_.inline_bytes) start_elsewhere();
  durable(done);
}

void writer_flow::close_next() {
  desk_.close(*filling_, ports_.now());
  pass_kill_point(kill_point::group_closed);
  writing_ = std::move(filling_);
  filling_ = take_group();
}

void writer_flow::start_elsewhere() {
  close_next();
  in_flight_ = true;
  ports_.append_elsewhere(writing_->bytes);
}

void writer_flow::pump() {
  if (no_space_) refuse();
  while (!no_space_) {
    if (desk_.has_work()) desk_.fill(*filling_);
    if (in_flight_ || filling_->builder.empty()) break;
    if (filling_->builder.bytes() > options_.inline_bytes) {
      start_elsewhere();
      continue;
    }
    close_next();
    if (ports_.append_here(writing_->bytes) == append_status::ok)
      durable(std::exchange(writing_, nullptr));
    else
      no_space();
  }
  if (!in_flight_) send_marks();
}

/// Between two applies: every account shard gets to the mark right behind the applies sent so far.
void writer_flow::send_marks() {
  for (const auto& m : marks_) {
    m->at = durable_;
    for (shard_index i = 0; i < topology_.account_shards(); ++i) {
      auto mail = std::make_shared<account_mail>();
      mail->mark = m;
      ports_.to_account(i, std::move(mail));
    }
  }
  marks_.clear();
}

/// A free group buffer; one that the follower did not give back in time is left to it.
std::shared_ptr<open_group> writer_flow::take_group() {
  for (auto& g : groups_)
    if (g.use_count() == 1) {
      desk_.reset(*g);
      return g;
    }
  auto fresh = std::make_shared<open_group>(topology_);
  desk_.reset(*fresh);
  if (groups_.size() == groups_max) groups_.erase(groups_.begin());
  groups_.push_back(fresh);
  return fresh;
}

void writer_flow::durable(const std::shared_ptr<open_group>& group) {
  pass_kill_point(kill_point::group_written);
  last_write_ = ports_.now();
  marked_idle_ = false;
  desk_.durable(*group);
  tell_accounts(group->after);
  pass_kill_point(kill_point::group_applied);
  durable_ = group->after.through;
  ports_.applied(group);
  send_marks();
  tell_orders(group->after);
}

void writer_flow::tell_accounts(aftermath& a) {
  for (shard_index i = 0; i < topology_.account_shards(); ++i) {
    if (a.apply[i].empty() && a.created[i].empty() && a.changed[i].empty()) continue;
    auto mail = std::make_shared<account_mail>();
    mail->apply.swap(a.apply[i]);
    mail->balances.swap(a.balances[i]);
    mail->created.swap(a.created[i]);
    mail->changed.swap(a.changed[i]);
    mail->base_seq = a.base_seq;
    mail->base_time = a.base_time;
    mail->through = a.through;
    ports_.to_account(i, std::move(mail));
  }
}

void writer_flow::tell_orders(aftermath& a) {
  for (shard_index i = 0; i < topology_.order_shards(); ++i) {
    if (a.durable[i].empty() && a.orders[i].empty() && a.targets[i].empty()) continue;
    auto mail = std::make_shared<order_mail>();
    mail->durable.swap(a.durable[i]);
    mail->orders_changed.swap(a.orders[i]);
    mail->payments_changed.swap(a.payments[i]);
    mail->targets.swap(a.targets[i]);
    mail->base_seq = a.base_seq;
    mail->base_time = a.base_time;
    mail->through = a.through;
    ports_.to_order(i, std::move(mail));
  }
}

/// Nothing was written. What waits for space would hold its claims, and its clients, for as long as that takes: all of
/// it is refused, and so is what comes until there is space.
void writer_flow::no_space() {
  no_space_ = true;
  ports_.full(true);
  refuse();
}

void writer_flow::refuse() {
  desk_.refuse_all(refused_);
  writing_.reset();
  desk_.reset(*filling_);
  for (shard_index i = 0; i < topology_.account_shards(); ++i) {
    if (refused_.release[i].empty() && refused_.uncreated[i].empty()) continue;
    auto mail = std::make_shared<account_mail>();
    mail->release.swap(refused_.release[i]);
    mail->uncreated.swap(refused_.uncreated[i]);
    ports_.to_account(i, std::move(mail));
  }
  for (shard_index i = 0; i < topology_.order_shards(); ++i) {
    if (refused_.ended[i].empty() && refused_.targets[i].empty()) continue;
    auto mail = std::make_shared<order_mail>();
    mail->ended.swap(refused_.ended[i]);
    mail->targets.swap(refused_.targets[i]);
    ports_.to_order(i, std::move(mail));
  }
}

void writer_flow::tick(time_ns now) {
  if (no_space_) {
    if (!ports_.has_space()) return;
    no_space_ = false;
    ports_.full(false);
    return;
  }
  if (marked_idle_ || in_flight_ || desk_.has_work() || !filling_->builder.empty()) return;
  if (now < last_write_ + options_.idle_mark_after) return;
  marked_idle_ = ports_.mark_idle() == append_status::ok;
}

}  // namespace payloom::actors

// The journal writer and its log thread (actors/journal/journal_writer.cpp without CAF).
#include "tests/sim/shard_world.hpp"

namespace payloom::sim {

using storage::append_status;

void shard_world::run_writer() {
  bool tick = false;
  for (std::size_t n = take(writer_inbox_); n > 0; --n) {
    const writer_mail_ptr m = std::move(writer_inbox_.front());
    writer_inbox_.pop_front();
    desk_.add(std::move(m->slips));
    desk_.add_cases(std::exchange(m->cases.list, {}));
    desk_.add_changes(std::move(m->changes));
    desk_.add_creations(std::move(m->creations));
    if (m->written) {
      in_flight_ = false;
      after_append(written_);
    }
    tick = tick || m->tick != 0;
  }
  pump();
  if (tick) idle();
}

void shard_world::pump() {
  while (!no_space_) {
    if (desk_.has_work()) desk_.fill(*filling_);
    if (in_flight_ || filling_->builder.empty()) return;
    desk_.close(*filling_, around_.now);
    writing_ = std::move(filling_);
    filling_ = std::move(spare_);
    if (!filling_) filling_ = std::make_unique<actors::open_group>(topology_);
    desk_.reset(*filling_);
    if (writing_->bytes.size() > options_.inline_bytes) {
      in_flight_ = log_busy_ = true;
    } else {
      after_append(append_group());
    }
  }
}

void shard_world::run_log() {
  log_busy_ = false;
  written_ = append_group();
  auto mail = std::make_shared<writer_mail>();
  mail->written = true;
  writer_inbox_.push_back(std::move(mail));
}

append_status shard_world::append_group() {
  const append_status status = around_.journal.append(writing_->bytes);
  if (status != append_status::ok) return status;
  ++around_.counts.groups;
  const std::vector<journal_event> events = around_.feed.drain();
  around_.index.append(events);
  around_.durable(events);
  return status;
}

void shard_world::after_append(append_status status) {
  if (status == append_status::ok) return durable();
  no_space_ = true;
  ++around_.counts.full_disks;
}

void shard_world::durable() {
  actors::aftermath& g = writing_->after;
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    if (g.apply[i].empty() && g.created[i].empty() && g.changed[i].empty()) continue;
    auto mail = std::make_shared<account_mail>();
    mail->apply.swap(g.apply[i]);
    mail->balances.swap(g.balances[i]);
    mail->created.swap(g.created[i]);
    mail->changed.swap(g.changed[i]);
    mail->base_seq = g.base_seq;
    mail->base_time = g.base_time;
    mail->through = g.through;
    writer_outbox_.push_back([this, i, mail] { accounts_[i].inbox.push_back(mail); });
  }
  writer_outbox_.push_back([this, through = g.through] { durable_ = through; });
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    if (g.durable[i].empty() && g.targets[i].empty()) continue;
    auto mail = std::make_shared<order_mail>();
    mail->durable.swap(g.durable[i]);
    mail->targets.swap(g.targets[i]);
    mail->base_seq = g.base_seq;
    mail->base_time = g.base_time;
    mail->through = g.through;
    writer_outbox_.push_back([this, i, mail] { orders_[i].inbox.push_back(mail); });
  }
  spare_ = std::move(writing_);
}

void shard_world::idle() {
  if (no_space_) {
    const append_status status = append_group();
    if (status != append_status::ok) return;
    no_space_ = false;
    durable();
    pump();
    return;
  }
  if (!in_flight_ && !desk_.has_work() && filling_->builder.empty() && around_.random.chance(5))
    (void)around_.journal.mark_idle();
}

}  // namespace payloom::sim

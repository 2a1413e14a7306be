// The journal writer's shell and the log thread (actors/journal/journal_writer.cpp without CAF).
#include <algorithm>

#include "tests/sim/shard_world.hpp"

namespace payloom::sim {

using storage::append_status;

void shard_world::run_writer() {
  time_ns tick = 0;
  for (std::size_t n = take(writer_inbox_); n > 0; --n) {
    const writer_mail_ptr m = std::move(writer_inbox_.front());
    writer_inbox_.pop_front();
    flow_.take(*m);
    if (m->written) flow_.written(written_);
    if (m->tick != 0) tick = m->tick;
  }
  flow_.pump();
  if (tick != 0) flow_.tick(tick);
}

void shard_world::run_log() {
  written_ = append(std::exchange(log_group_, {}));
  auto mail = std::make_shared<writer_mail>();
  mail->written = true;
  writer_inbox_.push_back(std::move(mail));
}

append_status shard_world::append(std::span<std::byte> group) {
  const append_status status = around_.journal.append(group);
  if (status != append_status::ok) return status;
  ++around_.counts.groups;
  const std::vector<journal_event> events = around_.feed.drain();
  around_.index.append(events);
  around_.durable(events);
  return status;
}

void shard_world::to_account(shard_index shard, account_mail_ptr mail) {
  around_.counts.full_creations += mail->uncreated.size();
  if (mail->mark && flow_.full()) ++around_.counts.full_markers;
  writer_outbox_.push_back([this, shard, mail] { accounts_[shard].inbox.push_back(mail); });
}

void shard_world::to_order(shard_index shard, order_mail_ptr mail) {
  count_refused(*mail);
  writer_outbox_.push_back([this, shard, mail] { orders_[shard].inbox.push_back(mail); });
}

/// What the writer ends without a record, it ends for lack of space.
void shard_world::count_refused(const order_mail& mail) {
  world_counts& c = around_.counts;
  for (const core::plain_slip& s : mail.ended) {
    const auto& f = static_cast<const sim_frame&>(*s.frame);
    if (f.type() == frame_type::change_accounts) ++c.full_changes;
    if (f.type() == frame_type::seal_transfers) ++c.full_seals;
    if (f.type() == frame_type::create_orders || f.type() == frame_type::act_on_orders) ++c.full_orders;
    if (f.type() != frame_type::create_transfers) continue;
    const std::uint16_t flags = s.transfer().flags;
    if (f.from_server) {
      ++c.full_expiries;
    } else if (flags & transfer_flags::linked) {
      ++c.full_chains;
    } else if (flags & transfer_flags::targeting) {
      ++c.full_resolutions;
    } else {
      ++c.full_transfers;
    }
  }
}

void shard_world::applied(const std::shared_ptr<actors::open_group>& group) {
  writer_outbox_.push_back([this, through = group->after.through] { durable_ = through; });
}

void shard_world::full(bool is_full) { around_.counts.full_disks += is_full; }

void shard_world::ask_marker() {
  struct totals {
    std::size_t missing = 0;
    std::uint64_t moves = 0;
    account_counters sums;  // modulo 2^128
  };
  auto all = std::make_shared<totals>();
  all->missing = accounts_.size();
  all->moves = topology_.moves();
  auto mail = std::make_shared<writer_mail>();
  mail->mark = std::make_shared<actors::marker>();
  mail->mark->visit = [this, all](shard_index, commit_seq at, const core::account_book& book) {
    if (book.applied_through() > at) around_.complain("a shard answers a marker too late");
    book.visit([&](const core::account_entity& e, u128) {
      all->sums.debits_posted += e.sums.debits_posted;
      all->sums.credits_posted += e.sums.credits_posted;
      all->sums.debits_pending += e.sums.debits_pending;
      all->sums.credits_pending += e.sums.credits_pending;
    });
    if (--all->missing != 0) return;
    --markers_open_;
    if (all->moves != topology_.moves()) return;  // an account may have been seen twice or not at all
    ++around_.counts.markers;
    if (all->sums.debits_posted != all->sums.credits_posted || all->sums.debits_pending != all->sums.credits_pending)
      around_.complain("a marker shows money that is on one side only");
  };
  ++markers_open_;
  writer_inbox_.push_back(std::move(mail));
}

}  // namespace payloom::sim

#include "actors/journal/journal_writer.hpp"

#include <caf/send.hpp>

namespace payloom::actors {

journal_writer::journal_writer(caf::actor_config& config, wiring& w, storage::journal& journal, writer_options options)
    : journal_writer_actor::base(config),
      wiring_(w),
      journal_(journal),
      options_(std::move(options)),
      desk_(w.topology, journal.position().next_sequence, journal.position().last_time, options_.shadow),
      filling_(take_group()) {
  const journal_writer_actor self{this};
  // The address only: a handle to itself would keep the actor alive for ever.
  const auto address = caf::actor_cast<caf::actor_addr>(self);
  thread_ = std::make_unique<log_thread>(journal_, [this, address](storage::append_status status) {
    const auto writer = caf::actor_cast<journal_writer_actor>(address);
    if (!writer) return;
    written_status_ = status;
    auto mail = std::make_shared<writer_mail>();
    mail->written = true;
    caf::anon_send(writer, std::move(mail));
  });
}

journal_writer::~journal_writer() = default;

void journal_writer::on_exit() { thread_.reset(); }

journal_writer::behavior_type journal_writer::make_behavior() {
  set_exception_handler(stop_process);
  return {[this](const writer_mail_ptr& mail) { collect(mail); }, [this](flush_mark) { flush(); }};
}

void journal_writer::collect(const writer_mail_ptr& mail) {
  inbox_.push_back(mail);
  if (flush_pending_) return;
  flush_pending_ = true;
  send(this, flush_mark{});
}

void journal_writer::flush() {
  flush_pending_ = false;
  time_ns tick = 0;
  for (const writer_mail_ptr& m : inbox_) {
    desk_.add(std::move(m->slips));
    desk_.add_cases(std::move(m->cases));
    desk_.add_changes(std::move(m->changes));
    desk_.add_creations(std::move(m->creations));
    if (m->mark) marks_.push_back(m->mark);
    if (m->written) {
      in_flight_ = false;
      if (written_status_ == storage::append_status::ok) {
        durable();
      } else {
        full();
      }
    }
    if (m->tick != 0) tick = m->tick;
  }
  inbox_.clear();
  pump();
  if (tick != 0) idle(tick);
  wiring_.journal_counters.queue_events.store(desk_.queued_events(), std::memory_order_relaxed);
}

/// Fills and starts groups until nothing is queued or the log thread is at work.
void journal_writer::pump() {
  while (!no_space_) {
    if (desk_.has_work()) desk_.fill(*filling_);
    if (in_flight_ || filling_->builder.empty()) break;
    desk_.close(*filling_, wiring_.now());
    writing_ = std::move(filling_);
    filling_ = take_group();
    if (writing_->bytes.size() > options_.inline_bytes) {
      in_flight_ = true;
      thread_->append(writing_->bytes);
    } else if (!write_inline()) {
      break;
    }
  }
  if (!in_flight_ && !no_space_) send_marks();
}

/// Between two applies: every account shard gets to the mark right behind the applies sent so far.
void journal_writer::send_marks() {
  for (const auto& m : marks_) {
    m->at = wiring_.durable.load(std::memory_order_relaxed);
    for (auto& account : wiring_.accounts) {
      auto mail = std::make_shared<account_mail>();
      mail->mark = m;
      send(account, std::move(mail));
    }
  }
  marks_.clear();
}

/// A free group buffer; one that the follower did not give back in time is left to it.
std::shared_ptr<open_group> journal_writer::take_group() {
  for (auto& g : groups_)
    if (g.use_count() == 1) {
      desk_.reset(*g);
      return g;
    }
  auto fresh = std::make_shared<open_group>(wiring_.topology);
  desk_.reset(*fresh);
  if (groups_.size() == groups_max) groups_.erase(groups_.begin());
  groups_.push_back(fresh);
  return fresh;
}

bool journal_writer::write_inline() {
  bump(wiring_.journal_counters.inline_groups);
  if (append_or_stop(journal_, writing_->bytes) == storage::append_status::ok) {
    durable();
    return true;
  }
  full();
  return false;
}

/// No space: nothing was written; the group is offered again at each tick, admission is closed meanwhile.
void journal_writer::full() {
  if (no_space_) return;
  no_space_ = true;
  if (options_.on_full) options_.on_full(true);
}

void journal_writer::durable() {
  open_group& g = *writing_;
  last_write_ = wiring_.now();
  marked_idle_ = false;
  auto& c = wiring_.journal_counters;
  bump(c.groups);
  bump(c.events, g.after.through - g.after.base_seq + 1);
  bump(c.bytes, g.bytes.size());
  bump(c.refusals, g.after.refusals.size());
  for (const result_code code : g.after.refusals)
    bump(c.refused[static_cast<std::size_t>(code) % writer_counters::codes]);
  c.sync_ns.store(journal_.stats().sync_ns_total, std::memory_order_relaxed);
  tell_accounts(g.after);
  wiring_.durable.store(g.after.through, std::memory_order_release);
  send_marks();
  if (options_.on_durable) options_.on_durable({writing_, g.bytes.data()}, g.bytes.size());
  tell_orders(g.after);
  writing_.reset();
}

void journal_writer::tell_accounts(aftermath& a) {
  for (std::size_t i = 0; i < wiring_.accounts.size(); ++i) {
    if (a.apply[i].empty() && a.created[i].empty() && a.changed[i].empty()) continue;
    auto mail = std::make_shared<account_mail>();
    mail->apply.swap(a.apply[i]);
    mail->balances.swap(a.balances[i]);
    mail->created.swap(a.created[i]);
    mail->changed.swap(a.changed[i]);
    mail->base_seq = a.base_seq;
    mail->base_time = a.base_time;
    mail->through = a.through;
    send(wiring_.accounts[i], std::move(mail));
  }
}

void journal_writer::tell_orders(aftermath& a) {
  for (std::size_t i = 0; i < wiring_.orders.size(); ++i) {
    if (a.durable[i].empty() && a.targets[i].empty()) continue;
    auto mail = std::make_shared<order_mail>();
    mail->durable.swap(a.durable[i]);
    mail->targets.swap(a.targets[i]);
    mail->base_seq = a.base_seq;
    mail->base_time = a.base_time;
    mail->through = a.through;
    send(wiring_.orders[i], std::move(mail));
  }
}

void journal_writer::idle(time_ns now) {
  if (no_space_) {
    if (append_or_stop(journal_, writing_->bytes) != storage::append_status::ok) return;
    no_space_ = false;
    durable();
    if (options_.on_full) options_.on_full(false);
    pump();
    return;
  }
  if (marked_idle_ || in_flight_ || desk_.has_work() || !filling_->builder.empty()) return;
  if (now < last_write_ + options_.idle_mark_after) return;
  try {
    marked_idle_ = journal_.mark_idle() == storage::append_status::ok;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "level=error event=journal_failed error=\"%s\" action=stop\n", e.what());
    std::_Exit(70);
  }
}

}  // namespace payloom::actors

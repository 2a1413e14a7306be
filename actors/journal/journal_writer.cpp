#include "actors/journal/journal_writer.hpp"

#include <caf/send.hpp>

namespace payloom::actors {

using storage::append_status;

journal_writer::journal_writer(caf::actor_config& config, wiring& w, storage::journal& journal, writer_options options)
    : journal_writer_actor::base(config),
      wiring_(w),
      journal_(journal),
      options_(std::move(options)),
      flow_(w.topology, *this, journal.position(), options_.flow) {
  const journal_writer_actor self{this};
  // The address only: a handle to itself would keep the actor alive for ever.
  const auto address = caf::actor_cast<caf::actor_addr>(self);
  thread_ = std::make_unique<log_thread>(journal_, [this, address](append_status status) {
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
    flow_.take(*m);
    if (m->written) {
      flow_.written(written_status_);
      bump_shared(wiring_.ticks_done, std::exchange(ticks_behind_write_, 0));
    }
    if (m->tick == 0) continue;
    tick = m->tick;
    ++ticks_behind_write_;
  }
  inbox_.clear();
  flow_.pump();
  if (tick != 0) flow_.tick(tick);
  if (!flow_.in_flight()) bump_shared(wiring_.ticks_done, std::exchange(ticks_behind_write_, 0));
  wiring_.journal_counters.queue_events.store(flow_.queued_events(), std::memory_order_relaxed);
}

append_status journal_writer::append_here(std::span<std::byte> group) {
  bump(wiring_.journal_counters.inline_groups);
  return append_or_stop(journal_, group);
}

append_status journal_writer::mark_idle() {
  try {
    return journal_.mark_idle();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "level=error event=journal_failed error=\"%s\" action=stop\n", e.what());
    std::_Exit(70);
  }
}

void journal_writer::applied(const std::shared_ptr<open_group>& group) {
  const aftermath& a = group->after;
  auto& c = wiring_.journal_counters;
  bump(c.groups);
  bump(c.events, a.through - a.base_seq + 1);
  bump(c.bytes, group->bytes.size());
  bump(c.refusals, a.refusals.size());
  for (const result_code code : a.refusals) bump(c.refused[static_cast<std::size_t>(code) % writer_counters::codes]);
  c.sync_ns.store(journal_.stats().sync_ns_total, std::memory_order_relaxed);
  wiring_.durable.store(a.through, std::memory_order_release);
  if (options_.on_durable) options_.on_durable({group, group->bytes.data()}, group->bytes.size());
}

void journal_writer::full(bool is_full) {
  if (options_.on_full) options_.on_full(is_full);
}

}  // namespace payloom::actors

#include "actors/runtime/server_frames.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "protocol/types/kill_point.hpp"

namespace payloom::actors {

namespace {

struct own_frame : command_frame {
  std::vector<transfer_record> own_records;  ///< or others of the same size
  std::vector<result_record> answers;
  std::vector<event_notes> event_notes_space;
  std::shared_ptr<order_answers> waiting;  ///< null: nobody waits
  std::size_t first = 0;                   ///< place of its answers there
};

frame_router::options never_inline() {
  frame_router::options o;
  o.inline_events = 0;  // the caller is an actor: its own thread must not run others inside it
  return o;
}

}  // namespace

server_frames::server_frames(caf::actor_system& system, wiring& w)
    : now_(w.now), router_(system, w, never_inline(), [](command_frame&) {
        PAYLOOM_ASSERT(!"a server frame holds transfers or actions");
      }) {}

void server_frames::submit(const std::vector<transfer_record>& records, const std::vector<tenant_id>& tenants) {
  PAYLOOM_ASSERT(records.size() == tenants.size());
  submit(frame_type::create_transfers, records.data(), tenants);
}
void server_frames::submit(const std::vector<order_action_record>& records, const std::vector<tenant_id>& tenants) {
  PAYLOOM_ASSERT(records.size() == tenants.size());
  submit(frame_type::act_on_orders, records.data(), tenants);
}

void server_frames::submit(const core::channel_facts& facts) {
  PAYLOOM_ASSERT(facts.facts.size() == facts.tenants.size());
  submit(frame_type::act_on_orders, facts.facts.data(), facts.tenants);
}

void server_frames::submit(const core::channel_facts& facts, order_answers::called done) {
  PAYLOOM_ASSERT(facts.facts.size() == facts.tenants.size() && !facts.facts.empty());
  const auto answers = std::make_shared<order_answers>(facts.facts.size(), std::move(done));
  submit(frame_type::act_on_orders, facts.facts.data(), facts.tenants, answers);
}

void server_frames::submit(const core::check_facts& facts) {
  PAYLOOM_ASSERT(facts.facts.size() == facts.tenants.size());
  submit(frame_type::act_on_orders, facts.facts.data(), facts.tenants);
}

std::shared_ptr<order_answers> server_frames::submit(const std::vector<order_record>& records,
                                                     const std::vector<tenant_id>& tenants) {
  PAYLOOM_ASSERT(records.size() == tenants.size());
  auto answers = std::make_shared<order_answers>(records.size());
  submit(frame_type::create_orders, records.data(), tenants, answers);
  return answers;
}

void server_frames::submit(frame_type type, const void* records, const std::vector<tenant_id>& tenants,
                           const std::shared_ptr<order_answers>& answers) {
  static_assert(sizeof(transfer_record) == sizeof(order_action_record) &&
                sizeof(transfer_record) == sizeof(order_record));
  for (std::size_t begin = 0; begin < tenants.size();) {
    std::size_t end = begin + 1;
    while (end < tenants.size() && tenants[end] == tenants[begin] && end - begin < limits::frame_events_max) ++end;
    auto f = std::make_unique<own_frame>();
    f->own_records.resize(end - begin);
    std::memcpy(f->own_records.data(), static_cast<const transfer_record*>(records) + begin,
                (end - begin) * sizeof(transfer_record));
    f->count = static_cast<std::uint32_t>(end - begin);
    f->answers.resize(f->count);
    f->event_notes_space.resize(f->count);
    f->header.type = static_cast<std::uint16_t>(type);
    f->header.tenant = tenants[begin];
    f->deadline_at = now_() + deadline;  // the shard tries again
    f->records = reinterpret_cast<std::byte*>(f->own_records.data());
    f->results = reinterpret_cast<std::byte*>(f->answers.data());
    if (type == frame_type::create_transfers) f->notes = f->event_notes_space.data();
    f->remaining.store(f->count);
    f->from_server = true;
    f->waiting = answers;
    f->first = begin;
    f->port = this;
    command_frame* raw = f.release();
    const std::lock_guard lock(mutex_);
    router_.submit({&raw, 1});
    pass_kill_point(kill_point::timer_submitted);
    begin = end;
  }
}

void server_frames::complete(command_frame& frame) {
  const std::unique_ptr<own_frame> f(static_cast<own_frame*>(&frame));
  if (f->waiting) f->waiting->put(f->first, f->answers.data(), f->answers.size());
}

}  // namespace payloom::actors

#include "actors/runtime/server_frames.hpp"

#include <algorithm>
#include <memory>

namespace payloom::actors {

namespace {

struct own_frame : command_frame {
  std::vector<transfer_record> transfers;
  std::vector<result_record> answers;
  std::vector<event_notes> event_notes_space;
};

frame_router::options never_inline() {
  frame_router::options o;
  o.inline_events = 0;  // the caller is an actor: its own thread must not run others inside it
  return o;
}

}  // namespace

server_frames::server_frames(caf::actor_system& system, wiring& w)
    : now_(w.now), router_(system, w, never_inline(),
              [](command_frame&) { PAYLOOM_ASSERT(!"a server frame is a transfer frame"); }) {}

void server_frames::submit(std::vector<transfer_record> records, std::vector<tenant_id> tenants) {
  PAYLOOM_ASSERT(records.size() == tenants.size());
  for (std::size_t begin = 0; begin < records.size();) {
    std::size_t end = begin + 1;
    while (end < records.size() && tenants[end] == tenants[begin] && end - begin < limits::frame_events_max) ++end;
    auto f = std::make_unique<own_frame>();
    f->transfers.assign(records.begin() + static_cast<std::ptrdiff_t>(begin),
                        records.begin() + static_cast<std::ptrdiff_t>(end));
    f->count = static_cast<std::uint32_t>(end - begin);
    f->answers.resize(f->count);
    f->event_notes_space.resize(f->count);
    f->header.type = static_cast<std::uint16_t>(frame_type::create_transfers);
    f->header.tenant = tenants[begin];
    f->deadline_at = now_() + deadline;  // the hold's shard tries again
    f->records = reinterpret_cast<std::byte*>(f->transfers.data());
    f->results = reinterpret_cast<std::byte*>(f->answers.data());
    f->notes = f->event_notes_space.data();
    f->remaining.store(f->count);
    f->from_server = true;
    f->port = this;
    command_frame* raw = f.release();
    const std::lock_guard lock(mutex_);
    router_.submit({&raw, 1});
    begin = end;
  }
}

void server_frames::complete(command_frame& frame) { delete static_cast<own_frame*>(&frame); }

}  // namespace payloom::actors

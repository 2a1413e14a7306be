#include "protocol/net/gateway.hpp"

#include <chrono>
#include <cstring>
#include <ctime>
#include <utility>

#include <unistd.h>

#include "protocol/net/session_rules.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::net {
namespace {

/// The gateway whose run() this thread is in.
thread_local gateway* current = nullptr;

struct ticker_handler {
  using allocator_type = handler_allocator<ticker_handler>;
  handler_memory* memory;
  void (*run)(gateway&);
  gateway* self;
  allocator_type get_allocator() const noexcept { return allocator_type(*memory); }
  void operator()(const error_code& error) const {
    if (!error) run(*self);
  }
};

}  // namespace

gateway::gateway(shared_state& shared, request_sink& sink)
    : shared_(shared),
      sink_(sink),
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),  // one thread does all I/O; others only post
      ticker_(io_),
      pool_(shared.credits),
      scratch_(std::make_unique_for_overwrite<std::byte[]>(read_scratch_bytes)) {
  // nop
}

gateway::~gateway() {
  for (mailbox* box : {&mail_, &opened_}) {
    for (command_frame* frame : box->done) pool_.release(static_cast<net_frame&>(*frame));
    for (const int socket : box->sockets) ::close(socket);
  }
}

// ------------------------------------------------------------------------------------------------- from any thread

template <typename Fill>
void gateway::post_mail(Fill fill) noexcept {
  bool asleep;
  {
    const std::lock_guard lock(mutex_);
    fill(mail_);
    asleep = sleeping_;
    sleeping_ = false;  // one wake-up is enough
  }
  if (asleep) asio::post(io_, [] {});
}

void gateway::complete(command_frame& frame) {
  if (current == this) return route_reply(static_cast<net_frame&>(frame));
  post_mail([&frame](mailbox& box) { box.done.push_back(&frame); });
}

void gateway::push(pushed_frame frame) {
  post_mail([&frame](mailbox& box) { box.pushed.push_back(std::move(frame)); });
}

void gateway::adopt(int socket) {
  if (current == this) return open_session(socket);
  post_mail([socket](mailbox& box) { box.sockets.push_back(socket); });
}

void gateway::wake() noexcept {
  post_mail([](mailbox& box) { box.wake = true; });
}

void gateway::drain() {
  post_mail([](mailbox& box) { box.drain = true; });
}

void gateway::stop() {
  post_mail([](mailbox& box) { box.stop = true; });
}

// ------------------------------------------------------------------------------------------------------- the rounds

void gateway::run() {
  current = this;
  arm_ticker();
  std::size_t handled = 0;  // by run_one, before the round
  while (!stopped_) {
    if (poll_round(std::exchange(handled, 0))) continue;
    if (sink_.idle()) {
      write_out();
      continue;
    }
    bool sleeping;
    {
      const std::lock_guard lock(mutex_);
      sleeping = sleeping_ = mail_.empty();
    }
    if (sleeping) handled = io_.run_one();
  }
  close_all();
  current = nullptr;
}

/// Everything that is ready now: read, submit, write. False: there was nothing to do.
bool gateway::poll_round(std::size_t handled) {
  constexpr std::size_t handlers_max = 512;  // then what was read gets its turn
  while (handled < handlers_max && io_.poll_one() != 0) ++handled;
  const bool mail = read_mail();
  const bool work = handled > 0 || mail || !round_.empty() || !dirty_.empty() || !to_rearm_.empty();
  if (work) {
    counters_.rounds.add(1);
    hand_over();
    write_out();
  }
  round_time_ = 0;
  return work;
}

bool gateway::read_mail() {
  {
    const std::lock_guard lock(mutex_);
    sleeping_ = false;
    if (mail_.empty()) return false;
    std::swap(mail_, opened_);
  }
  for (command_frame* frame : opened_.done) route_reply(static_cast<net_frame&>(*frame));
  for (const int socket : opened_.sockets) open_session(socket);
  for (pushed_frame& frame : opened_.pushed) route_push(frame);
  if (opened_.drain && !draining_) {
    draining_ = true;
    for (const auto& s : sessions_)
      if (s != nullptr) s->go_away();
  }
  stopped_ = stopped_ || opened_.stop;
  opened_.done.clear();
  opened_.sockets.clear();
  opened_.pushed.clear();
  opened_.drain = opened_.stop = opened_.wake = false;
  return true;
}

void gateway::hand_over() {
  if (round_.empty()) return;
  std::uint64_t events = 0;
  for (command_frame* frame : round_) events += static_cast<net_frame*>(frame)->charged_events;
  counters_.requests_in_flight.add(round_.size());
  counters_.events_in_flight.add(events);
  counters_.events_in.add(events);
  sink_.submit(round_);
  round_.clear();
}

void gateway::write_out() {
  for (std::size_t i = 0; i < dirty_.size(); ++i) dirty_[i]->flush();
  dirty_.clear();
  pool_.settle();
  for (session* s : to_rearm_) s->rearm();
  to_rearm_.clear();
  if (!dead_.empty()) bury();
}

time_ns gateway::round_time() noexcept {
  if (round_time_ == 0) {
    timespec now;
    ::clock_gettime(CLOCK_REALTIME, &now);
    round_time_ = static_cast<time_ns>(now.tv_sec) * 1'000'000'000 + static_cast<time_ns>(now.tv_nsec);
  }
  return round_time_;
}

// ---------------------------------------------------------------------------------------------------------- replies

/// Null when the connection has ended.
session* gateway::session_of(std::uint64_t owner) const noexcept {
  const auto slot = static_cast<std::uint32_t>(owner);
  session* s = slot < sessions_.size() ? sessions_[slot].get() : nullptr;
  const bool there = s != nullptr && s->generation() == owner >> 32 && s->state() != session::phase::closed;
  return there ? s : nullptr;
}

void gateway::route_reply(net_frame& frame) {
  counters_.requests_in_flight.subtract(1);
  counters_.events_in_flight.subtract(frame.charged_events);
  session* s = session_of(frame.owner);
  reply_rows* rows = rows_of(frame);
  if (s == nullptr) {  // the connection ended before its answer
    if (rows != nullptr && rows->opens != nullptr) rows->opens->close();
    pool_.release(frame);
    return;
  }
  if (rows != nullptr && rows->opens != nullptr) s->attach(std::move(rows->opens));
  build_reply(frame);
  s->add_reply(frame);
  flush_later(*s);
}

void gateway::route_push(pushed_frame& pushed) {
  session* s = session_of(pushed.owner);
  if (s == nullptr || s->state() != session::phase::open) {
    if (push_lane* lane = pushed.rows->charge.lane(); lane != nullptr) lane->close();
    pushed.rows.reset();
    return;
  }
  frame_header header{};
  header.type = pushed.header.type;
  header.request = pushed.header.request;
  header.tenant = pushed.header.tenant;
  header.context_id = pushed.header.context_id;
  header.flags = options().shadow ? frame_flags::shadow : std::uint16_t{0};
  header.credits = options().session_requests;
  header.code = pushed.rows->code;
  header.sequence = pushed.rows->sequence;
  header.cursor = pushed.rows->cursor;
  header.record_count = pushed.rows->record_count;
  PAYLOOM_ASSERT(pushed.rows->bytes.size() + wire::header_bytes <= wire::reply_bytes_max);
  wire::seal_frame(header, pushed.rows->bytes);
  net_frame& frame = pool_.take(0, 0);
  std::memcpy(frame.reply, &header, sizeof header);
  frame.reply_bytes = wire::header_bytes;
  frame.rows = pushed.rows.release();
  s->add_push(frame);
  flush_later(*s);
}

void gateway::build_reply(net_frame& frame) {
  const wire::frame_type_info& info = *wire::find_frame_type(frame.header.type);
  const reply_rows* rows = rows_of(frame);
  frame_header reply = wire::make_reply(frame.header);
  reply.credits = options().session_requests;
  reply.sequence = shared_.durable();
  reply.code = rows != nullptr ? rows->code : frame.header.code;
  std::span<const std::byte> body;
  if (reply.code != result_code::ok) {
    reply.retry_after_ms = frame.header.retry_after_ms;
    if (reply.retry_after_ms == 0 && says_retry_after(reply.code)) reply.retry_after_ms = options().retry_after_ms;
  } else if (info.family == wire::frame_family::command) {
    reply.record_count = frame.count;
    body = {frame.results, std::size_t{frame.count} * frame.result_bytes};
  } else if (rows != nullptr) {
    body = rows->bytes;
    reply.record_count = info.reply_record_bytes == 1 ? static_cast<std::uint32_t>(body.size()) : rows->record_count;
    reply.cursor = rows->cursor;
    reply.flags |= rows->flags;
    if (rows->sequence != 0) reply.sequence = rows->sequence;
    PAYLOOM_ASSERT(body.size() == std::size_t{reply.record_count} * info.reply_record_bytes);
    PAYLOOM_ASSERT(body.size() + wire::header_bytes <= wire::reply_bytes_max);
  }
  wire::seal_frame(reply, body);
  std::memcpy(frame.reply, &reply, sizeof reply);
  frame.reply_bytes = static_cast<std::uint32_t>(wire::header_bytes + (rows != nullptr ? 0 : body.size()));
}

// --------------------------------------------------------------------------------------------------------- sessions

void gateway::flush_later(session& s) {
  if (s.dirty) return;
  s.dirty = true;
  dirty_.push_back(&s);
}

void gateway::rearm_later(session& s) {
  if (s.to_rearm) return;
  s.to_rearm = true;
  to_rearm_.push_back(&s);
}

void gateway::open_session(int socket) {
  if (draining_ || stopped_) {
    ::close(socket);
    shared_.connection_closed();
    return;
  }
  std::uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(sessions_.size());
    sessions_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  error_code error;
  tcp_socket owned(io_);
  owned.assign(tcp::v4(), socket, error);
  if (error) {
    ::close(socket);
    free_slots_.push_back(slot);
    shared_.connection_closed();
    return;
  }
  counters_.connections.add(1);
  counters_.accepted.add(1);
  sessions_[slot] = std::make_unique<session>(*this, slot, next_generation_++, std::move(owned));
  if (shared_.connections() > options().connections_max)
    sessions_[slot]->refuse(result_code::too_many_connections);
  else
    sessions_[slot]->start();
}

/// Destroys the closed sessions that have no operation outstanding any more.
void gateway::bury() {
  std::erase_if(dead_, [this](session* s) {
    if (!s->destroyable()) return false;
    const std::uint32_t slot = s->slot();
    sessions_[slot].reset();
    free_slots_.push_back(slot);
    counters_.connections.subtract(1);
    shared_.connection_closed();
    return true;
  });
}

void gateway::arm_ticker() {
  ticker_.expires_after(std::chrono::milliseconds(tick_ms));
  ticker_.async_wait(ticker_handler{&ticker_memory_, [](gateway& self) { self.tick(); }, this});
}

void gateway::tick() {
  ++ticks_;
  std::size_t held = 0;
  for (const auto& s : sessions_) {
    if (s == nullptr) continue;
    s->tick(ticks_);
    held += sizeof(session) + s->held_bytes();
  }
  counters_.connection_bytes.set(held);
  counters_.pool_bytes.set(pool_.bytes());
  arm_ticker();
}

void gateway::close_all() {
  hand_over();
  write_out();
  for (const auto& s : sessions_)
    if (s != nullptr) s->close();
  ticker_.cancel();
  io_.poll();
  write_out();
}

}  // namespace payloom::net

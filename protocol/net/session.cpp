#include "protocol/net/session.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/socket.h>
#include <sys/uio.h>

#include "protocol/net/gateway.hpp"
#include "protocol/net/session_rules.hpp"

namespace payloom::net {

struct session::on_readable {
  using allocator_type = handler_allocator<on_readable>;
  session* self;
  allocator_type get_allocator() const noexcept { return allocator_type(self->read_memory_); }
  void operator()(const error_code&) const {
    self->reading_ = false;
    self->readable();
  }
};

struct session::on_writable {
  using allocator_type = handler_allocator<on_writable>;
  session* self;
  allocator_type get_allocator() const noexcept { return allocator_type(self->write_memory_); }
  void operator()(const error_code&) const {
    self->writing_ = false;
    self->writable();
  }
};

session::session(gateway& home, std::uint32_t slot, std::uint32_t generation, tcp_socket socket)
    : home_(home),
      socket_(std::move(socket)),
      reader_(home.pool(), *this),
      out_(home.pool()),
      slot_(slot),
      generation_(generation),
      phase_since_(home.ticks()),
      heard_at_(home.ticks()) {
  // nop
}

session::~session() = default;

void session::start() { rearm(); }

void session::refuse(result_code code) {
  end(code, 0);
  rearm();
}

// --------------------------------------------------------------------------------------------------------- reading

void session::rearm() {
  to_rearm = false;
  if (reading_ || peer_done_ || phase_ == phase::closed) return;
  const bool full = out_.bytes() + control_.size() > home_.options().session_out_bytes;
  if (full && phase_ == phase::open) return;  // writable() comes back here
  reading_ = true;
  socket_.async_wait(tcp_socket::wait_read, on_readable{this});
}

void session::readable() {
  if (phase_ == phase::closed) return;
  heard_at_ = home_.ticks();
  constexpr int reads_max = 4;  // then the others get their turn
  bool drained = false;
  for (int i = 0; i < reads_max && !drained; ++i) {
    if (phase_ == phase::greeting || phase_ == phase::open)
      drained = !read_once(drained) || drained;
    else
      drained = !discard_input();
    if (phase_ == phase::closed) return;
  }
  if (reader_.inside_frame() && frame_seen_ != reader_.frames_done() + 1) {
    frame_seen_ = reader_.frames_done() + 1;
    frame_since_ = home_.ticks();
  }
  home_.rearm_later(*this);
}

/// One read. False: nothing more to read now. `drained` is set when the socket had less than there was room for.
bool session::read_once(bool& drained) {
  std::array<iovec, 2> pieces;
  const int count = reader_.target(home_.scratch(), pieces);
  std::size_t room = pieces[0].iov_len;
  if (count == 2) room += pieces[1].iov_len;
  ssize_t got;
  do
    got = count == 1 ? ::recv(socket_.native_handle(), pieces[0].iov_base, pieces[0].iov_len, MSG_DONTWAIT)
                     : ::readv(socket_.native_handle(), pieces.data(), count);
  while (got < 0 && errno == EINTR);
  home_.counts().reads.add(1);
  if (got < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) close();
    return false;
  }
  if (got == 0) {
    peer_done_ = true;
    after_progress();
    return false;
  }
  home_.counts().bytes_in.add(static_cast<std::uint64_t>(got));
  const auto status = reader_.took(static_cast<std::size_t>(got), home_.scratch());
  if (!status.ok() && (phase_ == phase::greeting || phase_ == phase::open)) end(status.code, reader_.failed_request());
  drained = static_cast<std::size_t>(got) < room;
  return true;
}

/// False: nothing more to read now.
bool session::discard_input() {
  const auto scratch = home_.scratch();
  const ssize_t got = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
  if (got > 0) return true;
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return false;
  peer_done_ = true;
  if (phase_ == phase::lingering || got < 0) close();
  return false;
}

result_code session::admit(const frame_header& header, const wire::frame_type_info& info) {
  const bool hello = info.type == frame_type::hello;
  if (phase_ != phase::open && !(phase_ == phase::greeting && hello)) return result_code::handshake_expected;
  if (phase_ == phase::open && hello) return result_code::handshake_expected;
  if (info.type == frame_type::ping) return result_code::ok;
  const server_options& options = home_.options();
  const session_charge charge = charge_of(header, info);
  if (!hello && (requests_ + 1 > options.session_requests || events_ + charge.events > options.session_events))
    return result_code::over_credit;
  if (((header.flags & frame_flags::shadow) != 0) != options.shadow) return result_code::wrong_partition;
  if (hello) return result_code::ok;
  if (info.needs_context && header.context_id == 0) return result_code::context_missing;
  const result_code admission = home_.shared().admission.load(std::memory_order_relaxed);
  // What was pushed may still be acknowledged: else it would come again after the restart.
  const bool ends = going_away_ || admission == result_code::draining;
  if (ends && info.type != frame_type::acknowledge) return result_code::draining;
  if (admission != result_code::ok && info.family == wire::frame_family::command) return admission;
  if (!home_.shared().credits.take(charge.events, charge.bytes)) return result_code::overloaded;
  ++requests_;
  events_ += charge.events;
  return result_code::ok;
}

void session::on_frame(net_frame& frame, const wire::frame_type_info& info) {
  home_.counts().frames_in.add(1);
  if (info.family == wire::frame_family::control) {
    if (info.type == frame_type::hello)
      welcome(frame);
    else
      push_control(wire::make_reply(frame.header), {});
    home_.pool().release(frame);
    return;
  }
  const session_charge charge = charge_of(frame.header, info);
  frame.charged_events = charge.events;
  frame.charged_bytes = charge.bytes;
  frame.received_at = home_.round_time();
  frame.deadline_at = deadline_of(frame.header, frame.received_at, home_.options().default_timeout_ms);
  frame.port = &home_;
  frame.owner = std::uint64_t{generation_} << 32 | slot_;
  frame.remaining.store(info.family == wire::frame_family::command ? frame.count : 1, std::memory_order_relaxed);
  home_.submit_later(frame);
}

void session::on_refused(const frame_header& header, result_code code) {
  home_.counts().frames_in.add(1);
  home_.counts().refused(code);
  frame_header reply = wire::make_reply(header);
  reply.code = code;
  if (says_retry_after(code)) reply.retry_after_ms = home_.options().retry_after_ms;
  push_control(reply, {});
}

void session::on_dropped(const frame_header& header, const wire::frame_type_info& info) {
  if (info.family == wire::frame_family::control) return;
  const session_charge charge = charge_of(header, info);
  home_.shared().credits.give_back(charge.events, charge.bytes);
  --requests_;
  events_ -= charge.events;
}

// --------------------------------------------------------------------------------------------------------- answers

void session::welcome(const net_frame& frame) {
  const auto& hello = *reinterpret_cast<const hello_body*>(frame.records);
  std::uint16_t version = 0;
  std::uint32_t features = 0;
  if (const auto status = wire::negotiate(hello, features_known, version, features); !status.ok()) {
    end(status.code, frame.header.request);
    return;
  }
  const welcome_body body =
      make_welcome(home_.options(), version, features, home_.round_time(), home_.shared().durable());
  frame_header reply = wire::make_reply(frame.header);
  reply.record_count = 1;
  push_control(reply, std::as_bytes(std::span(&body, 1)));
  phase_ = phase::open;
  phase_since_ = home_.ticks();
}

void session::push_control(frame_header header, std::span<const std::byte> body) {
  header.sequence = home_.shared().durable();
  header.credits = home_.options().session_requests;
  wire::seal_frame(header, body);
  const auto head = std::as_bytes(std::span(&header, 1));
  control_.insert(control_.end(), head.begin(), head.end());
  control_.insert(control_.end(), body.begin(), body.end());
  home_.counts().frames_out.add(1);
  home_.flush_later(*this);
}

void session::push_error(result_code code, std::uint64_t request) {
  frame_header header{};
  header.type = static_cast<std::uint16_t>(frame_type::error);
  header.code = code;
  header.request = request;
  if (home_.options().shadow) header.flags = frame_flags::shadow;
  push_control(header, {});
}

/// Answers with an error frame, then closes.
void session::end(result_code code, std::uint64_t request) {
  home_.counts().refused(code);
  push_error(code, request);
  reader_.drop();
  phase_ = phase::closing;
  phase_since_ = home_.ticks();
}

void session::go_away() {
  if (going_away_ || (phase_ != phase::greeting && phase_ != phase::open)) return;
  going_away_ = true;
  frame_header header{};
  header.type = static_cast<std::uint16_t>(frame_type::goaway);
  header.code = result_code::draining;
  if (home_.options().shadow) header.flags = frame_flags::shadow;
  push_control(header, {});
  if (phase_ == phase::greeting) phase_ = phase::closing;
  phase_since_ = home_.ticks();
}

void session::add_reply(net_frame& frame) noexcept {
  --requests_;
  events_ -= frame.charged_events;
  queue_frame(frame);
}

void session::add_push(net_frame& frame) noexcept { queue_frame(frame); }

void session::attach(std::shared_ptr<push_lane> lane) {
  if (phase_ != phase::open) return lane->close();
  std::erase_if(lanes_, [](const auto& one) { return !one->open(); });
  lanes_.push_back(std::move(lane));
}

bool session::has_open_lane() const noexcept {
  return std::ranges::any_of(lanes_, [](const auto& one) { return one->open(); });
}

void session::queue_frame(net_frame& frame) noexcept {
  frame.next = nullptr;
  if (replies_ == nullptr)
    replies_ = &frame;
  else
    replies_last_->next = &frame;
  replies_last_ = &frame;
}

// --------------------------------------------------------------------------------------------------------- writing

void session::flush() {
  dirty = false;
  if (phase_ == phase::closed) return;
  write_batch& batch = home_.batch();
  constexpr std::size_t step = 16u << 10;
  for (std::size_t at = 0; at < control_.size(); at += step) {
    const auto part = std::span<const std::byte>(control_).subspan(at, std::min(step, control_.size() - at));
    while (!batch.add_bytes(part))
      if (!send_batch()) return;
  }
  control_.clear();
  if (control_.capacity() > step) control_.shrink_to_fit();
  while (replies_ != nullptr) {
    net_frame* frame = replies_;
    net_frame* next = frame->next;
    while (!batch.add_frame(*frame, home_.pool()))
      if (!send_batch()) return;
    replies_ = next;
    home_.counts().frames_out.add(1);
  }
  if (send_batch()) after_progress();
}

/// Sends what the batch holds, or queues it behind what waits already. False: the connection is closed now.
bool session::send_batch() {
  write_batch& batch = home_.batch();
  if (batch.empty()) return true;
  const bool waits = !out_.empty();
  write_result result;
  if (!waits) {
    home_.pool().settle();  // who reads a reply may count on its credits
    result = send_pieces(socket_.native_handle(), batch.pieces(), 0);
    home_.counts().writes.add(1);
    home_.counts().bytes_out.add(result.bytes);
    stalled_since_ = home_.ticks();
  }
  out_.take_rest(batch, result.bytes);
  if (result.failed) close();
  if (!out_.empty() && !writing_) {
    writing_ = true;
    socket_.async_wait(tcp_socket::wait_write, on_writable{this});
  }
  return phase_ != phase::closed;
}

void session::writable() {
  if (phase_ == phase::closed) return;
  const write_result result = out_.send(socket_.native_handle());
  home_.counts().writes.add(1);
  home_.counts().bytes_out.add(result.bytes);
  if (result.failed) return close();
  if (result.bytes > 0) stalled_since_ = home_.ticks();
  if (!out_.empty()) {
    writing_ = true;
    socket_.async_wait(tcp_socket::wait_write, on_writable{this});
  }
  after_progress();
  if (phase_ != phase::closed) home_.rearm_later(*this);
}

/// Moves a session towards its end when what it still had to do is done.
void session::after_progress() {
  if (!out_.empty() || !control_.empty() || replies_ != nullptr) return;
  if (phase_ == phase::closing) return begin_linger();
  if (peer_done_ && requests_ == 0) close();
}

void session::begin_linger() {
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
  if (peer_done_) return close();
  phase_ = phase::lingering;
  phase_since_ = home_.ticks();
}

void session::tick(std::uint64_t now) {
  const server_options& options = home_.options();
  const auto over = [now](std::uint64_t since, std::uint32_t bound_ms) {
    return bound_ms != 0 && (now - since) * gateway::tick_ms > bound_ms;
  };
  if (!out_.empty() && over(stalled_since_, options.write_stall_timeout_ms)) {
    home_.counts().refused(result_code::too_slow);
    return close();
  }
  if (phase_ == phase::lingering && over(phase_since_, options.linger_timeout_ms)) return close();
  if (phase_ == phase::greeting && over(phase_since_, options.handshake_timeout_ms))
    return end(result_code::handshake_expected, 0);
  if (phase_ != phase::open) return;
  if (reader_.inside_frame() && reading_ && over(frame_since_, options.frame_timeout_ms))
    return end(result_code::too_slow, reader_.failed_request());
  const bool quiet = requests_ == 0 && out_.empty() && control_.empty() && !reader_.inside_frame();
  if (!quiet) return;
  if (over(heard_at_, options.idle_timeout_ms) && !has_open_lane()) go_away();
  // What the peer had sent before it read the goaway gets its answer: wait until nothing more arrives.
  // One that was pushed to may have to handle and acknowledge what it got.
  const std::uint64_t patience = lanes_.empty() ? 2 : 10;
  if (going_away_ && now - std::max(heard_at_, phase_since_) > patience) {
    phase_ = phase::closing;
    phase_since_ = now;
    after_progress();
  }
}

void session::close() noexcept {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  reader_.drop();
  out_.clear();
  control_.clear();
  for (const auto& lane : lanes_) lane->close();
  lanes_.clear();
  while (replies_ != nullptr) {
    net_frame* frame = replies_;
    replies_ = frame->next;
    home_.pool().release(*frame);
  }
  error_code ignored;
  socket_.close(ignored);
  home_.forget_later(*this);
}

}  // namespace payloom::net

#include "protocol/client/client_core.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/client/request_header.hpp"

namespace payloom::client {
namespace {

constexpr std::uint32_t retry_least_ms = 5;  ///< a server that says "now" still gets a pause

answer plain(outcome how) {
  answer a;
  a.how = how;
  return a;
}

/// Refusals of which the server says that nothing happened and that a little later it may.
bool passes_by_itself(result_code code) { return code == result_code::overloaded || code == result_code::draining; }

}  // namespace

client_core::client_core(asio::io_context& io, client_options options)
    : options_(std::move(options)), strand_(io.get_executor()), timer_(io) {}

void client_core::submit(operation_ptr op) {
  op->deadline = clock::now() + (op->options.timeout.count() > 0 ? op->options.timeout : options_.timeout);
  bool refused = false;
  {
    const std::lock_guard lock(mutex_);
    refused =
        !taking_ || op->count > limits::frame_events_max || queued_events_ + op->count > options_.queued_events_max;
    if (!refused) {
      queued_events_ += op->count;
      inbox_.push_back(op);
      if (std::exchange(woken_, true)) return;
    }
  }
  if (refused) {
    asio::post(strand_, [op = std::move(op)]() noexcept { op->on_answer(plain(outcome::not_sent)); });
    return;
  }
  wake();
}

void client_core::wake() {
  asio::post(strand_, [self = shared_from_this()] { self->take_inbox(); });
}

void client_core::take_inbox() {
  std::vector<operation_ptr> arrived;
  {
    const std::lock_guard lock(mutex_);
    arrived.swap(inbox_);
    woken_ = false;
  }
  for (const operation_ptr& op : arrived) accept(op);
  pump();
  arm_timer();
}

void client_core::accept(const operation_ptr& op) {
  op->in_deadlines = deadlines_.emplace(op->deadline, op);
  queue_.push_back(op);
  queue_events_ += op->count;
}

// Sends what may be sent. With nothing in flight a single event leaves at once; while requests are in flight, events
// collect until they fill a frame or the next reply arrives. So batches grow with the load and nothing ever waits for
// a timer.
void client_core::pump() {
  while (!queue_.empty() && queue_.front()->done) {
    queue_events_ -= queue_.front()->count;
    queue_.pop_front();
  }
  if (phase_ == phase::closed || queue_.empty()) return close_if_done();
  if (!active_) return connect();
  if (!active_->ready() || active_->draining) return;
  const std::uint32_t credit = active_->welcome().credit_events;
  const std::uint32_t events_max = std::min({options_.batch_events_max, active_->welcome().frame_events_max, credit});
  while (!queue_.empty() && active_ && may_send(*active_, queue_.front()->count)) {
    const bool alone = active_->in_flight.size() == active_->waiting_queries;
    if (!alone && queue_.front()->is_command() && queue_events_ < events_max) break;
    sent_frame frame = gather(std::min(events_max, credit - active_->events_in_flight));
    if (frame.operations.empty()) break;
    send(std::move(frame));
  }
}

bool client_core::may_send(const link& to, std::uint32_t events) const {
  return to.in_flight.size() < std::min(options_.window, to.credit_requests) &&
         to.events_in_flight + events <= to.welcome().credit_events;
}

// The operations at the front of the queue that fit into one frame. The first always goes, however many events it has:
// what was submitted together stays together.
sent_frame client_core::gather(std::uint32_t events_max) {
  sent_frame frame;
  while (!queue_.empty()) {
    const operation_ptr op = queue_.front();
    if (!op->done) {
      if (!frame.operations.empty() &&
          (!op->may_join(*frame.operations.front()) || frame.events + op->count > events_max)) {
        break;
      }
      frame.operations.push_back(op);
      frame.events += op->count;
    }
    queue_events_ -= op->count;
    queue_.pop_front();
  }
  return frame;
}

void client_core::send(sent_frame frame) {
  const operation& first = *frame.operations.front();
  const clock::time_point now = clock::now();
  std::size_t body_bytes = 0;
  clock::time_point latest = now;
  for (const operation_ptr& op : frame.operations) {
    body_bytes += op->body.size();
    latest = std::max(latest, op->deadline);
    op->refused = false;
  }
  frame_header header = make_request_header(first.type, frame.events);
  header.tenant = options_.tenant;
  header.request = next_request_++;
  header.priority = first.options.priority;
  if (first.options.context_id != 0) header.context_id = first.options.context_id;
  header.root_id = first.options.root_id;
  header.hop = first.options.hop;
  if (options_.shadow) header.flags |= frame_flags::shadow;
  if (first.options.want_balances) header.flags |= frame_flags::want_balances;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(latest - now).count();
  header.timeout_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 1, UINT32_MAX));
  frame.bytes.resize(sizeof header + body_bytes);
  std::byte* at = frame.bytes.data() + sizeof header;
  for (const operation_ptr& op : frame.operations) {
    if (!op->body.empty()) std::memcpy(at, op->body.data(), op->body.size());
    at += op->body.size();
  }
  wire::seal_frame(header, std::span{frame.bytes}.subspan(sizeof header));
  std::memcpy(frame.bytes.data(), &header, sizeof header);
  frame.sent_at = now;
  active_->send(header.request, std::move(frame));
}

void client_core::connect() {
  if (options_.addresses.empty()) return note_error("no address is configured");
  if (clock::now() < connect_not_before_) return;  // the timer comes back
  active_ = std::make_shared<link>(strand_, *this, options_);
  active_->open(options_.addresses[next_address_++ % options_.addresses.size()]);
}

void client_core::link_ready(link& which) {
  if (&which != active_.get()) return;
  backoff_ = std::chrono::milliseconds{0};
  pump();
}

void client_core::link_frame(link& which, const frame_header& header, std::span<const std::byte> body) {
  if (header.credits > 0) which.credit_requests = header.credits;
  if (header.type == static_cast<std::uint16_t>(frame_type::goaway)) {
    which.draining = true;
    if (&which == active_.get()) draining_.push_back(std::move(active_));
  } else if (std::optional<sent_frame> frame = which.finish(header.request)) {
    answer_frame(*frame, header, body, which);
  }
  const auto held = which.shared_from_this();
  if (which.draining && which.in_flight.empty()) {
    std::erase_if(draining_, [&](const std::shared_ptr<link>& l) { return l.get() == &which; });
    which.close();
  }
  pump();
  arm_timer();
}

void client_core::link_down(link& which, const std::string& why) { drop(which, why); }

// Ends a connection. What was in flight on it is in doubt and goes out again with the same ids.
void client_core::drop(link& which, const std::string& why) {
  note_error(why);
  const auto held = which.shared_from_this();
  const bool was_in_use = !which.in_flight.empty();
  which.close();
  take_back(which);
  if (&which == active_.get()) {
    active_.reset();
    backoff_ = std::min(std::max(backoff_ * 2, options_.backoff_first), options_.backoff_most);
    const auto spread = std::chrono::milliseconds(jitter_() % static_cast<unsigned>(backoff_.count() / 2 + 1));
    connect_not_before_ = clock::now() + (was_in_use ? spread : backoff_ / 2 + spread);
  }
  std::erase_if(draining_, [&](const std::shared_ptr<link>& l) { return l.get() == &which; });
  pump();
  arm_timer();
}

void client_core::take_back(link& from) {
  for (auto frame = from.in_flight.rbegin(); frame != from.in_flight.rend(); ++frame) {
    auto& operations = frame->second.operations;
    for (auto op = operations.rbegin(); op != operations.rend(); ++op) {
      if ((*op)->done) continue;
      (*op)->in_doubt = true;
      queue_events_ += (*op)->count;
      queue_.push_front(*op);
    }
  }
  from.in_flight.clear();
  from.events_in_flight = 0;
  from.waiting_queries = 0;
}

void client_core::answer_frame(sent_frame& frame, const frame_header& header, std::span<const std::byte> body,
                               link& which) {
  const operation& first = *frame.operations.front();
  const bool refused = header.code != result_code::ok;
  const bool fits = header.type == static_cast<std::uint16_t>(reply_type(first.type)) &&
                    (!first.is_command() || body.size() == frame.events * first.result_bytes());
  if (!refused && !fits) {  // an answer to another question: nothing this connection says can be trusted
    which.in_flight.emplace(header.request, std::move(frame));
    return drop(which, "the server's reply does not fit its request");
  }
  std::size_t from = 0;
  for (const operation_ptr& op : frame.operations) {
    const std::size_t size = op->is_command() ? op->count * op->result_bytes() : body.size();
    if (!op->done) answer_part(op, header, refused ? std::span<const std::byte>{} : body.subspan(from, size));
    from += size;
  }
}

void client_core::answer_part(const operation_ptr& op, const frame_header& header, std::span<const std::byte> part) {
  answer a = plain(outcome::result);
  a.code = header.code;
  a.header = header;
  std::uint32_t retry_after_ms = header.retry_after_ms;
  bool again = passes_by_itself(header.code);
  if (header.code != result_code::ok && op->is_command()) {
    a.body.resize(op->count * op->result_bytes());
    for (std::uint32_t i = 0; i < op->count; ++i) {
      result_record r{};
      r.code = header.code;
      r.retry_after_ms = header.retry_after_ms;
      std::memcpy(a.body.data() + i * op->result_bytes(), &r, sizeof r);
    }
  } else {
    a.body.assign(part.begin(), part.end());
    for (std::uint32_t i = 0; op->is_command() && i < op->count; ++i) {
      result_record r{};
      std::memcpy(&r, part.data() + i * op->result_bytes(), sizeof r);
      if (!passes_by_itself(r.code)) continue;
      again = true;
      retry_after_ms = std::max(retry_after_ms, r.retry_after_ms);
    }
  }
  if (!again) return finish(op, std::move(a));
  // Sent again as a whole: events of it that were executed answer with their stored result.
  op->refused = true;
  op->last_refusal = std::move(a);
  repeat_later(op, retry_after_ms);
}

void client_core::repeat_later(const operation_ptr& op, std::uint32_t retry_after_ms) {
  const auto at = clock::now() + std::chrono::milliseconds(std::max(retry_after_ms, retry_least_ms));
  delayed_.emplace(std::min(at, op->deadline), op);
}

void client_core::finish(const operation_ptr& op, answer result) {
  op->done = true;
  deadlines_.erase(op->in_deadlines);
  op->body = {};
  op->last_refusal = {};
  {
    const std::lock_guard lock(mutex_);
    queued_events_ -= op->count;
  }
  const callback call = std::move(op->on_answer);
  [&]() noexcept { call(std::move(result)); }();
}

void client_core::expire(const operation_ptr& op) {
  // In doubt wins: an attempt whose connection broke may still have been executed.
  if (op->in_doubt) return finish(op, plain(outcome::unknown));
  if (op->refused) return finish(op, std::move(op->last_refusal));
  const auto waits_on = [&](link& l) {
    for (auto& [request, frame] : l.in_flight) {
      if (std::find(frame.operations.begin(), frame.operations.end(), op) == frame.operations.end()) continue;
      finish(op, plain(outcome::unknown));
      // Not a word since it was sent: the connection is dead, the others in flight on it go out on a new one.
      if (l.last_received < frame.sent_at) drop(l, "no reply in time");
      return true;
    }
    return false;
  };
  if (active_ && waits_on(*active_)) return;
  for (const auto& l : std::vector(draining_)) {
    if (waits_on(*l)) return;
  }
  finish(op, plain(outcome::not_sent));
}

void client_core::arm_timer() {
  clock::time_point next = clock::time_point::max();
  if (!deadlines_.empty()) next = deadlines_.begin()->first;
  if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
  if (!active_ && !queue_.empty() && phase_ != phase::closed) next = std::min(next, connect_not_before_);
  if (next == clock::time_point::max() || timer_at_ <= next) return;  // an early timer looks again by itself
  timer_at_ = next;
  timer_.expires_at(next);
  timer_.async_wait(asio::bind_executor(strand_, [self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->on_timer();
  }));
}

void client_core::on_timer() {
  timer_at_ = clock::time_point::max();
  const clock::time_point now = clock::now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) expire(operation_ptr(deadlines_.begin()->second));
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const operation_ptr op = delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    if (op->done) continue;
    queue_.push_back(op);
    queue_events_ += op->count;
  }
  pump();
  arm_timer();
}

void client_core::close_gently() {
  {
    const std::lock_guard lock(mutex_);
    taking_ = false;
  }
  asio::post(strand_, [self = shared_from_this()] {
    if (self->phase_ == phase::running) self->phase_ = phase::closing;
    self->take_inbox();
  });
}

void client_core::close_now() {
  {
    const std::lock_guard lock(mutex_);
    taking_ = false;
  }
  asio::post(strand_, [self = shared_from_this()] {
    if (self->phase_ == phase::closed) return;
    self->phase_ = phase::closing;
    self->take_inbox();
    self->end_all();
  });
}

void client_core::end_all() {
  const auto end_link = [this](link& l) {
    l.close();
    take_back(l);  // marks what was in flight as in doubt
  };
  if (active_) end_link(*std::exchange(active_, nullptr));
  for (const auto& l : std::exchange(draining_, {})) end_link(*l);
  while (!deadlines_.empty()) {
    const operation_ptr op = deadlines_.begin()->second;
    if (op->refused && !op->in_doubt) {
      finish(op, std::move(op->last_refusal));
    } else {
      finish(op, plain(op->in_doubt ? outcome::unknown : outcome::not_sent));
    }
  }
  queue_.clear();
  queue_events_ = 0;
  close_if_done();
}

void client_core::close_if_done() {
  if (phase_ != phase::closing || !deadlines_.empty()) return;
  phase_ = phase::closed;
  if (active_) std::exchange(active_, nullptr)->close();
  for (const auto& l : std::exchange(draining_, {})) l->close();
  delayed_.clear();
  timer_.cancel();
  const std::lock_guard lock(mutex_);
  closed_ = true;
  closed_signal_.notify_all();
}

bool client_core::wait_closed(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return closed_signal_.wait_for(lock, patience, [this] { return closed_; });
}

void client_core::note_error(const std::string& why) {
  const std::lock_guard lock(mutex_);
  last_error_ = why;
}

std::string client_core::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

}  // namespace payloom::client

#include "actors/channels/iso8583/iso_wire.hpp"

#include <algorithm>
#include <chrono>

#include "protocol/types/assert.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom::actors {

using core::channel_answer;
using core::channel_call;
using core::iso_counters;

std::string_view iso_wire_settings::problem() const {
  if (connection.host.empty() || connection.port == 0) return "host and port are needed";
  if (connection.connect_timeout_ms == 0 || connection.connect_timeout_ms > 60'000)
    return "connect_timeout_ms: from 1 to 60,000";
  if (connection.reconnect_ms_min == 0 || connection.reconnect_ms_min > connection.reconnect_ms_max ||
      connection.reconnect_ms_max > 600'000)
    return "reconnect_ms_min: from 1 to reconnect_ms_max, and that at most 600,000";
  if (lines == 0 || lines > 64) return "lines: from 1 to 64";
  if (line.terminal.size() > 6) return "terminal: at most 6 characters, two digits follow";
  if (drain_ms > 60'000) return "drain_ms: at most 60,000";
  if (calls_waiting_max == 0) return "calls_waiting_max: at least 1";
  return line.problem();
}

std::shared_ptr<iso_wire> iso_wire::make(asio::io_context& context, const iso_wire_settings& settings,
                                         core::iso_codes codes, std::function<time_ns()> now, tell_answers tell) {
  PAYLOOM_ASSERT(settings.problem().empty());
  std::shared_ptr<iso_wire> wire(new iso_wire(context, settings, std::move(codes), std::move(now), std::move(tell)));
  for (std::uint32_t i = 0; i < settings.lines; ++i) {
    core::iso_settings line = settings.line;
    line.terminal += static_cast<char>('0' + i / 10);
    line.terminal += static_cast<char>('0' + i % 10);
    // The lines end in `end` at the latest, on the wire's thread, and call nothing after it.
    wire->lines_.push_back(std::make_shared<iso_connection>(context, settings.connection, line, wire->codes_,
                                                            wire->now_, [w = wire.get()] { w->collect(); }));
  }
  wire->touched_.resize(settings.lines);
  asio::post(context, [wire] {
    for (const auto& line : wire->lines_) line->start();
  });
  return wire;
}

iso_wire::iso_wire(asio::io_context& context, const iso_wire_settings& settings, core::iso_codes codes,
                   std::function<time_ns()> now, tell_answers tell)
    : context_(context),
      settings_(settings),
      codes_(std::move(codes)),
      now_(std::move(now)),
      tell_(std::move(tell)),
      drain_(context) {}

iso_wire::~iso_wire() { PAYLOOM_ASSERT(ended_); }  // else its lines would call what is gone

void iso_wire::call(std::vector<channel_call> calls) {
  if (calls.empty()) return;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (stop_asked_) return;  // nothing is told any more: the payments' timers ask after the restart
    first = inbox_.empty() && refused_.empty();
    for (channel_call& c : calls) {
      if (inbox_.size() < settings_.calls_waiting_max) {
        inbox_.push_back(std::move(c));
        continue;
      }
      ++refused_count_;
      const bool asks = c.operation == channel_operation::query || c.operation == channel_operation::close;
      if (!asks) refused_.push_back({std::move(c), channel_outcome::not_sent, 0, 0, wire_full});
    }
  }
  if (first) asio::post(context_, [self = shared_from_this()] { self->take_calls(); });
}

void iso_wire::take_calls() {
  if (ended_) return;
  {
    const std::lock_guard lock(mutex_);
    calls_.swap(inbox_);
    answers_.insert(answers_.end(), std::make_move_iterator(refused_.begin()), std::make_move_iterator(refused_.end()));
    refused_.clear();
  }
  const time_ns now = now_();
  for (const channel_call& c : calls_) {
    // Always the same line for an attempt: only that one knows how it stands.
    const std::size_t line = mix_id(0x6c696e65, c.attempt_id) % lines_.size();
    lines_[line]->call(c, now);
    touched_[line] = true;
  }
  calls_.clear();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (touched_[i]) lines_[i]->flush();
    touched_[i] = false;
  }
  collect();
}

void iso_wire::collect() {
  if (collecting_ || ended_) return;
  collecting_ = true;
  for (const auto& line : lines_) {
    while (line->take_answers(answers_per_turn - std::min(answers_.size(), answers_per_turn - 1), answers_) != 0) {
      if (answers_.size() < answers_per_turn) continue;
      tell_(std::exchange(answers_, {}));
    }
  }
  if (!answers_.empty()) tell_(std::exchange(answers_, {}));
  collecting_ = false;
  const iso_counters counted = sum();
  std::uint64_t connects = 0, up = 0;
  for (const auto& line : lines_) {
    connects += line->connects();
    up += line->is_up() ? 1 : 0;
  }
  {
    const std::lock_guard lock(mutex_);
    published_ = counted;
    connects_ = connects;
    up_ = up;
  }
  if (stopping_ && std::ranges::all_of(lines_, [](const auto& line) { return line->is_over(); })) end();
}

void iso_wire::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stop_asked_, true)) return;
  }
  std::future<void> over = over_.get_future();
  asio::post(context_, [self = shared_from_this()] {
    self->stopping_ = true;
    self->drain_.expires_after(std::chrono::milliseconds(self->settings_.drain_ms));
    self->drain_.async_wait([self](const error_code& error) {
      if (!error) self->end();
    });
    for (const auto& line : self->lines_) line->shut();
    self->take_calls();
  });
  over.wait();
}

void iso_wire::end() {
  if (std::exchange(ended_, true)) return;
  drain_.cancel();
  for (const auto& line : lines_) line->close();
  // From a turn of its own: who waits for it may let go of the wire at once, and we are still inside it.
  asio::post(context_, [self = shared_from_this()] { self->over_.set_value(); });
}

iso_counters iso_wire::sum() const {
  iso_counters all;
  for (const auto& line : lines_) all += line->counters();
  return all;
}

iso_counters iso_wire::line_counters() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

wire_counters iso_wire::counters() const {
  const std::lock_guard lock(mutex_);
  wire_counters c;
  c.in_flight = published_.in_flight + inbox_.size();
  c.sent = published_.sent;
  c.answered = published_.answered;
  c.timeouts = published_.timeouts;
  c.not_sent = published_.not_sent + refused_count_;
  c.reversals_waiting = published_.reversals_waiting;
  c.reversals_acknowledged = published_.reversals_acknowledged;
  c.unmapped_codes = published_.unmapped_codes;
  c.late_responses = published_.late_responses;
  c.reconnects = connects_ > settings_.lines ? connects_ - settings_.lines : 0;
  c.connections = up_;
  return c;
}

}  // namespace payloom::actors

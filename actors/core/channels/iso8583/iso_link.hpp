#pragma once
// One persistent ISO 8583 line, without its socket: signs on, sends requests, matches responses, and undoes what has no
// clear end. Pure: events and the time in, bytes and answers out. One thread at a time.
//
// The rule behind everything (domain.md 1.4, GW-3): whoever is told `unknown` has a reversal in the queue, which is
// repeated until the host acknowledges it; then the news is `closed`. Nothing becomes a success after that.
#include <cstdint>
#include <span>
#include <vector>

#include "actors/core/channels/channel_call.hpp"
#include "actors/core/channels/iso8583/iso_codes.hpp"
#include "actors/core/channels/iso8583/iso_framer.hpp"
#include "actors/core/channels/iso8583/iso_memory.hpp"
#include "actors/core/channels/iso8583/iso_message.hpp"
#include "actors/core/channels/iso8583/iso_rate.hpp"
#include "actors/core/channels/iso8583/iso_settings.hpp"
#include "actors/core/channels/iso8583/iso_slots.hpp"

namespace payloom::core {

enum class iso_line : std::uint8_t {
  down,        ///< not connected
  signing_on,  ///< connected, nothing but the sign-on has left
  up,
  signing_off,  ///< the sign-off has left
  over,         ///< dead or signed off: the shell closes the connection
};

class iso_link {
 public:
  /// `settings` must have no problem; `codes` must outlive this.
  iso_link(const iso_settings& settings, const iso_codes& codes);

  // What happens. After each of these the shell takes output and answers: an event brings at most one answer for each
  // call, message or request in flight that it is about, so what waits here is bounded by that.
  void connected(time_ns now);
  void received(std::span<const char> bytes, time_ns now);
  /// Requests that were handed out are unknown and are reversed; those that were not are not_sent.
  void disconnected(time_ns now);
  /// pay, payout, refund: sent, or not_sent at once. query, close: makes sure that the attempt is reversed, unless its
  /// end is known or about to be; needs no line.
  void call(const channel_call& call, time_ns now);
  void tick(time_ns now);
  /// No more requests; signs off when those in flight have ended.
  void shut(time_ns now);

  /// All bytes that are to be written, into the empty `out`; from now on they count as sent. False: there are none.
  bool take_output(std::vector<char>& out);
  /// At most `max` answers, behind those in `out`; how many.
  std::size_t take_answers(std::size_t max, std::vector<channel_answer>& out);
  /// When `tick` has something to do, 0: not before the next event.
  time_ns next_at() const;
  iso_line line() const { return line_; }
  /// The shell must close the connection, and say `disconnected`.
  bool must_close() const { return line_ == iso_line::over; }
  std::size_t in_flight() const { return slots_.waiting(); }
  iso_counters counters() const;

 private:
  using slot_number = iso_slots::number;

  // iso_link.cpp: time and life of the line.
  void send_network(std::uint16_t code, time_ns now);
  void network_overdue(time_ns now);
  void sign_off_when_idle(time_ns now);
  bool has_room() const { return out_.size() < settings_.output_max; }

  // iso_link_calls.cpp: what goes out.
  std::uint16_t refusal_of(const channel_call& call, time_ns now);
  void ask(const channel_call& call, time_ns now);
  void send_request(slot_number n, time_ns now);
  void send_reversal(slot_number n, time_ns now);
  void send_due_reversals(time_ns now);
  void queue_reversal(const channel_call& call, bool told, time_ns now);
  /// Told as unknown, and undone.
  void give_up(slot_number n, std::uint16_t code, time_ns now);
  void leave_output(slot_number n);
  void tell(const channel_call& call, channel_outcome outcome, u128 amount_minor, u128 reference, std::uint16_t code);
  /// The end of an attempt: told, remembered, its slot free.
  void settle(slot_number n, channel_outcome outcome, u128 amount_minor, u128 reference, std::uint16_t code);

  // iso_link_responses.cpp: what comes in.
  void take_message(std::span<const char> bytes, time_ns now);
  void take_response(const iso_message& m, time_ns now);
  void take_stray(const iso_message& m, u128 attempt_id, time_ns now);
  void take_reversal_response(const iso_message& m);
  void take_network_response(const iso_message& m, time_ns now);
  void answer_network(const iso_message& m, time_ns now);
  slot_number slot_of(const iso_message& m, u128 attempt_id, iso_stage stage) const;

  const iso_settings settings_;
  const iso_codes& codes_;
  iso_slots slots_;
  iso_memory memory_;
  iso_rate rate_;
  iso_framer framer_;
  iso_references references_;
  iso_stamp stamp_;
  std::vector<char> out_;
  std::vector<channel_answer> answers_;
  std::size_t answers_taken_ = 0;
  slot_number first_in_output_ = iso_slots::none;  ///< the oldest request that is still in `out_`
  iso_line line_ = iso_line::down;
  bool stopping_ = false;
  time_ns heard_at_ = 0;            ///< the last message of the host
  time_ns network_due_ = 0;         ///< when the 0810 is overdue, 0: none is waited for
  std::uint32_t network_stan_ = 0;  ///< of that 0800
  std::uint16_t network_code_ = 0;
  std::uint32_t echoes_lost_ = 0;  ///< in a row
  iso_counters counters_;
};

}  // namespace payloom::core

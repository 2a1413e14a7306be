#include "actors/core/channels/iso8583/iso_link.hpp"

#include <algorithm>

#include "actors/core/channels/iso8583/iso_writer.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::core {

namespace {
constexpr std::uint64_t ms = 1'000'000;
}

iso_link::iso_link(const iso_settings& settings, const iso_codes& codes)
    : settings_(settings),
      codes_(codes),
      slots_(settings.in_flight_max, settings.reversals_max),
      memory_(settings.remembered_max),
      rate_(settings.rate_per_second, settings.burst) {
  PAYLOOM_ASSERT(settings.problem().empty());
}

void iso_link::connected(time_ns now) {
  PAYLOOM_ASSERT(line_ == iso_line::down && out_.empty());
  line_ = iso_line::signing_on;
  heard_at_ = now;
  send_network(iso_network::sign_on, now);
}

void iso_link::disconnected(time_ns now) {
  PAYLOOM_ASSERT(line_ != iso_line::down);
  line_ = iso_line::down;
  ++counters_.lines_broken;
  framer_.reset();
  network_due_ = 0;
  echoes_lost_ = 0;
  // What is still in the output has not left: from its first request on all others are behind it.
  for (slot_number n = first_in_output_; n != iso_slots::none;) {
    const slot_number after = slots_.at(n).next;
    ++counters_.not_sent;
    tell(slots_.at(n).call, channel_outcome::not_sent, 0, 0, number_of(iso_refusal::line_lost));
    slots_.remove(n);
    n = after;
  }
  first_in_output_ = iso_slots::none;
  out_.clear();
  while (slots_.first_waiting() != iso_slots::none)
    give_up(slots_.first_waiting(), number_of(iso_refusal::line_broke), now);
}

void iso_link::received(std::span<const char> bytes, time_ns now) {
  if (line_ == iso_line::down || line_ == iso_line::over) return;
  const iso_error error = framer_.feed(bytes, [&](std::span<const char> message) { take_message(message, now); });
  if (error != iso_error::ok) {
    ++counters_.bad_messages;
    line_ = iso_line::over;  // nobody knows where the next message begins
  }
  sign_off_when_idle(now);
}

void iso_link::tick(time_ns now) {
  while (slots_.first_waiting() != iso_slots::none && slots_.at(slots_.first_waiting()).due <= now) {
    ++counters_.timeouts;
    give_up(slots_.first_waiting(), number_of(iso_refusal::no_response), now);
  }
  if (network_due_ != 0 && network_due_ <= now) network_overdue(now);
  if (line_ != iso_line::up) return;
  send_due_reversals(now);
  if (network_due_ == 0 && heard_at_ + settings_.echo_idle_ms * ms <= now) send_network(iso_network::echo, now);
  sign_off_when_idle(now);
}

void iso_link::shut(time_ns now) {
  stopping_ = true;
  if (line_ == iso_line::signing_on) line_ = iso_line::over;
  sign_off_when_idle(now);
}

void iso_link::sign_off_when_idle(time_ns now) {
  if (!stopping_ || line_ != iso_line::up || slots_.waiting() != 0) return;
  line_ = iso_line::signing_off;
  send_network(iso_network::sign_off, now);
}

void iso_link::send_network(std::uint16_t code, time_ns now) {
  const bool echo = code == iso_network::echo;
  network_stan_ = slots_.pass_stan();
  network_code_ = code;
  network_due_ = now + (echo ? settings_.echo_timeout_ms : settings_.sign_on_timeout_ms) * ms;
  stamp_.set(now);
  iso_writer w(out_, iso_type::network_request);
  w.text(iso_field::transmitted_at, stamp_.transmitted());
  w.number(iso_field::stan, network_stan_);
  std::array<char, 8> terminal;
  w.text(iso_field::terminal, iso_padded(settings_.terminal, terminal));
  w.number(iso_field::network_code, code);
  w.finish();
}

void iso_link::network_overdue(time_ns now) {
  network_due_ = 0;
  if (network_code_ != iso_network::echo) {  // no sign-on, or a sign-off that nobody answers: nothing more to do here
    line_ = iso_line::over;
    return;
  }
  ++counters_.echoes_lost;
  if (++echoes_lost_ >= settings_.echoes_lost_max) {
    line_ = iso_line::over;
    return;
  }
  send_network(iso_network::echo, now);
}

bool iso_link::take_output(std::vector<char>& out) {
  PAYLOOM_ASSERT(out.empty());
  if (out_.empty()) return false;
  out_.swap(out);
  first_in_output_ = iso_slots::none;
  return true;
}

std::size_t iso_link::take_answers(std::size_t max, std::vector<channel_answer>& out) {
  const std::size_t count = std::min(max, answers_.size() - answers_taken_);
  const auto first = answers_.begin() + static_cast<std::ptrdiff_t>(answers_taken_);
  out.insert(out.end(), std::make_move_iterator(first),
             std::make_move_iterator(first + static_cast<std::ptrdiff_t>(count)));
  answers_taken_ += count;
  if (answers_taken_ == answers_.size()) {
    answers_.clear();
    answers_taken_ = 0;
  }
  return count;
}

time_ns iso_link::next_at() const {
  time_ns at = 0;
  const auto earlier = [&at](time_ns t) { at = at == 0 ? t : std::min(at, t); };
  if (network_due_ != 0) earlier(network_due_);
  if (slots_.first_waiting() != iso_slots::none) earlier(slots_.at(slots_.first_waiting()).due);
  if (line_ != iso_line::up) return at;
  // Without room there is nothing to do before output is taken, and that is an event.
  if (slots_.first_reversing() != iso_slots::none && has_room()) earlier(slots_.at(slots_.first_reversing()).due);
  if (network_due_ == 0) earlier(heard_at_ + settings_.echo_idle_ms * ms);
  return at;
}

iso_counters iso_link::counters() const {
  iso_counters c = counters_;
  c.in_flight = slots_.waiting();
  c.reversals_waiting = slots_.reversing();
  return c;
}

}  // namespace payloom::core

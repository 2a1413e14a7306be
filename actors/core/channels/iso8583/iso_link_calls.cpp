#include <algorithm>

#include "actors/core/channels/iso8583/iso_link.hpp"
#include "actors/core/channels/iso8583/iso_writer.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/currency.hpp"

namespace payloom::core {

namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t amount_max = 999'999'999'999;  // field 4: twelve digits

bool amount_fits(u128 amount_minor) { return amount_minor != 0 && amount_minor <= amount_max; }
bool ledger_fits(ledger_id ledger) { return ledger != 0 && ledger <= iso_ledger_max; }

std::uint32_t processing_of(channel_operation attempt) {
  switch (attempt) {
    case channel_operation::refund:
      return iso_processing::refund;
    case channel_operation::payout:
      return iso_processing::payout;
    default:
      PAYLOOM_ASSERT(attempt == channel_operation::pay);
      return iso_processing::purchase;
  }
}

/// Fields 3 to 49, which requests and reversals have in common.
void write_content(iso_writer& w, const iso_settings& settings, const iso_stamp& stamp, const iso_slot& s) {
  std::array<char, 8> terminal;
  std::array<char, 15> merchant;
  w.number(iso_field::processing_code, processing_of(s.call.attempt_operation));
  w.number(iso_field::amount, lo64(s.call.amount_minor));
  w.text(iso_field::transmitted_at, stamp.transmitted());
  w.number(iso_field::stan, s.stan);
  w.text(iso_field::local_time, stamp.time());
  w.text(iso_field::local_date, stamp.date());
  w.text(iso_field::retrieval_reference, {s.reference.data(), s.reference.size()});
  w.text(iso_field::terminal, iso_padded(settings.terminal, terminal));
  w.text(iso_field::merchant, iso_padded(settings.merchant, merchant));
  w.identity(iso_field::attempt, s.call.attempt_id);
  w.number(iso_field::currency, s.call.ledger);
}

}  // namespace

void iso_link::call(const channel_call& c, time_ns now) {
  PAYLOOM_ASSERT(c.operation != channel_operation::none && c.operation != channel_operation::check);
  if (const iso_end* end = memory_.find(c.attempt_id); end != nullptr) {
    tell(c, end->outcome, end->amount_minor, end->reference, end->code);
    return;
  }
  if (const slot_number n = slots_.find_attempt(c.attempt_id); n != iso_slots::none) {
    iso_slot& s = slots_.at(n);
    if (!s.told) {  // a stray response is being reversed: now somebody waits for its end
      s.told = true;
      s.call = c;
    }
    return;  // its time-out or its reversal decides
  }
  if (c.operation == channel_operation::query || c.operation == channel_operation::close) return ask(c, now);
  if (const std::uint16_t refusal = refusal_of(c, now); refusal != 0) {
    ++counters_.not_sent;
    tell(c, channel_outcome::not_sent, 0, 0, refusal);
    return;
  }
  send_request(slots_.add(c, iso_stage::waiting), now);
}

std::uint16_t iso_link::refusal_of(const channel_call& c, time_ns now) {
  if (stopping_) return number_of(iso_refusal::stopping);
  if (line_ != iso_line::up) return number_of(iso_refusal::line_down);
  if (!amount_fits(c.amount_minor)) return number_of(iso_refusal::amount_unfit);
  if (!ledger_fits(c.ledger)) return number_of(iso_refusal::ledger_unfit);
  if (slots_.waiting() >= settings_.in_flight_max) return number_of(iso_refusal::in_flight_full);
  if (slots_.reversing() >= settings_.reversals_max) return number_of(iso_refusal::reversals_full);
  if (!has_room()) return number_of(iso_refusal::output_full);
  if (!rate_.take(now)) return number_of(iso_refusal::rate);  // last: it takes a token
  return 0;
}

void iso_link::ask(const channel_call& c, time_ns now) {
  if (!amount_fits(c.amount_minor) || !ledger_fits(c.ledger)) {  // such a request can never have left
    tell(c, channel_outcome::closed, 0, 0, number_of(iso_refusal::amount_unfit));
    return;
  }
  queue_reversal(c, true, now);
}

void iso_link::queue_reversal(const channel_call& c, bool told, time_ns now) {
  if (slots_.full() || slots_.reversing() >= settings_.reversals_max) {
    ++counters_.reversals_dropped;
    return;
  }
  const slot_number n = slots_.add(c, iso_stage::reversing);
  iso_slot& s = slots_.at(n);
  s.told = told;
  s.due = now;
  s.reference = references_.draw(now);
  s.original_transmitted.fill('0');  // nobody here remembers it: the host knows the attempt's id
  ++counters_.reversals_queued;
  send_due_reversals(now);
}

void iso_link::send_request(slot_number n, time_ns now) {
  iso_slot& s = slots_.at(n);
  slots_.draw_stan(n);
  stamp_.set(now);
  s.reference = references_.draw(now);
  s.original_stan = s.stan;
  std::ranges::copy(stamp_.transmitted(), s.original_transmitted.begin());
  s.due = now + settings_.response_timeout_ms * ms;
  iso_writer w(out_, iso_type::request);
  write_content(w, settings_, stamp_, s);
  if (s.call.operation == channel_operation::refund) w.identity(iso_field::private_data, s.call.source);
  w.finish();
  if (first_in_output_ == iso_slots::none) first_in_output_ = n;
  ++counters_.sent;
}

void iso_link::send_reversal(slot_number n, time_ns now) {
  iso_slot& s = slots_.at(n);
  if (s.stan == 0) slots_.draw_stan(n);
  stamp_.set(now);
  // Type, STAN and time of the original; its institutions are not ours to say.
  std::array<char, 42> original;
  original.fill('0');
  std::ranges::copy(std::string_view("0200"), original.begin());
  std::uint32_t stan = s.original_stan;
  for (std::size_t i = 10; i > 4; --i, stan /= 10) original[i - 1] = static_cast<char>('0' + stan % 10);
  std::ranges::copy(s.original_transmitted, original.begin() + 10);
  iso_writer w(out_, s.sends == 0 ? iso_type::reversal : iso_type::reversal_repeat);
  write_content(w, settings_, stamp_, s);
  w.text(iso_field::original, {original.data(), original.size()});
  w.finish();
  if (s.sends++ != 0) ++counters_.reversals_repeated;
  s.due = now + settings_.reversal_repeat_ms * ms;
  slots_.to_back(n);
}

void iso_link::send_due_reversals(time_ns now) {
  while (line_ == iso_line::up && has_room()) {
    const slot_number n = slots_.first_reversing();
    if (n == iso_slots::none || slots_.at(n).due > now) return;
    if (slots_.at(n).sends > settings_.reversal_repeats_max) {
      ++counters_.reversals_given_up;
      slots_.remove(n);
      continue;
    }
    send_reversal(n, now);  // goes to the back with a later time, so the loop ends
  }
}

void iso_link::give_up(slot_number n, std::uint16_t code, time_ns now) {
  leave_output(n);
  slots_.reverse(n);
  iso_slot& s = slots_.at(n);
  s.due = now;
  ++counters_.reversals_queued;
  tell(s.call, channel_outcome::unknown, 0, 0, code);
  send_due_reversals(now);
}

void iso_link::leave_output(slot_number n) {
  if (first_in_output_ == n) first_in_output_ = slots_.at(n).next;
}

void iso_link::tell(const channel_call& call, channel_outcome outcome, u128 amount_minor, u128 reference,
                    std::uint16_t code) {
  answers_.push_back({call, outcome, amount_minor, reference, code});
}

void iso_link::settle(slot_number n, channel_outcome outcome, u128 amount_minor, u128 reference, std::uint16_t code) {
  leave_output(n);
  const iso_slot& s = slots_.at(n);
  memory_.remember({s.call.attempt_id, amount_minor, reference, outcome, code});
  if (s.told) tell(s.call, outcome, amount_minor, reference, code);
  slots_.remove(n);
}

}  // namespace payloom::core

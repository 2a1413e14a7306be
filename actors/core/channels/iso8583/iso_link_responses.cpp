#include "actors/core/channels/iso8583/iso_link.hpp"
#include "actors/core/channels/iso8583/iso_writer.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::core {

namespace {

std::string_view text_of(const iso_reference& reference) { return {reference.data(), reference.size()}; }

/// The host's own number where it tells one, else our reference as a number.
u128 reference_of(const iso_message& m) {
  if (const auto own = read_identity(m.text(iso_field::private_data))) return *own;
  u128 number = 0;
  for (const char c : m.text(iso_field::retrieval_reference)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

channel_operation attempt_of(std::uint64_t processing_code) {
  return processing_code == iso_processing::refund   ? channel_operation::refund
         : processing_code == iso_processing::payout ? channel_operation::payout
                                                     : channel_operation::pay;
}

}  // namespace

void iso_link::take_message(std::span<const char> bytes, time_ns now) {
  iso_message m;
  if (iso_message::read(bytes, m)) {
    ++counters_.bad_messages;  // the frame is whole, so the next message is still found
    return;
  }
  heard_at_ = now;
  echoes_lost_ = 0;
  switch (m.type()) {
    case iso_type::response:
      return take_response(m, now);
    case iso_type::reversal_response:
      return take_reversal_response(m);
    case iso_type::network_response:
      return take_network_response(m, now);
    case iso_type::network_request:
      return answer_network(m, now);
    default:
      ++counters_.bad_messages;  // nothing that a host may send us
  }
}

iso_link::slot_number iso_link::slot_of(const iso_message& m, u128 attempt_id, iso_stage stage) const {
  const slot_number n = slots_.find_stan(static_cast<std::uint32_t>(m.number(iso_field::stan)));
  if (n == iso_slots::none) return n;
  const iso_slot& s = slots_.at(n);
  const bool same = s.stage == stage && s.call.attempt_id == attempt_id &&
                    text_of(s.reference) == m.text(iso_field::retrieval_reference);
  return same ? n : iso_slots::none;
}

void iso_link::take_response(const iso_message& m, time_ns now) {
  const auto attempt_id = read_identity(m.text(iso_field::attempt));
  if (!attempt_id) {
    ++counters_.bad_messages;
    return;
  }
  const slot_number n = slot_of(m, *attempt_id, iso_stage::waiting);
  if (n == iso_slots::none) return take_stray(m, *attempt_id, now);
  ++counters_.answered;
  const iso_codes::meaning meaning = codes_.find(m.text(iso_field::response_code));
  if (!meaning.mapped) ++counters_.unmapped_codes;
  if (meaning.outcome == channel_outcome::unknown) return give_up(n, meaning.number, now);
  if (meaning.outcome != channel_outcome::success)
    return settle(n, meaning.outcome, 0, reference_of(m), meaning.number);
  // Approved: then it must say what moved, in the currency that was asked for.
  const u128 moved = m.number(iso_field::amount);
  if (moved == 0 || m.number(iso_field::currency) != slots_.at(n).call.ledger)
    return give_up(n, number_of(iso_refusal::response_unfit), now);
  settle(n, channel_outcome::success, moved, reference_of(m), meaning.number);
}

void iso_link::take_stray(const iso_message& m, u128 attempt_id, time_ns now) {
  if (const slot_number n = slots_.find_attempt(attempt_id); n != iso_slots::none) {
    // Too late: the reversal stands, whatever this says. Or it names another request than the one that waits.
    ++(slots_.at(n).stage == iso_stage::reversing ? counters_.late_responses : counters_.stray_responses);
    return;
  }
  const iso_codes::meaning meaning = codes_.find(m.text(iso_field::response_code));
  if (!meaning.mapped) ++counters_.unmapped_codes;
  const bool may_have_moved =
      meaning.outcome == channel_outcome::success || meaning.outcome == channel_outcome::unknown;
  if (const iso_end* end = memory_.find(attempt_id); end != nullptr) {
    ++counters_.repeated_responses;
    // Told as ended without money, and now it is approved after all: the money goes back.
    if (end->outcome == channel_outcome::success || !may_have_moved) return;
  } else {
    ++counters_.stray_responses;
    if (!may_have_moved) return;
  }
  channel_call c;
  c.operation = channel_operation::close;
  c.attempt_operation = attempt_of(m.number(iso_field::processing_code));
  c.attempt_id = attempt_id;
  c.amount_minor = m.number(iso_field::amount);
  c.ledger = static_cast<ledger_id>(m.number(iso_field::currency));
  queue_reversal(c, false, now);
}

void iso_link::take_reversal_response(const iso_message& m) {
  const auto attempt_id = read_identity(m.text(iso_field::attempt));
  if (!attempt_id) {
    ++counters_.bad_messages;
    return;
  }
  const slot_number n = slot_of(m, *attempt_id, iso_stage::reversing);
  if (n == iso_slots::none) {
    ++counters_.repeated_responses;
    return;
  }
  const iso_codes::meaning meaning = codes_.find(m.text(iso_field::response_code));
  if (!meaning.mapped) ++counters_.unmapped_codes;
  if (!meaning.reversed) {
    ++counters_.reversals_refused;
    return;
  }
  ++counters_.reversals_acknowledged;
  settle(n, channel_outcome::closed, 0, 0, number_of(iso_refusal::reversed));
}

void iso_link::take_network_response(const iso_message& m, time_ns now) {
  const bool expected = network_due_ != 0 && m.number(iso_field::stan) == network_stan_ &&
                        m.number(iso_field::network_code) == network_code_;
  if (!expected) return;  // of an echo that was given up
  network_due_ = 0;
  const bool approved = codes_.find(m.text(iso_field::response_code)).outcome == channel_outcome::success;
  if (network_code_ == iso_network::echo) return;
  if (network_code_ == iso_network::sign_off || !approved) {
    line_ = iso_line::over;
    return;
  }
  line_ = iso_line::up;
  // The host may have heard nothing of them: all at once, as far as there is room.
  for (slot_number n = slots_.first_reversing(); n != iso_slots::none; n = slots_.at(n).next) slots_.at(n).due = now;
  send_due_reversals(now);
}

void iso_link::answer_network(const iso_message& m, time_ns now) {
  if (!has_room()) return;  // who reads nothing gets no echo
  stamp_.set(now);
  iso_writer w(out_, iso_type::network_response);
  w.text(iso_field::transmitted_at, stamp_.transmitted());
  w.text(iso_field::stan, m.text(iso_field::stan));
  w.text(iso_field::response_code, "00");
  w.text(iso_field::network_code, m.text(iso_field::network_code));
  w.finish();
}

}  // namespace payloom::core

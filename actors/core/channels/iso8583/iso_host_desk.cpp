#include "actors/core/channels/iso8583/iso_host_desk.hpp"

#include <algorithm>

#include "actors/core/channels/iso8583/iso_writer.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom::core {

namespace {

constexpr std::uint32_t whole = 100'000;
constexpr std::uint64_t ms = 1'000'000;

std::string_view code_of(const outside_reply& reply, u128 asked_minor) {
  switch (reply.code) {
    case outside_code::approved:
    case outside_code::already_refunded:
      return reply.amount_minor < asked_minor ? "10" : "00";
    case outside_code::declined:
      return "51";
    case outside_code::processing:
    case outside_code::busy:
      return "91";
    case outside_code::conflict:
      return "94";
    case outside_code::attempt_closed:
      return "77";
    case outside_code::source_spent:
      return "61";
    case outside_code::no_source:
    case outside_code::not_found:
    case outside_code::invalid:
      return "12";
  }
  return "96";
}

channel_operation operation_of(std::uint64_t processing_code) {
  return processing_code == iso_processing::purchase ? channel_operation::pay
         : processing_code == iso_processing::refund ? channel_operation::refund
         : processing_code == iso_processing::payout ? channel_operation::payout
                                                     : channel_operation::none;
}

}  // namespace

std::string_view iso_host_settings::problem() const {
  for (const std::uint32_t share : {dropped_before, dropped_after, reversals_silent, echoes_silent})
    if (share > whole) return "shares: at most 100,000";
  if (connections_max == 0 || connections_max > 65'536) return "connections_max: from 1 to 65,536";
  if (waiting_max == 0 || waiting_max > (1u << 24)) return "waiting_max: from 1 to 16,777,216";
  if (output_max < 4'096) return "output_max: at least 4,096";
  return {};
}

iso_host_desk::iso_host_desk(const iso_host_settings& settings, outside_book& book) : settings_(settings), book_(book) {
  PAYLOOM_ASSERT(settings.problem().empty());
}

iso_host_desk::connection iso_host_desk::opened() {
  const auto found = std::ranges::find_if(lines_, [](const line& l) { return !l.open && !l.changed; });
  const auto c = static_cast<connection>(found - lines_.begin());
  if (found == lines_.end()) {
    if (lines_.size() >= settings_.connections_max) return none;
    lines_.emplace_back();
  }
  lines_[c] = line{};
  lines_[c].open = true;
  lines_[c].generation = ++generations_;
  return c;
}

void iso_host_desk::closed(connection c) {
  PAYLOOM_ASSERT(c < lines_.size() && lines_[c].open);
  lines_[c].open = lines_[c].signed_on = lines_[c].cut = false;
  lines_[c].out.clear();
}

void iso_host_desk::changed(connection c) {
  if (lines_[c].changed) return;
  lines_[c].changed = true;
  changed_.push_back(c);
}

void iso_host_desk::cut(connection c) {
  if (lines_[c].cut) return;
  ++counters_.lines_cut;
  lines_[c].cut = true;
  changed(c);
}

bool iso_host_desk::draw(std::uint32_t share) {
  return share != 0 && mix_id(0x6c696e65, make_u128(settings_.seed, ++messages_)) % whole < share;
}

void iso_host_desk::received(connection c, std::span<const char> bytes, time_ns now) {
  PAYLOOM_ASSERT(c < lines_.size() && lines_[c].open);
  now_ = std::max(now_, now);
  if (lines_[c].cut) return;
  const iso_error error = lines_[c].framer.feed(bytes, [&](std::span<const char> m) { take_message(c, m); });
  if (error == iso_error::ok) return;
  ++counters_.bad_messages;
  cut(c);
}

void iso_host_desk::take_message(connection c, std::span<const char> bytes) {
  if (lines_[c].cut) return;  // what came behind the cut is lost
  iso_message m;
  if (iso_message::read(bytes, m)) {
    ++counters_.bad_messages;
    return;
  }
  if (draw(settings_.dropped_before)) return cut(c);
  switch (m.type()) {
    case iso_type::network_request:
      take_network(c, m);
      break;
    case iso_type::request:
      take_request(c, m);
      break;
    case iso_type::reversal:
    case iso_type::reversal_repeat:
      take_reversal(c, m);
      break;
    default:
      ++counters_.bad_messages;
  }
  if (draw(settings_.dropped_after)) cut(c);
}

void iso_host_desk::take_network(connection c, const iso_message& m) {
  ++counters_.network_messages;
  line& l = lines_[c];
  const std::uint64_t code = m.number(iso_field::network_code);
  if (code == iso_network::echo && draw(settings_.echoes_silent)) return;
  if (code == iso_network::sign_on) {
    l.signed_on = true;
    l.terminal = m.fixed<8>(iso_field::terminal);
  } else if (code == iso_network::sign_off) {
    l.signed_on = false;
  }
  stamp_.set(now_);
  iso_writer w(l.out, iso_type::network_response);
  w.text(iso_field::transmitted_at, stamp_.transmitted());
  w.text(iso_field::stan, m.text(iso_field::stan));
  w.text(iso_field::response_code, "00");
  w.text(iso_field::network_code, m.text(iso_field::network_code));
  w.finish();
  changed(c);
}

iso_host_desk::answer iso_host_desk::answer_to(connection c, const iso_message& m, std::uint16_t type) const {
  answer a;
  a.type = type;
  a.to = c;
  a.generation = lines_[c].generation;
  a.stan = static_cast<std::uint32_t>(m.number(iso_field::stan));
  a.processing = static_cast<std::uint32_t>(m.number(iso_field::processing_code));
  a.amount = m.number(iso_field::amount);
  a.currency = static_cast<std::uint16_t>(m.number(iso_field::currency));
  a.attempt_id = read_identity(m.text(iso_field::attempt)).value_or(0);
  a.reference = m.fixed<12>(iso_field::retrieval_reference);
  a.terminal = m.fixed<8>(iso_field::terminal);
  return a;
}

void iso_host_desk::take_request(connection c, const iso_message& m) {
  ++counters_.requests;
  answer a = answer_to(c, m, iso_type::response);
  if (!lines_[c].signed_on) return tell(a, "58", 0);
  const outside_request request{operation_of(a.processing),
                                a.attempt_id,
                                read_identity(m.text(iso_field::private_data)).value_or(0),
                                a.amount,
                                a.currency,
                                {}};
  const outside_reply reply = book_.take(request, now_);
  a.channel_txn = reply.channel_txn;
  // This wire has no callbacks: what a host decides later comes as a (second) response.
  for (const outside_callback& news : reply.callbacks) {
    const bool final = news.outcome == channel_outcome::success || news.outcome == channel_outcome::rejected;
    if (!news.honest() || !final) continue;
    answer later = a;
    later.is_news = true;
    later.news = news;
    later.amount = news.outcome == channel_outcome::success ? lo64(news.amount_minor) : a.amount;
    tell(later, news.outcome == channel_outcome::success ? "00" : "51", news.delay_ns);
  }
  if (reply.silent || reply.outcome == channel_outcome::accepted) return;
  const u128 asked = a.amount;
  if (reply.outcome == channel_outcome::success) a.amount = lo64(reply.amount_minor);
  tell(a, code_of(reply, asked), reply.delay_ns);
  if (reply.twice) tell(a, code_of(reply, asked), reply.delay_ns + ms);
}

void iso_host_desk::take_reversal(connection c, const iso_message& m) {
  ++counters_.reversals;
  if (m.type() == iso_type::reversal_repeat) ++counters_.repeated_reversals;
  const answer a = answer_to(c, m, iso_type::reversal_response);
  if (!lines_[c].signed_on) return tell(a, "58", 0);
  const bool known = book_.query(a.attempt_id, now_).outcome != channel_outcome::none;
  const outside_truth truth = book_.reverse(a.attempt_id, now_);
  if (draw(settings_.reversals_silent)) return;
  if (truth.outcome == channel_outcome::closed) return tell(a, known ? "00" : "25", 0);
  if (truth.outcome == channel_outcome::success && truth.came_back) return tell(a, "00", 0);  // by itself
  tell(a, truth.outcome == channel_outcome::success ? "12" : "96", 0);
}

void iso_host_desk::tell(answer a, std::string_view code, std::uint64_t delay_ns) {
  std::ranges::copy(code, a.code.begin());
  if (delay_ns == 0) return write(a);
  if (due_.size() >= settings_.waiting_max) {
    ++counters_.answers_lost;
    return;
  }
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(answers_.size()));
    answers_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  answers_[place] = a;
  due_.push({now_ + delay_ns, next_number_++, place});
}

void iso_host_desk::tick(time_ns now) {
  now_ = std::max(now_, now);
  while (!due_.empty() && due_.top().at <= now_) {
    const std::uint32_t place = due_.top().place;
    due_.pop();
    const answer& a = answers_[place];
    if (!a.is_news || book_.tells(a.attempt_id, a.news)) write(a);
    free_.push_back(place);
  }
}

iso_host_desk::connection iso_host_desk::line_for(const answer& a) const {
  const auto usable = [](const line& l) { return l.open && !l.cut; };
  if (lines_[a.to].generation == a.generation && usable(lines_[a.to])) return a.to;
  // Its line is gone: the terminal may have come back on another one.
  const auto other =
      std::ranges::find_if(lines_, [&](const line& l) { return usable(l) && l.signed_on && l.terminal == a.terminal; });
  return other == lines_.end() ? none : static_cast<connection>(other - lines_.begin());
}

void iso_host_desk::write(const answer& a) {
  const connection c = line_for(a);
  if (c == none) {
    ++counters_.answers_lost;
    return;
  }
  ++counters_.answers;
  stamp_.set(now_);
  line& l = lines_[c];
  iso_writer w(l.out, a.type);
  w.number(iso_field::processing_code, a.processing);
  w.number(iso_field::amount, a.amount);
  w.text(iso_field::transmitted_at, stamp_.transmitted());
  w.number(iso_field::stan, a.stan);
  w.text(iso_field::retrieval_reference, {a.reference.data(), a.reference.size()});
  w.text(iso_field::response_code, {a.code.data(), a.code.size()});
  w.text(iso_field::terminal, {a.terminal.data(), a.terminal.size()});
  w.identity(iso_field::attempt, a.attempt_id);
  w.number(iso_field::currency, a.currency);
  if (a.channel_txn != 0) w.identity(iso_field::private_data, a.channel_txn);
  w.finish();
  changed(c);
  if (l.out.size() > settings_.output_max) cut(c);
}

void iso_host_desk::take_changed(std::vector<connection>& out) {
  PAYLOOM_ASSERT(out.empty());
  changed_.swap(out);
  for (const connection c : out) lines_[c].changed = false;
}

bool iso_host_desk::take_output(connection c, std::vector<char>& out) {
  PAYLOOM_ASSERT(out.empty());
  if (lines_[c].out.empty()) return false;
  lines_[c].out.swap(out);
  return true;
}

}  // namespace payloom::core

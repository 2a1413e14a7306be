#include "tests/crash/oracle.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "protocol/types/u128_text.hpp"
#include "tests/crash/expected_codes.hpp"
#include "tests/crash/life_check.hpp"
#include "tests/support/connect.hpp"

namespace payloom::crash {
namespace {

constexpr std::size_t repeat_window = 8;  ///< frames in flight while repeating
constexpr int attempts_max = 400;         ///< of one frame that is answered "nothing happened, send it again"
constexpr auto between_attempts = std::chrono::milliseconds(20);
constexpr auto between_looks = std::chrono::milliseconds(100);
constexpr int settle_rounds_max = 1800;  ///< with `between_looks`: 180 s; a channel is asked after 30 s, then often
constexpr std::size_t lookup_max = 5000;
constexpr time_ns overdue_after = 1'000'000'000;
constexpr std::size_t orders_max = 4000;  ///< newest ones that are looked at one by one
constexpr int expiry_rounds_max = 400;    ///< with `between_attempts`: 8 s and the time of the look-ups

bool send_again(const result_record& r) {
  return nothing_happened(r.code) && r.code != result_code::linked_event_failed;
}

bool same_moment(const result_record& a, const result_record& b) {
  return a.sequence == b.sequence && a.timestamp == b.timestamp;
}

time_ns wall_clock() {
  return static_cast<time_ns>(std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}

}  // namespace

oracle::oracle(const std::string& directory, std::uint64_t seed, verdict& into)
    : verdict_(into),
      outcomes_(into),
      books_(into),
      lives_(into, books_),
      follower_(directory + "/cursor", into),
      file_(directory + "/acknowledged"),
      engine_(seed) {
  const event_subscriber::settings all[] = {
      {.name = 0xa11, .acknowledge_percent = 60, .seed = seed},
      {.name = 0x1a2e, .window = limits::subscription_window_max, .acknowledge_percent = 2, .seed = seed + 1},
      {.name = 0x0e1, .merchant = 1, .window = 200, .acknowledge_percent = 30, .seed = seed + 2},
      {.name = 0x0e2, .merchant = 2, .acknowledge_percent = 100, .seed = seed + 3}};
  for (const auto& how : all) subscribers_.emplace_back(how, into);
}

void oracle::take(std::deque<load_frame>& frames) {
  for (load_frame& frame : frames) {
    if (!frame.answered()) {
      unknown_.push_back(std::move(frame));
      continue;
    }
    verdict_.acknowledged += frame.count;
    if (frame.on_orders()) verdict_.acknowledged_on_orders += frame.count;
    settle(frame);
    file_.append(frame);
  }
  frames.clear();
}

void oracle::settle(const load_frame& frame) {
  for (std::uint32_t i = 0; i < frame.count; ++i) settle_event(frame, i, frame.results[i]);
  check_chains(frame, frame.results);
}

void oracle::settle_event(const load_frame& frame, std::uint32_t i, const result_record& result) {
  if (!is_expected(frame.expected[i], result.code, frame.in_chain(i))) {
    verdict_.problem(verdict_.wrong, "unexpected answer: " + describe_event(frame, i, result));
  }
  if (!outcomes_.note(frame, i, result)) return;
  ++verdict_.executed;
  switch (frame.type) {
    case frame_type::create_accounts:
      return books_.open(frame.record<account_record>(i));
    case frame_type::create_orders:
    case frame_type::act_on_orders:
      return lives_.executed(frame, i, result);
    case frame_type::change_accounts:
      return books_.book(frame.record<account_change_record>(i), result.sequence);
    default:
      return books_.book(frame.record<transfer_record>(i), result.timestamp);
  }
}

/// All members of a chain or none; and all of them now, or all of them earlier.
void oracle::check_chains(const load_frame& frame, std::span<const result_record> results) {
  for (std::uint32_t from = 0; from < frame.count;) {
    std::uint32_t to = from;
    while (to + 1 < frame.count && frame.linked(to)) ++to;
    for (std::uint32_t i = from + 1; i <= to; ++i) {
      const bool one = results[i].code == result_code::ok, other = results[from].code == result_code::ok;
      const bool differs = one && other && ((results[i].flags ^ results[from].flags) & result_flags::replayed) != 0;
      if (one != other || differs) {
        verdict_.problem(verdict_.wrong, "a chain is half done: " + describe_event(frame, i, results[i]) + " beside " +
                                             describe_event(frame, from, results[from]));
      }
    }
    from = to + 1;
  }
}

/// Sends one frame until no event of it is answered "nothing happened, send it again".
std::vector<result_record> oracle::ask(client::blocking_connection& to, const load_frame& frame) {
  std::vector<result_record> results;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    const client::reply reply = to.call(frame.type, frame.records, frame.count);
    const auto rows = reply.rows<result_record>();
    results.assign(rows.begin(), rows.end());
    if (reply.code() == result_code::ok && results.size() == frame.count &&
        std::none_of(results.begin(), results.end(), send_again)) {
      return results;
    }
    std::this_thread::sleep_for(between_attempts);
  }
  verdict_.problem(verdict_.wrong, "an event stays undecided: " + describe_event(frame, 0, result_record{}));
  results.resize(frame.count);
  return results;
}

void oracle::resolve(client::blocking_connection& to) {
  if (to.welcome().sequence < outcomes_.newest()) {
    verdict_.problem(verdict_.lost, "the journal ends at " + std::to_string(to.welcome().sequence) +
                                        ", acknowledged was " + std::to_string(outcomes_.newest()));
  }
  for (load_frame& frame : unknown_) {
    frame.results = ask(to, frame);
    settle(frame);
    file_.append(frame);
    verdict_.resolved += frame.count;
    verdict_.resolved_old += static_cast<std::uint64_t>(
        std::count_if(frame.results.begin(), frame.results.end(),
                      [](const result_record& r) { return (r.flags & result_flags::replayed) != 0; }));
  }
  unknown_.clear();
  books_.settle();
}

void oracle::repeat(client::blocking_connection& to, std::uint64_t older_events) {
  std::deque<std::size_t> wanted;
  std::uint64_t events = 0;
  while (newest_from_ > 0 && events < older_events && wanted.size() < newest_from_) {
    wanted.push_back(engine_() % newest_from_);
    events += file_.read(wanted.back()).count;
  }
  for (std::size_t n = newest_from_; n < file_.size(); ++n) wanted.push_back(n);
  std::map<std::uint64_t, load_frame> in_flight;
  while (!wanted.empty() || !in_flight.empty()) {
    while (!wanted.empty() && in_flight.size() < repeat_window) {
      load_frame frame = file_.read(wanted.front());
      wanted.pop_front();
      const std::uint64_t request = to.send(frame.type, frame.records, frame.count);
      in_flight.emplace(request, std::move(frame));
    }
    const client::reply reply = to.receive();
    const auto found = in_flight.find(reply.header.request);
    if (found == in_flight.end()) continue;
    const load_frame first = std::move(found->second);
    in_flight.erase(found);
    const auto results = reply.rows<result_record>();
    if (reply.code() == result_code::ok && results.size() == first.count) {
      compare(first, results);
    } else {
      verdict_.problem(verdict_.wrong, "a repeated frame is refused: " + std::string(name_of(reply.code())));
    }
  }
  newest_from_ = file_.size();
  books_.settle();
}

void oracle::compare(const load_frame& first, std::span<const result_record> again) {
  verdict_.repeated += first.count;
  for (std::uint32_t i = 0; i < first.count; ++i) compare_event(first, i, again[i]);
  check_chains(first, again);
}

void oracle::compare_event(const load_frame& first, std::uint32_t i, const result_record& again) {
  const result_record& was = first.results[i];
  if (leaves_nothing(first.type, was.code)) return settle_event(first, i, again);  // it may be executed now
  // Another member of the chain may be the culprit this time; a busy id is asked again another time.
  if (nothing_happened(again.code) && was.code != result_code::ok) return;
  const std::string who = describe_event(first, i, again) + "; at first: " + describe_event(first, i, was);
  const bool opened = first.type == frame_type::create_accounts;
  const bool executed = was.code == result_code::ok || was.code == result_code::account_exists;
  const result_code must = opened && executed ? result_code::account_exists : was.code;
  if (again.code != must) {
    return verdict_.problem(executed ? verdict_.lost : verdict_.wrong, "another code on repeating: " + who);
  }
  const bool stored = executed || is_remembered(was.code) ||
                      (was.code == result_code::id_sealed && first.type == frame_type::seal_transfers);
  if (!stored) return;
  if ((again.flags & result_flags::replayed) == 0) {
    return verdict_.problem(executed ? verdict_.lost : verdict_.wrong, "not known any more: " + who);
  }
  if (!same_moment(was, again)) {
    verdict_.problem(executed ? verdict_.lost : verdict_.wrong, "another result on repeating: " + who);
  }
}

std::uint64_t oracle::unknown_events() const {
  std::uint64_t events = 0;
  for (const load_frame& frame : unknown_) events += frame.count;
  return events;
}

std::vector<transfer_id> oracle::expired_holds(client::blocking_connection& to, bool& overdue) {
  const time_ns now = wall_clock();
  const std::vector<transfer_id> timed = books_.timed_holds();
  std::vector<transfer_id> expired;
  overdue = false;
  for (std::size_t from = 0; from < timed.size(); from += lookup_max) {
    const std::size_t count = std::min(lookup_max, timed.size() - from);
    const client::reply reply =
        to.call(frame_type::lookup_transfers, std::span<const transfer_id>(timed).subspan(from, count));
    for (const transfer_row& row : reply.rows<transfer_row>()) {
      if (row.record.id.value == 0) continue;
      const auto state = static_cast<transfer_state>(row.state);
      if (state == transfer_state::expired) expired.push_back(row.record.id);
      if (state == transfer_state::held && books_.runs_out(row.record.id) + overdue_after < now) overdue = true;
    }
  }
  return expired;
}

std::vector<account_row> oracle::rows(client::blocking_connection& to) {
  const std::vector<id_record> ids = books_.account_ids();
  std::vector<account_row> out;
  for (std::size_t from = 0; from < ids.size(); from += lookup_max) {
    const std::size_t count = std::min(lookup_max, ids.size() - from);
    const client::reply reply = to.call(frame_type::balances_at, std::span<const id_record>(ids).subspan(from, count));
    for (const account_row& row : reply.rows<account_row>()) {
      if (row.id.value != 0) out.push_back(row);
    }
  }
  return out;
}

/// Follows to the end and takes what came; returns how many events.
std::uint64_t oracle::take_events(client::blocking_connection& to) {
  follower_.catch_up(to);
  const std::vector<order_event_row> news = follower_.take();
  for (const order_event_row& row : news) {
    lives_.event(row);
    for (event_subscriber& s : subscribers_) s.expect(row);
  }
  books_.settle();
  return news.size();
}

void oracle::check_events(client::blocking_connection& to) {
  take_events(to);
  lives_.check_complete();
}

void oracle::begin_subscribers(const std::string& address) {
  for (event_subscriber& s : subscribers_) s.begin(address);
}

void oracle::end_subscribers() {
  for (event_subscriber& s : subscribers_) s.end();
}

void oracle::check_subscribers(const std::string& address) {
  for (event_subscriber& s : subscribers_) s.catch_up(support::connect(address));
}

void oracle::check_orders(client::blocking_connection& to, std::size_t older) {
  std::vector<u128> chosen = lives_.take_touched();
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  std::shuffle(chosen.begin(), chosen.end(), engine_);
  if (chosen.size() > orders_max) chosen.resize(orders_max);
  for (std::size_t i = 0; i < older && !lives_.all().empty(); ++i) {
    chosen.push_back(lives_.all()[engine_() % lives_.all().size()]);
  }
  verdict_.orders_checked += chosen.size();
  // Timers run while we look: what differs is asked for again when something happened meanwhile.
  for (;;) {
    chosen = differing_lives(to, lives_, chosen, engine_);
    if (chosen.empty()) return;
    if (take_events(to) == 0) break;
  }
  for (const u128 order : chosen) {
    verdict_.problem(verdict_.lost, "order " + to_hex(order) + " is not what its events said: version " +
                                        std::to_string(lives_.find(order)->row.version));
  }
}

void oracle::settle_payments(client::blocking_connection& to) {
  for (int round = 0; round < settle_rounds_max; ++round) {
    take_events(to);
    if (lives_.outside() == 0) return;
    std::this_thread::sleep_for(between_looks);
  }
  verdict_.problem(verdict_.wrong, std::to_string(lives_.outside()) + " payments outside never end");
}

/// Holds and orders reach their times while we look: the balances count when nothing did between what was asked before
/// and after them.
void oracle::check_money(client::blocking_connection& to) {
  bool overdue = false;
  for (int round = 0; round < expiry_rounds_max; ++round) {
    const std::vector<transfer_id> before = expired_holds(to, overdue);
    take_events(to);
    const std::vector<account_row> found = rows(to);
    const bool quiet = take_events(to) == 0 && before == expired_holds(to, overdue);
    if (quiet && !overdue && !lives_.overdue(wall_clock())) {
      for (const transfer_id hold : before) books_.expire(hold);
      lives_.check_held(found);
      return books_.compare(found);
    }
    std::this_thread::sleep_for(between_attempts);
  }
  verdict_.problem(verdict_.wrong, overdue || lives_.overdue(wall_clock())
                                       ? "a hold or an order is long over its time and nothing happened"
                                       : "holds expire for ever");
}

}  // namespace payloom::crash

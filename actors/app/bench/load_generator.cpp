#include "actors/app/bench/load_generator.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace payloom::bench {
namespace {

using client::io_status;

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t late_ns = 1'000'000;
constexpr std::uint64_t drain_bound_ns = 60 * second_ns;      ///< replies awaited after the last send; then `unknown`
constexpr std::uint64_t backlog_bound_ns = 10 * second_ns;    ///< open loop: frames later than this are dropped
constexpr std::uint64_t reconnect_pause_ns = second_ns / 10;  ///< between two tries
constexpr std::uint32_t timer_mark = ~std::uint32_t{0};
constexpr unsigned slot_bits = 16;

std::uint64_t now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * second_ns + static_cast<std::uint64_t>(t.tv_nsec);
}

double cpu_seconds() {
  rusage u{};
  ::getrusage(RUSAGE_SELF, &u);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return of(u.ru_utime) + of(u.ru_stime);
}

}  // namespace

load_generator::load_generator(const options& opts, const workload& load, const order_workload* orders,
                               const std::atomic<bool>& stop)
    : opts_(opts), load_(load), orders_(orders), stop_(stop) {
  connect_all();
}

load_generator::~load_generator() {
  if (epoll_ >= 0) ::close(epoll_);
  if (timer_ >= 0) ::close(timer_);
}

void load_generator::connect_all() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  epoll_event tick{};
  tick.events = EPOLLIN;
  tick.data.u32 = timer_mark;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &tick);
  lines_.reserve(opts_.connections);
  for (std::uint32_t i = 0; i < opts_.connections; ++i) {
    lines_.emplace_back(opts_);
    const load_line& l = lines_.back();
    result_.window_used = l.limit;
    start_sequence_ = std::max(start_sequence_, l.opened.welcome().sequence);
    watch(i);
  }
}

// Edge-triggered for both directions: no further epoll_ctl call while the load runs.
void load_generator::watch(std::uint32_t number) {
  epoll_event e{};
  e.events = EPOLLIN | EPOLLOUT | EPOLLET;
  e.data.u32 = number;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, lines_[number].connection().fd(), &e);
}

load_result load_generator::run() {
  const double cpu_before = cpu_seconds();
  start_ns_ = now_ns_ = last_reply_ns_ = next_mark_ns_ = now();
  next_second_ns_ = start_ns_ + second_ns;
  if (opts_.seconds > 0) end_ns_ = start_ns_ + static_cast<std::uint64_t>(opts_.seconds * 1e9);
  if (opts_.rate > 0) {
    interval_ns_ = 1e9 * opts_.batch / opts_.rate;
    send_due();
  } else {
    for (load_line& l : lines_) fill(l);
  }
  std::uint64_t last_send_ns = start_ns_;
  while (in_flight_ > 0 || in_doubt_ > 0 || may_send()) {
    take_events(wait_ms());
    reconnect_lost();
    if (opts_.rate > 0) {
      send_due();
    } else {
      for (load_line& l : lines_) {
        if (l.paused_until_ns != 0 && l.paused_until_ns <= now_ns_) fill(l);
      }
    }
    each_second();
    if (may_send()) last_send_ns = now_ns_;
    if (!may_send() && now_ns_ > last_send_ns + drain_bound_ns) break;
    if (std::all_of(lines_.begin(), lines_.end(), [](const load_line& l) { return l.given_up; })) break;
  }
  result_.client_cpu_seconds = cpu_seconds() - cpu_before;
  finish();
  return std::move(result_);
}

void load_generator::finish() {
  for (load_line& l : lines_) give_up(l);
  result_.seconds = static_cast<double>(last_reply_ns_ - start_ns_) / 1e9;
  const std::uint64_t from = last_reply_ns_ > second_ns ? last_reply_ns_ - second_ns : 0;
  for (const auto& [time, number] : marks_) {
    if (time <= from) result_.last_second_first = number;
  }
}

std::uint64_t load_generator::remaining() const {
  return opts_.transfers == 0 ? ~std::uint64_t{0} : opts_.transfers - std::min(opts_.transfers, events_planned_);
}

bool load_generator::may_send() const {
  return now_ns_ < end_ns_ && remaining() > 0 && !stop_.load(std::memory_order_relaxed);
}

int load_generator::wait_ms() const {
  std::uint64_t until = now_ns_ + 200'000'000;  // the progress line and Ctrl-C
  if (opts_.rate <= 0) {
    for (const load_line& l : lines_) {
      if (l.paused_until_ns > now_ns_) until = std::min(until, l.paused_until_ns + 1'000'000);
    }
  }
  for (const load_line& l : lines_) {
    if (!l.open && !l.given_up) until = std::min(until, std::max(now_ns_, l.next_try_at_ns) + 1'000'000);
  }
  return static_cast<int>((until - now_ns_) / 1'000'000);
}

void load_generator::take_events(int timeout_ms) {
  epoll_event events[256];
  const int n = ::epoll_wait(epoll_, events, 256, timeout_ms);
  now_ns_ = now();
  for (int i = 0; i < n; ++i) {
    if (events[i].data.u32 == timer_mark) {
      std::uint64_t ticks = 0;
      [[maybe_unused]] const ssize_t got = ::read(timer_, &ticks, sizeof ticks);
      continue;
    }
    load_line& l = lines_[events[i].data.u32];
    if (!l.open) continue;
    if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) receive(l);
    if (l.open && opts_.rate <= 0) fill(l);
    if (l.open && l.connection().has_output()) flush(l);
  }
}

void load_generator::receive(load_line& l) {
  const io_status status = l.connection().receive(
      [&](const frame_header& header, std::span<const std::byte> body) { take_reply(l, header, body); });
  if (status != io_status::ok && l.open) lose(l);
}

void load_generator::take_reply(load_line& l, const frame_header& header, std::span<const std::byte> body) {
  const std::uint64_t slot_number = header.request & ((1u << slot_bits) - 1);
  const frame_type sent = orders_ != nullptr ? frame_type::create_orders : frame_type::create_transfers;
  if (slot_number >= l.slots.size() || header.type != static_cast<std::uint16_t>(reply_type(sent))) {
    return;  // goaway and error: the close that follows settles what is in flight
  }
  load_slot& slot = l.slots[slot_number];
  if (!l.open || slot.state == load_slot::phase::idle || slot.request() != header.request) return;
  l.lost_at_ns = 0;  // it works again
  last_reply_ns_ = now_ns_;
  result_.latency_ns.record(now_ns_ - slot.intended_at_ns);
  result_.service_ns.record(now_ns_ - slot.sent_at_ns);
  ++result_.frames;
  const std::uint64_t done_before = result_.accepted + result_.replayed;
  const std::uint32_t pause_ms = std::max(count_results(slot, header, body), header.retry_after_ms);
  // Not executed this time; whether it was when its first answer was lost, the check has to ask.
  if (slot.in_doubt && result_.accepted + result_.replayed != done_before + slot.count()) settle_later(slot);
  slot.in_doubt = false;
  if (pause_ms > 0) l.paused_until_ns = now_ns_ + std::uint64_t{pause_ms} * 1'000'000;
  if (header.credits > 0) l.limit = std::min<std::uint32_t>(static_cast<std::uint32_t>(l.slots.size()), header.credits);
  --in_flight_;
  if (opts_.two_phase && slot.state == load_slot::phase::first && header.code == result_code::ok) {
    slot.fill_captures(load_);
    slot.state = load_slot::phase::captures;
    slot.intended_at_ns = now_ns_;
    send_slot(l, static_cast<std::uint32_t>(slot_number));
    return;
  }
  slot.state = load_slot::phase::idle;
  l.free.push_back(static_cast<std::uint32_t>(slot_number));
}

std::uint32_t load_generator::count_results(load_slot& slot, const frame_header& header,
                                            std::span<const std::byte> body) {
  outcome_set& executed = slot.state == load_slot::phase::captures ? result_.captured_set : result_.accepted_set;
  const auto* results = reinterpret_cast<const result_record*>(body.data());
  if (header.code != result_code::ok || body.size() < std::size_t{slot.count()} * sizeof(result_record)) {
    const auto code = header.code != result_code::ok ? header.code : result_code::frame_malformed;
    result_.rejected[std::min<std::size_t>(static_cast<std::size_t>(code), 255)] += slot.count();
    return 0;
  }
  std::uint32_t odd = 0;
  for (std::uint32_t i = 0; i < slot.count(); ++i) {
    odd |= static_cast<std::uint32_t>(results[i].code) | results[i].flags;
  }
  std::uint64_t accepted = slot.count();
  std::uint32_t retry_after_ms = 0;
  if (odd == 0) [[likely]] {
    executed.insert_range(slot.first(), slot.count());
  } else {
    accepted = 0;
    for (std::uint32_t i = 0; i < slot.count(); ++i) {
      if (results[i].code != result_code::ok) {
        ++result_.rejected[std::min<std::size_t>(static_cast<std::size_t>(results[i].code), 255)];
        retry_after_ms = std::max(retry_after_ms, results[i].retry_after_ms);
      } else if ((results[i].flags & result_flags::replayed) != 0 &&
                 !(slot.in_doubt && results[i].sequence > start_sequence_)) {
        ++result_.replayed;  // before this run, not by a frame of it whose answer was lost
      } else {
        ++accepted;
        executed.insert(slot.first() + i);
      }
    }
  }
  result_.accepted += accepted;
  const std::size_t second = (now_ns_ - start_ns_) / second_ns;
  if (second >= result_.per_second.size()) result_.per_second.resize(second + 1);
  result_.per_second[second] += accepted;
  return retry_after_ms;
}

void load_generator::fill(load_line& l) {
  if (!l.open || l.paused_until_ns > now_ns_) return;
  l.paused_until_ns = 0;
  while (l.open && !l.free.empty() && l.in_flight() < l.limit && may_send()) send_new(l, now_ns_);
  if (l.open && l.connection().has_output()) flush(l);
}

void load_generator::send_new(load_line& l, std::uint64_t intended_ns) {
  const std::uint32_t number = l.free.back();
  l.free.pop_back();
  load_slot& slot = l.slots[number];
  const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(opts_.batch, remaining()));
  if (orders_ != nullptr) {
    slot.fill_orders(*orders_, result_.numbers, count);
  } else {
    slot.fill(load_, result_.numbers, count, opts_.two_phase);
  }
  slot.state = load_slot::phase::first;
  slot.intended_at_ns = intended_ns;
  result_.numbers += count;
  events_planned_ += count;
  send_slot(l, number);
}

void load_generator::send_slot(load_line& l, std::uint32_t number, bool again) {
  load_slot& slot = l.slots[number];
  slot.seal(l.next_request++ << slot_bits | number);
  // A large frame takes a while to make and to hand over; the clock of the round would flatter it.
  slot.sent_at_ns = opts_.batch > 64 ? now() : now_ns_;
  if (opts_.rate <= 0 && !again) slot.intended_at_ns = slot.sent_at_ns;
  (again ? result_.repeated : result_.sent) += slot.count();
  ++in_flight_;
  l.connection().queue(slot.frame());
  // A megabyte is sent at once, so that the server starts while the next frame is made.
  if (slot.frame().size() > client::frame_connection::copied_bytes_max) flush(l);
}

void load_generator::flush(load_line& l) {
  if (l.connection().flush() == io_status::closed) lose(l);
}

void load_generator::lose(load_line& l) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, l.connection().fd(), nullptr);
  l.open = false;
  if (l.lost_at_ns == 0) l.lost_at_ns = now_ns_;
  l.next_try_at_ns = now_ns_ + reconnect_pause_ns;
  ++result_.connections_broken;
  in_flight_ -= l.in_flight();
  in_doubt_ += l.in_flight();
  for (load_slot& slot : l.slots) {
    if (slot.state == load_slot::phase::idle || slot.in_doubt) continue;
    slot.in_doubt = true;
    result_.unknown += slot.count();
  }
}

void load_generator::reconnect_lost() {
  const auto bound_ns = static_cast<std::uint64_t>(opts_.reconnect_seconds * 1e9);
  for (std::uint32_t i = 0; i < lines_.size(); ++i) {
    load_line& l = lines_[i];
    if (l.open || l.given_up) continue;
    if (now_ns_ > l.lost_at_ns + bound_ns || stop_.load(std::memory_order_relaxed)) {
      give_up(l);
      continue;
    }
    if (now_ns_ < l.next_try_at_ns) continue;
    try {
      l.reconnect(opts_);
    } catch (const client::connect_failure&) {
      now_ns_ = now();
      l.next_try_at_ns = now_ns_ + reconnect_pause_ns;
      continue;
    }
    now_ns_ = now();
    watch(i);
    in_doubt_ -= l.in_flight();
    for (std::uint32_t s = 0; s < l.slots.size(); ++s) {
      if (l.slots[s].state == load_slot::phase::idle) continue;
      if (l.open) {
        send_slot(l, s, true);
      } else {
        ++in_flight_;  // it broke again meanwhile, and `lose` took this one for one in flight
      }
    }
    if (l.open && l.connection().has_output()) flush(l);
  }
}

void load_generator::settle_later(const load_slot& slot) {
  auto& unknown = slot.state == load_slot::phase::captures ? result_.unknown_captures : result_.unknown_transfers;
  unknown.emplace_back(slot.first(), slot.count());
}

void load_generator::give_up(load_line& l) {
  if (l.open) {
    in_flight_ -= l.in_flight();
  } else if (!l.given_up) {
    in_doubt_ -= l.in_flight();
  }
  l.given_up = true;
  for (std::uint32_t s = 0; s < l.slots.size(); ++s) {
    load_slot& slot = l.slots[s];
    if (slot.state == load_slot::phase::idle) continue;
    settle_later(slot);
    if (!slot.in_doubt) result_.unknown += slot.count();
    result_.unanswered += slot.count();
    slot.state = load_slot::phase::idle;
    l.free.push_back(s);
  }
}

// Open loop: sends every frame whose time has come and that finds an idle slot.
void load_generator::send_due() {
  const auto time_of = [this](std::uint64_t k) {
    return start_ns_ + static_cast<std::uint64_t>(static_cast<double>(k) * interval_ns_);
  };
  bool starved = false;
  while (may_send() && !starved && time_of(due_) <= now_ns_) {
    const std::uint64_t intended = time_of(due_);
    if (now_ns_ > intended + backlog_bound_ns) {
      const std::uint64_t count = std::min<std::uint64_t>(opts_.batch, remaining());
      result_.dropped += count;
      events_planned_ += count;
      ++due_;
      continue;
    }
    starved = true;
    for (std::size_t tried = 0; tried < lines_.size() && starved; ++tried) {
      load_line& l = lines_[next_line_];
      next_line_ = (next_line_ + 1) % lines_.size();
      if (!l.open || l.free.empty() || l.in_flight() >= l.limit || l.paused_until_ns > now_ns_) continue;
      if (now_ns_ > intended + late_ns) result_.late += std::min<std::uint64_t>(opts_.batch, remaining());
      send_new(l, intended);
      ++due_;
      starved = false;
    }
  }
  for (load_line& l : lines_) {
    if (l.open && l.connection().has_output()) flush(l);
  }
  if (may_send() && !starved) arm_timer();
}

void load_generator::arm_timer() {
  const auto at = start_ns_ + static_cast<std::uint64_t>(static_cast<double>(due_) * interval_ns_);
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(at / second_ns);
  when.it_value.tv_nsec = static_cast<long>(at % second_ns);
  ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void load_generator::each_second() {
  if (now_ns_ >= next_mark_ns_) {
    next_mark_ns_ = now_ns_ + second_ns / 10;
    marks_.emplace_back(now_ns_, result_.numbers);
  }
  if (now_ns_ < next_second_ns_) return;
  next_second_ns_ += second_ns;
  if (on_second) on_second(result_, static_cast<double>(now_ns_ - start_ns_) / 1e9);
}

}  // namespace payloom::bench

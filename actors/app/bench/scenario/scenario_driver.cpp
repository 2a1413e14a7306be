#include "actors/app/bench/scenario/scenario_driver.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace payloom::bench {
namespace {

using client::io_status;

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t late_ns = 1'000'000;
constexpr std::uint64_t drain_bound_ns = 60 * second_ns;      ///< answers awaited after the last send
constexpr std::uint64_t reconnect_pause_ns = second_ns / 10;  ///< between two tries
constexpr int wait_max_ms = 100;                              ///< progress, pauses, Ctrl-C
constexpr std::uint32_t timer_mark = ~std::uint32_t{0};

std::uint64_t now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * second_ns + static_cast<std::uint64_t>(t.tv_nsec);
}

}  // namespace

scenario_driver::scenario_driver(settings where, const scenario& how, scenario_world& world, std::uint64_t seed,
                                 const std::atomic<bool>& stop)
    : where_(std::move(where)), how_(how), world_(world), stop_(stop), engine_(seed) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  epoll_event tick{};
  tick.events = EPOLLIN;
  tick.data.u32 = timer_mark;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &tick);
  lines_.reserve(how_.connections);
  for (std::uint32_t i = 0; i < how_.connections; ++i) {
    lines_.emplace_back(where_.address, how_);
    watch(i);
  }
}

scenario_driver::~scenario_driver() {
  ::close(epoll_);
  ::close(timer_);
}

// Edge-triggered for both directions: no further epoll_ctl call while the load runs.
void scenario_driver::watch(std::uint32_t number) {
  epoll_event e{};
  e.events = EPOLLIN | EPOLLOUT | EPOLLET;
  e.data.u32 = number;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, lines_[number].connection().fd(), &e);
}

drive_result scenario_driver::run() {
  start_ns_ = now_ns_ = due_ns_ = last_answer_ns_ = now();
  next_second_ns_ = start_ns_ + second_ns;
  end_ns_ = start_ns_ + static_cast<std::uint64_t>(how_.seconds * 1e9);
  std::uint64_t last_send_ns = start_ns_;
  while (may_send() || in_flight_ > 0) {
    send_what_is_due();
    wait();
    reconnect_lost();
    each_second();
    if (may_send()) last_send_ns = now_ns_;
    if (!may_send() && now_ns_ > last_send_ns + drain_bound_ns) break;
    if (std::all_of(lines_.begin(), lines_.end(), [](const scenario_line& l) { return l.given_up; })) break;
  }
  finish();
  return std::move(result_);
}

void scenario_driver::finish() {
  for (scenario_line& l : lines_) {
    for (scenario_slot& slot : l.slots) {
      if (slot.busy) world_.give_up(slot.what);
    }
  }
  result_.seconds = static_cast<double>(last_answer_ns_ - start_ns_) / 1e9;
  const std::uint64_t until = std::min(end_ns_, now_ns_);
  if (how_.rate > 0 && due_ns_ < until) {
    result_.unsent = static_cast<std::uint64_t>(static_cast<double>(until - due_ns_) / 1e9 * how_.rate);
  }
}

bool scenario_driver::may_send() const { return now_ns_ < end_ns_ && !stop_.load(std::memory_order_relaxed); }

/// Until the next frame's time: as many operations as this one had, at the rate.
std::uint64_t scenario_driver::gap_ns(std::size_t operations) {
  const double mean = 1e9 * static_cast<double>(operations) / how_.rate;
  if (!how_.poisson) return static_cast<std::uint64_t>(mean);
  const double uniform = (static_cast<double>(engine_() >> 11) + 1) * 0x1p-53;  // never 0
  return static_cast<std::uint64_t>(-std::log(uniform) * mean);
}

void scenario_driver::send_what_is_due() {
  const auto ready = [this](const scenario_line& l) { return l.open() && l.paused_until_ns <= now_ns_; };
  if (how_.rate <= 0) {
    for (scenario_line& l : lines_) {
      while (may_send() && ready(l) && send_next(l, 0)) {
      }
    }
  } else {
    std::size_t refused = 0;  // lines in a row that can take nothing
    while (may_send() && due_ns_ <= now_ns_ && refused < lines_.size()) {
      scenario_line& l = lines_[next_line_];
      next_line_ = (next_line_ + 1) % lines_.size();
      refused = ready(l) && send_next(l, due_ns_) ? 0 : refused + 1;
    }
    if (due_ns_ > now_ns_) arm_timer(due_ns_);
  }
  for (scenario_line& l : lines_) {
    if (l.open() && l.connection().has_output()) flush(l);
  }
}

bool scenario_driver::send_next(scenario_line& l, std::uint64_t intended_ns) {
  scenario_slot* slot = l.free_slot();
  if (slot == nullptr) return false;
  world_.next(slot->what, how_.frame);
  slot->seal(next_request_++);
  slot->busy = true;
  slot->resent = false;
  slot->intended_at_ns = intended_ns;
  const std::uint64_t leaves_ns = now();
  if (intended_ns == 0) {
    slot->intended_at_ns = leaves_ns;
  } else {
    due_ns_ += gap_ns(slot->what.operations.size());
    if (leaves_ns > intended_ns + late_ns) result_.late += slot->what.operations.size();
  }
  ++in_flight_;
  send(l, *slot);
  return true;
}

void scenario_driver::send(scenario_line& l, scenario_slot& slot) {
  l.connection().queue(slot.bytes);
  if (slot.bytes.size() > client::frame_connection::copied_bytes_max) flush(l);
}

void scenario_driver::wait() {
  epoll_event events[256];
  const int n = ::epoll_wait(epoll_, events, 256, wait_max_ms);
  now_ns_ = now();
  for (int i = 0; i < n; ++i) {
    if (events[i].data.u32 == timer_mark) {
      std::uint64_t ticks = 0;
      [[maybe_unused]] const ssize_t got = ::read(timer_, &ticks, sizeof ticks);
      continue;
    }
    scenario_line& l = lines_[events[i].data.u32];
    if (!l.open()) continue;
    if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) receive(l);
    if (l.open() && l.connection().has_output()) flush(l);
  }
}

void scenario_driver::receive(scenario_line& l) {
  const io_status status = l.connection().receive(
      [&](const frame_header& header, std::span<const std::byte> body) { take(l, header, body); });
  if (status != io_status::ok && l.open()) lose(l);
}

void scenario_driver::take(scenario_line& l, const frame_header& header, std::span<const std::byte> body) {
  const auto at = std::find_if(l.slots.begin(), l.slots.end(), [&](const scenario_slot& s) {
    return s.busy && s.request() == header.request &&
           static_cast<std::uint16_t>(reply_type(s.what.type)) == header.type;
  });
  if (at == l.slots.end()) return;  // goaway and error: the close that follows settles what is in flight
  last_answer_ns_ = now_ns_;
  ++result_.frames;
  const std::uint32_t pause_ms = world_.take(at->what, header, body, now_ns_ - at->intended_at_ns, at->resent);
  if (pause_ms > 0) l.paused_until_ns = now_ns_ + std::uint64_t{pause_ms} * 1'000'000;
  at->busy = false;
  --in_flight_;
}

void scenario_driver::flush(scenario_line& l) {
  if (l.connection().flush() == io_status::closed) lose(l);
}

void scenario_driver::lose(scenario_line& l) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, l.connection().fd(), nullptr);
  l.lost_at_ns = now_ns_;
  l.next_try_at_ns = now_ns_ + reconnect_pause_ns;
  ++result_.connections_broken;
}

void scenario_driver::reconnect_lost() {
  const auto bound_ns = static_cast<std::uint64_t>(where_.reconnect_seconds * 1e9);
  for (std::uint32_t i = 0; i < lines_.size(); ++i) {
    scenario_line& l = lines_[i];
    if (l.open() || l.given_up || now_ns_ < l.next_try_at_ns) continue;
    if (now_ns_ > l.lost_at_ns + bound_ns || stop_.load(std::memory_order_relaxed)) {
      l.given_up = true;
      in_flight_ -= l.in_flight();  // without an answer
      continue;
    }
    const std::uint64_t lost_at_ns = l.lost_at_ns;
    try {
      l.reconnect(where_.address, how_);
    } catch (const client::connect_failure&) {
      now_ns_ = now();
      l.lost_at_ns = lost_at_ns;
      l.next_try_at_ns = now_ns_ + reconnect_pause_ns;
      continue;
    }
    now_ns_ = now();
    watch(i);
    for (scenario_slot& slot : l.slots) {
      if (!slot.busy || !l.open()) continue;
      slot.resent = true;
      send(l, slot);
    }
    if (l.open() && l.connection().has_output()) flush(l);
  }
}

void scenario_driver::arm_timer(std::uint64_t at_ns) {
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(at_ns / second_ns);
  when.it_value.tv_nsec = static_cast<long>(at_ns % second_ns);
  ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void scenario_driver::each_second() {
  if (now_ns_ < next_second_ns_) return;
  next_second_ns_ += second_ns;
  result_.per_second.push_back(world_.done() - done_before_);
  done_before_ = world_.done();
  if (on_second) on_second(static_cast<double>(now_ns_ - start_ns_) / 1e9);
}

}  // namespace payloom::bench

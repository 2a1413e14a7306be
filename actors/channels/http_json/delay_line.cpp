#include "actors/channels/http_json/delay_line.hpp"

#include <algorithm>
#include <utility>

namespace payloom::http_json {

namespace {

constexpr std::chrono::milliseconds least_wait{1};  ///< so that many things are done at one wake-up

}  // namespace

bool delay_line::add(std::uint64_t delay_ns, std::function<void()> what) {
  if (stopped_ || waiting_.size() >= waiting_max_) return false;
  waiting_.push({clock::now() + std::chrono::nanoseconds(delay_ns), next_number_++, std::move(what)});
  if (waiting_.top().at + least_wait < armed_for_) arm();
  return true;
}

void delay_line::stop() {
  stopped_ = true;
  timer_.cancel();
  waiting_ = {};
}

void delay_line::arm() {
  const clock::time_point wanted = std::max(waiting_.top().at, clock::now() + least_wait);
  if (wanted >= armed_for_) return;
  armed_for_ = wanted;
  timer_.expires_at(armed_for_);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->run();
  });
}

void delay_line::run() {
  const auto now = clock::now();
  while (!stopped_ && !waiting_.empty() && waiting_.top().at <= now) {
    const std::function<void()> what = std::move(const_cast<thing&>(waiting_.top()).what);  // it is popped at once
    waiting_.pop();
    what();
  }
  armed_for_ = clock::time_point::max();
  if (!stopped_ && !waiting_.empty()) arm();
}

}  // namespace payloom::http_json

#include "actors/channels/wired_driver.hpp"

#include <algorithm>
#include <utility>

namespace payloom::actors {

void answer_box::put(std::vector<core::channel_answer> answers) {
  if (answers.empty()) return;
  const std::lock_guard lock(mutex_);
  if (!wake_) return;
  const bool first = answers_.empty();
  if (first) {
    answers_ = std::move(answers);
  } else {
    answers_.insert(answers_.end(), std::make_move_iterator(answers.begin()), std::make_move_iterator(answers.end()));
  }
  if (first) wake_();
}

void answer_box::take(std::vector<core::channel_answer>& out) {
  std::vector<core::channel_answer> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(answers_);
  }
  out.insert(out.end(), std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()));
}

void answer_box::close() {
  const std::lock_guard lock(mutex_);
  wake_ = nullptr;
  answers_.clear();
}

wired_driver::~wired_driver() { box_->close(); }

void wired_driver::call(const core::channel_call& call, time_ns) { calls_.push_back(call); }

void wired_driver::poll(time_ns, std::size_t max, std::vector<core::channel_answer>& out) {
  if (!calls_.empty()) wire_->call(std::exchange(calls_, {}));
  if (told_.empty()) box_->take(told_);
  const auto end = told_.begin() + static_cast<std::ptrdiff_t>(std::min(max, told_.size()));
  out.insert(out.end(), std::make_move_iterator(told_.begin()), std::make_move_iterator(end));
  told_.erase(told_.begin(), end);
}

std::size_t wired_driver::in_flight() const { return calls_.size() + wire_->counters().in_flight; }

}  // namespace payloom::actors

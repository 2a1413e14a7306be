#include "actors/app/subscription_writer.hpp"

#include <utility>

#include "config/log.hpp"
#include "storage/ports.hpp"

namespace payloom::app {

subscription_writer::subscription_writer(subscription_store& store, std::function<void()> on_outcome)
    : store_(store), on_outcome_(std::move(on_outcome)) {
  thread_ = std::thread([this] { run(); });
}

subscription_writer::~subscription_writer() { stop(); }

void subscription_writer::submit(const stored_subscription& change, std::uint64_t ticket) {
  {
    const std::lock_guard lock(mutex_);
    changes_[change.key()] = change;
    if (ticket != 0) tickets_.push_back(ticket);
  }
  wake_.notify_one();
}

std::vector<subscription_writer::outcome> subscription_writer::take_outcomes() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcomes_, {});
}

void subscription_writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void subscription_writer::run() {
  bool failed_before = false;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !changes_.empty(); });
    if (changes_.empty()) return;
    std::vector<stored_subscription> batch;
    for (const auto& [key, change] : changes_) batch.push_back(change);
    changes_.clear();
    outcome out{std::exchange(tickets_, {}), true};
    lock.unlock();
    try {
      store_.write(batch);
    } catch (const storage::storage_failure& e) {
      out.durable = false;
      if (!failed_before)
        config::log(config::log_level::error, "subscriptions_not_written", {{"error", std::string(e.what())}});
    }
    failed_before = !out.durable;
    writes_.fetch_add(1, std::memory_order_relaxed);
    lock.lock();
    outcomes_.push_back(std::move(out));
    lock.unlock();
    on_outcome_();
    lock.lock();
  }
}

}  // namespace payloom::app

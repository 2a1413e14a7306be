#include "actors/journal/log_thread.hpp"

#include <cstdio>
#include <cstdlib>

#include "protocol/types/assert.hpp"

namespace payloom::actors {

storage::append_status append_or_stop(storage::journal& journal, std::span<std::byte> group) {
  try {
    return journal.append(group);
  } catch (const std::exception& e) {
    // _Exit: no destructor may touch a journal whose state is unknown.
    std::fprintf(stderr, "level=error event=journal_failed error=\"%s\" action=stop\n", e.what());
    std::_Exit(70);
  }
}

log_thread::log_thread(storage::journal& journal, std::function<void(storage::append_status)> done)
    : journal_(journal), done_(std::move(done)), thread_([this] { run(); }) {}

log_thread::~log_thread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void log_thread::append(std::span<std::byte> group) {
  {
    const std::lock_guard lock(mutex_);
    PAYLOOM_ASSERT(!has_group_);
    group_ = group;
    has_group_ = true;
  }
  wake_.notify_one();
}

void log_thread::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return has_group_ || stop_; });
    if (!has_group_) return;
    const std::span<std::byte> group = group_;
    lock.unlock();
    const storage::append_status status = append_or_stop(journal_, group);
    lock.lock();
    has_group_ = false;
    lock.unlock();
    done_(status);
    lock.lock();
  }
}

}  // namespace payloom::actors

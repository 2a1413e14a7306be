#include "storage/log/page_warmer.hpp"

#include <sched.h>

#include <algorithm>
#include <chrono>

#include "storage/log/segment_format.hpp"

namespace payloom::storage {

namespace {
constexpr auto poll_every = std::chrono::milliseconds(10);
}

page_warmer::page_warmer(const segment_log& log)
    : journal_path_(log.journal_path()), table_(log.table()), place_(table_->end()), thread_([this] { run(); }) {}

page_warmer::~page_warmer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void page_warmer::run() {
  const sched_param no_priority{};
  ::sched_setscheduler(0, SCHED_IDLE, &no_priority);  // transfers go first; without it warming is merely less polite
  std::unique_lock lock(mutex_);
  try {
    while (!stopping_) {
      lock.unlock();
      const bool more = advance();
      lock.lock();
      if (!more) wake_.wait_for(lock, poll_every, [&] { return stopping_; });
    }
  } catch (const storage_failure&) {
    // Who needs these bytes meets the same error and says so.
  }
}

bool page_warmer::advance() {
  const log_place end = table_->end();
  if (end.segment == 0) return false;
  if (place_.segment == 0) place_ = {end.segment, sector_bytes};
  const bool newest = place_.segment == end.segment;
  const std::uint64_t limit = newest ? end.offset : table_->segment(place_.segment)->end;
  if (!newest && place_.offset >= limit) {
    place_ = {place_.segment + 1, sector_bytes};
    return true;
  }
  if (newest && place_.offset + 2 * step_bytes > limit) return false;
  if (opened_ != place_.segment) {
    const std::string name = journal_path_ + "/" + journal_file_name(journal_file_kind::segment, place_.segment);
    require(file::open(name, {.random = true}, nullptr, file_), "open", name);
    opened_ = place_.segment;
  }
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(step_bytes, limit - place_.offset));
  require(file_.read({scratch_.data(), count}, place_.offset), "read", file_.path());
  place_.offset += count;
  bytes_.fetch_add(count, std::memory_order_relaxed);
  return true;
}

}  // namespace payloom::storage

#include "storage/log/segment_sealer.hpp"

#include <sched.h>

#include <utility>

#include "storage/log/errors.hpp"
#include "storage/log/segment_format.hpp"

namespace payloom::storage {

segment_sealer::segment_sealer(options o, std::uint32_t closed_segments)
    : options_(std::move(o)), closed_(closed_segments), thread_([this] { run(); }) {}

segment_sealer::~segment_sealer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.store(true);
  changed_.notify_all();
  thread_.join();
}

void segment_sealer::closed(std::uint32_t number) {
  {
    const std::lock_guard lock(mutex_);
    closed_ = number;
  }
  changed_.notify_all();
}

void segment_sealer::wait_done() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done_ >= closed_ || !failure_.empty(); });
}

std::string segment_sealer::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void segment_sealer::run() {
  const sched_param no_priority{};
  ::sched_setscheduler(0, SCHED_IDLE, &no_priority);  // of this thread; without it hashing is merely less polite
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || done_ < closed_; });
    if (stopping_) return;
    const std::uint32_t number = done_ + 1;
    lock.unlock();
    bool hashed = false;
    std::string failure;
    try {
      hashed = hash_next(number);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    lock.lock();
    if (!failure.empty()) {
      failure_ = failure;
      failed_.store(true, std::memory_order_release);
      changed_.notify_all();
      return;
    }
    if (hashed) {
      done_ = number;
      changed_.notify_all();
    } else {
      changed_.wait_for(lock, options_.space_retry, [this] { return stopping_; });
    }
  }
}

bool segment_sealer::hash_next(std::uint32_t number) {
  if (const auto present = read_segment_hash(options_.journal_path, number, options_.faults)) {
    if (present->previous != chain_) {
      throw journal_corrupt(options_.journal_path + "/" + journal_file_name(journal_file_kind::hashes, number), 0,
                            "it does not follow on the hash of the segment before");
    }
    chain_ = present->chain();
    return true;
  }
  const std::string path = options_.journal_path + "/" + journal_file_name(journal_file_kind::segment, number);
  const auto content = hash_file(path, options_.faults, [this] { return stop_.load(std::memory_order_relaxed); });
  if (!content) return false;
  file in;
  std::uint64_t size = 0;
  require(file::open(path, {}, options_.faults, in), "open", path);
  require(in.size(size), "stat", path);
  const segment_hash hash{.number = number, .file_bytes = size, .content = *content, .previous = chain_};
  const int error = write_segment_hash(options_.journal_path, hash, options_.faults);
  if (is_out_of_space(error)) return false;
  require(error, "write the hash of", path);
  chain_ = hash.chain();
  return true;
}

}  // namespace payloom::storage

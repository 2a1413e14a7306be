#include "storage/log/segment_preparer.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "protocol/types/assert.hpp"
#include "storage/codec/aligned_buffer.hpp"
#include "storage/log/segment_format.hpp"

namespace payloom::storage {

namespace {
constexpr std::size_t zero_chunk_bytes = 256u << 10;  // small: a synced write waits behind at most one of them
constexpr int helper_niceness = 10;
}  // namespace

segment_preparer::segment_preparer(options o) : options_(std::move(o)) {
  thread_ = std::thread([this] { run(); });
}

segment_preparer::~segment_preparer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void segment_preparer::request(std::uint32_t number) {
  {
    const std::lock_guard lock(mutex_);
    PAYLOOM_ASSERT(state_ == state::idle);
    number_ = number;
    state_ = state::reserving;
  }
  changed_.notify_all();
}

void segment_preparer::wait_prepared() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ != state::reserving && state_ != state::zeroing; });
}

prepare_status segment_preparer::take(std::string& path) {
  std::unique_lock lock(mutex_);
  PAYLOOM_ASSERT(state_ != state::idle);
  hurry_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return state_ != state::reserving && state_ != state::zeroing; });
  hurry_ = false;
  path = options_.journal_path + "/" + journal_file_name(journal_file_kind::prepared, number_);
  if (state_ == state::no_space) return prepare_status::no_space;
  if (state_ == state::failed) require(error_, "prepare", path);
  state_ = state::idle;
  return prepare_status::ready;
}

void segment_preparer::run() {
  // On Linux the "process" of a thread's id is the thread; failing to become nicer is harmless.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), helper_niceness);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || state_ == state::reserving || state_ == state::no_space; });
    if (stopping_) return;
    if (state_ == state::no_space) {
      changed_.wait_for(lock, options_.space_retry, [this] { return stopping_; });
      if (stopping_) return;
    }
    const std::string path = options_.journal_path + "/" + journal_file_name(journal_file_kind::prepared, number_);
    lock.unlock();
    const int error = prepare(path);
    lock.lock();
    error_ = error;
    state_ = error == 0 ? state::ready : is_out_of_space(error) ? state::no_space : state::failed;
    out_of_space_.store(state_ == state::no_space, std::memory_order_relaxed);
    changed_.notify_all();
  }
}

int segment_preparer::prepare(const std::string& path) {
  file out;
  int error = file::open(path, {.write = true, .create = true, .direct = true}, options_.faults, out);
  if (error == 0) error = out.allocate(options_.segment_bytes);
  if (error == 0) error = out.sync();
  if (error == 0) error = sync_directory(options_.journal_path, options_.faults);
  if (error == 0 && options_.prewrite) {
    std::unique_lock lock(mutex_);
    if (state_ == state::reserving) state_ = state::zeroing;
    error = zero(out, lock);
  }
  if (error == 0) return 0;
  out.close();
  remove_file(path, options_.faults);  // gives the space back; fails harmlessly when the file could not be made
  return error;
}

int segment_preparer::zero(const file& out, std::unique_lock<std::mutex>& lock) {
  aligned_buffer zeros(zero_chunk_bytes);
  std::uint64_t offset = 0;
  int error = 0;
  while (error == 0 && offset < options_.segment_bytes && !hurry_ && !stopping_) {
    lock.unlock();
    const auto bytes = std::min<std::uint64_t>(zero_chunk_bytes, options_.segment_bytes - offset);
    error = out.write(zeros.first(static_cast<std::size_t>(bytes)), offset);
    offset += bytes;
    lock.lock();
  }
  if (error != 0 || hurry_ || stopping_) return error;
  lock.unlock();
  error = out.sync();
  lock.lock();
  return error;
}

}  // namespace payloom::storage

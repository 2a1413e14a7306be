#include "actors/follower/read_ahead.hpp"

#include <cstring>

namespace payloom::follower {

namespace {
constexpr std::size_t group_alignment = 64;
constexpr std::size_t fill_bytes = 1u << 20;  ///< a slot is handed over at this size: small enough to stay in the cache
}  // namespace

read_ahead::read_ahead(storage::journal_reader& reader, read_ahead_buffers& buffers, commit_seq from,
                       commit_seq through)
    : reader_(reader), buffers_(buffers), thread_([this, from, through] { run(from, through); }) {}

read_ahead::~read_ahead() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool read_ahead::fill(read_ahead_buffers::slot& slot, commit_seq through, storage::group_view& pending) {
  slot.groups.clear();
  std::size_t used = 0;
  while (used < fill_bytes) {
    if (pending.header == nullptr) pending = reader_.next();
    if (pending.header == nullptr || pending.header->base_sequence > through) return true;
    if (pending.header->event_count != 0) {
      // A slot is twice the largest group and handed over at a quarter of one, so it always fits.
      std::memcpy(slot.bytes.data() + used, pending.bytes.data(), pending.bytes.size());
      slot.groups.push_back(used);
      used += (pending.bytes.size() + group_alignment - 1) / group_alignment * group_alignment;
    }
    const bool last = pending.header->base_sequence + pending.header->event_count > through;
    pending = {};
    if (last) return true;
  }
  return false;
}

void read_ahead::run(commit_seq from, commit_seq through) {
  bool complete = false;
  std::exception_ptr error;
  storage::group_view pending;
  try {
    reader_.seek(from);
  } catch (...) {
    error = std::current_exception();
  }
  for (std::uint64_t n = 0; !complete && !error; ++n) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || n < freed_ + read_ahead_buffers::slots; });
      if (stopping_) return;
    }
    try {
      complete = fill(buffers_.at(n % read_ahead_buffers::slots), through, pending);
    } catch (...) {
      error = std::current_exception();
    }
    if (error) break;
    {
      const std::lock_guard lock(mutex_);
      filled_ = n + 1;
      complete_ = complete;
    }
    changed_.notify_all();
  }
  {
    const std::lock_guard lock(mutex_);
    complete_ = true;
    error_ = error;
  }
  changed_.notify_all();
}

storage::group_view read_ahead::next() {
  while (true) {
    if (taken_ != 0) {
      auto& slot = buffers_.at((taken_ - 1) % read_ahead_buffers::slots);
      if (next_group_ < slot.groups.size()) {
        const std::byte* bytes = slot.bytes.data() + slot.groups[next_group_++];
        const auto* header = reinterpret_cast<const storage::group_header*>(bytes);
        return {header, {bytes, header->length}};
      }
    }
    std::unique_lock lock(mutex_);
    freed_ = taken_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return filled_ > taken_ || complete_; });
    if (filled_ == taken_) {
      if (error_) std::rethrow_exception(error_);
      return {};
    }
    ++taken_;
    next_group_ = 0;
  }
}

}  // namespace payloom::follower

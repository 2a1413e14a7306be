#pragma once
// Look-ups on two threads: a page of a statement is a thousand small reads, and beside a busy server a second thread
// brings nearly a second share of the processor.
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "actors/follower/event_fetcher.hpp"

namespace payloom::follower {

/// A lookup_fetcher for one thread at a time with a helper thread of its own, which it ends.
template <class Lookup, class Found>
class paired_fetcher final : public event_fetcher {
 public:
  /// `on_start` is called by the helper thread first; both lookups are made from `from`.
  template <class Source>
  paired_fetcher(const Source& from, std::function<void()> on_start)
      : own_(from), helpers_(from), thread_([this, on_start = std::move(on_start)] {
          on_start();
          help();
        }) {}
  ~paired_fetcher() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  paired_fetcher(const paired_fetcher&) = delete;
  paired_fetcher& operator=(const paired_fetcher&) = delete;

  bool find(commit_seq sequence, fetched_event& out, bool with_context) override {
    return own_.find(sequence, out, with_context);
  }

  void find_all(std::span<const commit_seq> sequences, std::vector<fetched_event>& out) override {
    if (sequences.size() < split_min) return own_.find_all(sequences, out);
    out.resize(sequences.size());
    const std::size_t half = sequences.size() / 2;
    {
      const std::lock_guard lock(mutex_);
      sequences_ = sequences.subspan(half);
      out_ = std::span(out).subspan(half);
      error_ = nullptr;
      asked_ = true;
    }
    changed_.notify_all();
    std::exception_ptr error;
    try {
      own_.fill(sequences.first(half), std::span(out).first(half));
    } catch (...) {
      error = std::current_exception();
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !asked_; });  // the helper writes into `out`
    if (!error) error = error_;
    if (error) std::rethrow_exception(error);
  }

 private:
  static constexpr std::size_t split_min = 128;  ///< fewer are read sooner than the helper is awake

  void help() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stopping_ || asked_; });
      if (!asked_) return;
      lock.unlock();
      std::exception_ptr error;
      try {
        helpers_.fill(sequences_, out_);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      error_ = error;
      asked_ = false;
      changed_.notify_all();
    }
  }

  lookup_fetcher<Lookup, Found> own_, helpers_;
  std::mutex mutex_;  ///< guards what follows; while asked_ the helper alone uses the spans
  std::condition_variable changed_;
  std::span<const commit_seq> sequences_;
  std::span<fetched_event> out_;
  std::exception_ptr error_;
  bool asked_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace payloom::follower

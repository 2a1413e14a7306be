#pragma once
// Failing system calls for the log's tests.
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <mutex>
#include <string>

#include "storage/log/io_faults.hpp"

namespace payloom::storage::testing {

/// Fails the n-th call (from 1) of any kind, or all calls from there on, with `error`.
class nth_call_fails final : public io_faults {
 public:
  nth_call_fails(std::uint64_t n, bool and_all_after, int error) : n_(n), all_after_(and_all_after), error_(error) {}
  int before(io_op, const std::string&) override {
    const std::uint64_t call = calls_.fetch_add(1) + 1;
    return call == n_ || (all_after_ && call > n_) ? error_ : 0;
  }
  std::uint64_t calls() const { return calls_.load(); }

 private:
  std::uint64_t n_;
  bool all_after_;
  int error_;
  std::atomic<std::uint64_t> calls_{0};
};

/// A disk that can be full: while it is, reserving space fails with ENOSPC.
class full_disk final : public io_faults {
 public:
  int before(io_op op, const std::string&) override {
    if (op != io_op::allocate || !full_.load()) return 0;
    refused_.fetch_add(1);
    return error_.load();
  }
  void set_full(bool full, int error = ENOSPC) {
    error_.store(error);
    full_.store(full);
  }
  std::uint64_t refused() const { return refused_.load(); }

 private:
  std::atomic<bool> full_{false};
  std::atomic<int> error_{ENOSPC};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace payloom::storage::testing

#pragma once
// Looks through stretches of the journal for transfers that pass a filter, on two threads: the caller's and a helper's,
// each reading and filtering stretches of its own, so that a scan gets on beside a busy server too.
#include <condition_variable>
#include <exception>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "actors/follower/transfer_filter.hpp"
#include "storage/codec/group_reader.hpp"
#include "storage/ports.hpp"

namespace payloom::follower {

/// A stretch of the journal, both ends included. Quickest when its ends are those of groups.
struct scan_piece {
  commit_seq from = 1, to = 0;
};

/// For one thread at a time. Holds two journal readers (about 5 MiB each) from its first scan on.
class journal_scan {
 public:
  /// `source` must outlive it.
  explicit journal_scan(storage::journal_source& source) : source_(source) {}

  struct question {
    tenant_id tenant = 0;
    const transfer_filter* filter = nullptr;
    std::size_t wanted = 0;  ///< rows at most
    bool backward = false;   ///< the pieces descend and so do the rows
  };
  /// Appends matching rows, piece by piece in the order given, until there are `wanted` or all pieces are done. All
  /// pieces must be durable. Throws storage_failure.
  void run(const question& asked, std::span<const scan_piece> pieces, std::vector<transfer_row>& rows);

 private:
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t ahead_max = 4;  ///< pieces finished before an older one is: bounds the rows kept

  void work(std::size_t thread);
  void scan(storage::journal_reader& reader, const scan_piece& piece, std::vector<transfer_row>& found) const;
  template <class Event>
  bool scan_run(const storage::run_view& run, const scan_piece& piece, std::vector<transfer_row>& found) const;
  /// The next piece for a thread; false when there is none or no need.
  bool take(std::size_t& piece);
  void finish(std::size_t piece, std::vector<transfer_row>&& found);

  storage::journal_source& source_;
  std::unique_ptr<storage::journal_reader> readers_[threads];

  question asked_;  ///< constant while threads work, as are the pieces
  std::span<const scan_piece> pieces_;

  std::mutex mutex_;  ///< guards what follows
  std::condition_variable progress_;
  std::vector<transfer_row>* rows_ = nullptr;     ///< of all pieces before `complete_`
  std::vector<std::vector<transfer_row>> found_;  ///< of later pieces
  std::vector<bool> finished_;
  std::size_t next_ = 0, complete_ = 0;
  bool enough_ = false;
  std::exception_ptr error_;
};

}  // namespace payloom::follower

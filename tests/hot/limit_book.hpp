#pragma once
// The history of one account with a limit, told by the replies alone: what was accepted moved it at a commit, what was
// refused must have been too much at a commit. Not thread-safe.
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types/ids.hpp"

namespace payloom::hot {

class limit_book {
 public:
  /// The account may go down to `-overdraft`.
  explicit limit_book(std::int64_t overdraft) : overdraft_(overdraft) {}

  /// An accepted transfer moved the account by `change` (credits are positive) at commit `at`.
  void moved(commit_seq at, std::int64_t change) { moves_.push_back({at, change}); }
  /// A debit of `amount` was refused for lack of funds; at commit `as_of` that was true.
  void refused(commit_seq as_of, std::int64_t amount) { refusals_.push_back({as_of, amount}); }

  /// Puts everything so far in the order of its commits and checks it: no commit twice, never below the limit after any
  /// commit, every refusal true at its `as_of`. Then forgets all but the balance. Problems are appended to `problems`.
  /// Everything told before the next call must be of later commits.
  void settle(std::vector<std::string>& problems);

  std::int64_t balance() const { return balance_; }
  std::int64_t lowest() const { return lowest_; }  ///< of all commits so far
  std::uint64_t moves() const { return counted_moves_; }
  std::uint64_t refusals() const { return counted_refusals_; }

  struct point {
    commit_seq at;
    std::int64_t amount;  ///< a move: the balance after `settle`; a refusal: what it wanted
  };
  /// After `settle`: the commits of the last round, in order, each with the balance after it.
  const std::vector<point>& points() const { return settled_; }

 private:
  void check_refusals(std::vector<std::string>& problems) const;

  std::int64_t overdraft_;
  std::int64_t balance_ = 0;
  std::int64_t before_ = 0;  ///< the balance before the last round
  std::int64_t lowest_ = 0;
  std::uint64_t counted_moves_ = 0, counted_refusals_ = 0;
  std::vector<point> moves_, refusals_, settled_;
};

}  // namespace payloom::hot

#pragma once
// All lines of one account in journal order, forward or backward: index first, tail after, without a gap between them.
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "actors/follower/follower.hpp"

namespace payloom::follower {

/// The account and its lines as they stand at one commit. Made under the follower's lock, read without it.
class account_lines {
 public:
  /// Captures; `found()` is false when there is no such account.
  account_lines(follower& behind, const storage::index_store& store, tenant_id tenant, account_id account);

  bool found() const { return found_; }
  const account_row& row() const { return row_; }  ///< as of applied_seq
  commit_seq applied_seq() const { return applied_; }
  commit_seq index_reach() const { return reach_; }

  /// Lines with from <= sequence <= to, ascending or descending, until `visit` returns false.
  void walk(commit_seq from, commit_seq to, bool backward, const std::function<bool(const tail_line&)>& visit) const;

  /// Fills in what the transfers at these sequences moved.
  using amounts = std::function<void(std::span<const commit_seq>, std::vector<u128>&)>;
  /// Posted lines with from <= sequence <= to, ascending, with their amounts.
  void walk_amounts(commit_seq from, commit_seq to, const amounts& amounts_of,
                    const std::function<void(const tail_line&, u128)>& visit) const;

  /// The posted sums right after the posted line `at`.
  struct sums {
    u128 debits = 0, credits = 0;
  };
  sums sums_after(commit_seq at, const amounts& amounts_of) const;

 private:
  /// The account's lines in one tail chunk: of a closed one by position, of the open one copied.
  struct tail_piece {
    std::shared_ptr<const tail_chunk> chunk;
    std::uint32_t newest = 0;  ///< position; closed chunk only
    bool open = false;
    std::vector<tail_line> copied;  ///< newest first; open chunk only
  };

  bool walk_index(commit_seq from, commit_seq to, bool backward,
                  const std::function<bool(const tail_line&)>& visit) const;
  bool walk_tail(commit_seq from, commit_seq to, bool backward,
                 const std::function<bool(const tail_line&)>& visit) const;
  /// The sums after `at`, from the present ones back; false when too many lines came since.
  bool from_present(commit_seq at, std::size_t lines_max, const amounts& amounts_of, sums& out) const;
  /// The sums before the account's first line in a closed chunk.
  sums opening(const tail_chunk& chunk) const;
  static void lines_of(const tail_piece& piece, std::vector<tail_line>& newest_first);

  const storage::index_store& store_;
  bool found_ = false;
  std::uint32_t ordinal_ = 0;
  account_row row_{};
  commit_seq applied_ = 0, reach_ = 0;
  std::vector<tail_piece> pieces_;  ///< newest first
};

}  // namespace payloom::follower

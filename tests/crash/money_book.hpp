#pragma once
// The oracle's own books: accounts and open holds as the executed events must have left them. Not thread-safe.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/types/records.hpp"
#include "tests/crash/verdict.hpp"

namespace payloom::crash {

class money_book {
 public:
  explicit money_book(verdict& into) : verdict_(into) {}

  void open(const account_record& account);
  /// An executed event other than an account. Order does not matter before `settle`.
  void book(const transfer_record& transfer, time_ns timestamp);
  void book(const account_change_record& change, commit_seq sequence);
  /// Applies what was booked: holds first, then what resolves them; changes in the order of their commits.
  void settle();
  /// The server says that this hold expired by itself.
  void expire(transfer_id hold);

  /// Open holds that have a timeout.
  std::vector<transfer_id> timed_holds() const;
  /// When the hold runs out.
  time_ns runs_out(transfer_id hold) const;
  std::vector<id_record> account_ids() const;
  /// Compares the server's rows (of all accounts, in any order) with the books, and the sums of each currency.
  void compare(std::span<const account_row> rows);

 private:
  struct account {
    account_record opened{};
    account_counters counters;
    std::uint16_t flags = 0;
    u128 limit = 0;
  };
  struct hold {
    transfer_record record{};
    time_ns timestamp = 0;
  };
  struct booked_change {
    commit_seq sequence;
    account_change_record record;
  };
  using id_map_key = std::pair<std::uint64_t, std::uint64_t>;
  static id_map_key key(u128 id) { return {hi64(id), lo64(id)}; }

  void post(account_id debit, account_id credit, u128 amount);
  void release(const hold& held);
  void resolve(const transfer_record& by);
  void apply(const account_change_record& change);
  void compare_one(const account& mine, const account_row& row);

  verdict& verdict_;
  std::map<id_map_key, account> accounts_;
  std::map<id_map_key, hold> holds_;
  std::vector<transfer_record> resolutions_;
  std::vector<booked_change> changes_;
};

}  // namespace payloom::crash

#include "tests/hot/limit_book.hpp"

#include <algorithm>

namespace payloom::hot {
namespace {

constexpr std::size_t problems_max = 20;

void note(std::vector<std::string>& problems, std::string text) {
  if (problems.size() < problems_max) problems.push_back(std::move(text));
}

}  // namespace

void limit_book::settle(std::vector<std::string>& problems) {
  std::sort(moves_.begin(), moves_.end(), [](const point& a, const point& b) { return a.at < b.at; });
  before_ = balance_;
  settled_.clear();
  settled_.reserve(moves_.size());
  commit_seq last = 0;
  for (const point& m : moves_) {
    if (m.at == last) note(problems, "commit " + std::to_string(m.at) + " was given to two transfers");
    last = m.at;
    balance_ += m.amount;
    lowest_ = std::min(lowest_, balance_);
    if (balance_ < -overdraft_ && m.amount < 0) {
      note(problems, "after commit " + std::to_string(m.at) + " the account stands at " + std::to_string(balance_) +
                         ", below its limit of " + std::to_string(-overdraft_));
    }
    settled_.push_back({m.at, balance_});
  }
  check_refusals(problems);
  counted_moves_ += moves_.size();
  counted_refusals_ += refusals_.size();
  moves_.clear();
  refusals_.clear();
}

void limit_book::check_refusals(std::vector<std::string>& problems) const {
  for (const point& r : refusals_) {
    const auto after = std::upper_bound(settled_.begin(), settled_.end(), r.at,
                                        [](commit_seq at, const point& p) { return at < p.at; });
    const std::int64_t stood = after == settled_.begin() ? before_ : std::prev(after)->amount;
    if (stood - r.amount >= -overdraft_) {
      note(problems, "a debit of " + std::to_string(r.amount) + " was refused as of commit " + std::to_string(r.at) +
                         ", where the account stood at " + std::to_string(stood));
    }
  }
}

}  // namespace payloom::hot

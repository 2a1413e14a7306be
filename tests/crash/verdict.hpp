#pragma once
// What a run found: counters for the last line, and the first problems in words.
#include <cstdint>
#include <string>
#include <vector>

namespace payloom::crash {

struct verdict {
  std::uint64_t acknowledged = 0;            ///< events whose result arrived
  std::uint64_t executed = 0;                ///< ids that were executed
  std::uint64_t resolved = 0;                ///< events left unknown by a crash that repeating made definite
  std::uint64_t resolved_old = 0;            ///< of these: executed before the crash
  std::uint64_t repeated = 0;                ///< acknowledged events asked for again
  std::uint64_t acknowledged_on_orders = 0;  ///< of `acknowledged`: creations of orders and actions on them
  std::uint64_t orders_checked = 0;          ///< order by order: timeline and postings
  std::uint64_t lost = 0;                    ///< acknowledged and not there any more
  std::uint64_t duplicated = 0;              ///< executed more than once
  std::uint64_t wrong = 0;                   ///< everything else that must not be
  std::vector<std::string> problems;

  static constexpr std::size_t problems_kept = 30;

  void problem(std::uint64_t& counter, std::string text) {
    ++counter;
    if (problems.size() < problems_kept) problems.push_back(std::move(text));
  }
  bool good() const { return lost == 0 && duplicated == 0 && wrong == 0; }
};

}  // namespace payloom::crash

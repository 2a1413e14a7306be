#pragma once
// What `verify` found.
#include <cstdint>
#include <string>
#include <vector>

namespace payloom::follower {

/// The list is bounded; `count` is not.
struct problem_list {
  static constexpr std::size_t kept_max = 50;
  std::uint64_t count = 0;
  std::vector<std::string> first;  ///< each with its place
  void add(std::string what) {
    ++count;
    if (first.size() < kept_max) first.push_back(std::move(what));
  }
};

}  // namespace payloom::follower

#pragma once
// Commands on orders are made a block at a time: one allocation for many of them, one behind the other in memory. Each
// travels and ends on its own, on any thread; the last one that ends frees the block.
#include <atomic>
#include <cstdint>

#include "actors/core/unit_case.hpp"

namespace payloom::core {

/// A command on an order together with what it brings along.
struct order_case : unit_case {
  order_work work;
};

class case_block {
 public:
  static constexpr std::uint32_t places_max = 16;  ///< a case that waits long keeps so many

  /// `places`: 1 .. places_max.
  static case_block* make(std::uint32_t places);
  /// A case in the next place; `delete` ends it. At most `places` times.
  order_case* add();
  bool full() const { return used_ == places_; }
  /// The maker is done: gives back the places that were not used.
  void close() { drop(places_ - used_ + 1); }
  /// Gives back `places`; the block is gone when all are.
  void drop(std::uint32_t places);

 private:
  explicit case_block(std::uint32_t places) : left_(places + 1), places_(places) {}

  std::atomic<std::uint32_t> left_;  ///< places, and the maker: it looks at the block after its cases have ended
  std::uint32_t places_;
  std::uint32_t used_ = 0;  ///< the maker's
};

}  // namespace payloom::core

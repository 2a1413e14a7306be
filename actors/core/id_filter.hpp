#pragma once
// A fingerprint filter over all ids an order shard has ever seen: "no" proves that an id is new, "maybe" sends the
// question to the recent ids and the index (architecture.md section 4, "Ids for ever"). About 5 bytes an id on
// average: 32-bit prints in sub-tables that stay 77 to 88 % full. A print's home is proportional to its value, so
// growing a sub-table is one sequential pass. One thread at a time.
#include <cstdint>
#include <vector>

#include "actors/core/zeroed_array.hpp"

namespace payloom::core {

class id_filter {
 public:
  /// `sub_tables` must be a power of two, at most 256: more of them make each growth step shorter.
  /// `salt` is secret: the mix is published and can be inverted, so without one a client could make ids that all fall
  /// into one place.
  explicit id_filter(std::uint32_t sub_tables = 256, std::uint64_t salt = 0);
  id_filter(const id_filter&) = delete;
  id_filter& operator=(const id_filter&) = delete;

  void prefetch(std::uint64_t mix) const {
    const std::uint64_t key = salted(mix);
    const sub_table& t = tables_[table_of(key)];
    __builtin_prefetch(t.prints + home(t, print_of(key)), 1);
  }
  /// The sub-table's own line; call some events before `prefetch`.
  void prefetch_header(std::uint64_t mix) const { __builtin_prefetch(&tables_[table_of(salted(mix))]); }

  /// Adds the id. True when it may have been there before.
  bool test_and_add(std::uint64_t mix);
  /// True when the id may have been added.
  bool may_contain(std::uint64_t mix) const;

  /// Makes room for about so many ids at once.
  void reserve(std::uint64_t ids);

  std::uint64_t size() const;
  std::size_t memory_bytes() const;

 private:
  struct sub_table {
    std::uint32_t* prints = nullptr;  ///< capacity + slack slots, 0 = empty
    std::uint32_t capacity = 0;       ///< a multiple of `lanes`
    std::uint32_t used = 0;
  };
  static constexpr std::uint32_t lanes = 8;    ///< prints compared at once
  static constexpr std::uint32_t slack = 256;  ///< slots behind the last home: probing never wraps
  static constexpr std::uint32_t first_capacity = 768;  ///< with the slack one page
  static constexpr std::uint32_t large_capacity = 16 * 1024;

  std::uint64_t salted(std::uint64_t mix) const {
    if (salt_ == 0) return mix;  // tests that choose their places
    __extension__ typedef unsigned __int128 wide;
    const wide product = static_cast<wide>(mix ^ salt_) * (0x9e3779b97f4a7c15ull ^ (salt_ >> 7));
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  std::uint32_t table_of(std::uint64_t key) const { return static_cast<std::uint32_t>(key >> 44) & table_mask_; }
  static std::uint32_t print_of(std::uint64_t key) {
    const auto p = static_cast<std::uint32_t>(key >> 8);
    return p == 0 ? 1 : p;
  }
  /// First lane of the print's home group; groups are aligned, so one never spans two cache lines.
  static std::uint32_t home(const sub_table& t, std::uint32_t print) {
    return static_cast<std::uint32_t>((std::uint64_t{print} * (t.capacity / lanes)) >> 32) * lanes;
  }
  /// Slot of the print, or of the empty slot it would take; the slack's end when it is full.
  static std::uint32_t find_slot(const sub_table& t, std::uint32_t print);
  static std::size_t bytes_of(const sub_table& t) {
    return (std::size_t{t.capacity} + slack) * sizeof(std::uint32_t);
  }
  void grow(sub_table& t);
  void grow(sub_table& t, std::uint32_t capacity);

  std::vector<sub_table> tables_;
  /// The prints of each table, in pages of their own: the heap would keep holes of all the sizes that a table ever had.
  std::vector<zeroed_array<std::uint32_t>> pages_;
  std::vector<std::uint32_t> moving_;  ///< scratch of `grow`
  std::uint32_t table_mask_;
  std::uint64_t salt_;
};

}  // namespace payloom::core

#pragma once
// A fingerprint filter over all ids an order shard has ever seen: "no" proves that an id is new, "maybe" sends the
// question to the recent ids and the index (architecture.md section 4, "Ids for ever"). About 4.8 bytes an id on
// average: 32-bit prints in sub-tables that stay 75 to 94 % full. An id has two buckets of one cache line each, and its
// print is in one of them: both lines can be fetched ahead, and nothing is ever searched for beyond them. A print and
// the place where it stands tell 39 bits of the id's key, so that a sub-table can grow. One thread at a time.
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
    const std::uint64_t whole = whole_of(key);
    const std::uint32_t home = first_bucket(t, whole);
    __builtin_prefetch(line(t, home), 1);
    __builtin_prefetch(line(t, second_bucket(t, home, print_of(whole))), 1);
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
    std::uint32_t* prints = nullptr;  ///< buckets * slots; 0 = empty, and then the rest of its bucket is
    std::uint32_t buckets = 0;
    std::uint32_t used = 0;
  };
  static constexpr std::uint32_t slots = 16;  ///< of a bucket: a cache line
  static constexpr unsigned print_bits = 31;  ///< a slot: these, and which of the two buckets it is
  static constexpr unsigned whole_bits = print_bits + 8;
  static constexpr std::uint32_t print_mask = (1u << print_bits) - 1;
  /// Less, and a place could not tell the 8 bits that a slot does not hold.
  static constexpr std::uint32_t first_buckets = 1u << (whole_bits - print_bits);
  static constexpr std::uint32_t large_buckets = 1024;
  static constexpr std::uint32_t buckets_max = 1u << 24;  ///< a product with `whole` has 63 bits
  static constexpr unsigned moves_max = 32;               ///< to find room for a print: a table that needs more grows

  std::uint64_t salted(std::uint64_t mix) const {
    if (salt_ == 0) return mix;  // tests that choose their places
    __extension__ typedef unsigned __int128 wide;
    const wide product = static_cast<wide>(mix ^ salt_) * (0x9e3779b97f4a7c15ull ^ (salt_ >> 7));
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  std::uint32_t table_of(std::uint64_t key) const { return static_cast<std::uint32_t>(key >> 44) & table_mask_; }
  /// What the table knows of an id: the print below, 8 bits above.
  static std::uint64_t whole_of(std::uint64_t key) {
    const std::uint64_t print = key >> 8 & print_mask;
    return (key & 0xff) << print_bits | (print == 0 ? 1 : print);
  }
  static std::uint32_t print_of(std::uint64_t whole) { return static_cast<std::uint32_t>(whole) & print_mask; }
  static std::uint32_t first_bucket(const sub_table& t, std::uint64_t whole) {
    return static_cast<std::uint32_t>(whole * t.buckets >> whole_bits);
  }
  /// How far the second bucket is behind the first, round the end: 1 .. buckets - 1.
  static std::uint32_t distance(const sub_table& t, std::uint32_t print) {
    const std::uint32_t spread = print * 0x9e3779b1u;
    return 1 + static_cast<std::uint32_t>(std::uint64_t{spread} * (t.buckets - 1) >> 32);
  }
  static std::uint32_t second_bucket(const sub_table& t, std::uint32_t first, std::uint32_t print) {
    const std::uint32_t at = first + distance(t, print);
    return at < t.buckets ? at : at - t.buckets;
  }
  static std::uint32_t* line(const sub_table& t, std::uint32_t bucket) {
    return t.prints + std::size_t{bucket} * slots;
  }
  static std::uint64_t whole_at(const sub_table& t, std::uint32_t bucket, std::uint32_t slot_value);
  static std::size_t bytes_of(const sub_table& t) { return std::size_t{t.buckets} * slots * sizeof(std::uint32_t); }
  static std::uint64_t insert(sub_table& t, std::uint64_t whole);
  static std::uint32_t larger(std::uint32_t buckets);
  void grow(sub_table& t, std::uint32_t buckets, std::uint64_t homeless = 0);
  bool fill(sub_table& t);

  std::vector<sub_table> tables_;
  /// The prints of each table, in pages of their own: the heap would keep holes of all the sizes that a table ever had.
  std::vector<zeroed_array<std::uint32_t>> pages_;
  std::vector<std::uint64_t> moving_;  ///< scratch of `grow`: what is in the table
  std::vector<std::uint8_t> filled_;   ///< and how many slots of each bucket are taken
  std::vector<std::uint64_t> late_;    ///< what found both its buckets full
  std::uint32_t table_mask_;
  std::uint64_t salt_;
};

}  // namespace payloom::core

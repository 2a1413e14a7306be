#include "actors/core/id_filter.hpp"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

#include "protocol/types/assert.hpp"

namespace payloom::core {

id_filter::id_filter(std::uint32_t sub_tables) : tables_(sub_tables), table_mask_(sub_tables - 1) {
  PAYLOOM_ASSERT(std::has_single_bit(sub_tables) && sub_tables <= 256);
  for (sub_table& t : tables_) {
    t.capacity = 256;
    t.prints = allocate(t.capacity);
  }
}

id_filter::~id_filter() {
  for (sub_table& t : tables_) std::free(t.prints);
}

std::uint32_t* id_filter::allocate(std::uint32_t capacity) {
  // calloc: large blocks come zeroed from the kernel and go back to it when the table grows.
  void* p = std::calloc(std::size_t{capacity} + slack, sizeof(std::uint32_t));
  if (p == nullptr) throw std::bad_alloc();
  return static_cast<std::uint32_t*>(p);
}

std::uint32_t id_filter::find_slot(const sub_table& t, std::uint32_t print) {
  const std::uint32_t end = t.capacity + slack;
  std::uint32_t i = home(t, print);
  while (i < end && t.prints[i] != 0 && t.prints[i] != print) ++i;
  return i;
}

bool id_filter::test_and_add(std::uint64_t mix) {
  sub_table& t = tables_[table_of(mix)];
  const std::uint32_t print = print_of(mix);
  std::uint32_t i = find_slot(t, print);
  if (i < t.capacity + slack && t.prints[i] == print) return true;
  // 7/8 full, or (very unlikely) the slack behind the last homes ran out: a larger table, then look again.
  while (t.used + 1 > t.capacity - t.capacity / 8 || i >= t.capacity + slack) {
    grow(t);
    i = find_slot(t, print);
  }
  PAYLOOM_ASSERT(t.prints[i] == 0);
  t.prints[i] = print;
  ++t.used;
  return false;
}

bool id_filter::may_contain(std::uint64_t mix) const {
  const sub_table& t = tables_[table_of(mix)];
  const std::uint32_t print = print_of(mix);
  const std::uint32_t i = find_slot(t, print);
  return i < t.capacity + slack && t.prints[i] == print;
}

void id_filter::grow(sub_table& t) {
  sub_table bigger;
  bigger.capacity = t.capacity + t.capacity / 8;
  bool placed_all;
  do {
    bigger.prints = allocate(bigger.capacity);
    bigger.used = 0;
    placed_all = true;
    const std::uint32_t end = t.capacity + slack;
    for (std::uint32_t i = 0; i < end && placed_all; ++i) {
      if (t.prints[i] == 0) continue;
      const std::uint32_t at = find_slot(bigger, t.prints[i]);
      placed_all = at < bigger.capacity + slack;
      if (placed_all) {
        bigger.prints[at] = t.prints[i];
        ++bigger.used;
      }
    }
    if (!placed_all) {
      std::free(bigger.prints);
      bigger.capacity += bigger.capacity / 8;
    }
  } while (!placed_all);
  std::free(t.prints);
  t = bigger;
}

std::uint64_t id_filter::size() const {
  std::uint64_t n = 0;
  for (const sub_table& t : tables_) n += t.used;
  return n;
}

std::size_t id_filter::memory_bytes() const {
  std::size_t n = tables_.size() * sizeof(sub_table);
  for (const sub_table& t : tables_) n += (std::size_t{t.capacity} + slack) * sizeof(std::uint32_t);
  return n;
}

}  // namespace payloom::core

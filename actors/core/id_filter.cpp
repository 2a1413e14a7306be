#include "actors/core/id_filter.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "protocol/types/assert.hpp"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace payloom::core {

namespace {

/// One bit per lane that is all ones.
template <class Mask>
unsigned lane_bits(const Mask& m) {
#ifdef __AVX2__
  return static_cast<unsigned>(_mm256_movemask_ps(reinterpret_cast<__m256>(m)));
#else
  unsigned bits = 0;
  for (unsigned i = 0; i < sizeof(Mask) / 4; ++i) bits |= m[i] != 0 ? 1u << i : 0u;
  return bits;
#endif
}

}  // namespace

id_filter::id_filter(std::uint32_t sub_tables, std::uint64_t salt)
    : tables_(sub_tables), pages_(sub_tables), table_mask_(sub_tables - 1), salt_(salt) {
  PAYLOOM_ASSERT(std::has_single_bit(sub_tables) && sub_tables <= 256);
  for (std::uint32_t i = 0; i < sub_tables; ++i) {
    sub_table& t = tables_[i];
    t.capacity = first_capacity;
    pages_[i] = zeroed_array<std::uint32_t>(t.capacity + slack);
    t.prints = pages_[i].get();
  }
}

std::uint32_t id_filter::find_slot(const sub_table& t, std::uint32_t print) {
  const std::uint32_t end = t.capacity + slack;
  // Eight prints at once: the first lane that is the print or empty ends the probe.
  typedef std::uint32_t vector __attribute__((vector_size(lanes * 4)));
  for (std::uint32_t i = home(t, print); i < end; i += lanes) {
    const vector v = *reinterpret_cast<const vector*>(t.prints + i);
    const auto hit = (v == print) | (v == 0u);
    const unsigned bits = lane_bits(hit);
    if (bits != 0) return i + static_cast<std::uint32_t>(std::countr_zero(bits));
  }
  return end;
}

bool id_filter::test_and_add(std::uint64_t mix) {
  const std::uint64_t key = salted(mix);
  sub_table& t = tables_[table_of(key)];
  const std::uint32_t print = print_of(key);
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
  const std::uint64_t key = salted(mix);
  const sub_table& t = tables_[table_of(key)];
  const std::uint32_t print = print_of(key);
  const std::uint32_t i = find_slot(t, print);
  return i < t.capacity + slack && t.prints[i] == print;
}

void id_filter::reserve(std::uint64_t ids) {
  // A table's share varies by its square root or so; what is not enough grows as ever.
  const std::uint64_t share = ids / tables_.size();
  const std::uint64_t wanted = std::min<std::uint64_t>((share + share / 64) / 7 * 8, 1u << 31) / lanes * lanes;
  for (sub_table& t : tables_)
    if (wanted > t.capacity) grow(t, static_cast<std::uint32_t>(wanted));
}

void id_filter::grow(sub_table& t) {
  // Small tables grow in large steps, large ones in small steps: what is empty in them counts.
  grow(t, (t.capacity + (t.capacity < large_capacity ? t.capacity / 2 : t.capacity / 8)) / lanes * lanes);
}

void id_filter::grow(sub_table& t, std::uint32_t capacity) {
  zeroed_array<std::uint32_t>& pages = pages_[static_cast<std::size_t>(&t - tables_.data())];
  // The table grows where it stands: only what it grows by are fresh pages, which some machines take long to find.
  moving_.clear();
  for (std::uint32_t i = 0; i < t.capacity + slack; ++i)
    if (t.prints[i] != 0) moving_.push_back(t.prints[i]);
  // Prints stand in about ascending order, so homes in the larger table ascend too: both are walked once, in order.
  for (t.capacity = capacity;; t.capacity += t.capacity / 8 / lanes * lanes) {
    const std::uint32_t end = t.capacity + slack;
    pages.grow(end);
    t.prints = pages.get();
    std::memset(t.prints, 0, bytes_of(t));
    std::size_t placed = 0;
    for (; placed < moving_.size(); ++placed) {
      std::uint32_t at = home(t, moving_[placed]);
      while (at < end && t.prints[at] != 0) ++at;
      if (at == end) break;
      t.prints[at] = moving_[placed];
    }
    if (placed == moving_.size()) break;
    // The slack ran out: very unlikely, try a larger one.
  }
  PAYLOOM_ASSERT(moving_.size() == t.used);
}

std::uint64_t id_filter::size() const {
  std::uint64_t n = 0;
  for (const sub_table& t : tables_) n += t.used;
  return n;
}

std::size_t id_filter::memory_bytes() const {
  std::size_t n = tables_.size() * sizeof(sub_table);
  for (const sub_table& t : tables_) n += bytes_of(t);
  return n;
}

}  // namespace payloom::core

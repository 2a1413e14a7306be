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

constexpr std::uint32_t lanes = 8;
typedef std::uint32_t vector __attribute__((vector_size(lanes * 4)));

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

/// One cache line of a table.
struct bucket_view {
  explicit bucket_view(const std::uint32_t* line)
      : low(*reinterpret_cast<const vector*>(line)), high(*reinterpret_cast<const vector*>(line + lanes)) {}
  bool has(std::uint32_t value) const { return lane_bits((low == value) | (high == value)) != 0; }
  std::uint32_t taken() const {
    const unsigned free = lane_bits(low == 0u) | lane_bits(high == 0u) << lanes | 1u << (2 * lanes);
    return static_cast<std::uint32_t>(std::countr_zero(free));
  }
  vector low, high;
};

}  // namespace

id_filter::id_filter(std::uint32_t sub_tables, std::uint64_t salt)
    : tables_(sub_tables), pages_(sub_tables), table_mask_(sub_tables - 1), salt_(salt) {
  PAYLOOM_ASSERT(std::has_single_bit(sub_tables) && sub_tables <= 256);
  for (std::uint32_t i = 0; i < sub_tables; ++i) {
    sub_table& t = tables_[i];
    // All fill at the same speed; different sizes keep them from growing at the same time, now and later.
    t.buckets = first_buckets + first_buckets / 4 * i / sub_tables;
    pages_[i] = zeroed_array<std::uint32_t>(std::size_t{t.buckets} * slots);
    t.prints = pages_[i].get();
  }
}

/// The inverse of the places: what stands in this bucket as this value. A first bucket has at most one whole for each
/// print, because there are at least as many buckets as values of the bits above the print.
std::uint64_t id_filter::whole_at(const sub_table& t, std::uint32_t bucket, std::uint32_t slot_value) {
  const std::uint32_t print = slot_value >> 1;
  std::uint32_t first = bucket;
  if ((slot_value & 1) != 0) {
    const std::uint32_t back = distance(t, print);
    first = bucket >= back ? bucket - back : bucket + t.buckets - back;
  }
  const std::uint64_t least = ((std::uint64_t{first} << whole_bits) + t.buckets - 1) / t.buckets;
  const std::uint64_t whole = least + ((print - least) & print_mask);
  PAYLOOM_ASSERT(first_bucket(t, whole) == first);
  return whole;
}

bool id_filter::test_and_add(std::uint64_t mix) {
  const std::uint64_t key = salted(mix);
  sub_table& t = tables_[table_of(key)];
  const std::uint64_t whole = whole_of(key);
  const std::uint32_t print = print_of(whole), first = first_bucket(t, whole), second = second_bucket(t, first, print);
  const bucket_view a(line(t, first)), b(line(t, second));
  if (a.has(print << 1) || b.has(print << 1 | 1)) return true;
  ++t.used;
  if (t.used > t.buckets * (slots - 1)) [[unlikely]] {
    grow(t, larger(t.buckets), whole);
    return false;
  }
  const std::uint32_t in_a = a.taken(), in_b = b.taken();
  if (std::min(in_a, in_b) == slots) [[unlikely]] {
    if (const std::uint64_t homeless = insert(t, whole)) grow(t, larger(t.buckets), homeless);
    return false;
  }
  if (in_a <= in_b) {
    line(t, first)[in_a] = print << 1;
  } else {
    line(t, second)[in_b] = print << 1 | 1;
  }
  return false;
}

bool id_filter::may_contain(std::uint64_t mix) const {
  const std::uint64_t key = salted(mix);
  const sub_table& t = tables_[table_of(key)];
  const std::uint64_t whole = whole_of(key);
  const std::uint32_t print = print_of(whole), first = first_bucket(t, whole);
  return bucket_view(line(t, first)).has(print << 1) ||
         bucket_view(line(t, second_bucket(t, first, print))).has(print << 1 | 1);
}

/// Both buckets are full: takes a slot there, and moves what stood in it to its other bucket, and so on. 0, or what has
/// no place after `moves_max` of them.
std::uint64_t id_filter::insert(sub_table& t, std::uint64_t whole) {
  std::uint32_t bucket = first_bucket(t, whole);
  bool second = false;
  for (unsigned move = 0; move < moves_max; ++move) {
    const std::uint32_t print = print_of(whole);
    std::uint32_t* const slot = line(t, bucket);
    const std::uint32_t taken = bucket_view(slot).taken();
    if (taken < slots) {
      slot[taken] = print << 1 | (second ? 1u : 0u);
      return 0;
    }
    const std::uint32_t victim = (print >> 7 ^ move) % slots;
    const std::uint32_t out = slot[victim];
    slot[victim] = print << 1 | (second ? 1u : 0u);
    whole = whole_at(t, bucket, out);
    second = (out & 1) == 0;
    bucket = first_bucket(t, whole);
    if (second) bucket = second_bucket(t, bucket, print_of(whole));
  }
  return whole;
}

void id_filter::reserve(std::uint64_t ids) {
  // A table's share varies by its square root or so; what is not enough grows as ever. Sizes differ, as they do when
  // tables begin.
  const std::uint64_t share = ids / tables_.size();
  const std::uint64_t least = (share + share / 64) / (slots - 1) + 1;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const std::uint64_t wanted = std::min<std::uint64_t>(least + least * i / tables_.size() / 4, buckets_max);
    if (wanted > tables_[i].buckets) grow(tables_[i], static_cast<std::uint32_t>(wanted));
  }
}

/// Small tables grow in large steps, large ones in small steps: what is empty in them counts. A large step is two small
/// ones, so that the tables' sizes stay spread evenly and never grow all at about the same time.
std::uint32_t id_filter::larger(std::uint32_t buckets) {
  return buckets + (buckets < large_buckets ? buckets * 9 / 16 : buckets / 4);
}

void id_filter::grow(sub_table& t, std::uint32_t buckets, std::uint64_t homeless) {
  moving_.clear();
  for (std::uint32_t bucket = 0; bucket < t.buckets; ++bucket) {
    const std::uint32_t* const values = line(t, bucket);
    for (std::uint32_t i = 0; i < slots && values[i] != 0; ++i) moving_.push_back(whole_at(t, bucket, values[i]));
  }
  if (homeless != 0) moving_.push_back(homeless);
  PAYLOOM_ASSERT(moving_.size() == t.used);
  // The table grows where it stands: only what it grows by are fresh pages, which some machines take long to find.
  zeroed_array<std::uint32_t>& pages = pages_[static_cast<std::size_t>(&t - tables_.data())];
  do {
    PAYLOOM_ASSERT(buckets <= buckets_max);
    std::memset(t.prints, 0, bytes_of(t));
    pages.grow(std::size_t{buckets} * slots);
    t.prints = pages.get();
    t.buckets = buckets;
    buckets = larger(buckets);
  } while (!fill(t));
}

/// Places all of `moving_` in the empty table; false when one found no place, which is very unlikely. They come in the
/// order of their old buckets, so some buckets fill long before the rest: who finds both full waits for the end and
/// then moves others, as an insert does.
bool id_filter::fill(sub_table& t) {
  filled_.assign(t.buckets, 0);
  late_.clear();
  for (const std::uint64_t whole : moving_) {
    const std::uint32_t print = print_of(whole), first = first_bucket(t, whole);
    const std::uint32_t second = second_bucket(t, first, print);
    const bool in_first = filled_[first] <= filled_[second];
    std::uint8_t& taken = filled_[in_first ? first : second];
    if (taken == slots) {
      late_.push_back(whole);
      continue;
    }
    line(t, in_first ? first : second)[taken++] = print << 1 | (in_first ? 0u : 1u);
  }
  return std::ranges::all_of(late_, [&](std::uint64_t whole) { return insert(t, whole) == 0; });
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

#include "storage/rocksdb/run_sort.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "protocol/types/assert.hpp"

namespace payloom::storage {

namespace {
constexpr unsigned index_bits = 20;
constexpr std::uint64_t index_mask = (std::uint64_t{1} << index_bits) - 1;
static_assert(run_items_max == std::uint64_t{1} << index_bits);
constexpr unsigned digit_bits = 11;
constexpr std::size_t digits = std::size_t{1} << digit_bits;

bool id_less(const id_entry& a, const id_entry& b) { return a.tenant != b.tenant ? a.tenant < b.tenant : a.id < b.id; }
}  // namespace

void radix_sort(page_array<std::uint64_t>& items, unsigned first_bit) {
  std::uint64_t varying = 0;
  for (const std::uint64_t item : items) varying |= item ^ items[0];
  page_array<std::uint64_t> other(items.size());
  for (unsigned shift = first_bit; shift < 64; shift += digit_bits) {
    if ((varying >> shift & (digits - 1)) == 0) continue;
    std::array<std::uint32_t, digits> place{};
    for (const std::uint64_t item : items) ++place[item >> shift & (digits - 1)];
    std::uint32_t sum = 0;
    for (std::uint32_t& p : place) sum += std::exchange(p, sum);
    for (const std::uint64_t item : items) other[place[item >> shift & (digits - 1)]++] = item;
    items.swap(other);
  }
}

page_array<std::uint64_t> order_of_ids(std::span<const id_entry> ids) {
  PAYLOOM_ASSERT(ids.size() <= run_items_max);
  // The 44 bits below the ids' common prefix decide nearly always; the rest is mended below.
  u128 varying = 0;
  for (const id_entry& entry : ids) varying |= entry.id ^ ids[0].id;
  const auto width = static_cast<int>(hi64(varying) != 0 ? 64u + std::bit_width(hi64(varying))
                                                         : std::uint64_t{std::bit_width(lo64(varying))});
  const int shift = width > 44 ? width - 44 : 0;
  page_array<std::uint64_t> order(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) order[i] = lo64(ids[i].id >> shift) << index_bits | i;
  radix_sort(order, index_bits);
  bool one_tenant = true;
  for (const id_entry& entry : ids) one_tenant &= entry.tenant == ids[0].tenant;
  const auto less = [&](std::uint64_t a, std::uint64_t b) { return id_less(ids[a & index_mask], ids[b & index_mask]); };
  if (!one_tenant) {
    std::stable_sort(order.begin(), order.end(), less);
  } else {
    for (std::size_t from = 0; from < order.size();) {
      std::size_t to = from + 1;
      while (to < order.size() && (order[to] >> index_bits) == (order[from] >> index_bits)) ++to;
      if (to - from > 1) std::stable_sort(order.begin() + from, order.begin() + to, less);
      from = to;
    }
  }
  for (std::uint64_t& item : order) item &= index_mask;
  return order;
}

}  // namespace payloom::storage

#pragma once
// The packed lines of one account in one chunk: blocks of at most 512 lines, each opening with the account's posted
// sums before it, so that running balances are exact from any block on and a reader skips blocks without decoding them.
//   block = varint lines, varint payload bytes, varint first offset, varint debits before, varint credits before,
//   payload payload = per line varint (offset - previous offset) * 4 + posted * 2 + credit; the first line's difference
//   is 0
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/rocksdb/index_types.hpp"

namespace payloom::storage {

inline constexpr std::uint32_t entry_block_lines = 512;

/// Appends lines of one account in order of offset. `opening` gives the sums before the line at each block start.
class entry_packer {
 public:
  /// Starts a value; what was packed before is forgotten.
  void begin();
  /// True when the next line opens a block, whose sums `open_block` must then give.
  bool at_block_start() const { return lines_ == 0; }
  void open_block(std::uint32_t first_offset, u128 debits_before, u128 credits_before);
  void add(entry_mark mark);
  /// The finished value; lives until the next begin().
  const std::string& finish();

 private:
  void close_block();
  std::string value_, payload_;
  std::uint32_t lines_ = 0, first_ = 0, last_ = 0;
  u128 debits_ = 0, credits_ = 0;
};

/// One block as read.
struct entry_block {
  std::uint32_t lines = 0;
  std::uint32_t first_offset = 0;
  u128 debits_before = 0, credits_before = 0;
  std::string_view payload;
};

/// Takes the next block off `value`; false at the end. Throws storage_failure on bytes of another shape.
bool next_block(std::string_view& value, entry_block& out);

/// Calls `visit(entry_mark)` for each line of the block, in order.
template <class Visit>
void for_each_mark(const entry_block& block, Visit&& visit);

/// Takes one line off the payload; `offset` is the running offset. Throws storage_failure on a bad shape.
entry_mark next_mark(std::string_view& payload, std::uint32_t offset);

template <class Visit>
void for_each_mark(const entry_block& block, Visit&& visit) {
  std::string_view payload = block.payload;
  std::uint32_t offset = block.first_offset;
  for (std::uint32_t i = 0; i < block.lines; ++i) {
    const entry_mark mark = next_mark(payload, offset);
    offset = mark.offset;
    visit(mark);
  }
}

}  // namespace payloom::storage

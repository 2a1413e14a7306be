#include "storage/rocksdb/entry_blocks.hpp"

#include "protocol/types/assert.hpp"
#include "storage/ports.hpp"
#include "storage/rocksdb/varint.hpp"

namespace payloom::storage {

void entry_packer::begin() {
  value_.clear();
  payload_.clear();
  lines_ = 0;
}

void entry_packer::open_block(std::uint32_t first_offset, u128 debits_before, u128 credits_before) {
  PAYLOOM_ASSERT(lines_ == 0);
  first_ = last_ = first_offset;
  debits_ = debits_before;
  credits_ = credits_before;
}

void entry_packer::add(entry_mark mark) {
  PAYLOOM_ASSERT(mark.offset >= last_);
  const std::uint64_t difference = mark.offset - last_;
  put_varint(payload_, difference << 2 | (mark.posted ? 2u : 0u) | (mark.credit ? 1u : 0u));
  last_ = mark.offset;
  if (++lines_ == entry_block_lines) close_block();
}

void entry_packer::close_block() {
  put_varint(value_, lines_);
  put_varint(value_, std::uint64_t{payload_.size()});
  put_varint(value_, first_);
  put_varint(value_, debits_);
  put_varint(value_, credits_);
  value_ += payload_;
  payload_.clear();
  lines_ = 0;
}

const std::string& entry_packer::finish() {
  if (lines_ != 0) close_block();
  return value_;
}

bool next_block(std::string_view& value, entry_block& out) {
  if (value.empty()) return false;
  std::uint64_t lines = 0, bytes = 0, first = 0;
  const bool good = get_varint(value, lines) && get_varint(value, bytes) && get_varint(value, first) &&
                    get_varint(value, out.debits_before) && get_varint(value, out.credits_before) && lines > 0 &&
                    lines <= entry_block_lines && bytes <= value.size() && first <= ~std::uint32_t{0};
  if (!good) throw storage_failure("index: a block of account entries is damaged; rebuild the index");
  out.lines = static_cast<std::uint32_t>(lines);
  out.first_offset = static_cast<std::uint32_t>(first);
  out.payload = value.substr(0, bytes);
  value.remove_prefix(bytes);
  return true;
}

entry_mark next_mark(std::string_view& payload, std::uint32_t offset) {
  std::uint64_t packed = 0;
  if (!get_varint(payload, packed)) throw storage_failure("index: account entries are damaged; rebuild the index");
  return {offset + static_cast<std::uint32_t>(packed >> 2), (packed & 1) != 0, (packed & 2) != 0};
}

}  // namespace payloom::storage

#include "actors/core/channels/iso8583/iso_writer.hpp"

#include <cstring>

#include "protocol/types/assert.hpp"

namespace payloom::core {

namespace {

void write_digits(char* to, std::size_t digits, std::uint64_t value) {
  for (std::size_t i = digits; i > 0; --i) {
    to[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  PAYLOOM_ASSERT(value == 0);
}

void write_big_endian(char* to, std::uint64_t value, int bytes) {
  for (int i = bytes; i > 0; --i) {
    to[i - 1] = static_cast<char>(value & 0xff);
    value >>= 8;
  }
}

}  // namespace

iso_writer::iso_writer(std::vector<char>& out, std::uint16_t type)
    : out_(out), begin_(out.size()), type_row_(find_message_row(type)) {
  PAYLOOM_ASSERT(type_row_ != nullptr);
  out.resize(begin_ + iso_frame_head + iso_message_max);
  start_ = out.data() + begin_;
  write_digits(start_ + iso_frame_head, 4, type);
  size_ = iso_frame_head + 4 + (type_row_->second_bitmap ? 16 : 8);
}

char* iso_writer::begin(iso_field field, std::size_t size) {
  const auto number = static_cast<unsigned>(field);
  const iso_field_row& row = iso_field_rows[row_of(field)];
  PAYLOOM_ASSERT(number > newest_ && (number <= 64 || type_row_->second_bitmap));
  PAYLOOM_ASSERT(row.length == iso_length::fixed ? size == row.size : size <= row.size);
  newest_ = number;
  written_ |= set_of(field);
  bitmaps_[(number - 1) / 64] |= std::uint64_t{1} << (63 - (number - 1) % 64);
  const auto digits = static_cast<std::size_t>(row.length);
  write_digits(start_ + size_, digits, digits == 0 ? 0 : size);
  char* const content = start_ + size_ + digits;
  size_ += digits + size;
  PAYLOOM_ASSERT(size_ <= iso_frame_head + iso_message_max);
  return content;
}

void iso_writer::text(iso_field field, std::string_view characters) {
  std::memcpy(begin(field, characters.size()), characters.data(), characters.size());
}

void iso_writer::number(iso_field field, std::uint64_t value) {
  const std::size_t digits = iso_field_rows[row_of(field)].size;
  write_digits(begin(field, digits), digits, value);
}

void iso_writer::identity(iso_field field, u128 id) {
  char* const to = begin(field, 32);
  for (int i = 31; i >= 0; --i) {
    to[i] = "0123456789abcdef"[static_cast<unsigned>(id & 0xf)];
    id >>= 4;
  }
}

void iso_writer::finish() {
  PAYLOOM_ASSERT((type_row_->needed & ~written_) == 0);
  if (type_row_->second_bitmap) {
    bitmaps_[0] |= std::uint64_t{1} << 63;
    write_big_endian(start_ + iso_frame_head + 4 + 8, bitmaps_[1], 8);
  }
  write_big_endian(start_ + iso_frame_head + 4, bitmaps_[0], 8);
  write_big_endian(start_, size_ - iso_frame_head, 2);
  out_.resize(begin_ + size_);
}

}  // namespace payloom::core

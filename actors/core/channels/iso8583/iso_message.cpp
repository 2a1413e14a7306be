#include "actors/core/channels/iso8583/iso_message.hpp"

#include <bit>

namespace payloom::core {

namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool fits(char c, iso_class characters) {
  switch (characters) {
    case iso_class::digits:
      return is_digit(c);
    case iso_class::letters:
      return is_digit(c) || is_letter(c) || c == ' ';
    case iso_class::printable:
      return c >= 0x20 && c <= 0x7e;
  }
  return false;
}

std::uint64_t bitmap_at(const char* bytes) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
  return bits;
}

/// Reads on through the bytes of one message; every step looks first whether they are there.
class cursor {
 public:
  explicit cursor(std::span<const char> bytes) : bytes_(bytes) {}
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  const char* here() const { return bytes_.data() + at_; }
  void skip(std::size_t n) { at_ += n; }
  iso_problem problem(iso_error code, unsigned field, std::size_t offset) const {
    return {code, static_cast<std::uint8_t>(field), static_cast<std::uint16_t>(offset)};
  }
  iso_problem problem(iso_error code, unsigned field) const { return problem(code, field, at_); }

  /// The size of a field's content, behind its length digits.
  iso_problem size_of(const iso_field_row& row, std::size_t& size) {
    const auto number = static_cast<unsigned>(row.field);
    size = row.size;
    const auto digits = static_cast<std::size_t>(row.length);
    if (digits == 0) return {};
    if (left() < digits) return problem(iso_error::cut_short, number);
    size = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(here()[i])) return problem(iso_error::length_wrong, number, at_ + i);
      size = size * 10 + static_cast<std::size_t>(here()[i] - '0');
    }
    if (size > row.size) return problem(iso_error::length_wrong, number);
    skip(digits);
    return {};
  }

  iso_problem content(const iso_field_row& row, std::size_t size) {
    const auto number = static_cast<unsigned>(row.field);
    if (left() < size) return problem(iso_error::cut_short, number);
    for (std::size_t i = 0; i < size; ++i)
      if (!fits(here()[i], row.characters)) return problem(iso_error::character_wrong, number, at_ + i);
    skip(size);
    return {};
  }

 private:
  std::span<const char> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

iso_problem iso_message::read(std::span<const char> bytes, iso_message& out) {
  PAYLOOM_ASSERT(bytes.size() <= iso_message_max);
  out.type_ = 0;
  out.fields_ = 0;
  out.base_ = bytes.data();
  cursor c(bytes);
  if (c.left() < 4 + 8) return c.problem(iso_error::cut_short, 0, bytes.size());
  std::uint16_t type = 0;
  for (int i = 0; i < 4; ++i) {
    if (!is_digit(c.here()[i])) return c.problem(iso_error::type_unknown, 0);
    type = static_cast<std::uint16_t>(type * 10 + (c.here()[i] - '0'));
  }
  const iso_message_row* row_of_type = find_message_row(type);
  if (row_of_type == nullptr) return c.problem(iso_error::type_unknown, 0);
  c.skip(4);
  std::array<std::uint64_t, 2> bitmaps = {bitmap_at(c.here()), 0};
  c.skip(8);
  constexpr std::uint64_t first_bit = std::uint64_t{1} << 63;  // of the first bitmap: a second one follows
  if ((bitmaps[0] & first_bit) != 0) {
    if (c.left() < 8) return c.problem(iso_error::cut_short, 0, bytes.size());
    bitmaps[0] &= ~first_bit;
    bitmaps[1] = bitmap_at(c.here());
    c.skip(8);
  }
  iso_field_set found = 0;
  for (unsigned half = 0; half < 2; ++half) {
    for (std::uint64_t bits = bitmaps[half]; bits != 0;) {
      const auto bit = static_cast<unsigned>(std::countl_zero(bits));
      bits &= ~(first_bit >> bit);
      const unsigned number = half * 64 + bit + 1;
      const std::uint8_t row = iso_row_of_number[number];
      if (row == iso_no_row) return c.problem(iso_error::field_unknown, number);
      std::size_t size = 0;
      if (const iso_problem p = c.size_of(iso_field_rows[row], size)) return p;
      out.places_[row] = {static_cast<std::uint16_t>(c.at()), static_cast<std::uint16_t>(size)};
      if (const iso_problem p = c.content(iso_field_rows[row], size)) return p;
      found |= iso_field_set{1} << row;
    }
  }
  if (c.left() != 0) return c.problem(iso_error::left_over, 0);
  if (const iso_field_set missing = row_of_type->needed & ~found; missing != 0) {
    const iso_field_row& first = iso_field_rows[static_cast<std::size_t>(std::countr_zero(missing))];
    return c.problem(iso_error::field_missing, static_cast<unsigned>(first.field));
  }
  out.type_ = type;
  out.fields_ = found;
  return {};
}

std::uint64_t iso_message::number(iso_field field) const {
  const std::string_view digits = text(field);
  PAYLOOM_ASSERT(iso_field_rows[row_of(field)].characters == iso_class::digits && digits.size() <= 18);
  std::uint64_t n = 0;
  for (const char c : digits) n = n * 10 + static_cast<std::uint64_t>(c - '0');
  return n;
}

std::optional<u128> read_identity(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  u128 id = 0;
  for (const char c : text) {
    unsigned digit = 0;
    if (is_digit(c)) {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    id = id << 4 | digit;
  }
  return id;
}

}  // namespace payloom::core

#pragma once
// Times and references as the fields hold them.
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "protocol/types/ids.hpp"

namespace payloom::core {

/// Date and time of one second (UTC) as digits: MMDDhhmmss.
class iso_stamp {
 public:
  /// Made again only when the second is another one than before.
  void set(time_ns now) {
    const std::uint64_t second = now / 1'000'000'000;
    if (second == second_) return;
    second_ = second;
    const std::chrono::sys_seconds time{std::chrono::seconds(second)};
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day day(days);
    const std::uint64_t of_day = second % 86'400;
    put(0, static_cast<unsigned>(day.month()));
    put(2, static_cast<unsigned>(day.day()));
    put(4, static_cast<unsigned>(of_day / 3600));
    put(6, static_cast<unsigned>(of_day / 60 % 60));
    put(8, static_cast<unsigned>(of_day % 60));
  }
  std::string_view transmitted() const { return {digits_.data(), 10}; }
  std::string_view date() const { return {digits_.data(), 4}; }
  std::string_view time() const { return {digits_.data() + 4, 6}; }

 private:
  void put(std::size_t at, unsigned two_digits) {
    digits_[at] = static_cast<char>('0' + two_digits / 10);
    digits_[at + 1] = static_cast<char>('0' + two_digits % 10);
  }

  std::uint64_t second_ = ~std::uint64_t{0};
  std::array<char, 10> digits_{};
};

using iso_reference = std::array<char, 12>;

/// A retrieval reference number: nanoseconds, or one more than the last, in base 36. So a line never gives one twice,
/// not even after a restart, as long as the clock does not go back.
class iso_references {
 public:
  iso_reference draw(time_ns now) {
    last_ = now > last_ ? now : last_ + 1;
    iso_reference text;
    std::uint64_t rest = last_;
    for (std::size_t i = text.size(); i > 0; --i) {
      text[i - 1] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest % 36];
      rest /= 36;
    }
    return text;
  }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace payloom::core

#pragma once
// Days of the calendar as numbers (20261123): UTC, Gregorian, proleptic. Pure; any thread.
#include <chrono>
#include <cstdint>

#include "protocol/types/ids.hpp"

namespace payloom {

using day_number = std::uint32_t;  ///< yyyymmdd; 0 = none

constexpr day_number day_number_of(std::chrono::sys_days days) {
  const std::chrono::year_month_day day(days);
  return static_cast<day_number>(static_cast<int>(day.year())) * 10'000 + static_cast<unsigned>(day.month()) * 100 +
         static_cast<unsigned>(day.day());
}

/// The day (UTC) of a time.
constexpr day_number utc_day_of(time_ns time) {
  return day_number_of(
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(time / 1'000'000'000))));
}

constexpr std::chrono::year_month_day calendar_day(day_number day) {
  return {std::chrono::year(static_cast<int>(day / 10'000)), std::chrono::month(day / 100 % 100),
          std::chrono::day(day % 100)};
}

/// A day that exists, from 1970 on.
constexpr bool is_day(day_number day) { return day >= 19'700'101 && day <= 99'991'231 && calendar_day(day).ok(); }

/// `day` must be one.
constexpr day_number plus_days(day_number day, int days) {
  return day_number_of(std::chrono::sys_days(calendar_day(day)) + std::chrono::days(days));
}

/// 0 = Sunday .. 6 = Saturday.
constexpr unsigned weekday_of(day_number day) {
  return std::chrono::weekday(std::chrono::sys_days(calendar_day(day))).c_encoding();
}

}  // namespace payloom

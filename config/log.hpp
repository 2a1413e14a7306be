#pragma once
// Structured log: one line per event that an operator cares about, as logfmt or JSON, to stderr. None per transfer: the
// data path has counters (`payloom stats`) instead. Use: log(log_level::info, "listening", {{"address", text}});
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

#include "config/settings.hpp"

namespace payloom::config {

/// A value of a field; texts must live until `log` returns.
class log_value {
 public:
  log_value(std::string_view v) : value_(v) {}
  log_value(const char* v) : value_(std::string_view(v)) {}
  log_value(const std::string& v) : value_(std::string_view(v)) {}
  log_value(bool v) : value_(v) {}
  log_value(double v) : value_(v) {}
  template <std::signed_integral T>
  requires(!std::same_as<T, char>) log_value(T v) : value_(static_cast<std::int64_t>(v)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) log_value(T v) : value_(static_cast<std::uint64_t>(v)) {}

  const auto& get() const { return value_; }

 private:
  std::variant<std::string_view, bool, double, std::int64_t, std::uint64_t> value_;
};

struct log_field {
  std::string_view key;  ///< snake_case, with its unit: "sync_us"
  log_value value;
};

/// Writes lines. Thread-safe: each line goes out whole. An event name is written at most `lines_per_second` times a
/// second; the next line after a gap says how many were dropped (`suppressed`). At most `names_max` names are told
/// apart; further ones share one allowance.
class logger {
 public:
  using sink = std::function<void(std::string_view line)>;  ///< gets one line with its newline
  struct clocks {
    std::function<std::chrono::steady_clock::time_point()> steady;
    std::function<std::chrono::system_clock::time_point()> wall;
  };
  static constexpr std::uint32_t lines_per_second = 20;
  static constexpr std::size_t names_max = 1024;

  logger(log_level least, log_format format, sink out, clocks now);

  void configure(log_level least, log_format format);
  void log(log_level level, std::string_view event, std::initializer_list<log_field> fields);

 private:
  struct allowance {
    std::chrono::steady_clock::time_point window_start;
    std::uint32_t written = 0;
    std::uint64_t suppressed = 0;
  };

  // True when a line may be written now; `suppressed` gets what was dropped before it.
  bool admit(std::string_view event, std::uint64_t& suppressed);

  std::mutex mutex_;  // guards all below
  log_level least_;
  log_format format_;
  sink out_;
  clocks now_;
  std::map<std::string, allowance, std::less<>> allowances_;
};

/// The process's log to stderr; info and logfmt until `configure_log`.
void log(log_level level, std::string_view event, std::initializer_list<log_field> fields = {});
void configure_log(const log_settings& wanted);

}  // namespace payloom::config

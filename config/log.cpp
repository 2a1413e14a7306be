#include "config/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <utility>

namespace payloom::config {
namespace {

constexpr std::string_view level_words[] = {"debug", "info", "warn", "error"};

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

void append_logfmt_string(std::string& out, std::string_view text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '=' && c != '\\' && c != 0x7f;
  });
  if (plain) {
    out += text;
  } else {
    append_json_string(out, text);
  }
}

void append_value(std::string& out, log_format format, const log_value& value) {
  const auto append = [&]<class T>(const T& v) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      format == log_format::json ? append_json_string(out, v) : append_logfmt_string(out, v);
    } else if constexpr (std::is_same_v<T, double>) {
      // JSON has no words for infinity and not-a-number.
      out += std::isfinite(v) ? fmt::format("{:.6g}", v) : std::string("null");
    } else {
      out += fmt::format("{}", v);
    }
  };
  std::visit(append, value.get());
}

void append_field(std::string& out, log_format format, std::string_view key, const log_value& value) {
  if (format == log_format::json) {
    out += out.empty() ? "{" : ",";
    append_json_string(out, key);
    out.push_back(':');
  } else {
    if (!out.empty()) out.push_back(' ');
    out += key;
    out.push_back('=');
  }
  append_value(out, format, value);
}

std::string time_text(std::chrono::system_clock::time_point at) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(millis / 1000)),
                     millis % 1000);
}

// One write per line, so that lines of several processes on one terminal do not mix.
void write_stderr(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody reads stderr: the server goes on without its log
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

logger& process_log() {
  static logger instance(
      log_level::info, log_format::logfmt, write_stderr,
      {[] { return std::chrono::steady_clock::now(); }, [] { return std::chrono::system_clock::now(); }});
  return instance;
}

}  // namespace

logger::logger(log_level least, log_format format, sink out, clocks now)
    : least_(least), format_(format), out_(std::move(out)), now_(std::move(now)) {}

void logger::configure(log_level least, log_format format) {
  const std::lock_guard lock(mutex_);
  least_ = least;
  format_ = format;
}

bool logger::admit(std::string_view event, std::uint64_t& suppressed) {
  const auto now = now_.steady();
  auto at = allowances_.find(event);
  if (at == allowances_.end()) {
    if (allowances_.size() >= names_max) event = "other";
    at = allowances_.try_emplace(std::string(event), allowance{now, 0, 0}).first;
  }
  allowance& a = at->second;
  if (now - a.window_start >= std::chrono::seconds(1)) {
    a.window_start = now;
    a.written = 0;
  }
  if (a.written >= lines_per_second) {
    ++a.suppressed;
    return false;
  }
  ++a.written;
  suppressed = std::exchange(a.suppressed, 0);
  return true;
}

void logger::log(log_level level, std::string_view event, std::initializer_list<log_field> fields) {
  const std::lock_guard lock(mutex_);
  std::uint64_t suppressed = 0;
  if (level < least_ || !admit(event, suppressed)) return;
  std::string line;
  append_field(line, format_, "time", time_text(now_.wall()));
  append_field(line, format_, "level", level_words[static_cast<std::size_t>(level)]);
  if (format_ == log_format::json) {
    append_field(line, format_, "event", event);
  } else {
    line += ' ';
    line += event;
  }
  for (const log_field& f : fields) append_field(line, format_, f.key, f.value);
  if (suppressed != 0) append_field(line, format_, "suppressed", suppressed);
  line += format_ == log_format::json ? "}\n" : "\n";
  out_(line);
}

void log(log_level level, std::string_view event, std::initializer_list<log_field> fields) {
  process_log().log(level, event, fields);
}

void configure_log(const log_settings& wanted) { process_log().configure(wanted.level, wanted.format); }

}  // namespace payloom::config

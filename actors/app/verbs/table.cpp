#include "actors/app/verbs/table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/types/assert.hpp"

namespace payloom::verbs {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.-+%") == std::string::npos;
}

bool is_table(const json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const json& row) { return row.is_object(); });
}

bool is_flat(const json& value) {
  return !value.is_structured() || (value.is_array() && std::none_of(value.begin(), value.end(),
                                                                     [](const json& v) { return v.is_structured(); }));
}

std::string table_of(const json& rows) {
  std::vector<std::string> columns;
  for (const json& row : rows) {
    for (const auto& [key, value] : row.items()) {
      if (std::find(columns.begin(), columns.end(), key) == columns.end()) columns.push_back(key);
    }
  }
  table out(columns);
  for (const json& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) cells.push_back(row.contains(column) ? cell(row[column]) : "");
    out.add(std::move(cells));
  }
  return out.text();
}

}  // namespace

std::string table::text() const {
  std::vector<std::size_t> widths;
  std::vector<bool> numbers;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = columns_[c].size();
    bool all_numbers = !rows_.empty();
    for (const auto& row : rows_) {
      PAYLOOM_ASSERT(row.size() == columns_.size());
      width = std::max(width, row[c].size());
      all_numbers = all_numbers && (row[c].empty() || is_number(row[c]));
    }
    widths.push_back(width);
    numbers.push_back(all_numbers);
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c > 0) text += "  ";
      text += numbers[c] ? fmt::format("{:>{}}", cells[c], widths[c]) : fmt::format("{:<{}}", cells[c], widths[c]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line(columns_);
  for (const auto& row : rows_) line(row);
  return out;
}

std::string cell(const json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{:.2f}", value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const json& one : value) {
    if (!out.empty()) out += ',';
    out += cell(one);
  }
  return out;
}

std::string json_text(const json& value, const std::string& title) {
  std::string out;
  const std::string heading = title.empty() ? "" : "\n" + title + "\n";
  if (is_table(value)) return heading + table_of(value);
  if (!value.is_object()) return heading + cell(value) + "\n";
  std::size_t width = 0;
  for (const auto& [key, one] : value.items()) width = std::max(width, is_flat(one) ? key.size() : 0);
  for (const auto& [key, one] : value.items()) {
    if (is_flat(one)) out += fmt::format("{:<{}}  {}\n", key, width, cell(one));
  }
  if (!out.empty()) out = heading + out;
  for (const auto& [key, one] : value.items()) {
    if (!is_flat(one)) out += json_text(one, title.empty() ? key : title + " / " + key);
  }
  return out;
}

void line(std::string& out, std::string_view name, const std::string& value) {
  if (!value.empty()) out += fmt::format("{:<16}  {}\n", name, value);
}

}  // namespace payloom::verbs

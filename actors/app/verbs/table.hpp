#pragma once
// Plain tables for people, from rows of text or from any JSON.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace payloom::verbs {

using json = nlohmann::ordered_json;

class table {
 public:
  explicit table(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  /// As many cells as columns.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  /// Columns padded to their widest cell; those with numbers only are right-aligned.
  std::string text() const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Any JSON as tables: an object as name and value, an array of objects as a table with their names as columns; nested
/// ones follow under their name.
std::string json_text(const json& value, const std::string& title = "");

/// A single value as people read it: numbers without exponent, lists with commas.
std::string cell(const json& value);

/// A line of a description: its name, then its value; nothing when the value is empty.
void line(std::string& out, std::string_view name, const std::string& value);

}  // namespace payloom::verbs

#pragma once
// The shipped payment catalogue with changes: the next version of it, or a wrong one. As texts, or as a folder.
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "config/payments/shipped_payments.hpp"

namespace payloom::support {

class edited_catalog {
 public:
  edited_catalog() {
    for (const config::shipped_file& f : config::shipped_files()) texts_[std::string(f.name)] = f.text;
  }
  /// In all files that say one.
  edited_catalog& version(std::uint32_t number) {
    for (auto& [name, text] : texts_) {
      const std::string before = "\nversion: ";
      const std::size_t at = text.find(before);
      if (at == std::string::npos) continue;
      const std::size_t from = at + before.size();
      text = text.substr(0, from) + std::to_string(number) + text.substr(text.find('\n', from));
    }
    return *this;
  }
  /// The first `from` of a file; one that is not there is a mistake of the test.
  edited_catalog& replace(const std::string& file, std::string_view from, std::string_view to) {
    std::string& text = texts_.at(file);
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw std::logic_error(file + " does not hold " + std::string(from));
    text = text.substr(0, at) + std::string(to) + text.substr(at + from.size());
    return *this;
  }
  /// A line of the catalogue's header.
  edited_catalog& header(const std::string& line) {
    return replace("business_map.yaml", "\ntools:\n", "\n" + line + "\ntools:\n");
  }
  std::string operator()(std::string_view name) const { return texts_.at(std::string(name)); }

  void write(const std::filesystem::path& folder) const {
    std::filesystem::create_directories(folder);
    for (const auto& [name, text] : texts_) std::ofstream(folder / name) << text;
  }

 private:
  std::map<std::string, std::string> texts_;
};

}  // namespace payloom::support

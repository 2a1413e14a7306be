#pragma once
// A directory of its own for one test, removed with everything in it.
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace payloom::support {

class temporary_directory {
 public:
  /// Below the system's temporary directory (TMPDIR). Throws std::runtime_error.
  explicit temporary_directory(const std::string& name = "payloom-test") {
    std::string text = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
    if (::mkdtemp(text.data()) == nullptr) throw std::runtime_error("cannot make a directory like " + text);
    path_ = text;
  }
  ~temporary_directory() {
    std::error_code ignored;
    if (!kept_) std::filesystem::remove_all(path_, ignored);
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Leaves it where it is: for someone who has to look at what went wrong.
  void keep() { kept_ = true; }

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

}  // namespace payloom::support

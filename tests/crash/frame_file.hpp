#pragma once
// The acknowledged frames of a run, outside memory: appended with their results, read again by number. Single thread.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/crash/load_frame.hpp"

namespace payloom::crash {

class frame_file {
 public:
  /// Creates it. Throws std::runtime_error, as everything here does when the disk says no.
  explicit frame_file(const std::string& path);
  ~frame_file();
  frame_file(const frame_file&) = delete;
  frame_file& operator=(const frame_file&) = delete;

  void append(const load_frame& frame);
  load_frame read(std::size_t number) const;
  std::size_t size() const { return offsets_.size(); }

 private:
  int fd_ = -1;
  std::uint64_t end_ = 0;
  std::vector<std::uint64_t> offsets_;
};

}  // namespace payloom::crash

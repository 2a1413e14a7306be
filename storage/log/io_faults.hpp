#pragma once
// The place where tests make the operating system fail. In production there is none (a null pointer).
#include <cstdint>
#include <string>

namespace payloom::storage {

enum class io_op : std::uint8_t { open, read, write, sync, allocate, rename, remove };

/// Asked before each call to the operating system, from every thread of the log; must be thread-safe.
class io_faults {
 public:
  virtual ~io_faults() = default;
  /// 0 lets the call happen; an errno value makes it fail with that, without happening.
  virtual int before(io_op op, const std::string& path) = 0;
};

}  // namespace payloom::storage

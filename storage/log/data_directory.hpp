#pragma once
// The folder that holds one partition's data: lock, format and stamp. Layout: FORMAT (text), LOCK, journal/.
#include <cstdint>
#include <string>

#include "protocol/types/u128.hpp"
#include "storage/log/file.hpp"

namespace payloom::storage {

inline constexpr std::uint32_t data_format = 2;  ///< version of everything in it; another one is refused

/// Whose data it is. Repeated in every segment's header.
struct data_stamp {
  u128 cluster = 0;  ///< random, made at init
  std::uint32_t partition = 0;
  bool shadow = false;
  friend bool operator==(const data_stamp&, const data_stamp&) = default;
};

/// Makes an empty data directory at `path` (created with its parents when missing; an existing folder must be empty).
/// Throws directory_refused when there is one already or something else is in the way; safe to repeat after a crash.
void init_data_directory(const std::string& path, const data_stamp& stamp);

/// Reads the stamp without locking. Throws directory_refused.
data_stamp read_data_stamp(const std::string& path);

/// True when `path` holds an initialised data directory (of whatever format).
bool is_data_directory(const std::string& path);

/// An opened, locked data directory; the lock lasts as long as the object. Movable.
class data_directory {
 public:
  /// Throws directory_refused: not initialised, newer format, damaged, or used by another process.
  explicit data_directory(const std::string& path);

  const std::string& path() const { return path_; }
  std::string journal_path() const { return path_ + "/journal"; }
  const data_stamp& stamp() const { return stamp_; }

 private:
  std::string path_;
  file lock_;
  data_stamp stamp_;
};

}  // namespace payloom::storage

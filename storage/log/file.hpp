#pragma once
// One open file and the calls the log makes on it. Calls answer 0 or an errno value; what an error means is the
// caller's decision. Interrupted calls are repeated.
#include <cstdint>
#include <span>
#include <string>

#include "storage/log/io_faults.hpp"

namespace payloom::storage {

/// How a file is opened. Direct I/O falls back to buffered where the file system has none (tmpfs).
struct file_mode {
  bool write = false;
  bool create = false;  ///< must not exist yet
  bool direct = false;  ///< O_DIRECT: buffers, offsets and sizes are multiples of sector_bytes
  bool synced = false;  ///< O_DSYNC: a write returns when it is durable
  bool random = false;  ///< through the page cache, but without reading ahead: only what is asked for gets cached
};

/// Movable owner of a descriptor. Reads at offsets are thread-safe, everything else is the owner's.
class file {
 public:
  file() = default;
  file(file&& other) noexcept;
  file& operator=(file&& other) noexcept;
  ~file();

  /// 0, or errno with `out` closed.
  static int open(const std::string& path, file_mode mode, io_faults* faults, file& out);

  bool is_open() const { return fd_ >= 0; }
  const std::string& path() const { return path_; }
  void close();

  /// Reads exactly `bytes` from `offset`; EIO when the file ends before.
  int read(std::span<std::byte> bytes, std::uint64_t offset) const;
  /// The same, if the page cache has all of it; false without waiting otherwise (or where that cannot be asked).
  bool read_cached(std::span<std::byte> bytes, std::uint64_t offset) const;
  /// Lets the system read the pages of these bytes into its cache meanwhile. Only a hint.
  void want(std::uint64_t offset, std::uint64_t bytes) const;
  /// Writes all of `bytes` at `offset` with one call; a short write is EIO.
  int write(std::span<const std::byte> bytes, std::uint64_t offset) const;
  int sync() const;
  /// Reserves `bytes` from the start and makes that the size.
  int allocate(std::uint64_t bytes) const;
  /// Size in bytes.
  int size(std::uint64_t& out) const;
  /// Exclusive lock held until close; EWOULDBLOCK when another process has it.
  int lock() const;

 private:
  int fd_ = -1;
  std::string path_;
  io_faults* faults_ = nullptr;
};

/// rename(2) and unlink(2) with faults.
int rename_file(const std::string& from, const std::string& to, io_faults* faults);
int remove_file(const std::string& path, io_faults* faults);
/// Makes the entries of a directory durable.
int sync_directory(const std::string& path, io_faults* faults);

/// Throws storage_failure "<what> <path>: <error text>" when `error` is not 0.
void require(int error, const char* what, const std::string& path);
/// True for the errors of a full disk or quota.
bool is_out_of_space(int error);

}  // namespace payloom::storage

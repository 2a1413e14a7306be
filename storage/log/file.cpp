#include "storage/log/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "storage/ports.hpp"

namespace payloom::storage {

namespace {

int ask(io_faults* faults, io_op op, const std::string& path) {
  return faults == nullptr ? 0 : faults->before(op, path);
}

/// Repeats a call that was interrupted; its result, or -1 with errno.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace

file::file(file&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), faults_(other.faults_) {}

file& file::operator=(file&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    path_ = std::move(other.path_);
    faults_ = other.faults_;
  }
  return *this;
}

file::~file() { close(); }

void file::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

int file::open(const std::string& path, file_mode mode, io_faults* faults, file& out) {
  out.close();
  if (const int error = ask(faults, io_op::open, path)) return error;
  int flags = O_CLOEXEC | (mode.write ? O_RDWR : O_RDONLY);
  if (mode.create) flags |= O_CREAT | O_EXCL;
  if (mode.synced) flags |= O_DSYNC;
  const auto try_open = [&](int more) {
    return uninterrupted([&] { return ::open(path.c_str(), flags | more, 0600); });
  };
  int fd = try_open(mode.direct ? O_DIRECT : 0);
  if (fd < 0 && errno == EINVAL && mode.direct) {
    if (mode.create) ::unlink(path.c_str());  // the refused call may have made it
    fd = try_open(0);
  }
  if (fd < 0) return errno;
  if (mode.random) ::posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
  out.fd_ = fd;
  out.path_ = path;
  out.faults_ = faults;
  return 0;
}

int file::read(std::span<std::byte> bytes, std::uint64_t offset) const {
  if (const int error = ask(faults_, io_op::read, path_)) return error;
  while (!bytes.empty()) {
    const auto got =
        uninterrupted([&] { return ::pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (got < 0) return errno;
    if (got == 0) return EIO;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return 0;
}

bool file::read_cached(std::span<std::byte> bytes, std::uint64_t offset) const {
  if (faults_ != nullptr) return false;  // faults are asked before ordinary reads
  const iovec piece{bytes.data(), bytes.size()};
  const auto got = ::preadv2(fd_, &piece, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  return got >= 0 && static_cast<std::size_t>(got) == bytes.size();
}

void file::want(std::uint64_t offset, std::uint64_t bytes) const {
  ::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);
}

int file::write(std::span<const std::byte> bytes, std::uint64_t offset) const {
  if (const int error = ask(faults_, io_op::write, path_)) return error;
  const auto put = uninterrupted([&] { return ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
  if (put < 0) return errno;
  return static_cast<std::size_t>(put) == bytes.size() ? 0 : EIO;
}

int file::sync() const {
  if (const int error = ask(faults_, io_op::sync, path_)) return error;
  return uninterrupted([&] { return ::fsync(fd_); }) < 0 ? errno : 0;
}

int file::allocate(std::uint64_t bytes) const {
  if (const int error = ask(faults_, io_op::allocate, path_)) return error;
  int error = 0;
  do {
    error = ::posix_fallocate(fd_, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  return error;
}

int file::size(std::uint64_t& out) const {
  struct stat info {};
  if (::fstat(fd_, &info) < 0) return errno;
  out = static_cast<std::uint64_t>(info.st_size);
  return 0;
}

int file::lock() const {
  return uninterrupted([&] { return ::flock(fd_, LOCK_EX | LOCK_NB); }) < 0 ? errno : 0;
}

int rename_file(const std::string& from, const std::string& to, io_faults* faults) {
  if (const int error = ask(faults, io_op::rename, to)) return error;
  return ::rename(from.c_str(), to.c_str()) < 0 ? errno : 0;
}

int remove_file(const std::string& path, io_faults* faults) {
  if (const int error = ask(faults, io_op::remove, path)) return error;
  return ::unlink(path.c_str()) < 0 ? errno : 0;
}

int sync_directory(const std::string& path, io_faults* faults) {
  if (const int error = ask(faults, io_op::sync, path)) return error;
  const int fd = uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) return errno;
  const int error = uninterrupted([&] { return ::fsync(fd); }) < 0 ? errno : 0;
  ::close(fd);
  return error;
}

void require(int error, const char* what, const std::string& path) {
  if (error != 0) throw storage_failure(std::string(what) + " " + path + ": " + std::strerror(error));
}

bool is_out_of_space(int error) { return error == ENOSPC || error == EDQUOT; }

}  // namespace payloom::storage

#pragma once
// Memory for groups: aligned to a sector, as direct I/O and the 16-byte records need it.
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>

#include "storage/codec/format.hpp"

namespace payloom::storage {

/// A buffer aligned to sector_bytes whose size is a multiple of it. Movable; the bytes stay where they are.
/// Throws std::bad_alloc. Owned by one thread.
class aligned_buffer {
 public:
  enum class content { zeros, undefined };

  aligned_buffer() = default;

  /// At least `bytes` bytes. Zeroing touches every page, so that no page fault happens later on a hot path; undefined
  /// bytes are for buffers that are read into and may stay unused in part.
  explicit aligned_buffer(std::size_t bytes, content initial = content::zeros)
      : size_((bytes + sector_bytes - 1) / sector_bytes * sector_bytes) {
    data_.reset(static_cast<std::byte*>(std::aligned_alloc(sector_bytes, size_ == 0 ? sector_bytes : size_)));
    if (!data_) throw std::bad_alloc();
    if (initial == content::zeros) std::memset(data_.get(), 0, size_);
  }

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::span<std::byte> first(std::size_t bytes) { return {data_.get(), bytes}; }
  std::span<const std::byte> first(std::size_t bytes) const { return {data_.get(), bytes}; }

 private:
  struct release {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, release> data_;
  std::size_t size_ = 0;
};

/// `bytes` rounded up to whole sectors.
constexpr std::size_t padded_bytes(std::size_t bytes) {
  return (bytes + sector_bytes - 1) / sector_bytes * sector_bytes;
}

}  // namespace payloom::storage

#pragma once
// A growable array of plain values in pages of its own, given back to the system when freed: chunk-sized scratch memory
// must not stay in the allocator between chunks. Not thread-safe.
#include <sys/mman.h>

#include <algorithm>

#include <cstddef>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace payloom::storage {

template <class T>
class page_array {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  page_array() = default;
  /// `size` zeroed values.
  explicit page_array(std::size_t size) { resize(size); }
  page_array(page_array&& other) noexcept { swap(other); }
  page_array& operator=(page_array&& other) noexcept {
    page_array gone(std::move(other));
    swap(gone);
    return *this;
  }
  page_array(const page_array&) = delete;
  page_array& operator=(const page_array&) = delete;
  ~page_array() { clear(); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::size_t capacity_bytes() const { return capacity_ * sizeof(T); }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  void push_back(const T& value) {
    if (size_ == capacity_) reserve(size_ < 1024 ? 2048 : size_ * 2);
    data_[size_++] = value;
  }
  void append(std::span<const T> values) {
    if (size_ + values.size() > capacity_) reserve(std::max<std::size_t>((size_ + values.size()) * 2, 2048));
    if (!values.empty()) std::memcpy(data_ + size_, values.data(), values.size_bytes());
    size_ += values.size();
  }
  /// New values are zero when the array only ever grew (fresh pages are).
  void resize(std::size_t size) {
    if (size > capacity_) reserve(size);
    size_ = size;
  }
  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    void* pages = capacity_ == 0
                      ? mmap(nullptr, capacity * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                      : mremap(data_, capacity_ * sizeof(T), capacity * sizeof(T), MREMAP_MAYMOVE);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<T*>(pages);
    capacity_ = capacity;
    // Fewer page faults on arrays that are filled once and freed. Only a hint.
    if (capacity * sizeof(T) >= huge_page_bytes) madvise(pages, capacity * sizeof(T), MADV_HUGEPAGE);
  }
  /// Forgets the values and gives the pages back.
  void clear() {
    if (capacity_ != 0) munmap(data_, capacity_ * sizeof(T));
    data_ = nullptr;
    size_ = capacity_ = 0;
  }
  void swap(page_array& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  static constexpr std::size_t huge_page_bytes = 2u << 20;
  T* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace payloom::storage

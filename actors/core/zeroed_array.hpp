#pragma once
// A large array that begins as zero bytes, on huge pages where it is large enough: random access to tables of many
// megabytes is bound by address translation otherwise. T must be good as zero bytes. Owner frees; not copyable.
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include <sys/mman.h>

namespace payloom::core {

template <class T>
class zeroed_array {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  zeroed_array() = default;
  explicit zeroed_array(std::size_t count) {
    bytes_ = (count * sizeof(T) + page - 1) / page * page;
    // Huge pages start at multiples of their size: ask for one more and use the aligned part.
    const std::size_t asked = bytes_ >= huge ? bytes_ + huge : bytes_;
    void* p = mmap(nullptr, asked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    mapping_ = p;
    mapped_ = asked;
    auto at = reinterpret_cast<std::size_t>(p);
    if (bytes_ >= huge) {
      at = (at + huge - 1) / huge * huge;
      madvise(reinterpret_cast<void*>(at), bytes_ / huge * huge, MADV_HUGEPAGE);
    }
    data_ = reinterpret_cast<T*>(at);
  }
  zeroed_array(zeroed_array&& o) noexcept { swap(o); }
  zeroed_array& operator=(zeroed_array&& o) noexcept {
    swap(o);
    return *this;
  }
  ~zeroed_array() {
    if (mapping_ != nullptr) munmap(mapping_, mapped_);
  }
  void swap(zeroed_array& o) noexcept {
    std::swap(data_, o.data_);
    std::swap(mapping_, o.mapping_);
    std::swap(mapped_, o.mapped_);
    std::swap(bytes_, o.bytes_);
  }

  /// At least `count` values: keeps those that are there, new ones are zero. The address may change.
  void grow(std::size_t count) {
    const std::size_t wanted = (count * sizeof(T) + page - 1) / page * page;
    if (wanted <= bytes_) return;
    if (wanted >= huge || mapping_ == nullptr) {
      zeroed_array larger(count);
      if (bytes_ != 0) std::memcpy(static_cast<void*>(larger.data_), data_, bytes_);
      swap(larger);
      return;
    }
    void* p = mremap(mapping_, mapped_, wanted, MREMAP_MAYMOVE);  // moves pages, copies nothing
    if (p == MAP_FAILED) throw std::bad_alloc();
    mapping_ = p;
    data_ = static_cast<T*>(p);
    mapped_ = bytes_ = wanted;
  }

  T* get() const { return data_; }
  T& operator[](std::size_t i) const { return data_[i]; }
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t page = 4096, huge = 2u << 20;
  T* data_ = nullptr;
  void* mapping_ = nullptr;
  std::size_t mapped_ = 0, bytes_ = 0;
};

}  // namespace payloom::core

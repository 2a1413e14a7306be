#pragma once
// Memory for the one asynchronous wait that a handler has outstanding, so that arming it never allocates.
#include <cstddef>
#include <new>

namespace payloom::net {

/// Room for one operation of Asio at a time; more or larger ones go to the heap.
class handler_memory {
 public:
  handler_memory() = default;
  handler_memory(const handler_memory&) = delete;
  handler_memory& operator=(const handler_memory&) = delete;

  void* allocate(std::size_t size) {
    if (in_use_ || size > sizeof room_) return ::operator new(size);
    in_use_ = true;
    return room_;
  }

  void deallocate(void* memory) noexcept {
    if (memory == room_)
      in_use_ = false;
    else
      ::operator delete(memory);
  }

 private:
  alignas(std::max_align_t) std::byte room_[160];
  bool in_use_ = false;
};

/// The allocator through which Asio finds a handler's memory.
template <typename T>
struct handler_allocator {
  using value_type = T;

  explicit handler_allocator(handler_memory& m) noexcept : memory(&m) {
    // nop
  }
  template <typename U>
  handler_allocator(const handler_allocator<U>& other) noexcept : memory(other.memory) {
    // nop
  }

  T* allocate(std::size_t n) { return static_cast<T*>(memory->allocate(n * sizeof(T))); }
  void deallocate(T* p, std::size_t) noexcept { memory->deallocate(p); }
  friend bool operator==(const handler_allocator& a, const handler_allocator& b) { return a.memory == b.memory; }

  handler_memory* memory;
};

}  // namespace payloom::net

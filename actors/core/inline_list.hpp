#pragma once
// A list whose first `N` elements stand in the list itself: for lists that are nearly always short and belong to
// something that is made and ended very often. One thread at a time.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

#include "protocol/types/assert.hpp"

namespace payloom::core {

template <class T, std::uint32_t N>
class inline_list {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

 public:
  inline_list() = default;
  inline_list(const inline_list& other) { assign(other); }
  inline_list& operator=(const inline_list& other) {
    if (this != &other) assign(other);
    return *this;
  }
  ~inline_list() {
    if (room_ != N) ::operator delete(data_);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& front() { return data_[0]; }
  const T& front() const { return data_[0]; }

  void push_back(const T& value) { emplace_back() = value; }
  /// A new element, value-initialised.
  T& emplace_back() {
    if (size_ == room_) make_room(std::size_t{room_} * 2);
    return *new (data_ + size_++) T();
  }
  /// New elements are value-initialised.
  void resize(std::size_t size) {
    if (size > room_) make_room(size);
    while (size_ < size) new (data_ + size_++) T();
    size_ = static_cast<std::uint32_t>(size);
  }
  void clear() { size_ = 0; }

 private:
  T* inside() { return reinterpret_cast<T*>(own_); }
  void make_room(std::size_t room) {
    PAYLOOM_ASSERT(room <= 0xffffffff && room != N);
    T* fresh = static_cast<T*>(::operator new(room * sizeof(T)));
    std::memcpy(static_cast<void*>(fresh), data_, size_ * sizeof(T));
    if (room_ != N) ::operator delete(data_);
    data_ = fresh;
    room_ = static_cast<std::uint32_t>(room);
  }
  void assign(const inline_list& other) {
    clear();
    if (other.size_ > room_) make_room(other.size_);
    std::memcpy(static_cast<void*>(data_), other.data_, other.size_ * sizeof(T));
    size_ = other.size_;
  }

  T* data_ = inside();
  std::uint32_t size_ = 0;
  std::uint32_t room_ = N;  ///< N: `data_` is `own_`
  alignas(T) std::byte own_[N * sizeof(T)];
};

}  // namespace payloom::core

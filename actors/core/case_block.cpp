#include "actors/core/case_block.hpp"

#include <new>

#include "protocol/types/assert.hpp"

namespace payloom::core {
namespace {

// The places begin behind the block's own line.
constexpr std::size_t head_bytes = 64;
static_assert(sizeof(case_block) <= head_bytes && alignof(order_case) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

}  // namespace

case_block* case_block::make(std::uint32_t places) {
  PAYLOOM_ASSERT(places >= 1 && places <= places_max);
  return new (::operator new(head_bytes + places * sizeof(order_case))) case_block(places);
}

order_case* case_block::add() {
  PAYLOOM_ASSERT(!full());
  std::byte* place = reinterpret_cast<std::byte*>(this) + head_bytes + used_++ * sizeof(order_case);
  auto* c = ::new (static_cast<void*>(place)) order_case;
  c->order = &c->work;
  c->block = this;
  return c;
}

void case_block::drop(std::uint32_t places) {
  if (left_.fetch_sub(places, std::memory_order_acq_rel) != places) return;
  this->~case_block();
  ::operator delete(static_cast<void*>(this));
}

void unit_case::operator delete(unit_case* c, std::destroying_delete_t) {
  case_block* block = c->block;
  if (block == nullptr) {
    c->~unit_case();
    ::operator delete(static_cast<void*>(c));
    return;
  }
  static_cast<order_case*>(c)->~order_case();
  block->drop(1);
}

}  // namespace payloom::core

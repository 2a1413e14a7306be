#pragma once
// What the field tables are written with: for their .cpp files only. Every field takes offset and size from the struct
// itself, so the tables cannot disagree with the memory.
#include <cstddef>

#include "protocol/wire/fields.hpp"

#define FIELD(of, member, kind, meaning) \
  field_info { #member, offsetof(of, member), sizeof(of::member), field_kind::kind, meaning }
#define NESTED(of, member, info, meaning) \
  field_info { #member, offsetof(of, member), sizeof(of::member), field_kind::record, meaning, &info }

namespace payloom::wire {

/// True when the fields cover their record byte by byte.
constexpr bool gapless(const record_info& info) {
  std::uint32_t at = 0;
  for (const field_info& f : info.fields) {
    if (f.offset != at) return false;
    at += f.bytes;
  }
  return at == info.bytes;
}

}  // namespace payloom::wire

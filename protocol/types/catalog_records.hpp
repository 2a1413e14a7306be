#pragma once
// The record of `load_catalog`: what an operator wants done with the versions of the payment catalogue. Fixed layout,
// little-endian, listed in protocol/wire/WIRE.md.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocol/types/limits.hpp"

namespace payloom {

enum class catalog_action : std::uint16_t {
  none = 0,
  reload = 1,  ///< read the server's folder again and take what is in it
  check = 2,   ///< the same, but only say what would become of it
  retire = 3,  ///< no order begins with `version` any more: the newest of the others is active
};

struct load_catalog_record {
  catalog_action action;    // 0
  std::uint16_t reserved0;  // 2   zero
  std::uint32_t version;    // 4   retire: which; reload and check: the one expected in the folder, 0 = any
  char maker[32];           // 8   text, zero padded; empty: as the catalogue says
  char checker[32];         // 40  likewise
  char note[48];            // 72  likewise
  std::uint64_t reserved1;  // 120 zero
};
static_assert(sizeof(load_catalog_record) == 128 && std::is_trivially_copyable_v<load_catalog_record>);
static_assert(offsetof(load_catalog_record, note) == 72 && offsetof(load_catalog_record, reserved1) == 120);
static_assert(limits::catalog_person_bytes_max < sizeof(load_catalog_record::maker));
static_assert(limits::catalog_note_bytes_max < sizeof(load_catalog_record::note));

}  // namespace payloom

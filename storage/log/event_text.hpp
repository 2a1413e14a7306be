#pragma once
// Events as lines of text for people.
#include <string>

#include "storage/codec/group_reader.hpp"

namespace payloom::storage {

/// "17 1700000000000000000 transfer id=0x1 debit=0x2 ...": sequence, time, kind and fields of event `index` of a run.
std::string event_text(const run_view& run, std::uint32_t index);

}  // namespace payloom::storage

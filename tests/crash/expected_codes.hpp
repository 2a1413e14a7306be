#pragma once
// Which codes may answer an event of the load.
#include "protocol/types/result_code.hpp"
#include "tests/crash/load_frame.hpp"

namespace payloom::crash {

/// `in_chain`: the event may also fail because another one did.
bool is_expected(expectation what, result_code code, bool in_chain);

}  // namespace payloom::crash

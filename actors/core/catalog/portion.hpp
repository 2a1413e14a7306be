#pragma once
// Portions of amounts, by their names in the catalogue.
#include "protocol/types/portion.hpp"

namespace payloom::core::catalog {

using payloom::divide_proportionally;
using payloom::portion;

}  // namespace payloom::core::catalog

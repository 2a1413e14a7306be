#pragma once
// Who made a version of the catalogue, who looked at it, and from when on orders begin with it.
#include <string>

#include "protocol/types/ids.hpp"

namespace payloom::core::catalog {

struct catalog_header {
  time_ns effective_from = 0;  ///< orders begin with it from then on; 0: as soon as it is accepted
  std::string maker;           ///< recorded, not checked: there are no identities yet (domain PC-5)
  std::string checker;         ///< likewise
  std::string note;
};

}  // namespace payloom::core::catalog

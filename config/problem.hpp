#pragma once
// One thing that is wrong in a configuration, with its place.
#include <string>

namespace payloom::config {

struct problem {
  std::string file;     ///< as the operator named it; "command line" for overrides
  int line = 0;         ///< from 1; 0 when it belongs to no line
  int column = 0;       ///< from 1
  std::string message;  ///< one sentence, begins with the key where there is one
};

/// "payloom.yaml:3:5: server.listn: unknown key (did you mean server.listen?)"
std::string to_string(const problem& p);

}  // namespace payloom::config

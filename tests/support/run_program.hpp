#pragma once
// Runs a program to its end and keeps what it said.
#include <string>
#include <vector>

namespace payloom::support {

struct program_result {
  int exit_code = -1;  ///< 128 + the signal that ended it; 127 when it could not be started
  std::string out;     ///< stdout
  std::string err;     ///< stderr
};

/// `words[0]` is the program's path; `input` becomes its stdin. Blocks until it ends. Throws std::runtime_error.
program_result run_program(const std::vector<std::string>& words, const std::string& input = {});

}  // namespace payloom::support

#pragma once
// The real server as a child process of a test: the class that `payloom bench --embedded` starts its own with.
#include "actors/app/bench/server_process.hpp"

namespace payloom::support {
using bench::server_process;
using bench::server_trouble;
}  // namespace payloom::support

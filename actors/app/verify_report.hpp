#pragma once
// The outcome of `verify` as JSON, for the protocol and the command line.
#include <string>

#include "actors/follower/verify.hpp"

namespace payloom::app {

/// `shards_at`: the commit at which the shards were compared, 0 when they were not (offline).
std::string verify_json(const follower::verify_report& report, commit_seq shards_at);

}  // namespace payloom::app

#pragma once
// Reads the two lists of the configuration (ledgers, hot_accounts) from their YAML nodes.
#include <yaml-cpp/yaml.h>

#include <functional>
#include <string>
#include <vector>

#include "config/key.hpp"

namespace payloom::config {

/// Called with the node to point at and what is wrong there.
using complaint = std::function<void(const YAML::Node&, std::string)>;

/// Reads a list of {id, name, exponent}; every mistake goes to `complain`, right entries into `out`.
void read_ledgers(const key& k, const YAML::Node& list, std::vector<custom_ledger>& out, const complaint& complain);

/// Reads a list of account ids; likewise.
void read_accounts(const key& k, const YAML::Node& list, std::vector<account_id>& out, const complaint& complain);

}  // namespace payloom::config

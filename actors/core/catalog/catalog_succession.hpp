#pragma once
// What the next version of a catalogue may do to the numbers of this one beside its machines (machine_succession.cpp):
// codes and positions stand in the journal and in accounts' ids, so the next version may only append. Each check gives
// its problems with places of one file.
#include "actors/core/catalog/business_map.hpp"
#include "actors/core/catalog/channel_plan.hpp"
#include "actors/core/catalog/chart.hpp"
#include "actors/core/catalog/check_plan.hpp"
#include "actors/core/catalog/posting_rules.hpp"

namespace payloom::core::catalog {

/// chart.yaml: roles stay, with their code, side, scope and flags: accounts were made by them.
void check_succession(const chart& before, const chart& next, problem_list& problems);

/// posting_rules.yaml: rules stay where they stand.
void check_succession(const posting_rules& before, const posting_rules& next, problem_list& problems);

/// business_map.yaml: products stay, with their code and order machine; tools stay where they stand.
void check_succession(const business_map& before, const business_map& next, problem_list& problems);

/// channels.yaml: a channel keeps its number, and nobody gets the number of another: accounts and attempts have it. A
/// channel may go: orders that began with it find it in their own version.
void check_succession(const channel_plans& before, const channel_plans& next, problem_list& problems);

/// checks.yaml: a check stays, with its number: payments of earlier versions still ask it.
void check_succession(const check_plans& before, const check_plans& next, problem_list& problems);

}  // namespace payloom::core::catalog

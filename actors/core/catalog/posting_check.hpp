#pragma once
// What must hold for posting rules before any payment uses them. Everything is proved for all amounts at once, with
// sums of unknowns (`linear_form`):
//   - every rule has legs or `none` for every event of its form (PC-2);
//   - what the legs of an event take from their sources is its total, whatever fee, splits and given amounts are;
//   - over every flow of the form the roles that return to zero do;
//   - parties fit roles, a leg moves between two accounts, at most one remainder and it is last, legs within bounds,
//     deferred legs take from an account that returns to zero.
#include "actors/core/catalog/chart.hpp"
#include "actors/core/catalog/posting_rule.hpp"

namespace payloom::core::catalog {

/// True when an account of the scope can belong to the party.
bool party_fits(posting_party party, owner_scope scope);

/// Adds everything that is wrong with the definitions. References in them are resolved: their indices are in range.
void check_postings(const posting_definitions& all, const chart& accounts, problem_list& problems);

}  // namespace payloom::core::catalog

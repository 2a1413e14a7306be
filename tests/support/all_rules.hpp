#pragma once
// All rows of the rule table. To add one: put it beside its neighbours in the rule_rows_*.hpp of its subject.
#include "tests/support/rule_rows_accounts.hpp"
#include "tests/support/rule_rows_chains.hpp"
#include "tests/support/rule_rows_content.hpp"
#include "tests/support/rule_rows_ids.hpp"
#include "tests/support/rule_rows_targets.hpp"

namespace payloom::rule_rows {

inline rule_rows all_rule_rows() {
  rule_rows rows;
  transfer_content_rows(rows);
  transfer_field_rows(rows);
  account_content_rows(rows);
  change_content_rows(rows);
  seal_content_rows(rows);
  repeated_transfer_rows(rows);
  repeated_refused_target_rows(rows);
  repeated_change_rows(rows);
  repeated_account_rows(rows);
  seal_rows(rows);
  hold_rows(rows);
  hold_state_rows(rows);
  reversal_rows(rows);
  account_state_rows(rows);
  limit_rows(rows);
  change_state_rows(rows);
  chain_shape_rows(rows);
  chain_rows(rows);
  return rows;
}

}  // namespace payloom::rule_rows

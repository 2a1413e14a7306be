#pragma once
// The part of RULES.md that needs no state: is the request's content acceptable, and does a repeat say the same as what
// is stored? Written from RULES.md alone; the smallest number that applies is the answer.
#include "tests/sim/audit_types.hpp"

namespace payloom::sim {

bool has(std::uint16_t flags, std::uint16_t bits);
bool is_targeting(const transfer_record& r);

/// `ok` or the smallest content code. `now` decides what lies in the future (the frame's time of receipt).
result_code transfer_content(const transfer_record& r, time_ns now);
result_code account_content(const account_record& r, time_ns now, const audit_options& options);
result_code change_content(const account_change_record& r);
result_code seal_content(u128 id);

/// `ok` when `asked` says the same as `stored`, else the smallest exists_with_different_* code.
/// `executed` false: `stored` is a refused request and is compared as it came.
result_code compare_transfer(const transfer_record& asked, const transfer_record& stored, bool executed);
result_code compare_account(const account_record& asked, const account_record& created);
result_code compare_change(const account_change_record& asked, const account_change_record& stored);

}  // namespace payloom::sim

#pragma once
// The rules of actors/core/RULES.md as data: each row is some history, one request and the codes it must get. Who
// executes it is no matter: the simulation's model and the core run the same rows. Rows stand in the order of the
// codes; a row whose name says "X before Y" is a request to which both codes apply.
//
// To run a row: an empty ledger with the custom ledger 1000 configured and room for `accounts_max` accounts (0 = no
// bound); every setup step in order (`advance_s` first lets that many seconds pass and holds expire); then the request.
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/types/frame.hpp"
#include "protocol/types/records.hpp"

namespace payloom::rule_rows {

using rule_record = std::variant<transfer_record, account_record, account_change_record, id_record>;

/// One frame. All records of a step are of one kind.
struct rule_step {
  std::vector<rule_record> records;
  tenant_id tenant = 0;
  std::uint32_t advance_s = 0;           ///< seconds that pass before it
  result_code expect = result_code::ok;  ///< setup steps: the code of its last record
};

struct rule_answer {
  result_code code = result_code::ok;
  bool replayed = false;
};

struct rule_row {
  std::string name;
  std::vector<rule_step> setup;
  rule_step request;
  std::vector<rule_answer> expected;  ///< one per record of the request
  std::uint64_t accounts_max = 0;
};

/// The frame type that carries the records of a step. A step without records only lets time pass.
inline frame_type type_of(const rule_step& s) {
  constexpr frame_type types[] = {frame_type::create_transfers, frame_type::create_accounts,
                                  frame_type::change_accounts, frame_type::seal_transfers};
  return s.records.empty() ? frame_type::create_transfers : types[s.records.front().index()];
}

// ------------------------------------------------------------------------------------------------ builders
// Accounts of the standard setup. All but `dollars` are in `euro`.
inline constexpr std::uint64_t alice = 1, bob = 2, dollars = 3;
inline constexpr std::uint64_t purse = 4;      ///< debits may not exceed credits, limit 0
inline constexpr std::uint64_t loan = 5;       ///< credits may not exceed debits, limit 0
inline constexpr std::uint64_t overdraft = 6;  ///< debits may not exceed credits, limit 50
inline constexpr std::uint64_t nobody = 99;    ///< never created
inline constexpr ledger_id euro = 978, dollar = 840, custom = 1000;
inline constexpr time_ns long_ago = 1'000'000'000, far_future = ~time_ns{0} / 2;

template <class Record, class Edit>
Record with(Record r, Edit edit) {
  edit(r);
  return r;
}

inline account_record account(std::uint64_t id, std::uint16_t flags = 0, std::uint64_t limit = 0,
                              ledger_id ledger = euro) {
  account_record r{};
  r.id.value = id;
  r.flags = flags;
  r.overdraft_limit_minor = limit;
  r.ledger = ledger;
  r.code = 10;
  return r;
}

inline transfer_record single(std::uint64_t id, std::uint64_t debit, std::uint64_t credit, u128 amount,
                              std::uint16_t flags = 0) {
  transfer_record r{};
  r.id.value = id;
  r.debit_account.value = debit;
  r.credit_account.value = credit;
  r.amount_minor = amount;
  r.ledger = euro;
  r.code = 7;
  r.flags = flags;
  return r;
}

inline transfer_record hold(std::uint64_t id, std::uint64_t debit, std::uint64_t credit, u128 amount,
                            std::uint32_t timeout_s = 0) {
  transfer_record r = single(id, debit, credit, amount, transfer_flags::hold);
  r.timeout_s = timeout_s;
  return r;
}

/// Capture, void or reversal with everything else left open.
inline transfer_record on_target(std::uint16_t kind, std::uint64_t id, std::uint64_t target, u128 amount) {
  transfer_record r{};
  r.id.value = id;
  r.target_id.value = target;
  r.amount_minor = amount;
  r.flags = kind;
  return r;
}
inline transfer_record capture(std::uint64_t id, std::uint64_t target, u128 amount) {
  return on_target(transfer_flags::capture, id, target, amount);
}
inline transfer_record void_of(std::uint64_t id, std::uint64_t target, u128 amount = 0) {
  return on_target(transfer_flags::void_hold, id, target, amount);
}
inline transfer_record reversal(std::uint64_t id, std::uint64_t target, u128 amount) {
  return on_target(transfer_flags::reversal, id, target, amount);
}
inline transfer_record linked(transfer_record r) {
  r.flags |= transfer_flags::linked;
  return r;
}

inline account_change_record change(std::uint64_t id, std::uint64_t account, account_change_kind kind,
                                    std::uint16_t flags = 0, std::uint64_t limit = 0) {
  account_change_record r{};
  r.id.value = id;
  r.account.value = account;
  r.kind = kind;
  r.flags = flags;
  r.overdraft_limit_minor = limit;
  return r;
}

inline rule_step step(std::vector<rule_record> records, result_code expect = result_code::ok) {
  return {.records = std::move(records), .tenant = 0, .advance_s = 0, .expect = expect};
}
inline rule_step pass(std::uint32_t seconds) {
  return {.records = {}, .tenant = 0, .advance_s = seconds, .expect = result_code::ok};
}

/// The standard accounts, and then `more`.
inline std::vector<rule_step> after(std::vector<rule_step> more = {}) {
  namespace af = account_flags;
  std::vector<rule_step> steps{step(
      {account(alice), account(bob), account(dollars, 0, 0, dollar), account(purse, af::debits_must_not_exceed_credits),
       account(loan, af::credits_must_not_exceed_debits), account(overdraft, af::debits_must_not_exceed_credits, 50)})};
  for (rule_step& s : more) steps.push_back(std::move(s));
  return steps;
}

/// A row of one request record.
inline rule_row row(std::string name, std::vector<rule_step> setup, rule_record request, result_code code,
                    bool replayed = false) {
  return {.name = std::move(name),
          .setup = std::move(setup),
          .request = step({std::move(request)}),
          .expected = {{code, replayed}},
          .accounts_max = 0};
}

using rule_rows = std::vector<rule_row>;

}  // namespace payloom::rule_rows

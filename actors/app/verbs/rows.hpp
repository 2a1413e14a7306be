#pragma once
// Rows of the protocol as JSON and as tables; results of commands.
#include <span>
#include <string>

#include "actors/app/verbs/table.hpp"
#include "protocol/client/blocking_connection.hpp"
#include "protocol/types/records.hpp"
#include "protocol/wire/fields.hpp"

namespace payloom::verbs {

/// A record field by field, as protocol/wire names them: ids in hexadecimal, 128-bit numbers as decimal text, flags as
/// lists of names, times as ISO text (null for 0); reserved bytes are left out.
json record_json(const wire::record_info& info, std::span<const std::byte> bytes);

/// `record_json` with `balance` (credits less debits, posted) as people write it, and `currency`.
json account_json(const account_row& row);
/// `record_json` with `amount` and `currency`.
json transfer_json(const transfer_row& row);
json statement_json(const statement_row& row);

/// Prints rows as JSON lines of one array, or as a table.
void print_accounts(std::span<const account_row> rows, bool as_json);
void print_transfers(std::span<const transfer_row> rows, bool as_json);
void print_statement(std::span<const statement_row> rows, account_id account, bool as_json);

/// Prints the result of one command; returns the exit code. `more` is put in front of the JSON's fields.
int print_result(const json& more, const result_record& result, bool as_json);

}  // namespace payloom::verbs

#pragma once
// The field tables of the records of settlement. Included by fields.cpp alone, so that they are constants there.
#include "protocol/types/settlement.hpp"
#include "protocol/wire/field_macros.hpp"

namespace payloom::wire {

inline constexpr field_info settle_fields[] = {
    FIELD(settle_request, merchant, number, "0 all"),
    FIELD(settle_request, ledger, number, "0 all"),
    FIELD(settle_request, through_date, number, "yyyymmdd, at most today (UTC); 0 as each merchant's plan says"),
    FIELD(settle_request, cursor, number, "0 first page; then the cursor of the last reply"),
    FIELD(settle_request, limit, number, "rows wanted, 1 to 1,000"),
    FIELD(settle_request, flags, settle_flags, "settle flags"),
    FIELD(settle_request, reserved, zero, ""),
};
inline constexpr record_info settle_info{"settle_request", sizeof(settle_request), settle_fields};

inline constexpr field_info settlement_query_fields[] = {
    FIELD(settlement_query, merchant, number, "view 0: required; view 1: 0 all"),
    FIELD(settlement_query, ledger, number, "view 0: required; view 1: 0 all"),
    FIELD(settlement_query, view, number, "0 batches of a merchant, newest first; 1 days that are not settled"),
    FIELD(settlement_query, cursor, number, "0 first page; then the cursor of the last reply"),
    FIELD(settlement_query, limit, number, "rows wanted, 1 to 1,000; view 1: at least 64"),
    FIELD(settlement_query, reserved, zero, ""),
};
inline constexpr record_info settlement_query_info{"settlement_query", sizeof(settlement_query),
                                                   settlement_query_fields};

inline constexpr field_info settlement_row_fields[] = {
    FIELD(settlement_row, merchant, number, ""),
    FIELD(settlement_row, ledger, number, ""),
    FIELD(settlement_row, through_date, number, "yyyymmdd: the batch's last day; view 1: the accounting date"),
    FIELD(settlement_row, gross_minor, number, "of the batch; fee, reserve and available are all of it"),
    FIELD(settlement_row, fee_minor, number, ""),
    FIELD(settlement_row, reserve_minor, number, "kept back, released later"),
    FIELD(settlement_row, available_minor, number, "credited to the merchant"),
    FIELD(settlement_row, order, id, "the batch: an order of product 401"),
    FIELD(settlement_row, sequence, number, "of the batch, 0 there is none"),
    FIELD(settlement_row, as_of, number, "the commit at which gross was added up"),
    FIELD(settlement_row, timestamp, time, "of the batch, 0 there is none"),
    FIELD(settlement_row, code, code, "ok, or why there is no batch"),
    FIELD(settlement_row, flags, settlement_row_flags, "settlement row flags"),
    FIELD(settlement_row, settled_before, number, "yyyymmdd of the merchant's batch before, 0 none"),
};
inline constexpr record_info settlement_row_info{"settlement_row", sizeof(settlement_row), settlement_row_fields};

static_assert(limits::settlement_rows_max == 1000 && limits::unsettled_days_max == 64, "as the sentences above say");

}  // namespace payloom::wire

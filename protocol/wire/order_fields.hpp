#pragma once
// The field tables of the records of orders. Included by fields.cpp alone, so that they are constants there.
#include "protocol/types/check_records.hpp"
#include "protocol/wire/field_macros.hpp"

namespace payloom::wire {

inline constexpr field_info order_fields[] = {
    FIELD(order_record, id, id, "order_id_of(merchant, business_id)"),
    FIELD(order_record, business_id, id, "the merchant's own name for it, not 0"),
    FIELD(order_record, amount_minor, number, "minor units of the ledger, not 0"),
    FIELD(order_record, user_data_128, id, "the caller's own"),
    FIELD(order_record, merchant, number, "0: the platform's own order"),
    FIELD(order_record, user, number, "who pays (recharge: who is credited)"),
    FIELD(order_record, counterparty, number, "the other user of a transfer; adjustments: the channel"),
    FIELD(order_record, user_data_64, number, "the caller's own"),
    FIELD(order_record, ledger, number, "as in transfer"),
    FIELD(order_record, timeout_s, number, "seconds to wait for the payment; 0 as the product says"),
    FIELD(order_record, accounting_date, number, "yyyymmdd; 0 the day (UTC) on which the server decides"),
    FIELD(order_record, product, number, "code of the business product"),
    FIELD(order_record, flags, order_flags, "order flags"),
    FIELD(order_record, tools, number, "pay_now: bits of the tools that pay; 0 as the product says"),
    FIELD(order_record, reserved0, zero, ""),
    FIELD(order_record, channel, number, "pay_now through a channel: which; 0 the first that can"),
    FIELD(order_record, hold_s, number,
          "seconds that money is held (authorised, in escrow, frozen); 0 as the product says"),
    FIELD(order_record, reserved, zero, ""),
};
inline constexpr record_info order_info{"order", sizeof(order_record), order_fields};

inline constexpr field_info order_action_fields[] = {
    FIELD(order_action_record, id, id, "the command's own id: of the payment, of the refund"),
    FIELD(order_action_record, order, id, "which order"),
    FIELD(order_action_record, amount_minor, number, "pay, capture, refund: 0 all there is; others: 0"),
    FIELD(order_action_record, user_data_128, id, "the caller's own"),
    FIELD(order_action_record, user_data_64, number, "the caller's own"),
    FIELD(order_action_record, reason, number, "the caller's own; resolve: a channel outcome"),
    FIELD(order_action_record, expected_version, number, "the order's version, or order_version_differs; 0 any"),
    FIELD(order_action_record, action, action, "what to do"),
    FIELD(order_action_record, flags, number, "bit 0 linked: one with the next action"),
    FIELD(order_action_record, tools, number, "pay: bits of the tools that pay; 0 as the product says; others: 0"),
    FIELD(order_action_record, source, number, "refund: number of the source, from 1; 0 the newest that has enough"),
    FIELD(order_action_record, channel, number, "pay through a channel: which; 0 the first that can"),
    FIELD(order_action_record, balance_minor, number,
          "pay with several tools: the balance's part, if another takes the rest"),
    FIELD(order_action_record, coupon_minor, number, "likewise of coupons; a channel takes the rest, else the balance"),
};
inline constexpr record_info order_action_info{"order_action", sizeof(order_action_record), order_action_fields};

inline constexpr field_info order_row_fields[] = {
    FIELD(order_row, id, id, "the order's id"),
    FIELD(order_row, business_id, id, ""),
    FIELD(order_row, amount_minor, number, ""),
    FIELD(order_row, paid_minor, number, "at most amount_minor"),
    FIELD(order_row, refunded_minor, number, "with refunding_minor at most paid_minor"),
    FIELD(order_row, refunding_minor, number, "on its way back"),
    FIELD(order_row, held_minor, number, "pre-authorised, or in escrow, and not yet the merchant's"),
    FIELD(order_row, fee_minor, number, "booked so far"),
    FIELD(order_row, user_data_128, id, ""),
    FIELD(order_row, merchant, number, ""),
    FIELD(order_row, user, number, ""),
    FIELD(order_row, counterparty, number, ""),
    FIELD(order_row, user_data_64, number, ""),
    FIELD(order_row, timeout_at, time, "when the state's timer is due, 0 none"),
    FIELD(order_row, created_seq, number, "the order's first event; 0 in that event itself"),
    FIELD(order_row, previous_seq, number, "the event before; 0 in the first"),
    FIELD(order_row, version, number, "counts the order's events, from 1"),
    FIELD(order_row, ledger, number, ""),
    FIELD(order_row, accounting_date, number, "yyyymmdd of its last posting; before that of its creation"),
    FIELD(order_row, rule_version, number, "of the catalogue that it began with"),
    FIELD(order_row, timeout_s, number, "as asked for"),
    FIELD(order_row, product, number, "code of the business product"),
    FIELD(order_row, flags, order_row_flags, "order row flags"),
    FIELD(order_row, payments, number, "payments so far"),
    FIELD(order_row, refunds, number, "refunds so far"),
    FIELD(order_row, tools, number, "bits of the tools that have paid"),
    FIELD(order_row, machine, number, "number of its order machine in the catalogue"),
    FIELD(order_row, state, number, "number of a state of that machine"),
    FIELD(order_row, hold_s, number, "as asked for"),
    FIELD(order_row, reserved, zero, ""),
    FIELD(order_row, fee_returned_minor, number, "of fee_minor, by refunds"),
    FIELD(order_row, root_id, id, "root business of the frame that made it; 0 none"),
    FIELD(order_row, context_id, id, "context of that frame"),
    FIELD(order_row, hop, number, "of that frame"),
    FIELD(order_row, reserved2, zero, ""),
};
inline constexpr record_info order_row_info{"order_row", sizeof(order_row), order_row_fields};

inline constexpr field_info order_rule_fields[] = {
    FIELD(order_rule, id, number, "as the catalogue says; 0 no rule decided"),
    FIELD(order_rule, version, number, "of the rule"),
};
inline constexpr record_info order_rule_info{"order_rule", sizeof(order_rule), order_rule_fields};

inline constexpr field_info order_event_fields[] = {
    FIELD(order_event, request, order_request, "the command as it came: begins with its id"),
    NESTED(order_event, order, order_row_info, "the order after it"),
    FIELD(order_event, amount_minor, number, "what the payment moved, 0 nothing"),
    FIELD(order_event, fee_minor, number, "of it"),
    FIELD(order_event, request_type, request_type, "frame type of the command: which record `request` is"),
    FIELD(order_event, posting_rule, number, "number of the rule in the catalogue; 65,535 nothing moved"),
    FIELD(order_event, event, number, "order event of the catalogue: what was asked; 255 only the payment moved"),
    FIELD(order_event, fact, number, "order event that followed at once; 255 none"),
    FIELD(order_event, from_state, number, "the order's state before"),
    FIELD(order_event, form, number, "payment machine of the catalogue; 255 no payment"),
    FIELD(order_event, payment_state, number, "a state of that machine"),
    FIELD(order_event, legs, number, "postings: they have the sequences right behind the event's"),
    FIELD(order_event, flags, number, "bit 0: the row's payment is one"),
    NESTED(order_event, limit_rule, order_rule_info, "the rule of the catalogue that decided how much may be paid"),
    NESTED(order_event, risk_rule, order_rule_info, "whether it may be paid"),
    NESTED(order_event, tool_rule, order_rule_info, "which tools may pay"),
    NESTED(order_event, fee_rule, order_rule_info, "by which fee plan"),
    NESTED(order_event, split_rule, order_rule_info, "by which split plan"),
};
inline constexpr record_info order_event_info{"order_event", sizeof(order_event), order_event_fields};

inline constexpr field_info payment_source_fields[] = {
    FIELD(payment_source, attempt_id, id, "the number that the channel knows the attempt by; 0: a free place"),
    FIELD(payment_source, channel, number, "number of the channel"),
    FIELD(payment_source, kind, number, "0 paid, 1 in suspense: nobody's yet"),
    FIELD(payment_source, reserved, zero, ""),
    FIELD(payment_source, paid_minor, number, "it brought"),
    FIELD(payment_source, refunded_minor, number, "of it went back, or is about to"),
};
inline constexpr record_info payment_source_info{"payment_source", sizeof(payment_source), payment_source_fields};

inline constexpr field_info payment_row_fields[] = {
    FIELD(payment_row, id, id, "of this record: the attempt's when this event began one"),
    FIELD(payment_row, order, id, ""),
    FIELD(payment_row, payment, id, "the payment's: of the command that began it"),
    FIELD(payment_row, amount_minor, number, "all of it"),
    FIELD(payment_row, fee_minor, number, "of it; booked with success"),
    FIELD(payment_row, balance_minor, number, "the part from (refund: to) the user's balance"),
    FIELD(payment_row, coupon_minor, number, "the part from (refund: to) coupons; the channel has the rest"),
    FIELD(payment_row, external_paid_minor, number, "of the order: channels brought"),
    FIELD(payment_row, coupon_paid_minor, number, "of the order: coupons brought"),
    FIELD(payment_row, external_refunded_minor, number, "of the order: sent back through channels, or on its way"),
    FIELD(payment_row, coupon_refunded_minor, number, "of the order: likewise to coupons"),
    FIELD(payment_row, suspense_minor, number, "came and is nobody's yet"),
    FIELD(payment_row, channel_reference, id, "the channel's own number"),
    FIELD(payment_row, source, id, "refunds: the attempt whose money goes back"),
    FIELD(payment_row, channel, number, "number of the channel"),
    FIELD(payment_row, due_at, time, "when the payment's timer is due, 0 none"),
    FIELD(payment_row, attempt, number, "number of the newest attempt, from 1"),
    FIELD(payment_row, tries, number, "timers in a row: queries, or waits to send again"),
    FIELD(payment_row, channel_code, number, "the channel's own code"),
    FIELD(payment_row, purpose, number, "1 pay, 2 payout, 3 refund, 4 return of what came late"),
    FIELD(payment_row, form, number, "payment machine of the catalogue"),
    FIELD(payment_row, state, number, "a state of that machine"),
    FIELD(payment_row, outcome, number, "the newest channel outcome"),
    FIELD(payment_row, reason, number, "of an open case; 0 none is open"),
    FIELD(payment_row, row_event, number, "order event that began it"),
    FIELD(payment_row, call, number, "what the channel is asked because of this event; 0 nothing"),
    FIELD(payment_row, reserved, zero, ""),
    FIELD(payment_row, combined, id, "one payment for several orders: the id of its first; 0 for this alone"),
    FIELD(payment_row, combined_minor, number, "what the channel moves for all of them"),
    FIELD(payment_row, combined_count, number, "how many orders"),
    FIELD(payment_row, combined_member, number, "this one's place among them, from 0"),
    FIELD(payment_row, checks_wanted, number, "checks that it waits for, or waited: bit n is check n + 1"),
    FIELD(payment_row, checks_passed, number, "of them"),
    FIELD(payment_row, checks_refused, number, "of them"),
    FIELD(payment_row, checks_missed, number, "of them: no answer in time, or not asked"),
    FIELD(payment_row, reserved2, zero, ""),
    FIELD(payment_row, combined_before_minor, number, "what the channel moves for those before it"),
    NESTED(payment_row, sources[0], payment_source_info, "where the order's money came from, first"),
    NESTED(payment_row, sources[1], payment_source_info, "second"),
    NESTED(payment_row, sources[2], payment_source_info, "third"),
    NESTED(payment_row, sources[3], payment_source_info, "fourth"),
};
inline constexpr record_info payment_row_info{"payment_row", sizeof(payment_row), payment_row_fields};

inline constexpr field_info channel_fact_fields[] = {
    FIELD(channel_fact_record, id, id, "the fact's"),
    FIELD(channel_fact_record, order, id, ""),
    FIELD(channel_fact_record, amount_minor, number, "what moved"),
    FIELD(channel_fact_record, payment, id, ""),
    FIELD(channel_fact_record, channel, number, ""),
    FIELD(channel_fact_record, operation, number, "of the attempt: 1 pay, 2 payout, 3 refund"),
    FIELD(channel_fact_record, source, number, "refund: number of the source whose money goes back, from 1"),
    FIELD(channel_fact_record, reserved0, zero, ""),
    FIELD(channel_fact_record, attempt, number, ""),
    FIELD(channel_fact_record, action, action, "channel_fact"),
    FIELD(channel_fact_record, flags, number, "0"),
    FIELD(channel_fact_record, outcome, number, "a channel outcome"),
    FIELD(channel_fact_record, differs, number, "1: another sum than it was asked for"),
    FIELD(channel_fact_record, channel_code, number, "the channel's own"),
    FIELD(channel_fact_record, ledger, number, "of the amount"),
    FIELD(channel_fact_record, channel_reference, id, "the channel's own number"),
    FIELD(channel_fact_record, number, id, "the number that the channel knows the attempt by"),
};
inline constexpr record_info channel_fact_info{"channel_fact", sizeof(channel_fact_record), channel_fact_fields};

inline constexpr field_info check_fact_fields[] = {
    FIELD(check_fact_record, id, id, "the fact's"),
    FIELD(check_fact_record, order, id, ""),
    FIELD(check_fact_record, reserved0, zero, ""),
    FIELD(check_fact_record, payment, id, ""),
    FIELD(check_fact_record, reserved1, zero, ""),
    FIELD(check_fact_record, reserved2, zero, ""),
    FIELD(check_fact_record, action, action, "check_fact"),
    FIELD(check_fact_record, flags, number, "0"),
    FIELD(check_fact_record, passed, number, "checks that passed: bit n is check n + 1"),
    FIELD(check_fact_record, refused, number, "checks that refused"),
    FIELD(check_fact_record, missed, number, "checks that did not answer in time, or were not asked"),
    FIELD(check_fact_record, reserved3, zero, ""),
    FIELD(check_fact_record, code, number, "a result code: all had passed, then the accounts refused; 0 none"),
    FIELD(check_fact_record, reserved4, zero, ""),
    {"took_ms_1", offsetof(check_fact_record, took_ms), 2, field_kind::number, "how long check 1 took to answer"},
    {"took_ms_2", offsetof(check_fact_record, took_ms) + 2, 2, field_kind::number, "check 2"},
    {"took_ms_3", offsetof(check_fact_record, took_ms) + 4, 2, field_kind::number, "check 3"},
    {"took_ms_4", offsetof(check_fact_record, took_ms) + 6, 2, field_kind::number, "check 4"},
    {"took_ms_5", offsetof(check_fact_record, took_ms) + 8, 2, field_kind::number, "check 5"},
    {"took_ms_6", offsetof(check_fact_record, took_ms) + 10, 2, field_kind::number, "check 6"},
    {"took_ms_7", offsetof(check_fact_record, took_ms) + 12, 2, field_kind::number, "check 7"},
    {"took_ms_8", offsetof(check_fact_record, took_ms) + 14, 2, field_kind::number, "check 8"},
    FIELD(check_fact_record, reserved5, zero, ""),
};
inline constexpr record_info check_fact_info{"check_fact", sizeof(check_fact_record), check_fact_fields};

inline constexpr field_info order_event_row_fields[] = {
    NESTED(order_event_row, event, order_event_info, ""),
    FIELD(order_event_row, sequence, number, "its commit: the id of the event"),
    FIELD(order_event_row, timestamp, time, "when it was committed"),
    FIELD(order_event_row, context_id, id, "of the command's frame"),
    FIELD(order_event_row, root_id, id, "likewise"),
    FIELD(order_event_row, tenant, number, ""),
    FIELD(order_event_row, hop, number, "likewise"),
    FIELD(order_event_row, reserved0, zero, ""),
    FIELD(order_event_row, reserved, zero, ""),
    NESTED(order_event_row, payment, payment_row_info, "the order's newest payment with a channel or coupons"),
};
inline constexpr record_info order_event_row_info{"order_event_row", sizeof(order_event_row), order_event_row_fields};

inline constexpr field_info order_event_query_fields[] = {
    FIELD(order_event_query, after, number, "events with a larger sequence; 0 from the first"),
    FIELD(order_event_query, merchant, number, "of this merchant's orders; 0 all"),
    FIELD(order_event_query, context_id, id, "of this context; 0 all"),
    FIELD(order_event_query, order, id, "of this order; 0 all"),
    FIELD(order_event_query, limit, number, "rows wanted, 1 to 1,150"),
    FIELD(order_event_query, wait_ms, number, "when there is none: wait so long for one, at most 30,000"),
    FIELD(order_event_query, reserved0, zero, ""),
    FIELD(order_event_query, root_id, id, "of orders of this root business; 0 all"),
    FIELD(order_event_query, reserved, zero, ""),
};
inline constexpr record_info order_event_query_info{"order_event_query", sizeof(order_event_query),
                                                    order_event_query_fields};

static_assert(limits::order_rows_max == 1150 && limits::order_wait_ms_max == 30'000, "as the sentences above say");

}  // namespace payloom::wire

#pragma once
// The field tables of subscriptions and relations. Included by fields.cpp alone, so that they are constants there.
#include "protocol/types/relation_records.hpp"
#include "protocol/types/subscription_records.hpp"
#include "protocol/wire/field_macros.hpp"

namespace payloom::wire {

inline constexpr field_info subscribe_fields[] = {
    FIELD(subscribe_record, name, id, "the subscription, chosen by the client; one a tenant; not 0 or 2^128 - 1"),
    FIELD(subscribe_record, merchant, number, "events of this merchant's orders; 0 all"),
    FIELD(subscribe_record, after, number, "a new one begins behind this commit; 0 with the first event"),
    FIELD(subscribe_record, context_id, id, "of this context; 0 all"),
    FIELD(subscribe_record, root_id, id, "of orders of this root business; 0 all"),
    FIELD(subscribe_record, order, id, "of this order; 0 all"),
    FIELD(subscribe_record, window, number, "events pushed and not acknowledged at most, 1 to 10,000"),
    FIELD(subscribe_record, flags, number, "bit 0: begin nothing, show"),
    FIELD(subscribe_record, reserved, zero, ""),
};
inline constexpr record_info subscribe_info{"subscribe", sizeof(subscribe_record), subscribe_fields};

inline constexpr field_info acknowledge_fields[] = {
    FIELD(acknowledge_record, name, id, "the subscription"),
    FIELD(acknowledge_record, sequence, number, "everything up to this commit has been handled"),
    FIELD(acknowledge_record, flags, number, "bit 0: push nothing more here; bit 1: it is over for ever"),
    FIELD(acknowledge_record, reserved, zero, ""),
};
inline constexpr record_info acknowledge_info{"acknowledge", sizeof(acknowledge_record), acknowledge_fields};

inline constexpr field_info subscription_row_fields[] = {
    FIELD(subscription_row, name, id, ""),
    FIELD(subscription_row, merchant, number, ""),
    FIELD(subscription_row, acknowledged, number, "durable: it goes on behind this commit"),
    FIELD(subscription_row, context_id, id, ""),
    FIELD(subscription_row, root_id, id, ""),
    FIELD(subscription_row, order, id, ""),
    FIELD(subscription_row, window, number, ""),
    FIELD(subscription_row, flags, number, "bit 0: it pushes to a connection; bit 1: made by this request"),
    FIELD(subscription_row, pushed, number, "newest event pushed to the connection of now"),
    FIELD(subscription_row, acknowledged_at, time, "when the last acknowledgement came"),
    FIELD(subscription_row, waiting, number, "events pushed and not acknowledged"),
    FIELD(subscription_row, backlog_since, time, "since when something waits; 0: nothing does"),
    FIELD(subscription_row, unseen, number, "commits that were not looked at for it yet"),
};
inline constexpr record_info subscription_row_info{"subscription_row", sizeof(subscription_row),
                                                   subscription_row_fields};

inline constexpr field_info graph_query_fields[] = {
    FIELD(graph_query, id, id, "any of: root, order, command, attempt, posting"),
    FIELD(graph_query, cursor, number, "0 first page; then the cursor of the last reply"),
    FIELD(graph_query, limit, number, "rows wanted, 1 to 8,000"),
    FIELD(graph_query, flags, zero, ""),
    FIELD(graph_query, reserved, zero, ""),
};
inline constexpr record_info graph_query_info{"graph_query", sizeof(graph_query), graph_query_fields};

inline constexpr field_info relation_row_fields[] = {
    FIELD(relation_row, from, id, ""),
    FIELD(relation_row, to, id, ""),
    FIELD(relation_row, amount_minor, number, "that it stands for"),
    FIELD(relation_row, sequence, number, "of the event that made it"),
    FIELD(relation_row, timestamp, time, "of that event"),
    FIELD(relation_row, merchant, number, "of the order"),
    FIELD(relation_row, reserved0, zero, ""),
    FIELD(relation_row, order, id, "that it belongs to"),
    FIELD(relation_row, ledger, number, ""),
    FIELD(relation_row, kind, number, "relation kind"),
    FIELD(relation_row, from_kind, number, "node kind"),
    FIELD(relation_row, to_kind, number, "node kind"),
    FIELD(relation_row, state, number, "1 it stands; 0 it came to nothing, or is not known yet"),
    FIELD(relation_row, reserved, zero, ""),
};
inline constexpr record_info relation_row_info{"relation_row", sizeof(relation_row), relation_row_fields};

static_assert(limits::subscription_window_max == 10'000 && limits::graph_rows_max == 8'000,
              "as the sentences above say");

}  // namespace payloom::wire

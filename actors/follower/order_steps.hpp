#pragma once
// The events of one order: its first one and the links from it.
#include <span>
#include <vector>

#include "actors/follower/event_fetcher.hpp"
#include "actors/follower/follower.hpp"

namespace payloom::follower {

/// Sequences of an order's events in (after, as_of], ascending; `created` is that of its first.
std::vector<commit_seq> order_steps(follower& behind, const storage::index_store& store, commit_seq created,
                                    commit_seq after, commit_seq as_of);

/// The same for several orders, `created` ascending: `out[i]` are those of `created[i]`.
std::vector<std::vector<commit_seq>> order_steps(follower& behind, const storage::index_store& store,
                                                 std::span<const commit_seq> created, commit_seq as_of);

/// Sequences of the events that name a root business (`named_root`), or of the payments with a channel's own number
/// (`named_reference`), behind `after`, up to `as_of`, ascending, the first `most`. Of the tenant or, when somebody
/// wants it so, of another one: who asks looks.
std::vector<commit_seq> naming_events(follower& behind, const storage::index_store& store, storage::link_kind kind,
                                      tenant_id tenant, u128 name, commit_seq after, commit_seq as_of,
                                      std::size_t most);

/// The payment that stands behind an order's event and its postings. Throws storage_failure when none does.
payment_row payment_behind(event_fetcher& fetcher, commit_seq sequence, const order_event& event);

/// The order event at `sequence`. Throws storage_failure when something else stands there.
const order_event& order_event_at(event_fetcher& fetcher, commit_seq sequence, bool with_context, fetched_event& out);

}  // namespace payloom::follower

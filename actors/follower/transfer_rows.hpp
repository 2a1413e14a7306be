#pragma once
// Journal events as query rows.
#include <span>
#include <vector>

#include "actors/follower/event_fetcher.hpp"
#include "actors/follower/follower.hpp"
#include "protocol/types/frame.hpp"

namespace payloom::follower {

/// A row of an executed transfer; link fields still empty.
transfer_row row_of(const transfer_record& record, commit_seq sequence, time_ns timestamp);

/// The row of any event that stands under a transfer's id (executed, refused or sealed). False for others.
bool row_of(const fetched_event& event, transfer_row& out);

/// The record of an executed transfer, or nullptr for other kinds of events.
const transfer_record* executed(const fetched_event& event);

/// Fills in what events up to `as_of` did to the rows: resolved_by, state, reversed_minor.
void fill_links(follower& behind, const storage::index_store& store, std::span<transfer_row> rows, commit_seq as_of);

/// The links of each of `sequences` (any order) as of `as_of`, into `out`.
void find_links(follower& behind, const storage::index_store& store, std::span<const commit_seq> sequences,
                commit_seq as_of, std::span<storage::link_state> out);

}  // namespace payloom::follower

#pragma once
// A refund of money that several attempts brought: one refund for each of them, one after the other.
#include "actors/app/verbs/common.hpp"
#include "protocol/types/order_records.hpp"

namespace payloom::verbs {

/// `whole` was refused with refund_needs_split. Sends a refund for each source, the newest first, each when the one
/// before it is over, and prints what became of them. Their ids follow that of `whole`, so that a repeat goes on where
/// it stopped. Amount 0: all that is left. `wait_s`: how long one refund may take. Returns the exit code: exit_ok when
/// all of it has been given back.
int split_refund(client::blocking_connection& server, const order_action_record& whole, std::uint32_t wait_s,
                 bool as_json);

}  // namespace payloom::verbs

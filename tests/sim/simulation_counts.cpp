#include "tests/sim/simulation.hpp"

namespace payloom::sim {

void simulation_counts::add(const simulation_counts& o) {
  const auto sum = [](std::uint64_t& a, std::uint64_t b) { a += b; };
  sum(world.events, o.world.events);
  sum(world.mails, o.world.mails);
  sum(world.account_waits, o.world.account_waits);
  sum(world.order_waits, o.world.order_waits);
  sum(world.partial_refusals, o.world.partial_refusals);
  sum(world.close_waits, o.world.close_waits);
  sum(world.hot_waits, o.world.hot_waits);
  sum(world.moves, o.world.moves);
  sum(world.index_loads, o.world.index_loads);
  sum(world.expiries, o.world.expiries);
  sum(world.expiry_races, o.world.expiry_races);
  sum(world.calls, o.world.calls);
  sum(world.facts, o.world.facts);
  sum(world.facts_twice, o.world.facts_twice);
  sum(world.facts_late, o.world.facts_late);
  sum(world.facts_lost, o.world.facts_lost);
  sum(world.facts_refused, o.world.facts_refused);
  sum(world.checks_restored, o.world.checks_restored);
  sum(world.groups, o.world.groups);
  sum(world.full_disks, o.world.full_disks);
  sum(world.full_transfers, o.world.full_transfers);
  sum(world.full_resolutions, o.world.full_resolutions);
  sum(world.full_chains, o.world.full_chains);
  sum(world.full_expiries, o.world.full_expiries);
  sum(world.full_seals, o.world.full_seals);
  sum(world.full_changes, o.world.full_changes);
  sum(world.full_creations, o.world.full_creations);
  sum(world.markers, o.world.markers);
  sum(world.full_markers, o.world.full_markers);
  sum(duplicates_in_flight, o.duplicates_in_flight);
  sum(restarts, o.restarts);
  sum(crashes_with_unacked, o.crashes_with_unacked);
  sum(lost_writes, o.lost_writes);
  sum(answered_expired, o.answered_expired);
  sum(world.order_claim_waits, o.world.order_claim_waits);
  sum(world.order_races, o.world.order_races);
  sum(world.order_loads, o.world.order_loads);
  sum(world.timers, o.world.timers);
  sum(world.full_orders, o.world.full_orders);
  sum(orders, o.orders);
  sum(postings, o.postings);
  sum(payments, o.payments);
  sum(order_duplicates, o.order_duplicates);
  sum(order_poor, o.order_poor);
  sum(timers_fired, o.timers_fired);
  sum(order_crashes, o.order_crashes);
  sum(order_restarts, o.order_restarts);
  sum(asked_again, o.asked_again);
  sum(compared, o.compared);
  sum(sources_compared, o.sources_compared);
  through_channels.add(o.through_channels);
  linked.add(o.linked);
  combined.add(o.combined);
}

required_list simulation_counts::required() const {
  const payment_stats& p = through_channels;
  required_list all{{"wait behind a claim on an account", world.account_waits},
                    {"wait behind an id or a target", world.order_waits},
                    {"duplicate in flight", duplicates_in_flight},
                    {"capture against expiry", world.expiry_races},
                    {"capture after expiry", answered_expired},
                    {"refusal after a partial route", world.partial_refusals},
                    {"close with slips in flight", world.close_waits},
                    {"mark hot under load", world.hot_waits},
                    {"account moved to or from a hot shard", world.moves},
                    {"load from index", world.index_loads},
                    {"disk full", world.full_disks},
                    {"disk full: transfer refused", world.full_transfers},
                    {"disk full: capture, void or reversal refused", world.full_resolutions},
                    {"disk full: member of a chain refused", world.full_chains},
                    {"disk full: expiry put off", world.full_expiries},
                    {"disk full: seal refused", world.full_seals},
                    {"disk full: account change refused", world.full_changes},
                    {"disk full: creation refused", world.full_creations},
                    {"marker answered", world.markers},
                    {"disk full: marker sent", world.full_markers},
                    {"restart", restarts},
                    {"failed append", lost_writes},
                    {"crash with unacknowledged durable events", crashes_with_unacked},
                    {"event of an order", orders},
                    {"posting of an order", postings},
                    {"order: wait behind its claim", world.order_claim_waits},
                    {"order: duplicate in flight", order_duplicates},
                    {"order: payment against cancellation or timer", world.order_races},
                    {"order: refused by the payer's balance", order_poor},
                    {"order: loaded from the index", world.order_loads},
                    {"order: timer fired", timers_fired},
                    {"order: disk full, command refused", world.full_orders},
                    {"order: crash between append and reply", order_crashes},
                    {"order: restart with open orders", order_restarts},
                    {"channel: attempt", p.begun},
                    {"channel: sale paid", p.sales},
                    {"channel: recharge", p.recharged},
                    {"channel: paid out", p.paid_out},
                    {"channel: refund to its source", p.refunded_to_source},
                    {"channel: late money returned", p.returned_late},
                    {"channel: success with a part from a balance", p.with_balance},
                    {"channel: success with a part from coupons", p.with_coupons},
                    {"channel: failed or closed", p.failed},
                    {"channel: sent again after not_sent", p.sent_again},
                    {"channel: unknown, then success", p.unknown_success},
                    {"channel: unknown, then rejected", p.unknown_rejected},
                    {"channel: late success", p.late_success},
                    {"channel: amount differs", p.differs},
                    {"channel: contradiction", p.contradictions},
                    {"channel: payout returned", p.returned_payouts},
                    {"channel: cancel in flight", p.cancelled_in_flight},
                    {"channel: case resolved by people", p.resolved},
                    {"channel: asked", p.asked},
                    {"channel: asked again after a crash", asked_again},
                    {"channel: fact delivered twice", world.facts_twice},
                    {"channel: fact delivered late", world.facts_late},
                    {"channel: fact lost in a crash", world.facts_lost},
                    {"channel: fact refused", world.facts_refused},
                    {"order whose books were compared with its channels", compared},
                    {"attempt of which something went back, by its channel's truth", sources_compared},
                    {"check: payment waits", p.checked},
                    {"check: payment goes on", p.checks_passed},
                    {"check: payment refused", p.checks_refused},
                    {"check: core check missed", p.checks_missed},
                    {"check: optional check missed, payment goes on", p.optional_missed},
                    {"check: refused by the accounts afterwards", p.refused_after_checks},
                    {"check: asked again after a crash", world.checks_restored}};
  const required_list more = required_of_linked();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// Linked actions on orders, and payments for several orders.
required_list simulation_counts::required_of_linked() const {
  const auto linked_answer = [&](result_code code) {
    const auto at = linked.by_code.find(code);
    return at == linked.by_code.end() ? 0 : at->second;
  };
  return {{"linked actions: executed", linked.executed},
          {"linked actions: payment from a balance", linked.inside},
          {"linked actions: replayed", linked.replays},
          {"linked actions: refusal replayed", linked.replayed_refusals},
          {"linked actions: open", linked_answer(result_code::linked_event_chain_open)},
          {"linked actions: too many", linked_answer(result_code::chain_too_long)},
          {"linked actions: an id twice", linked_answer(result_code::chain_id_repeated)},
          {"linked actions: an order twice", linked_answer(result_code::chain_shape_unsupported)},
          {"linked actions: other content", linked_answer(result_code::exists_with_different_amount)},
          {"linked actions: some executed before", linked_answer(result_code::exists_outside_chain)},
          {"linked actions: no such order", linked_answer(result_code::order_not_found)},
          {"linked actions: refused by an order's state", linked_answer(result_code::order_state_refuses)},
          {"linked actions: refused by a version", linked_answer(result_code::order_version_differs)},
          {"linked actions: wrong amount", linked_answer(result_code::exceeds_due)},
          {"linked actions: refused by a balance", linked_answer(result_code::exceeds_credits)},
          {"combined payment: begun", combined.begun},
          {"combined payment: parts differ", linked_answer(result_code::combined_parts_differ)},
          {"combined payment: the sum moved", combined.moved_whole},
          {"combined payment: another sum moved", combined.moved_other},
          {"combined payment: a crash before all were told", combined.told_apart},
          {"combined payment: cancelled together", linked.cancelled_together},
          {"combined payment: not cancelled alone", linked_answer(result_code::combined_in_flight)},
          {"combined payment: refund to its source", linked.refunded}};
}

}  // namespace payloom::sim

#include "actors/follower/order_steps.hpp"

#include <algorithm>

namespace payloom::follower {

std::vector<commit_seq> order_steps(follower& behind, const storage::index_store& store, commit_seq created,
                                    commit_seq after, commit_seq as_of) {
  std::vector<commit_seq> recent, out;
  // The tail first: what leaves it meanwhile is in the index, and only the part below the tail is taken from there.
  const commit_seq reach = behind.with_view([&](const ledger_view& view) {
    view.recent.for_each_link(created, [&](const storage::link_entry& link) {
      if (link.kind == storage::link_kind::order_step) recent.push_back(link.sequence);
    });
    return view.index_reach;
  });
  const auto add = [&](commit_seq sequence) {
    if (sequence > after && sequence <= as_of) out.push_back(sequence);
  };
  add(created);
  store.for_each_link({&created, 1}, [&](std::size_t, const storage::link_entry& link) {
    if (link.kind == storage::link_kind::order_step && link.sequence <= reach) add(link.sequence);
  });
  for (const commit_seq sequence : recent) add(sequence);
  std::sort(out.begin(), out.end());
  return out;
}

payment_row payment_behind(event_fetcher& fetcher, commit_seq sequence, const order_event& event) {
  fetched_event found;
  const commit_seq at = sequence + event.legs + 1;
  if (!fetcher.find(at, found, false) || found.kind != storage::run_kind::payments) {
    throw storage::storage_failure("journal: event " + std::to_string(at) + " is not the payment of order event " +
                                   std::to_string(sequence));
  }
  return found.as<payment_row>();
}

const order_event& order_event_at(event_fetcher& fetcher, commit_seq sequence, bool with_context, fetched_event& out) {
  if (!fetcher.find(sequence, out, with_context) || out.kind != storage::run_kind::orders) {
    throw storage::storage_failure("index: event " + std::to_string(sequence) +
                                   " is no event of an order; rebuild the index");
  }
  return out.as<order_event>();
}

}  // namespace payloom::follower

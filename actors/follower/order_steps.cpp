#include "actors/follower/order_steps.hpp"

#include <algorithm>

namespace payloom::follower {

std::vector<std::vector<commit_seq>> order_steps(follower& behind, const storage::index_store& store,
                                                 std::span<const commit_seq> created, commit_seq as_of) {
  std::vector<std::vector<commit_seq>> recent(created.size()), out(created.size());
  // The tail first: what leaves it meanwhile is in the index, and only the part below the tail is taken from there.
  const commit_seq reach = behind.with_view([&](const ledger_view& view) {
    for (std::size_t i = 0; i < created.size(); ++i) {
      view.recent.for_each_link(created[i], [&](const storage::link_entry& link) {
        if (link.kind == storage::link_kind::order_step) recent[i].push_back(link.sequence);
      });
    }
    return view.index_reach;
  });
  const auto add = [&](std::size_t i, commit_seq sequence) {
    if (sequence <= as_of) out[i].push_back(sequence);
  };
  for (std::size_t i = 0; i < created.size(); ++i) add(i, created[i]);
  store.for_each_link(created, [&](std::size_t i, const storage::link_entry& link) {
    if (link.kind == storage::link_kind::order_step && link.sequence <= reach) add(i, link.sequence);
  });
  for (std::size_t i = 0; i < created.size(); ++i) {
    for (const commit_seq sequence : recent[i]) add(i, sequence);
    std::sort(out[i].begin(), out[i].end());
  }
  return out;
}

std::vector<commit_seq> order_steps(follower& behind, const storage::index_store& store, commit_seq created,
                                    commit_seq after, commit_seq as_of) {
  std::vector<commit_seq> out = std::move(order_steps(behind, store, {&created, 1}, as_of).front());
  out.erase(out.begin(), std::upper_bound(out.begin(), out.end(), after));
  return out;
}

std::vector<commit_seq> naming_events(follower& behind, const storage::index_store& store, storage::link_kind kind,
                                      tenant_id tenant, u128 name, commit_seq after, commit_seq as_of,
                                      std::size_t most) {
  const commit_seq target = storage::name_target(kind, tenant, name);
  const auto wanted = [&](const storage::link_entry& link) { return link.kind == kind && link.amount_minor == name; };
  std::vector<commit_seq> recent, out;
  const commit_seq reach = behind.with_view([&](const ledger_view& view) {
    view.recent.for_each_link(target, [&](const storage::link_entry& link) {
      if (link.sequence > after && link.sequence <= as_of && wanted(link)) recent.push_back(link.sequence);
    });
    return view.index_reach;
  });
  store.for_each_link(target, after, [&](const storage::link_entry& link) {
    if (link.sequence > std::min(reach, as_of)) return false;
    if (wanted(link)) out.push_back(link.sequence);
    return out.size() < most;
  });
  std::sort(recent.begin(), recent.end());
  for (const commit_seq sequence : recent)
    if (out.size() < most) out.push_back(sequence);
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

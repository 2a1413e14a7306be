#include "actors/follower/id_resolver.hpp"

#include <algorithm>

#include "actors/follower/order_steps.hpp"
#include "actors/follower/transfer_rows.hpp"

namespace payloom::follower {

u128 id_of(const fetched_event& event) {
  if (event.kind == storage::run_kind::accounts) return 0;
  u128 id;
  std::memcpy(&id, event.bytes, sizeof(id));  // every other kind begins with it
  return id;
}

resolve_status id_resolver::resolve(std::span<const id_request> requests, std::span<id_answer> answers,
                                    std::chrono::steady_clock::time_point deadline, commit_seq& as_of) {
  PAYLOOM_ASSERT(requests.size() == answers.size());
  if (!behind_.wait_applied(source_.durable_through(), deadline)) {
    return behind_.failure().empty() ? resolve_status::late : resolve_status::failed;
  }
  std::vector<std::vector<commit_seq>> candidates(requests.size());
  std::vector<storage::id_query> unknown;
  std::vector<std::size_t> unknown_at;
  as_of = behind_.with_view([&](const ledger_view& view) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (requests[i].sequence != 0) {
        candidates[i].push_back(requests[i].sequence);
      } else {
        view.recent.find_id(mix_id(requests[i].tenant, requests[i].id), candidates[i]);
        unknown.push_back({requests[i].tenant, requests[i].id});
        unknown_at.push_back(i);
      }
    }
    return view.applied_seq;
  });
  std::vector<storage::id_position> positions(unknown.size());
  store_.find_ids(unknown, positions);
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    if (positions[i].sequence != 0) candidates[unknown_at[i]].push_back(positions[i].sequence);
  }
  std::vector<commit_seq> found;
  std::vector<std::size_t> found_at;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    answers[i] = {};
    for (const commit_seq sequence : candidates[i]) {
      fetched_event& event = answers[i].event;
      if (sequence > as_of || !fetcher_.find(sequence, event, true)) continue;
      if (event.context.tenant != requests[i].tenant || id_of(event) != requests[i].id) continue;
      answers[i].found = true;
      found.push_back(sequence);
      found_at.push_back(i);
      break;
    }
  }
  std::vector<storage::link_state> links(found.size());
  find_links(behind_, store_, found, as_of, links);
  for (std::size_t i = 0; i < found.size(); ++i) {
    id_answer& answer = answers[found_at[i]];
    answer.links = links[i];
    if (answer.event.kind == storage::run_kind::orders) answer.order = newest_event(answer);
  }
  return resolve_status::ok;
}

std::shared_ptr<const storage::open_order> id_resolver::newest_event(const id_answer& answer) {
  if (answer.event.as<order_event>().order.created_seq != 0) return nullptr;  // a later command's id
  auto out = std::make_shared<storage::open_order>();
  fetched_event newest = answer.event;
  if (answer.links.newest_step != 0) order_event_at(fetcher_, answer.links.newest_step, false, newest);
  out->event = newest.as<order_event>();
  if (out->has_payment()) out->payment = payment_behind(fetcher_, newest.sequence, out->event);
  out->sequence = newest.sequence;
  out->timestamp = newest.timestamp;
  out->tenant = answer.event.context.tenant;
  return out;
}

}  // namespace payloom::follower

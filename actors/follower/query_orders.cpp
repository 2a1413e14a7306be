// order_timeline, order_postings, order_events.
#include <algorithm>
#include <cstring>

#include "actors/follower/id_resolver.hpp"
#include "actors/follower/order_steps.hpp"
#include "actors/follower/query_engine.hpp"
#include "actors/follower/transfer_rows.hpp"

namespace payloom::follower {

using storage::run_kind;

bool query_engine::find_event(tenant_id tenant, u128 id, commit_seq as_of, fetched_event& out) {
  std::vector<commit_seq> candidates;
  behind_.with_view([&](const ledger_view& view) { view.recent.find_id(mix_id(tenant, id), candidates); });
  if (const auto indexed = store_.find_id(tenant, id); indexed.sequence != 0) candidates.push_back(indexed.sequence);
  for (const commit_seq sequence : candidates) {
    if (sequence > as_of || !fetcher_.find(sequence, out, true)) continue;
    if (out.context.tenant == tenant && out.kind != run_kind::accounts && id_of(out) == id) return true;
  }
  return false;
}

query_engine::order_place query_engine::find_order(tenant_id tenant, u128 id, commit_seq as_of) {
  fetched_event event;
  if (!find_event(tenant, id, as_of, event)) return {};
  u128 order = 0;  // whose event the id is not
  if (event.kind == run_kind::chain) {
    const transfer_record& posting = event.as<storage::resolution_event>().record;
    if (id_is_reserved_for_postings(posting.id.value)) order = posting.user_data_128;
  } else if (event.kind == run_kind::payments) {
    order = event.as<payment_row>().order.value;
  } else if (event.kind == run_kind::refusals) {
    const auto& refusal = event.as<storage::refusal_event>();
    if (refusal.request_type == static_cast<std::uint16_t>(frame_type::act_on_orders)) {
      order_action_record action;
      std::memcpy(&action, refusal.request, sizeof action);
      order = action.order.value;
    }
  }
  if (order != 0 && !find_event(tenant, order, as_of, event)) return {};
  if (event.kind != run_kind::orders) return {};
  const order_row& row = event.as<order_event>().order;
  order_place out{event.sequence, order == 0 ? event.sequence : 0};
  if (row.created_seq != 0) out.created = row.created_seq;
  return out;
}

order_event_row query_engine::order_row_at(commit_seq sequence) {
  fetched_event event;
  order_event_row row{};
  row.event = order_event_at(fetcher_, sequence, true, event);
  row.sequence = sequence;
  row.timestamp = event.timestamp;
  set_context(row, event.context);
  if ((row.event.flags & order_event_flags::payment) != 0) row.payment = payment_behind(fetcher_, sequence, row.event);
  return row;
}

query_outcome query_engine::order_timeline(tenant_id tenant, u128 id, deadline_time deadline,
                                           std::vector<order_event_row>& rows) {
  rows.clear();
  query_outcome out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  const order_place place = find_order(tenant, id, out.sequence);
  if (place.created == 0) {
    out.code = result_code::not_found;
    return out;
  }
  const auto steps = order_steps(behind_, store_, place.created, 0, out.sequence);
  const std::size_t page = std::min<std::size_t>(steps.size(), order_page_rows());
  for (std::size_t i = 0; i < page; ++i) rows.push_back(order_row_at(steps[i]));
  out.more = page < steps.size();
  out.cursor = out.more ? rows.back().sequence : out.sequence;
  return out;
}

query_outcome query_engine::order_postings(tenant_id tenant, u128 id, deadline_time deadline,
                                           std::vector<transfer_row>& rows) {
  rows.clear();
  query_outcome out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  const order_place place = find_order(tenant, id, out.sequence);
  if (place.event == 0) {
    out.code = result_code::not_found;
    return out;
  }
  std::vector<commit_seq> events{place.event};  // the order's own id asks for all of its events
  if (place.event == place.created) events = order_steps(behind_, store_, place.created, 0, out.sequence);
  fetched_event event;
  const std::size_t page = order_page_rows();
  out.cursor = out.sequence;
  for (std::size_t i = 0; i < events.size() && !out.more; ++i) {
    const commit_seq last = events[i] + order_event_at(fetcher_, events[i], false, event).legs;
    for (commit_seq sequence = events[i] + 1; sequence <= last; ++sequence) {
      out.more = rows.size() == page;
      if (out.more) break;
      const transfer_record* posting = fetcher_.find(sequence, event, false) ? executed(event) : nullptr;
      if (posting == nullptr) {
        throw storage::storage_failure("journal: event " + std::to_string(sequence) + " is no posting of its order");
      }
      rows.push_back(row_of(*posting, sequence, event.timestamp));
    }
  }
  if (out.more) out.cursor = rows.back().sequence;
  fill_links(behind_, store_, rows, out.sequence);
  return out;
}

query_outcome query_engine::open_cases(tenant_id tenant, const order_event_query& query, deadline_time deadline,
                                       std::vector<order_event_row>& rows) {
  rows.clear();
  query_outcome out;
  out.code = check(query);
  if (query.wait_ms != 0 || query.order.value != 0 || query.context_id != 0 || query.root_id != 0)
    out.code = result_code::query_malformed;
  if (out.code != result_code::ok) return out;
  out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  const std::size_t page = std::min<std::size_t>(query.limit, order_page_rows());
  out.cursor = query.after;
  commit_seq beyond = 0;
  std::vector<commit_seq> found = behind_.with_view([&](const ledger_view& view) {
    std::vector<commit_seq> some = view.cases.find(tenant, query.merchant, query.after, page, out.cursor);
    out.more = some.size() == page && !view.cases.find(tenant, query.merchant, out.cursor, 1, beyond).empty();
    return some;
  });
  for (const commit_seq sequence : found) rows.push_back(order_row_at(sequence));
  return out;
}

result_code query_engine::check(const order_event_query& query) {
  const bool reserved = query.reserved0 != 0 || std::any_of(std::begin(query.reserved), std::end(query.reserved),
                                                            [](auto b) { return b != 0; });
  const bool bad =
      reserved || query.limit == 0 || query.limit > limits::order_rows_max || query.wait_ms > limits::order_wait_ms_max;
  return bad ? result_code::query_malformed : result_code::ok;
}

query_outcome query_engine::order_events(tenant_id tenant, const order_event_query& query, deadline_time deadline,
                                         std::vector<order_event_row>& rows) {
  rows.clear();
  query_outcome out;
  out.code = check(query);
  if (out.code != result_code::ok) return out;
  out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  const std::size_t page = std::min<std::size_t>(query.limit, order_page_rows());
  out.cursor = std::max(out.sequence, query.after);
  if (query.order.value != 0) {
    const order_place place = find_order(tenant, query.order.value, out.sequence);
    if (place.created == 0 || place.created != place.event) return out;  // no such order yet
    events_of_order(query, place.created, page, rows, out);
  } else {
    scan_order_events(tenant, query, page, rows, out);
  }
  return out;
}

void query_engine::events_of_order(const order_event_query& query, commit_seq created, std::size_t page,
                                   std::vector<order_event_row>& rows, query_outcome& out) {
  for (const commit_seq step : order_steps(behind_, store_, created, query.after, out.sequence)) {
    const order_event_row row = order_row_at(step);
    if (!matches(query, row.event, row.context_id, row.root_id)) continue;
    out.more = rows.size() == page;
    if (out.more) break;
    rows.push_back(row);
  }
  if (out.more) out.cursor = rows.back().sequence;
}

commit_seq query_engine::walk_order_events(commit_seq after, commit_seq to,
                                           const std::function<bool(const storage::chunk_info&)>& may_match,
                                           const order_scan::visitor& visit) {
  std::uint64_t budget = options_.scan_events_max;
  bool on = true;
  const auto visit_on = [&](const storage::run_view& run, std::uint32_t index, const payment_row* payment) {
    on = visit(run, index, payment);
    return on;
  };
  for (const range& piece : pieces_to_scan({after + 1, to}, may_match)) {
    if (budget == 0) return piece.from - 1;
    const std::uint64_t events = std::min(budget, piece.to - piece.from + 1);
    const commit_seq last = piece.from + (events - 1);
    order_scan_.run(piece.from, last, visit_on);
    budget -= events;
    if (!on || last < piece.to) return last;
  }
  return to;
}

void query_engine::scan_order_events(tenant_id tenant, const order_event_query& query, std::size_t page,
                                     std::vector<order_event_row>& rows, query_outcome& out) {
  if (query.after >= out.sequence) return;
  const auto may_match = [&](const storage::chunk_info& chunk) { return chunk.may_match(query); };
  bool full = false;
  const commit_seq reached = walk_order_events(
      query.after, out.sequence, may_match,
      [&](const storage::run_view& run, std::uint32_t index, const payment_row* payment) {
        if (run.context->tenant != tenant) return true;
        if (!matches(query, run.events<order_event>()[index], run.context->context_id, run.context->root_id))
          return true;
        full = rows.size() == page;
        if (!full) rows.push_back(row_of(run, index, payment));
        return !full;
      });
  // Full, or the scan's bound: the client goes on from here.
  out.more = full || reached < out.sequence;
  if (out.more) out.cursor = full ? rows.back().sequence : reached;
}

}  // namespace payloom::follower

// order_graph: everything that belongs to an id, in one answer (TC-2).
#include "actors/follower/query_graph.hpp"

#include <algorithm>

#include "actors/follower/order_steps.hpp"
#include "actors/follower/projection.hpp"
#include "actors/follower/transfer_rows.hpp"
#include "protocol/types/payment_life.hpp"
#include "protocol/types/settlement.hpp"

namespace payloom::follower {

using storage::link_kind;
using storage::run_kind;

namespace {

constexpr std::size_t looked_at = 8;           ///< events of a name: the first one that is no other name's is enough
constexpr std::size_t orders_at_once = 32;     ///< whose steps are looked up together
constexpr std::size_t fetched_at_once = 2048;  ///< bounds the memory: 560 bytes each

std::uint32_t unit_rest_of(const order_event& event) {
  return event.legs + ((event.flags & order_event_flags::payment) != 0 ? 1u : 0u);
}

}  // namespace

commit_seq query_engine::graph_walk::order_at(commit_seq sequence) {
  fetched_event event;
  if (sequence == 0 || sequence > as_of_ || !engine_.fetcher_.find(sequence, event, true)) return 0;
  if (event.context.tenant != tenant_) return 0;
  if (event.kind == run_kind::orders) {
    const order_row& order = event.as<order_event>().order;
    return order.created_seq != 0 ? order.created_seq : sequence;
  }
  u128 order = 0;
  if (event.kind == run_kind::payments) order = event.as<payment_row>().order.value;
  if (event.kind == run_kind::chain) {
    const transfer_record& posting = event.as<storage::resolution_event>().record;
    if (id_is_reserved_for_postings(posting.id.value)) order = posting.user_data_128;
  }
  return order == 0 ? 0 : engine_.find_order(tenant_, order, as_of_).created;
}

bool query_engine::graph_walk::begin(u128 id) {
  if (const commit_seq created = engine_.find_order(tenant_, id, as_of_).created; created != 0) {
    seeds_.push_back(created);
  } else {
    const auto named = naming_events(engine_.behind_, engine_.store_, link_kind::named_reference, tenant_, id, 0,
                                     as_of_, graph_orders_max);
    fetched_event event;
    for (const commit_seq sequence : named) {
      const bool found = engine_.fetcher_.find(sequence, event, true) && event.kind == run_kind::payments;
      if (!found || event.as<payment_row>().channel_reference != id) continue;
      const commit_seq created_by = order_at(sequence);
      if (created_by != 0 && std::find(seeds_.begin(), seeds_.end(), created_by) == seeds_.end())
        seeds_.push_back(created_by);
    }
  }
  if (!seeds_.empty()) {
    fetched_event event;
    root_ = order_event_at(engine_.fetcher_, seeds_.front(), false, event).order.root_id;
  }
  if (root_ == 0) root_ = id;  // orders may call theirs by any number
  const auto named = named_behind(0, looked_at);
  for (const commit_seq sequence : named)
    if (is_of_root(sequence)) return true;
  root_ = 0;
  return !seeds_.empty();
}

std::vector<commit_seq> query_engine::graph_walk::named_behind(commit_seq after, std::size_t most) {
  return naming_events(engine_.behind_, engine_.store_, link_kind::named_root, tenant_, root_, after, as_of_, most);
}

/// The event at `sequence` names the root.
bool query_engine::graph_walk::is_of_root(commit_seq sequence) {
  fetched_event event;
  const bool found = engine_.fetcher_.find(sequence, event, true) && event.kind == run_kind::orders;
  return found && event.context.tenant == tenant_ && root_named_by(event.as<order_event>(), event.context) == root_;
}

bool query_engine::graph_walk::go_behind(std::uint64_t cursor) {
  const std::uint64_t kind = cursor & 15;
  resume_created_ = order_at(sequence_of_place(cursor));
  if (kind == 0 || kind >= relation_kinds || resume_created_ == 0) return false;
  after_ = cursor;
  const auto steps = order_steps(engine_.behind_, engine_.store_, resume_created_, 0, as_of_);
  resume_named_ = load(resume_created_, steps, postings::no).named;
  return true;
}

bool query_engine::graph_walk::read(std::span<const commit_seq> steps, postings wanted, order_relations& into,
                                    member& out) {
  std::vector<order_event_row> events;
  std::vector<commit_seq> behind;
  fetched_event event;
  for (const commit_seq step : steps) {
    order_event_row& row = events.emplace_back();
    row = {};
    row.event = order_event_at(engine_.fetcher_, step, true, event);
    if (event.context.tenant != tenant_) return false;
    row.sequence = step;
    row.timestamp = event.timestamp;
    set_context(row, event.context);
    if (out.named == 0 && root_ != 0 && root_named_by(row.event, event.context) == root_) out.named = step;
    if (wanted == postings::yes)
      for (commit_seq at = step + 1; at <= step + row.event.legs; ++at) behind.push_back(at);
    if ((row.event.flags & order_event_flags::payment) != 0) behind.push_back(step + row.event.legs + 1);
  }
  engine_.fetcher_.find_all(behind, found_);
  std::vector<transfer_record> legs;
  auto next = found_.begin();
  for (order_event_row& row : events) {
    legs.clear();
    for (std::uint32_t leg = 0; wanted == postings::yes && leg < row.event.legs; ++leg, ++next) {
      const transfer_record* posting = executed(*next);
      if (posting == nullptr)
        throw storage::storage_failure("journal: event " + std::to_string(next->sequence) +
                                       " is no posting of its order");
      legs.push_back(*posting);
    }
    if ((row.event.flags & order_event_flags::payment) != 0) {
      if (next->kind != run_kind::payments)
        throw storage::storage_failure("journal: event " + std::to_string(next->sequence) +
                                       " is not the payment of its order");
      row.payment = (next++)->as<payment_row>();
    }
    into.add(row, legs);
  }
  return true;
}

query_engine::graph_walk::member query_engine::graph_walk::load(commit_seq created,
                                                                const std::vector<commit_seq>& steps, postings wanted) {
  member out;
  order_relations relations(tenant_, [this](const transfer_record& posting, day_number day, commit_seq sequence) {
    return settlement_of(posting, day, sequence);
  });
  constexpr std::size_t step_events = 16;  // most have fewer behind them
  for (std::size_t from = 0; from < steps.size(); from += fetched_at_once / step_events) {
    const std::size_t count = std::min(fetched_at_once / step_events, steps.size() - from);
    if (!read(std::span(steps).subspan(from, count), wanted, relations, out)) return {};
  }
  out.created = created;
  out.rows = relations.rows();
  for (const relation_row& row : out.rows)
    if (row.kind == relation_kind::combines) out.combined.push_back(row.from);
  return out;
}

bool query_engine::graph_walk::show(const member& m, bool resumed) {
  for (const relation_row& row : m.rows) {
    if (resumed && place_of(row) <= after_) continue;
    if (rows_->size() == most_) return false;
    rows_->push_back(row);
  }
  return true;
}

bool query_engine::graph_walk::show_root() {
  if (root_ == 0) return true;
  auto named = named_behind(0, graph_orders_max + 1);
  large_ = named.size() > graph_orders_max;
  if (large_ && resume_named_ != 0) named = named_behind(resume_named_ - 1, graph_orders_max + 1);
  left_ = named.size() > graph_orders_max;
  if (left_) named.pop_back();
  const bool past = after_ != 0 && resume_named_ == 0;  // earlier pages have shown all of it
  for (std::size_t from = 0; from < named.size(); from += orders_at_once) {
    std::vector<std::pair<commit_seq, commit_seq>> batch;  // first event, naming event
    for (std::size_t i = from; i < std::min(named.size(), from + orders_at_once); ++i) {
      if (!is_of_root(named[i])) continue;
      const commit_seq created = order_at(named[i]);
      if (created == 0 || !of_root_.insert(created).second) continue;
      if (past || named[i] < resume_named_)
        passed_.push_back(created);
      else
        batch.emplace_back(created, named[i]);
    }
    std::vector<commit_seq> created;
    for (const auto& [first, naming] : batch) created.push_back(first);
    std::sort(created.begin(), created.end());
    const auto steps = order_steps(engine_.behind_, engine_.store_, created, as_of_);
    for (const auto& [first, naming] : batch) {
      const auto at = std::lower_bound(created.begin(), created.end(), first) - created.begin();
      const member m = load(first, steps[static_cast<std::size_t>(at)], postings::yes);
      if (m.created == 0 || m.named != naming) continue;  // shown where it was named first
      if (!show(m, first == resume_created_)) return false;
      combined_.insert(m.combined.begin(), m.combined.end());
    }
  }
  return true;
}

std::vector<commit_seq> query_engine::graph_walk::orders_of_combined(u128 combined) {
  std::vector<commit_seq> out;
  fetched_event event;
  if (!engine_.find_event(tenant_, combined, as_of_, event) || event.kind != run_kind::orders) return out;
  commit_seq at = event.sequence;
  // The members of a unit stand one behind the other.
  for (std::uint32_t i = 0; i < limits::combined_orders_max && at <= as_of_; ++i) {
    if (!engine_.fetcher_.find(at, event, true) || event.kind != run_kind::orders) break;
    if (event.context.tenant != tenant_) break;
    const order_event one = event.as<order_event>();
    if ((one.flags & order_event_flags::payment) != 0) {
      const payment_row payment = payment_behind(engine_.fetcher_, at, one);
      if (begins_payment(one, payment) && payment.combined == combined) {
        out.push_back(one.order.created_seq != 0 ? one.order.created_seq : at);
        if (out.size() == payment.combined_count) break;
      }
    }
    at += 1 + unit_rest_of(one);
  }
  return out;
}

/// Orders outside of the root that have a part in one of these payments.
void query_engine::graph_walk::meet(const std::vector<u128>& combined, std::vector<commit_seq>& found) {
  for (const u128 one : combined) {
    for (const commit_seq created : orders_of_combined(one)) {
      if (!of_root_.contains(created) && !others_.contains(created)) found.push_back(created);
    }
  }
}

void query_engine::graph_walk::find_others() {
  for (const commit_seq created : passed_) {
    const auto steps = order_steps(engine_.behind_, engine_.store_, created, 0, as_of_);
    const member m = load(created, steps, postings::no);
    combined_.insert(m.combined.begin(), m.combined.end());
  }
  std::vector<commit_seq> found;
  for (const commit_seq seed : seeds_)
    if (!of_root_.contains(seed)) found.push_back(seed);
  meet({combined_.begin(), combined_.end()}, found);
  for (std::size_t i = 0; i < found.size() && others_.size() < graph_orders_max; ++i) {
    if (others_.contains(found[i])) continue;
    const auto steps = order_steps(engine_.behind_, engine_.store_, found[i], 0, as_of_);
    member m = load(found[i], steps, postings::yes);
    if (m.created == 0 || m.named != 0) continue;
    std::vector<u128> fresh;
    for (const u128 one : m.combined)
      if (combined_.insert(one).second) fresh.push_back(one);
    others_.emplace(found[i], std::move(m));
    meet(fresh, found);
  }
}

bool query_engine::graph_walk::show_others() {
  if (large_) return true;
  find_others();
  const bool resumed = after_ != 0 && resume_named_ == 0;
  for (const auto& [created, m] : others_) {
    if (resumed && created < resume_created_) continue;
    if (!show(m, resumed && created == resume_created_)) return false;
  }
  return true;
}

void query_engine::graph_walk::page(std::size_t most, std::vector<relation_row>& rows, query_outcome& out) {
  most_ = most;
  rows_ = &rows;
  const bool all = show_root() && (left_ || show_others());
  out.more = !all || left_;
  if (rows.empty()) out.more = false;
  out.cursor = out.more ? place_of(rows.back()) : 0;
}

std::optional<settlement_row> query_engine::graph_walk::batch_through(account_id account, ledger_id ledger,
                                                                      day_number day) {
  const auto [it, fresh] = batches_.try_emplace({account.value, day});
  settlement_row row;
  if (fresh && engine_.settlement_batch(tenant_, lo64(account.value), ledger, day, as_of_, row)) it->second = row;
  return it->second;
}

order_id query_engine::graph_walk::settlement_of(const transfer_record& posting, day_number day, commit_seq sequence) {
  const account_id account = posting.credit_account;
  if (hi64(account.value) != pending_account_prefix(posting.ledger)) return {};
  const auto [through, fresh] = settled_through_.try_emplace(account.value, 0);
  if (fresh) {
    engine_.behind_.with_view([&](const ledger_view& view) {
      const auto ordinal = view.accounts.find(tenant_, account.value);
      if (ordinal == no_account) return;
      const unsettled_account* sums = view.books.unsettled_of(ordinal);
      if (sums != nullptr) through->second = sums->settled_through();
    });
  }
  for (int days = 0; days <= graph_settle_days_max && is_day(day) && day <= through->second; ++days) {
    const auto batch = batch_through(account, posting.ledger, day);
    // What came behind the commit at which the batch was added up is in the next one.
    if (batch && batch->as_of >= sequence) return batch->order;
    day = plus_days(day, 1);
  }
  return {};
}

query_outcome query_engine::order_graph(tenant_id tenant, const graph_query& query, deadline_time deadline,
                                        std::vector<relation_row>& rows) {
  rows.clear();
  query_outcome out;
  const bool reserved = query.flags != 0 || std::any_of(std::begin(query.reserved), std::end(query.reserved),
                                                        [](auto b) { return b != 0; });
  if (reserved || query.limit == 0 || query.limit > limits::graph_rows_max) out.code = result_code::query_malformed;
  if (out.code != result_code::ok) return out;
  out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  graph_walk walk(*this, tenant, out.sequence);
  if (query.id == 0 || !walk.begin(query.id)) {
    out.code = result_code::not_found;
  } else if (query.cursor != 0 && !walk.go_behind(query.cursor)) {
    out.code = result_code::cursor_malformed;
  } else {
    walk.page(std::min<std::size_t>(query.limit, options_.rows_max), rows, out);
  }
  return out;
}

}  // namespace payloom::follower

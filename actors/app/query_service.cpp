#include "actors/app/query_service.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <future>

#include "actors/app/verify_report.hpp"
#include "actors/follower/id_resolver.hpp"
#include "actors/follower/paired_fetcher.hpp"
#include "actors/follower/verify.hpp"
#include "config/log.hpp"
#include "protocol/net/reply_rows.hpp"
#include "storage/log/event_lookup.hpp"

namespace payloom::app {

namespace {

using fetcher = follower::lookup_fetcher<storage::event_lookup, storage::found_event>;
using std::chrono::steady_clock;

/// Asks for the processor in short turns that come soon: a query wakes up, works a millisecond or two and sleeps again,
/// beside shards that work all the time. Its share does not grow. Kernels before 6.12 do not know it and go on as
/// before.
void take_short_turns() {
  // The first version of the kernel's struct sched_attr, which the C library does not declare.
  struct {
    std::uint32_t size = 48, policy = SCHED_OTHER;
    std::uint64_t flags = 0;
    std::int32_t nice = getpriority(PRIO_PROCESS, 0);
    std::uint32_t priority = 0;
    std::uint64_t turn_ns = 300'000, deadline = 0, period = 0;
  } wanted;
  static_assert(sizeof wanted == 48);
  syscall(SYS_sched_setattr, 0, &wanted, 0);
}

void complete(command_frame& f, std::unique_ptr<net::reply_rows> rows) {
  f.rows = rows.release();
  if (f.finish(f.remaining.load(std::memory_order_relaxed))) f.port->complete(f);
}

void complete_text(command_frame& f, const std::string& text) {
  auto rows = std::make_unique<net::reply_rows>();
  const auto* p = reinterpret_cast<const std::byte*>(text.data());
  rows->bytes.assign(p, p + text.size());
  complete(f, std::move(rows));
}

/// How often those who wait for events of orders are looked after.
constexpr auto watch_interval = std::chrono::milliseconds(2);

/// The frame's deadline on the monotonic clock.
follower::deadline_time deadline_of(const command_frame& f) {
  const auto now = steady_clock::now();
  if (f.deadline_at == ~time_ns{0}) return now + std::chrono::hours(1);
  const auto left = f.deadline_at > f.received_at ? f.deadline_at - f.received_at : 0;
  return now + std::chrono::nanoseconds(left);
}

core::stored_event stored(const follower::id_answer& a) {
  core::stored_event e;
  if (!a.found) return e;
  using core::stored_event;
  using storage::run_kind;
  e.seq = a.event.sequence;
  e.timestamp = a.event.timestamp;
  std::memcpy(e.record, a.event.bytes, std::min<std::size_t>(sizeof e.record, a.event.size));
  switch (a.event.kind) {
    case run_kind::transfers:
    case run_kind::resolutions:
    case run_kind::chain:
      e.what = stored_event::kind::transfer;
      e.reversed_minor = a.links.reversed_minor;
      if (e.transfer().flags & transfer_flags::hold) {
        e.state = transfer_state::held;
        if (a.links.resolved_by != 0)
          e.state = a.links.resolved_how == storage::link_kind::captured ? transfer_state::captured
                    : a.links.resolved_how == storage::link_kind::voided ? transfer_state::voided
                                                                         : transfer_state::expired;
      }
      break;
    case run_kind::refusals: {
      const auto& r = a.event.as<storage::refusal_event>();
      e.what = stored_event::kind::refusal;
      e.code = r.code;
      e.request_type = static_cast<frame_type>(r.request_type);
      e.as_of = r.as_of;
      break;
    }
    case run_kind::changes:
      e.what = stored_event::kind::change;
      break;
    case run_kind::seals:
      e.what = stored_event::kind::seal;
      break;
    case run_kind::orders:
      e.what = stored_event::kind::order;
      e.request_type = static_cast<frame_type>(a.event.as<order_event>().request_type);
      if (a.order)
        e.order = std::make_shared<const core::stored_order>(core::stored_order{
            a.order->event.order, a.order->sequence, a.order->timestamp, a.order->has_payment(), a.order->payment});
      break;
    case run_kind::payments:
    case run_kind::accounts:
      break;  // accounts have ids of their own
  }
  return e;
}

}  // namespace

query_service::query_service(storage::segment_log& journal, follower::follower& behind, storage::index_store& index,
                             std::function<std::string()> stats)
    : journal_(journal), behind_(behind), index_(index), stats_(std::move(stats)), warmer_(journal) {
  queries_.thread = std::thread([this] { run(queries_); });
  checks_.thread = std::thread([this] { run(checks_); });
}

query_service::~query_service() { stop(); }

void query_service::submit(command_frame& f) {
  if (f.type() == frame_type::stats) {
    complete_text(f, stats_());
    return;
  }
  lane& l = f.type() == frame_type::verify ? checks_ : queries_;
  {
    const std::lock_guard lock(l.mutex);
    l.frames.push_back(&f);
  }
  l.wake.notify_one();
}

void query_service::end_waits() {
  {
    const std::lock_guard lock(queries_.mutex);
    waits_ended_ = true;
  }
  queries_.wake.notify_one();
}

void query_service::stop() {
  stopping_ = true;
  for (lane* l : {&queries_, &checks_}) {
    { const std::lock_guard lock(l->mutex); }
    l->wake.notify_all();
    if (l->thread.joinable()) l->thread.join();
  }
}

void query_service::run(lane& l) {
  if (&l == &queries_) take_short_turns();
  follower::paired_fetcher<storage::event_lookup, storage::found_event> events(journal_, take_short_turns);
  follower::query_engine engine(journal_, behind_, index_, events);
  follower::order_watch watch(journal_, behind_);
  std::unique_lock lock(l.mutex);
  while (true) {
    const auto awaited = [&] { return stopping_ || !l.frames.empty() || (waits_ended_ && !watch.empty()); };
    if (watch.empty()) {
      l.wake.wait(lock, awaited);
    } else {
      l.wake.wait_for(lock, watch_interval, awaited);
    }
    if (stopping_ && l.frames.empty() && watch.empty()) return;
    command_frame* f = l.frames.empty() ? nullptr : l.frames.front();
    if (f != nullptr) l.frames.pop_front();
    lock.unlock();
    try {
      if (f != nullptr) answer(engine, watch, *f);
      look_for_events(watch);
    } catch (const std::exception& e) {  // damaged data: what the journal says no longer holds together
      config::log(config::log_level::error, "query_failed", {{"error", std::string(e.what())}, {"action", "stop"}});
      std::_Exit(70);
    }
    lock.lock();
  }
}

namespace {

template <class Row>
void reply_with(command_frame& f, const follower::query_outcome& out, const std::vector<Row>& rows) {
  auto reply = std::make_unique<net::reply_rows>();
  reply->code = out.code;
  reply->sequence = out.sequence;
  reply->cursor = out.cursor;
  reply->flags = out.more ? frame_flags::more : 0;
  if (out.code == result_code::ok) {
    reply->bytes.resize(rows.size() * sizeof(Row));
    if (!rows.empty()) std::memcpy(reply->bytes.data(), rows.data(), reply->bytes.size());
    reply->record_count = static_cast<std::uint32_t>(rows.size());
  }
  complete(f, std::move(reply));
}

template <class Row, class Ask>
void answer_rows(command_frame& f, Ask&& ask) {
  std::vector<Row> rows;
  const follower::query_outcome out = ask(rows);
  reply_with(f, out, rows);
}

}  // namespace

void query_service::look_for_events(follower::order_watch& watch) {
  const auto done = [this](void* asker, const follower::query_outcome& out, const auto& rows) {
    follower::query_outcome answer = out;
    if (stopping_) answer.code = result_code::draining;
    reply_with(*static_cast<command_frame*>(asker), answer, rows);
  };
  if (stopping_ || waits_ended_) {
    watch.end_all(done);
  } else {
    watch.look(steady_clock::now(), done);
  }
}

void query_service::answer_order_events(follower::query_engine& engine, follower::order_watch& watch,
                                        command_frame& f) {
  const auto& query = *reinterpret_cast<const order_event_query*>(f.records);
  const auto deadline = deadline_of(f);
  std::vector<order_event_row> rows;
  const follower::query_outcome out = engine.order_events(f.header.tenant, query, deadline, rows);
  const bool nothing = out.code == result_code::ok && rows.empty() && !out.more;
  if (nothing && query.wait_ms != 0 && !waits_ended_) {
    const auto until = std::min(deadline, steady_clock::now() + std::chrono::milliseconds(query.wait_ms));
    if (watch.add({&f, f.header.tenant, query, out.cursor, until})) return;
  }
  reply_with(f, out, rows);
}

void query_service::answer(follower::query_engine& engine, follower::order_watch& watch, command_frame& f) {
  const tenant_id tenant = f.header.tenant;
  const auto deadline = deadline_of(f);
  const std::span ids(reinterpret_cast<const id_record*>(f.records), f.count);
  const auto& query = *reinterpret_cast<const query_record*>(f.records);
  if (stopping_) {
    auto reply = std::make_unique<net::reply_rows>();
    reply->code = result_code::draining;
    complete(f, std::move(reply));
    return;
  }
  switch (f.type()) {
    case frame_type::lookup_accounts:
    case frame_type::balances_at:
      return answer_rows<account_row>(f, [&](auto& r) { return engine.lookup_accounts(tenant, ids, deadline, r); });
    case frame_type::lookup_transfers:
      return answer_rows<transfer_row>(f, [&](auto& r) { return engine.lookup_transfers(tenant, ids, deadline, r); });
    case frame_type::list_accounts:
      return answer_rows<account_row>(f, [&](auto& r) { return engine.list_accounts(tenant, query, deadline, r); });
    case frame_type::list_transfers:
      return answer_rows<transfer_row>(f, [&](auto& r) { return engine.list_transfers(tenant, query, deadline, r); });
    case frame_type::statement:
      return answer_rows<statement_row>(f, [&](auto& r) { return engine.statement(tenant, query, deadline, r); });
    case frame_type::order_timeline:
      return answer_rows<order_event_row>(
          f, [&](auto& r) { return engine.order_timeline(tenant, ids[0].id, deadline, r); });
    case frame_type::order_postings:
      return answer_rows<transfer_row>(f,
                                       [&](auto& r) { return engine.order_postings(tenant, ids[0].id, deadline, r); });
    case frame_type::open_cases:
      return answer_rows<order_event_row>(f, [&](auto& r) {
        return engine.open_cases(tenant, *reinterpret_cast<const order_event_query*>(f.records), deadline, r);
      });
    case frame_type::order_events:
      return answer_order_events(engine, watch, f);
    case frame_type::order_graph:
      return answer_rows<relation_row>(f, [&](auto& r) {
        return engine.order_graph(tenant, *reinterpret_cast<const graph_query*>(f.records), deadline, r);
      });
    case frame_type::settlements: {
      const auto& asked = *reinterpret_cast<const settlement_query*>(f.records);
      return answer_rows<settlement_row>(f, [&](auto& r) { return engine.settlements(tenant, asked, deadline, r); });
    }
    case frame_type::verify:
      return complete_text(f, verify_text());
    default:
      break;
  }
  auto reply = std::make_unique<net::reply_rows>();
  reply->code = result_code::frame_type_unknown;
  complete(f, std::move(reply));
}

/// The books from the journal, the follower and the index; then the shards, asked at one commit by a marker.
std::string query_service::verify_text() {
  follower::verify_report report =
      follower::verify(journal_, behind_, index_, [this] { return stopping_.load(std::memory_order_relaxed); });
  commit_seq at = 0;
  std::vector<actors::account_state> states;
  // An account on its way between two shards would be missing: ask again when one moved meanwhile.
  for (std::uint64_t moves = ~std::uint64_t{0}; moves != partition_->moves();) {
    moves = partition_->moves();
    std::promise<void> answered;
    partition_->snapshot([&](commit_seq when, std::vector<actors::account_state> all) {
      at = when;
      states = std::move(all);
      answered.set_value();
    });
    answered.get_future().wait();
  }
  std::vector<std::pair<tenant_id, account_row>> rows;
  rows.reserve(states.size());
  for (const auto& s : states) rows.emplace_back(s.tenant, s.row);
  follower::ledger_audit books(report.problems);
  follower::replay(journal_, at, books);
  follower::compare_balances(books, rows, "account shards", report.problems);
  return verify_json(report, at);
}

actors::reader_functions query_service::reader_functions() {
  // One set of helpers for the reader's one thread.
  struct helpers {
    helpers(storage::segment_log& j, follower::follower& b, storage::index_store& i)
        : events(j), resolver(j, b, i, events), engine(j, b, i, events) {}
    fetcher events;
    follower::id_resolver resolver;
    follower::query_engine engine;
  };
  auto h = std::make_shared<helpers>(journal_, behind_, index_);
  actors::reader_functions out;
  out.events = [h](std::span<const core::load_request> loads) {
    std::vector<follower::id_request> requests;
    for (const auto& l : loads) requests.push_back({l.tenant, l.id, l.seq});
    std::vector<follower::id_answer> answers(loads.size());
    commit_seq as_of = 0;
    // A late follower is waited for: "not found" may only be said of what is known to be absent.
    while (h->resolver.resolve(requests, answers, steady_clock::now() + std::chrono::seconds(1), as_of) !=
           follower::resolve_status::ok) {
    }
    std::vector<core::stored_event> found;
    for (const auto& a : answers) found.push_back(stored(a));
    return found;
  };
  out.creation = [h](tenant_id tenant, account_id id) {
    actors::loaded_creation c;
    const id_record record{id.value};
    std::vector<account_row> rows;
    while (rows.empty())  // it exists: an account shard said so, after its commit
      h->engine.lookup_accounts(tenant, {&record, 1}, steady_clock::now() + std::chrono::seconds(1), rows);
    follower::fetched_event e;
    const bool there = h->events.find(rows.front().created_seq, e, false);
    PAYLOOM_ASSERT(there && e.kind == storage::run_kind::accounts);
    c.stored = e.as<account_record>();
    c.seq = e.sequence;
    c.timestamp = e.timestamp;
    return c;
  };
  return out;
}

}  // namespace payloom::app

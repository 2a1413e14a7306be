#include "actors/app/subscription_service.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "actors/app/reply.hpp"
#include "config/log.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/u128_text.hpp"
#include "storage/log/event_lookup.hpp"

namespace payloom::app {

namespace {

using config::log;
using config::log_level;
using std::chrono::steady_clock;

/// How often what was applied is looked at while somebody subscribes.
constexpr auto look_interval = std::chrono::milliseconds(2);
constexpr auto figures_interval = std::chrono::milliseconds(100);
/// How often cursors without news are moved, and the age of backlogs is looked at.
constexpr auto care_interval = std::chrono::seconds(1);
/// A cursor that moves although nothing came for it is written when it moved so far.
constexpr commit_seq advance_events = 100'000;
/// A backlog older than that is logged.
constexpr time_ns late_after = 600ull * 1'000'000'000;

time_ns wall_clock() {
  using namespace std::chrono;
  return static_cast<time_ns>(duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
}

std::unique_ptr<net::reply_rows> reply_of(result_code code) {
  auto rows = std::make_unique<net::reply_rows>();
  rows->code = code;
  return rows;
}

std::unique_ptr<net::reply_rows> reply_of(std::span<const subscription_row> rows, commit_seq sequence) {
  auto out = std::make_unique<net::reply_rows>();
  const auto bytes = std::as_bytes(rows);
  out->bytes.assign(bytes.begin(), bytes.end());
  out->record_count = static_cast<std::uint32_t>(rows.size());
  out->sequence = sequence;
  return out;
}

std::uint32_t flags_of(const command_frame& acknowledgement) {
  return reinterpret_cast<const acknowledge_record*>(acknowledgement.records)->flags;
}

}  // namespace

struct subscription_service::tools {
  tools(storage::segment_log& journal, follower::follower& behind, storage::index_store& index)
      : events(journal),
        engine(journal, behind, index, events, {.scan_events_max = follower::event_fanout::near_events}),
        fanout(journal, behind, engine) {}
  follower::lookup_fetcher<storage::event_lookup, storage::found_event> events;
  follower::query_engine engine;
  follower::event_fanout fanout;
};

subscription_service::subscription_service(storage::segment_log& journal, follower::follower& behind,
                                           storage::index_store& index, const std::string& directory)
    : journal_(journal), behind_(behind), index_(index), store_(directory) {}

subscription_service::~subscription_service() { stop(); }

void subscription_service::start() {
  const auto all = store_.load();
  if (const std::size_t n = book_.restore(all, journal_.durable_through()); n != 0)
    log(log_level::warn, "subscriptions_brought_back", {{"subscriptions", n}, {"to", journal_.durable_through()}});
  writer_ = std::make_unique<subscription_writer>(store_, [this] {
    {
      const std::lock_guard lock(mutex_);
      outcomes_ = true;
    }
    wake_.notify_one();
  });
  publish();
  thread_ = std::thread([this] { run(); });
}

void subscription_service::submit(command_frame& frame) {
  {
    const std::lock_guard lock(mutex_);
    frames_.push_back(&frame);
  }
  wake_.notify_one();
}

void subscription_service::end_pushes() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
}

void subscription_service::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

subscription_figures subscription_service::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

void subscription_service::run() {
  tools with(journal_, behind_, index_);
  std::unique_lock lock(mutex_);
  while (true) {
    const auto awaited = [this] { return stopping_ || outcomes_ || !frames_.empty() || (ending_ && !ended_); };
    if (pusher_.anybody()) {
      wake_.wait_for(lock, again_ ? std::chrono::milliseconds(0) : look_interval, awaited);
    } else if (!book_.all().empty()) {
      wake_.wait_for(lock, care_interval, awaited);
    } else {
      wake_.wait(lock, awaited);
    }
    const std::deque<command_frame*> frames = std::exchange(frames_, {});
    const bool outcomes = std::exchange(outcomes_, false), last = stopping_;
    if (ending_) ended_ = true;
    lock.unlock();
    try {
      if (ended_) end_all_pushes();
      if (outcomes) take_outcomes();
      for (command_frame* f : frames) last ? complete(*f, reply_of(result_code::draining)) : take(*f);
      if (last) return finish();
      work(with);
    } catch (const std::exception& e) {  // damaged data: what the journal says no longer holds together
      log(log_level::error, "subscriptions_failed", {{"error", std::string(e.what())}, {"action", "stop"}});
      std::_Exit(70);
    }
    lock.lock();
  }
}

/// One round: read for all, send to all.
void subscription_service::work(tools& with) {
  pusher_.make_room(book_);
  again_ = false;
  if (pusher_.anybody()) {
    again_ = with.fanout.look(pusher_.readers());
    pushed_events_ += pusher_.push(book_);
  }
  const auto now = steady_clock::now();
  if (now - looked_after_ >= care_interval) {
    looked_after_ = now;
    look_after(with);
  }
  if (now - published_at_ >= figures_interval || published_ != book_.all().size()) {
    published_at_ = now;
    publish();
  }
}

// ---------------------------------------------------------------------------------------------------------- frames

void subscription_service::take(command_frame& f) { f.type() == frame_type::subscribe ? subscribe(f) : acknowledge(f); }

void subscription_service::subscribe(command_frame& f) {
  const auto& asked = *reinterpret_cast<const subscribe_record*>(f.records);
  const tenant_id tenant = f.header.tenant;
  const result_code code = book_.may_subscribe(tenant, asked, journal_.durable_through());
  if (code != result_code::ok) return complete(f, reply_of(code));
  if ((asked.flags & subscribe_flags::show) != 0) return show(f, asked.name);
  if (ended_) return complete(f, reply_of(result_code::draining));
  if (subscription* there = book_.find({tenant, asked.name})) {
    // Whoever had it learns that it is another's now.
    pusher_.push_end(*there, result_code::ok);
    return begin(f, *there);
  }
  submit_change(book_.make(tenant, asked).to_store(), &f);
}

/// Pushes to the connection of `f` from now on, behind the reply.
void subscription_service::begin(command_frame& f, subscription& s) {
  subscription::target to;
  to.port = dynamic_cast<net::push_port*>(f.port);
  PAYLOOM_ASSERT(to.port != nullptr);
  to.owner = f.owner;
  to.request = f.header.request;
  to.window = reinterpret_cast<const subscribe_record*>(f.records)->window;
  to.lane = pusher_.make_lane();
  auto lane = to.lane;
  const bool created = s.state == subscription::phase::making;
  s.state = subscription::phase::lasting;
  s.begin(std::move(to));
  subscription_row row = subscription_book::row_of(s, behind_.applied_seq());
  if (created) row.flags |= subscription_flags::created;
  auto reply = reply_of(std::span(&row, 1), journal_.durable_through());
  reply->opens = std::move(lane);
  complete(f, std::move(reply));
}

void subscription_service::show(command_frame& f, u128 name) {
  const commit_seq applied = behind_.applied_seq();
  std::vector<subscription_row> rows;
  for (const auto& [key, s] : book_.all()) {
    const bool wanted = key.tenant == f.header.tenant && (name == 0 || key.name == name);
    if (wanted && s.state != subscription::phase::making) rows.push_back(subscription_book::row_of(s, applied));
  }
  complete(f, reply_of(rows, applied));
}

void subscription_service::acknowledge(command_frame& f) {
  const auto& asked = *reinterpret_cast<const acknowledge_record*>(f.records);
  const result_code code = book_.may_acknowledge(f.header.tenant, asked);
  if (code != result_code::ok) return complete(f, reply_of(code));
  subscription& s = *book_.find({f.header.tenant, asked.name});
  ++acknowledgements_;
  if ((asked.flags & acknowledge_flags::forget) != 0) return forget(f, s);
  s.acknowledge(asked.sequence, wall_clock());
  const bool here = s.pushing() && s.to.port == f.port && s.to.owner == f.owner;
  if ((asked.flags & acknowledge_flags::end) != 0 && here) s.end();
  if (asked.sequence > s.durable.acknowledged) return submit_change(s.to_store(), &f);
  const subscription_row row = subscription_book::row_of(s, behind_.applied_seq());
  complete(f, reply_of(std::span(&row, 1), journal_.durable_through()));
}

void subscription_service::forget(command_frame& f, subscription& s) {
  pusher_.push_end(s, result_code::subscription_unknown);
  s.end();
  s.state = subscription::phase::forgetting;
  stored_subscription gone = s.to_store();
  gone.forgotten = 1;
  submit_change(gone, &f);
}

// ------------------------------------------------------------------------------------------------ what is durable

void subscription_service::submit_change(const stored_subscription& change, command_frame* f) {
  const std::uint64_t ticket = next_ticket_++;
  pending_[ticket] = {f, change.key(), change.acknowledged, change.acknowledged_at};
  writer_->submit(change, ticket);
}

void subscription_service::take_outcomes() {
  for (const auto& outcome : writer_->take_outcomes()) {
    for (const std::uint64_t ticket : outcome.tickets) {
      const auto at = pending_.find(ticket);
      PAYLOOM_ASSERT(at != pending_.end());
      const pending change = at->second;
      pending_.erase(at);
      settle(change, outcome.durable);
    }
  }
}

void subscription_service::settle(const pending& change, bool durable) {
  using phase = subscription::phase;
  subscription* s = book_.find(change.key);
  command_frame* f = change.frame;
  const auto answer = [f](std::unique_ptr<net::reply_rows> rows) {
    if (f != nullptr) complete(*f, std::move(rows));
  };
  if (s == nullptr) return answer(reply_of(result_code::subscription_unknown));  // forgotten meanwhile
  const bool begins = f != nullptr && f->type() == frame_type::subscribe;
  const bool forgets = f != nullptr && !begins && (flags_of(*f) & acknowledge_flags::forget) != 0;
  if (!durable) {
    if (begins) {
      stored_subscription gone = s->to_store();  // it may stand in the file all the same
      gone.forgotten = 1;
      book_.erase(change.key);
      submit_change(gone, nullptr);
    } else if (forgets) {
      s->state = phase::lasting;
    }
    return answer(reply_of(result_code::unavailable));
  }
  if (change.acknowledged > s->durable.acknowledged) {
    s->durable.acknowledged = change.acknowledged;
    s->durable.acknowledged_at = change.acknowledged_at;
  }
  if (begins && !ended_) return begin(*f, *s);
  if (begins) s->state = phase::lasting;
  const subscription_row row = subscription_book::row_of(*s, behind_.applied_seq());
  if (forgets) book_.erase(change.key);
  answer(begins ? reply_of(result_code::draining) : reply_of(std::span(&row, 1), journal_.durable_through()));
}

void subscription_service::end_all_pushes() {
  for (auto& [key, s] : book_.all()) {
    pusher_.push_end(s, result_code::draining);
    s.end();
  }
}

void subscription_service::finish() {
  end_all_pushes();
  for (auto& [key, s] : book_.all())
    if (s.state == subscription::phase::lasting && s.acknowledged > s.durable.acknowledged)
      submit_change(s.to_store(), nullptr);
  writer_->stop();
  take_outcomes();
  publish();
}

// ------------------------------------------------------------------------------------------------------------ care

/// A cursor for which nothing comes moves on all the same, so that a restart has not to look through what is past.
void subscription_service::advance(subscription& s) {
  if (!s.pushing() || !s.waiting.empty() || s.reader.looked <= s.acknowledged) return;
  s.acknowledged = s.reader.looked;
  if (s.acknowledged - s.durable.acknowledged >= advance_events) submit_change(s.to_store(), nullptr);
}

void subscription_service::look_after(tools& with) {
  const commit_seq applied = behind_.applied_seq();
  const time_ns now = wall_clock();
  follower::fetched_event event;
  for (auto& [key, s] : book_.all()) {
    advance(s);
    const commit_seq next = s.reader.looked + 1;
    if (s.waiting.empty() && next <= applied && s.since_of != next && with.events.find(next, event, false)) {
      s.since_of = next;
      s.since = event.timestamp;
    }
    report_late(s, now);
  }
}

void subscription_service::report_late(subscription& s, time_ns now) {
  const time_ns since = subscription_book::backlog_since(s, behind_.applied_seq());
  const bool late = since != 0 && now > since + late_after;
  if (late == s.reported_late) return;
  s.reported_late = late;
  log(late ? log_level::warn : log_level::info, late ? "subscription_late" : "subscription_in_time",
      {{"tenant", s.durable.tenant},
       {"subscription", to_hex(s.durable.name)},
       {"pushing", s.pushing()},
       {"waiting", s.waiting.size()},
       {"backlog_seconds", late ? (now - since) / 1'000'000'000 : 0}});
}

void subscription_service::publish() {
  const commit_seq applied = behind_.applied_seq();
  subscription_figures next;
  for (const auto& [key, s] : book_.all()) {
    next.pushing += s.pushing();
    next.rows.emplace_back(key.tenant, subscription_book::row_of(s, applied));
  }
  next.subscriptions = next.rows.size();
  published_ = next.rows.size();
  const auto age = [](const auto& one) {
    const time_ns since = one.second.backlog_since;
    return since == 0 ? ~time_ns{0} : since;
  };
  const std::size_t shown = std::min(next.rows.size(), subscription_figures::rows_max);
  std::ranges::partial_sort(next.rows, next.rows.begin() + static_cast<std::ptrdiff_t>(shown), {}, age);
  next.rows.resize(shown);
  if (!next.rows.empty()) next.oldest_backlog = next.rows.front().second.backlog_since;
  next.pushed_events = pushed_events_;
  next.acknowledgements = acknowledgements_;
  next.writes = writer_->writes();
  next.unsent_bytes = pusher_.unsent_bytes();
  const std::lock_guard lock(mutex_);
  figures_ = std::move(next);
}

}  // namespace payloom::app

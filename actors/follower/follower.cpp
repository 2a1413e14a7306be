#include "actors/follower/follower.hpp"

#include <sched.h>
#include <time.h>

#include "protocol/types/assert.hpp"
#include "protocol/types/kill_point.hpp"
#include "storage/rocksdb/index_keys.hpp"

namespace payloom::follower {

using storage::run_view;
using clock = std::chrono::steady_clock;

namespace {
/// A snapshot is taken when this many events came per account touched since the last one: it costs about 0.5 us a row.
constexpr std::uint64_t events_per_snapshot_row = 4;
/// ... and at the latest after this many: they must be replayed at start (about 0.15 us each).
constexpr std::uint64_t snapshot_events_max = 8'000'000;

/// CPU time of the calling thread.
std::uint64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}
}  // namespace

follower::follower(storage::journal_source& source, storage::index_store& store, follower_options options)
    : source_(source),
      store_(store),
      options_(std::move(options)),
      tail_(options_.chunk_events),
      feed_(source, options_.handover_bytes_max),
      builder_(source) {
  PAYLOOM_ASSERT(options_.slice_events > 0 && options_.lag_events_max >= options_.chunk_events);
}

follower::~follower() { stop(); }

void follower::start() {
  PAYLOOM_ASSERT(!stage_1_.joinable());
  last_event_ = clock::now();
  const auto guarded = [this](void (follower::*stage)()) {
    return [this, stage] {
      try {
        (this->*stage)();
      } catch (const std::exception& error) {
        fail(error.what());
      }
    };
  };
  stage_1_ = std::thread(guarded(&follower::run_stage_1));
  stage_2_ = std::thread(guarded(&follower::run_stage_2));
}

void follower::stop() {
  {
    const std::lock_guard lock(signal_mutex_);
    stopping_ = true;
  }
  wake_stage_1_.notify_all();
  wake_stage_2_.notify_all();
  progress_.notify_all();
  if (stage_1_.joinable()) stage_1_.join();
  if (stage_2_.joinable()) stage_2_.join();
}

void follower::fail(const std::string& what) {
  {
    const std::lock_guard lock(signal_mutex_);
    if (failure_.empty()) failure_ = what;
    failed_ = true;
  }
  progress_.notify_all();
  if (options_.on_failure) options_.on_failure(what);
}

std::string follower::failure() const {
  const std::lock_guard lock(signal_mutex_);
  return failure_;
}

void follower::offer(std::shared_ptr<const std::byte> group, std::size_t bytes) {
  // Stage 1 polls: waking it for every group would cost the writer more than the group does.
  if (feed_.offer(std::move(group), bytes)) wake_stage_1_.notify_one();
}

std::uint64_t follower::lag_events() const {
  const commit_seq indexed = store_.indexed_seq(), durable = source_.durable_through();
  return durable > indexed ? durable - indexed : 0;
}

// ------------------------------------------------------------------------------------------------------- stage 1

void follower::run_stage_1() {
  while (!stopping_) {
    if (!apply_next()) idle();
  }
}

/// Applies one group; false when there was none or the index is too far behind.
bool follower::apply_next() {
  drop_indexed();
  if (applied_seq_ - store_.indexed_seq() >= options_.lag_events_max) return false;
  const std::uint64_t started = cpu_ns();
  const storage::group_view group = feed_.take(applied_seq_ + 1);
  if (group.header == nullptr) return false;
  pass_kill_point(kill_point::follower_takes);
  last_event_ = clock::now();
  apply_group(group, true);
  apply_cpu_ns_ += cpu_ns() - started;
  close_chunk_if(flush_wanted());
  return true;
}

void follower::apply_group(const storage::group_view& group, bool into_tail) {
  storage::run_cursor runs(group);
  run_view run;
  std::uint32_t from = 0;
  for (bool left = runs.next(run); left;) left = apply_turn(runs, run, from, into_tail);
  if (waiters_.load(std::memory_order_seq_cst) != 0) {
    { const std::lock_guard lock(signal_mutex_); }
    progress_.notify_all();
  }
}

bool follower::apply_turn(storage::run_cursor& runs, run_view& run, std::uint32_t& from, bool into_tail) {
  const std::lock_guard lock(turn_);
  commit_seq last = 0;
  bool left = true;
  unit_rest owed;
  for (std::uint32_t done = 0; left && done < options_.slice_events;) {
    // A chain is one unit: its members become visible together.
    const bool whole = run.kind == storage::run_kind::chain;
    const std::uint32_t count = whole ? run.count : std::min(options_.slice_events - done, run.count - from);
    if (into_tail) tail_.advance(run.first_sequence + from, count, run.first_time + from);
    projection_.apply(run, from, count, into_tail ? &tail_ : nullptr);
    cases_.apply(run);
    from += count;
    done += count;
    last = run.first_sequence + from - 1;
    if (run.kind == storage::run_kind::orders) newest_order_event_.store(last, std::memory_order_release);
    if (from < run.count) continue;
    if (run.kind == storage::run_kind::orders) {
      owed = rest_behind(run);
    } else if (run.kind == storage::run_kind::chain && owed.postings != 0) {
      owed.postings = 0;
    } else {
      owed = {};
    }
    from = 0;
    left = runs.next(run);
    // So is an order's event with its postings and its payment, whatever the turn has left.
    if (owed.postings != 0 && (!left || run.kind != storage::run_kind::chain || run.count != owed.postings)) {
      throw projection_fault("follower: event " + std::to_string(last) + ": its postings do not follow it");
    }
    if (owed.postings == 0 && !owed.payment) continue;
    if (owed.postings == 0 && (!left || run.kind != storage::run_kind::payments || run.count != 1)) {
      throw projection_fault("follower: event " + std::to_string(last) + ": its payment does not follow it");
    }
    done = std::min(done, options_.slice_events - 1);
  }
  applied_seq_.store(last, std::memory_order_seq_cst);
  return left;
}

bool follower::flush_wanted() {
  const commit_seq to = flush_to_;
  return to >= tail_.open().first_seq && to <= applied_seq_;
}

void follower::close_chunk_if(bool force) {
  if (!tail_.should_close(force)) return;
  tail_chunk& chunk = tail_.open();
  chunk.accounts = projection_.accounts().size();
  // Only stage 1 writes the rows, and nobody else looks at the marks: no lock.
  const std::uint64_t since = chunk.last_seq - snapshot_at_;
  if (since >= projection_.accounts().dirty() * events_per_snapshot_row || since >= snapshot_events_max) {
    take_snapshot(chunk);
  }
  const std::shared_ptr<const tail_chunk> closed = tail_.chunks().back();
  {
    const std::lock_guard lock(turn_);
    tail_.close(projection_.accounts());
  }
  {
    const std::lock_guard lock(closed_mutex_);
    closed_.push_back(closed);
  }
  { const std::lock_guard lock(signal_mutex_); }
  wake_stage_2_.notify_one();
}

void follower::take_snapshot(tail_chunk& chunk) {
  account_table& accounts = projection_.accounts();
  accounts.take_dirty([&](std::uint32_t ordinal) {
    const account_slot& row = accounts.row(ordinal);
    storage::account_state state;
    state.ordinal = ordinal;
    state.counters = accounts.counters(ordinal);
    state.overdraft_limit_minor = accounts.overdraft_limit(ordinal);
    state.flags = row.flags;
    if (const unsettled_account* sums = projection_.unsettled_of(ordinal); sums != nullptr) {
      state.settled_through = sums->settled_through();
      state.unsettled = sums->days();
    }
    const std::string value = storage::state_value(state);
    PAYLOOM_ASSERT(value.size() < 65536);
    storage::put_big(chunk.states, ordinal);
    chunk.states.push_back(static_cast<char>(value.size() >> 8));
    chunk.states.push_back(static_cast<char>(value.size()));
    chunk.states += value;
  });
  chunk.snapshot = true;
  snapshot_at_ = chunk.last_seq;
}

void follower::idle() {
  const bool quiet = clock::now() - last_event_ >= options_.idle_close;
  if (flush_wanted() || (quiet && tail_.open().events() >= options_.idle_chunk_events)) close_chunk_if(true);
  std::unique_lock lock(signal_mutex_);
  const auto sleep = std::chrono::milliseconds(options_.read_sleep_short && !quiet ? 1 : 20);
  wake_stage_1_.wait_for(lock, sleep, [&] { return stopping_ || kicked_; });
  kicked_ = false;
}

bool follower::wait_applied(commit_seq sequence, clock::time_point deadline) {
  if (applied_seq() >= sequence) return true;
  waiters_.fetch_add(1, std::memory_order_seq_cst);
  std::unique_lock lock(signal_mutex_);
  kicked_ = true;
  wake_stage_1_.notify_one();
  progress_.wait_until(lock, deadline, [&] { return applied_seq_ >= sequence || stopping_ || failed_; });
  waiters_.fetch_sub(1, std::memory_order_seq_cst);
  return applied_seq_ >= sequence;
}

bool follower::flush_index(commit_seq sequence, clock::time_point deadline) {
  commit_seq before = flush_to_;
  while (before < sequence && !flush_to_.compare_exchange_weak(before, sequence)) {
  }
  std::unique_lock lock(signal_mutex_);
  while (store_.indexed_seq() < sequence && !stopping_ && !failed_) {
    kicked_ = true;
    wake_stage_1_.notify_one();
    if (progress_.wait_until(lock, std::min(deadline, clock::now() + std::chrono::milliseconds(5))) ==
            std::cv_status::timeout &&
        clock::now() >= deadline) {
      break;
    }
  }
  return store_.indexed_seq() >= sequence;
}

// ------------------------------------------------------------------------------------------------------- stage 2

void follower::run_stage_2() {
  // A thread of low priority that runs is let finish its slice when a shard wakes up, some milliseconds each time; an
  // idle one is put aside at once. Failing to become one is harmless.
  const sched_param no_priority{};
  sched_setscheduler(0, SCHED_IDLE, &no_priority);
  while (!stopping_) {
    if (index_oldest()) {
      progress_.notify_all();
      continue;
    }
    std::unique_lock lock(signal_mutex_);
    wake_stage_2_.wait_for(lock, out_of_space_ ? options_.no_space_retry : std::chrono::milliseconds(100));
  }
}

/// Indexes the oldest closed chunk; false when there is none or no space for it. Takes no lock that stage 1 or queries
/// need: at the lowest priority it may be interrupted for long while it holds one.
bool follower::index_oldest() {
  // What stage 1 has dropped is freed here.
  std::erase_if(indexed_chunks_, [](const auto& chunk) { return chunk.use_count() == 1; });
  std::shared_ptr<const tail_chunk> chunk;
  bool more = false;
  {
    const std::lock_guard lock(closed_mutex_);
    if (closed_.empty()) return false;
    chunk = closed_.front();
    more = closed_.size() > 2;
  }
  const std::uint64_t started = cpu_ns();
  storage::index_run run = builder_.build(*chunk);
  const bool done = store_.ingest(run) == storage::ingest_status::ok;
  out_of_space_ = !done;
  if (!done) return false;
  {
    const std::lock_guard lock(closed_mutex_);
    closed_.pop_front();
  }
  indexed_chunks_.push_back(std::move(chunk));
  ++to_drop_;
  store_.allow_merging(!more);
  index_cpu_ns_ += cpu_ns() - started;
  ++chunks_indexed_;
  return true;
}

/// Stage 1: takes off the tail what the index has.
void follower::drop_indexed() {
  for (; to_drop_ != 0; --to_drop_) {
    const std::lock_guard lock(turn_);
    tail_.drop_oldest();
  }
}

follower_stats follower::stats() {
  follower_stats out;
  out.applied_seq = applied_seq();
  out.indexed_seq = indexed_seq();
  out.snapshot_seq = store_.position().snapshot_seq;
  out.apply_cpu_ns = apply_cpu_ns_;
  out.index_cpu_ns = index_cpu_ns_;
  out.chunks_indexed = chunks_indexed_;
  out.index_out_of_space = out_of_space_;
  with_view([&](const ledger_view& view) {
    out.accounts = view.accounts.size();
    out.open_cases = view.cases.size();
    out.memory_bytes =
        view.accounts.memory_bytes() + view.recent.memory_bytes() + view.books.unsettled().memory_bytes();
  });
  return out;
}

}  // namespace payloom::follower

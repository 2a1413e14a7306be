#include "actors/runtime/partition.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <caf/actor_ostream.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "actors/accounts/account_shard.hpp"
#include "actors/checks/check_gateway.hpp"
#include "actors/core/channels/inner_drivers.hpp"
#include "actors/journal/journal_writer.hpp"
#include "actors/orders/order_shard.hpp"
#include "actors/runtime/channel_table.hpp"
#include "actors/runtime/frame_router.hpp"
#include "actors/runtime/reader.hpp"
#include "actors/runtime/recovery_filler.hpp"
#include "actors/runtime/server_frames.hpp"

namespace payloom::actors {

std::uint64_t monotonic_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

caf::error stop_process(std::exception_ptr& escaped) {
  try {
    std::rethrow_exception(escaped);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "level=error event=actor_failed error=\"%s\" action=stop\n", e.what());
  } catch (...) {
    std::fprintf(stderr, "level=error event=actor_failed error=unknown action=stop\n");
  }
  std::_Exit(70);
}

void stop_overdue(const core::overdue_claim& claim) {
  std::fprintf(stderr, "level=error event=claim_overdue tenant=%u id=0x%016llx%016llx action=stop\n", claim.tenant,
               static_cast<unsigned long long>(hi64(claim.id)), static_cast<unsigned long long>(lo64(claim.id)));
  std::_Exit(70);
}

struct actor_host::inside {
  explicit inside(const system_options& o) : system(configure(o)) {}
  static caf::actor_system_config& configure(const system_options& o) {
    // The configuration must outlive the system: one per process.
    static caf::actor_system_config config;
    config.set("scheduler.policy", o.stealing ? caf::atom("stealing") : caf::atom("sharing"));
    config.set("scheduler.max-threads", static_cast<std::size_t>(o.workers));
    config.set("scheduler.max-throughput", static_cast<std::size_t>(o.max_throughput));
    return config;
  }
  caf::actor_system system;
};

actor_host::actor_host(const system_options& options) : in_(std::make_unique<inside>(options)) {}
actor_host::~actor_host() = default;

struct partition::inside {
  inside(actor_host& host, partition_options o)
      : system(host.get().system),
        options(std::move(o)),
        wires(options.order_shards, options.account_shards, options.hot_account_shards),
        filler(wires.topology, {options.accounts_max, options.orders_max, options.payments}, options.ledger_known,
               options.hot_accounts) {}
  caf::actor_system& system;
  partition_options options;
  wiring wires;
  recovery_filler filler;
  std::vector<std::unique_ptr<frame_router>> routers;
  channel_table channels{system, wires};
  check_actor checks;
  std::unique_ptr<server_frames> own_frames;
  std::thread ticker;
  core::patience_clock patience_of_claims;  ///< the ticker's, as the next
  std::uint64_t ticks_sent = 0;
  std::mutex tick_mutex;
  std::condition_variable tick_wake;
  bool stopping = false;
  bool running = false;

  void run_ticker();
  void tick_all(time_ns now);
  void tell_checks(std::vector<core::check_call> calls,
                   std::shared_ptr<const core::catalog::catalog_registry> payments = nullptr) const {
    auto mail = std::make_shared<check_mail>();
    mail->calls = std::move(calls);
    mail->payments = std::move(payments);
    caf::anon_send(checks, std::move(mail));
  }
};

partition::partition(actor_host& host, partition_options options)
    : in_(std::make_unique<inside>(host, std::move(options))) {
  auto& i = *in_;
  i.wires.now = i.options.now ? i.options.now : [] {
    return static_cast<time_ns>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count());
  };
}

partition::~partition() { stop(); }

follower::recovery_visitor& partition::recovery() { return in_->filler; }

void partition::start(storage::journal& journal, reader_functions functions) {
  auto& i = *in_;
  PAYLOOM_ASSERT(!i.running);
  i.wires.durable.store(journal.position().next_sequence - 1);
  writer_options w;
  w.flow.inline_bytes = i.options.inline_bytes;
  w.flow.shadow = i.options.shadow;
  w.on_full = i.options.on_full;
  w.on_durable = i.options.on_durable;
  i.filler.settle();
  for (shard_index s = 0; s < i.wires.topology.account_shards(); ++s)
    i.wires.accounts.push_back(i.system.spawn<account_shard>(std::ref(i.wires), i.filler.take_account_book(s), s));
  for (shard_index s = 0; s < i.options.order_shards; ++s)
    i.wires.orders.push_back(i.system.spawn<order_shard>(std::ref(i.wires), i.filler.take_order_book(s), s));
  i.wires.writer = i.system.spawn<journal_writer>(std::ref(i.wires), std::ref(journal), std::move(w));
  i.wires.reader = i.system.spawn<reader, caf::detached>(std::ref(i.wires), std::move(functions));
  frame_router::options r;
  r.inline_events = i.options.inline_events;
  r.throughput = i.options.max_throughput;
  for (std::uint32_t t = 0; t < i.options.io_threads; ++t)
    i.routers.push_back(std::make_unique<frame_router>(i.system, i.wires, r, i.options.other_frames));
  i.own_frames = std::make_unique<server_frames>(i.system, i.wires);
  i.wires.submit_expiries = [frames = i.own_frames.get()](auto records, auto tenants) {
    frames->submit(std::move(records), std::move(tenants));
  };
  i.wires.submit_timers = [frames = i.own_frames.get()](auto records, auto tenants) {
    frames->submit(records, tenants);
  };
  i.wires.submit_facts = [frames = i.own_frames.get()](const auto& facts) { frames->submit(facts); };
  i.wires.make_channel_driver = [make = i.options.wires](const core::catalog::channel_plan& plan,
                                                         std::function<void()> wake) {
    auto driver = core::make_inner_driver(plan);
    if (!driver && make) driver = make(plan, std::move(wake));
    return driver ? std::move(driver) : std::make_unique<core::unwired_channel>();
  };
  i.channels.serve(i.options.payments);
  i.wires.submit_check_facts = [frames = i.own_frames.get()](const auto& facts) { frames->submit(facts); };
  i.checks = i.system.spawn<check_gateway>(std::ref(i.wires));
  i.tell_checks({}, i.options.payments);
  i.wires.ask_checks = [this](auto calls) { in_->tell_checks(std::move(calls)); };
  i.wires.call_channels = [this](auto calls) { in_->channels.call(std::move(calls)); };
  i.running = true;
  i.ticker = std::thread([this] { in_->run_ticker(); });
}

void partition::inside::run_ticker() {
  // The more shards, the rarer: ticks must stay a small share of the work.
  const auto shards = options.order_shards + wires.topology.account_shards();
  const auto period = std::chrono::microseconds(std::max<std::uint64_t>(20'000, shards * 100u));
  std::unique_lock lock(tick_mutex);
  while (!tick_wake.wait_for(lock, period, [this] { return stopping; })) tick_all(wires.now());
}

void partition::inside::tick_all(time_ns now) {
  const bool kept_up = wires.ticks_done.load(std::memory_order_acquire) == ticks_sent;
  const std::uint64_t patience = patience_of_claims.advance(monotonic_ns(), kept_up);
  ticks_sent += wires.orders.size() + wires.accounts.size() + 1;
  for (auto& a : wires.orders) {
    auto mail = std::make_shared<order_mail>();
    mail->tick = now;
    mail->patience = patience;
    caf::anon_send(a, std::move(mail));
  }
  for (auto& a : wires.accounts) {
    auto mail = std::make_shared<account_mail>();
    mail->tick = now;
    mail->patience = patience;
    caf::anon_send(a, std::move(mail));
  }
  auto mail = std::make_shared<writer_mail>();
  mail->tick = now;
  caf::anon_send(wires.writer, std::move(mail));
  channels.tick();
  tell_checks({});
}

std::vector<net::request_sink*> partition::sinks() {
  std::vector<net::request_sink*> out;
  for (auto& r : in_->routers) out.push_back(r.get());
  return out;
}

void partition::stop() {
  auto& i = *in_;
  if (!i.running) return;
  i.running = false;
  {
    const std::lock_guard lock(i.tick_mutex);
    i.stopping = true;
  }
  i.tick_wake.notify_all();
  i.ticker.join();
  caf::scoped_actor self(i.system);
  // First, and its handle stays: order shards may ask it to the end, and what it says may not come after theirs.
  caf::anon_send_exit(i.checks, caf::exit_reason::user_shutdown);
  self->wait_for(i.checks);
  std::vector<caf::strong_actor_ptr> ending;
  const auto end = [&ending](auto& handle) {
    caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    ending.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    handle = nullptr;
  };
  end(i.wires.writer);
  end(i.wires.reader);
  for (auto& a : i.wires.orders) end(a);
  for (auto& a : i.wires.accounts) end(a);
  i.channels.stop(end);
  // Ours alone: another partition of the process may have actors in the same system, and go on.
  for (const auto& actor : ending) self->wait_for(actor);
  i.routers.clear();
}

const std::atomic<commit_seq>& partition::durable() const { return in_->wires.durable; }

void partition::set_readable(commit_seq seq) {
  for (auto& a : in_->wires.orders) {
    auto mail = std::make_shared<order_mail>();
    mail->readable = seq;
    caf::anon_send(a, std::move(mail));
  }
}

/// Channels, checks and account shards first: an order of the new version may need one of them.
void partition::set_payments(const std::shared_ptr<const core::catalog::catalog_registry>& next) {
  in_->channels.serve(next);
  in_->tell_checks({}, next);
  for (auto& a : in_->wires.accounts) {
    auto mail = std::make_shared<account_mail>();
    mail->payments = next;
    caf::anon_send(a, std::move(mail));
  }
  for (auto& a : in_->wires.orders) {
    auto mail = std::make_shared<order_mail>();
    mail->payments = next;
    caf::anon_send(a, std::move(mail));
  }
}

void partition::visit_orders(std::function<void(const core::order_book&)> each, std::function<void()> done) {
  auto missing = std::make_shared<std::atomic<std::size_t>>(in_->wires.orders.size());
  auto all = std::make_shared<order_visit>();
  all->visit = [missing, each = std::move(each), done = std::move(done)](shard_index, const core::order_book& book) {
    each(book);
    if (missing->fetch_sub(1, std::memory_order_acq_rel) == 1) done();
  };
  for (auto& a : in_->wires.orders) {
    auto mail = std::make_shared<order_mail>();
    mail->visit = all;
    caf::anon_send(a, std::move(mail));
  }
}

const std::set<std::uint32_t>& partition::missing_rule_versions() const { return in_->filler.missing_versions(); }

void partition::snapshot(std::function<void(commit_seq, std::vector<account_state>)> done) {
  struct collected {
    std::mutex mutex;
    std::vector<account_state> states;
    std::size_t missing;
  };
  auto all = std::make_shared<collected>();
  all->missing = in_->wires.accounts.size();
  auto mark = std::make_shared<marker>();
  mark->visit = [all, done = std::move(done)](shard_index, commit_seq at, const core::account_book& book) {
    std::vector<account_state> mine;
    book.visit([&](const core::account_entity& e, u128 limit) {
      account_state s;
      s.tenant = e.tenant;
      s.row.id = e.id;
      s.row.counters = e.sums;
      s.row.overdraft_limit_minor = limit;
      s.row.ledger = e.ledger;
      s.row.flags = e.flags;
      s.row.as_of = at;
      mine.push_back(s);
    });
    std::unique_lock lock(all->mutex);
    all->states.insert(all->states.end(), mine.begin(), mine.end());
    if (--all->missing != 0) return;
    lock.unlock();
    done(at, std::move(all->states));
  };
  auto mail = std::make_shared<writer_mail>();
  mail->mark = mark;
  caf::anon_send(in_->wires.writer, std::move(mail));
}

std::shared_ptr<order_answers> partition::submit_orders(const std::vector<order_record>& records,
                                                        const std::vector<tenant_id>& tenants) {
  PAYLOOM_ASSERT(in_->running);
  return in_->own_frames->submit(records, tenants);
}

void partition::submit_facts(const core::channel_facts& facts, order_answers::called done) {
  PAYLOOM_ASSERT(in_->running);
  in_->own_frames->submit(facts, std::move(done));
}

std::uint32_t partition::home_shards() const { return in_->wires.topology.home_shards(); }
std::uint64_t partition::moves() const { return in_->wires.topology.moves(); }
const std::vector<shard_counters>& partition::order_counters() const { return in_->wires.order_counters; }
std::vector<owner_number> partition::channels() const { return in_->channels.numbers(); }
const std::vector<struct channel_counters>& partition::channel_counters() const { return in_->wires.gateway_counters; }
const std::array<struct check_counters, limits::checks_max>& partition::check_counters() const {
  return in_->wires.check_counters_by_number;
}
const check_backlog& partition::checks_waiting() const { return in_->wires.checks_waiting; }
const std::vector<shard_counters>& partition::account_counters() const { return in_->wires.account_counters; }
const writer_counters& partition::journal_counters() const { return in_->wires.journal_counters; }

}  // namespace payloom::actors

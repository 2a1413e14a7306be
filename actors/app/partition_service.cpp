#include "actors/app/partition_service.hpp"

#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "actors/app/idle_memory.hpp"
#include "actors/app/reply.hpp"
#include "actors/app/stats_report.hpp"
#include "config/catalog/wire_reader.hpp"
#include "config/log.hpp"

namespace payloom::app {

using config::log;
using config::log_level;

partition_service::partition_service(const config::settings& settings, place where, actors::actor_host& host)
    : place_(std::move(where)), settings_(settings), ledgers_(settings_.ledgers), ledger_list_(settings_.ledgers) {
  open_directory(settings);
  const auto cores = std::thread::hardware_concurrency();
  actors::partition_options p;
  p.order_shards = config::resolve_auto(settings.topology.order_shards, cores);
  p.account_shards = config::resolve_auto(settings.topology.account_shards, cores);
  p.hot_account_shards = config::resolve_auto(settings.topology.hot_account_shards, cores);
  p.hot_accounts = settings.hot_accounts;
  p.io_threads = static_cast<std::uint32_t>(settings.server.io_threads);
  p.inline_events = static_cast<std::uint32_t>(settings.scheduler.inline_events);
  p.inline_bytes = settings.journal.inline_bytes;
  p.max_throughput = static_cast<std::uint32_t>(settings.scheduler.max_throughput);
  p.accounts_max = static_cast<std::uint32_t>(settings.accounts.max);
  p.orders_max = static_cast<std::uint32_t>(std::min<std::uint64_t>(settings.payments.orders_max, UINT32_MAX));
  catalogs_ = std::make_unique<catalog_service>(settings.payments.folder, ledgers_, place_.directory);
  p.payments = catalogs_->registry();
  settlement_service::options settle;
  settle.payments = [this] { return catalogs_->current(); };
  settle.automatic = settings.payments.settle_automatically;
  settle.directory = place_.directory;
  settlements_ = std::make_unique<settlement_service>(*log_, *follower_, *index_, std::move(settle));
  p.shadow = place_.shadow;
  p.ledger_known = [this](ledger_id id) { return ledgers_.contains(id); };
  p.on_full = [this](bool full) {
    log(full ? log_level::error : log_level::info, full ? "journal_full" : "journal_has_space",
        {{"directory", place_.directory}});
    full_ = full;
    settle_admission();
  };
  p.on_durable = [this](std::shared_ptr<const std::byte> group, std::size_t bytes) {
    follower_->offer(std::move(group), bytes);
  };
  queries_ = std::make_unique<query_service>(*log_, *follower_, *index_, [this] { return stats_json(); });
  subscriptions_ = std::make_unique<subscription_service>(*log_, *follower_, *index_, place_.directory);
  p.other_frames = [this](command_frame& f) { answer(f); };
  open_wires();
  p.wires = [this](const core::catalog::channel_plan& plan, std::function<void()> wake) {
    return wires_ ? wires_->make_driver(plan, std::move(wake)) : nullptr;
  };
  partition_ = std::make_unique<actors::partition>(host, std::move(p));
  recover();
  queries_->set_partition(*partition_);
  partition_->start(*log_, queries_->reader_functions());
  catalogs_->start(*partition_);
  settlements_->start(*partition_);
  subscriptions_->start();
  listen_for_callbacks();
  start_network(settings);
  monitor_ = std::thread([this] { run_monitor(); });
}

partition_service::~partition_service() {
  if (server_) server_->stop();
  stopping_ = true;
  if (monitor_.joinable()) monitor_.join();
  if (settlements_) settlements_->stop();
  if (subscriptions_) subscriptions_->stop();
  if (queries_) queries_->stop();
  if (catalogs_) catalogs_->stop();
  if (wires_) wires_->stop();
  if (partition_) partition_->stop();
  if (follower_) follower_->stop();
}

void partition_service::open_directory(const config::settings& settings) {
  if (!storage::is_data_directory(place_.directory)) {
    storage::data_stamp stamp;
    stamp.cluster = settings.partition.cluster;
    if (stamp.cluster == 0) {
      std::random_device random;
      stamp.cluster = make_u128((std::uint64_t{random()} << 32) | random(), (std::uint64_t{random()} << 32) | random());
    }
    stamp.partition = static_cast<std::uint32_t>(settings.partition.number);
    stamp.shadow = place_.shadow;
    storage::init_data_directory(place_.directory, stamp);
  }
  directory_ = std::make_unique<storage::data_directory>(place_.directory);
  check_stamp(settings);
  storage::log_options options;
  options.segment_bytes = settings.storage.segment_bytes;
  log_ = std::make_unique<storage::segment_log>(*directory_, options);
  storage::index_options index;
  index.path = place_.directory + "/index";
  index.stamp = directory_->stamp().cluster;
  index.block_cache_bytes = settings.index.cache_bytes;
  index.free_bytes_min = settings.storage.min_free_bytes;
  index_ = std::make_unique<storage::index_store>(index);
  follower::follower_options f;
  f.lag_events_max = settings.index.lag_events_max;
  f.on_failure = [](const std::string& what) {
    log(log_level::error, "follower_failed", {{"error", what}, {"action", "stop"}});
    std::_Exit(70);
  };
  follower_ = std::make_unique<follower::follower>(*log_, *index_, f);
}

/// Shadow traffic never leaves the process: there channels with a wire send nothing.
void partition_service::open_wires() {
  if (place_.shadow || settings_.channels.wires.empty()) return;
  const config::wires_result read = config::load_wires(settings_.channels.wires);
  std::string wrong;
  for (const config::problem& p : read.problems) wrong += "\n  " + config::to_string(p);
  if (!wrong.empty()) throw std::runtime_error("channels.wires cannot be used:" + wrong);
  wires_ = std::make_unique<channel_wires>(read.value);
}

/// A callback is answered when its fact is durable, or refused for good: then saying it again would change nothing.
void partition_service::listen_for_callbacks() {
  if (!wires_) return;
  wires_->listen([this](const core::channel_facts& facts, std::function<void(bool)> done) {
    partition_->submit_facts(facts, [done = std::move(done)](const std::vector<result_record>& results) {
      done(std::ranges::none_of(results, [](const result_record& r) {
        const result_class c = describe(r.code).klass;
        return c == result_class::retry_same_key || c == result_class::overloaded || c == result_class::unavailable_;
      }));
    });
  });
}

/// A directory of another cluster, partition or kind of traffic must not be served by mistake.
void partition_service::check_stamp(const config::settings& settings) const {
  const storage::data_stamp& is = directory_->stamp();
  std::string wrong;
  if (settings.partition.cluster != 0 && is.cluster != settings.partition.cluster) wrong = "partition.cluster";
  if (is.partition != settings.partition.number) wrong = "partition.number";
  if (is.shadow != place_.shadow) wrong = is.shadow ? "it holds shadow traffic" : "it holds real traffic";
  if (!wrong.empty())
    throw std::runtime_error(place_.directory + ": the directory was made for something else (" + wrong + ")");
}

void partition_service::recover() {
  const auto began = std::chrono::steady_clock::now();
  const follower::recovery_report r = follower_->recover(&partition_->recovery());
  if (const auto& missing = partition_->missing_rule_versions(); !missing.empty())
    throw std::runtime_error(place_.directory + "/catalogs lacks version " + std::to_string(*missing.begin()) +
                             " of the payment catalogue, which open orders began with: restore it");
  follower_->start();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  log(log_level::info, "recovered",
      {{"directory", place_.directory},
       {"sequence", r.end},
       {"snapshot", r.snapshot_seq},
       {"indexed", r.indexed_seq},
       {"events_replayed", r.events_replayed},
       {"accounts", r.accounts},
       {"open_holds", r.open_holds},
       {"open_orders", r.open_orders},
       {"torn_tail_cut", log_->recovered().torn_tail},
       {"ids_indexed", r.ids_indexed},
       {"ids_seconds", static_cast<double>(r.ids_ns) * 1e-9},
       {"journal_seconds", static_cast<double>(log_->recovered().nanoseconds) * 1e-9},
       {"seconds", took.count()}});
}

void partition_service::start_network(const config::settings& s) {
  net::server_options o;
  o.address = place_.listen.host;
  o.port = place_.listen.port;
  o.shadow = place_.shadow;
  o.cluster = directory_->stamp().cluster;
  std::random_device random;
  o.server_instance = make_u128((std::uint64_t{random()} << 32) | random(), (std::uint64_t{random()} << 32) | random());
  o.build = "payloom " PAYLOOM_VERSION;
  o.durable_sequence = &partition_->durable();
  o.connections_max = static_cast<std::uint32_t>(s.server.max_connections);
  o.session_requests = static_cast<std::uint32_t>(s.credits.session_requests);
  o.session_events = static_cast<std::uint32_t>(s.credits.session_events);
  o.total_events = s.credits.total_events;
  o.total_bytes = s.credits.total_bytes;
  o.retry_after_ms = static_cast<std::uint32_t>(s.credits.retry_after.count());
  o.default_timeout_ms = static_cast<std::uint32_t>(s.deadlines.default_timeout.count());
  o.session_out_bytes = s.server.out_queue_bytes;
  o.handshake_timeout_ms = static_cast<std::uint32_t>(s.server.handshake_timeout.count());
  o.frame_timeout_ms = static_cast<std::uint32_t>(s.server.frame_timeout.count());
  o.idle_timeout_ms = static_cast<std::uint32_t>(s.server.idle_timeout.count());
  o.write_stall_timeout_ms = static_cast<std::uint32_t>(s.server.write_timeout.count());
  o.half_open_timeout_ms = static_cast<std::uint32_t>(s.server.half_open_timeout.count());
  o.drain_timeout_ms = static_cast<std::uint32_t>(s.server.drain_timeout.count());
  {
    const std::lock_guard lock(admission_mutex_);  // the writer may ask for it already
    server_ = std::make_unique<net::server>(o, partition_->sinks());
  }
  settle_admission();
  server_->start();
  log(log_level::info, "listening",
      {{"address", place_.listen.host + ":" + std::to_string(server_->port())}, {"shadow", place_.shadow}});
}

bool partition_service::drain() {
  draining_ = true;  // from here on nobody opens admission again
  queries_->end_waits();
  subscriptions_->end_pushes();
  settlements_->end_automatic();
  return server_->drain();
}

/// Two threads have a say: the writer (space) and the monitor (lag). Draining, the server decides itself.
void partition_service::settle_admission() {
  const std::lock_guard lock(admission_mutex_);
  if (!server_ || draining_) return;
  server_->set_admission(full_ ? result_code::unavailable : lagging_ ? result_code::overloaded : result_code::ok);
}

/// What needs no millisecond: the follower's progress to the shards, admission by index lag.
void partition_service::run_monitor() {
  commit_seq told = 0;
  idle_memory memory;
  while (!stopping_) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    memory.look(partition_->durable().load(std::memory_order_relaxed), follower_->indexed_seq());
    // What the follower has applied, its tail or the index finds: shards need not wait for the index.
    if (const commit_seq applied = follower_->applied_seq(); applied > told) {
      partition_->set_readable(applied);
      told = applied;
    }
    const bool lagging = follower_->lag_events() > settings_.index.lag_events_max / 8 * 7;
    if (lagging != lagging_) {
      lagging_ = lagging;
      settle_admission();
    }
  }
}

void partition_service::answer(command_frame& f) {
  if (catalog_service::takes(f.type())) return catalogs_->submit(f);
  if (subscription_service::takes(f.type())) return subscriptions_->submit(f);
  if (f.type() == frame_type::settle) return settlements_->submit(f);
  if (f.type() != frame_type::list_ledgers) return queries_->submit(f);
  const auto& query = *reinterpret_cast<const query_record*>(f.records);
  complete(f, std::make_unique<net::reply_rows>(ledger_list_.page(query)));
}

std::string partition_service::stats_json() {
  stats_sources s{*partition_, *follower_, *server_, *log_, *subscriptions_, settings_};
  return make_stats(s);
}

}  // namespace payloom::app

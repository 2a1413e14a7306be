#include "actors/app/stats_report.hpp"

#include <unistd.h>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "protocol/types/u128_text.hpp"

namespace payloom::app {

namespace {

using json = nlohmann::ordered_json;  // tables show the fields in this order

std::uint64_t age_ms(time_ns since) {
  const auto now =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  return since == 0 || static_cast<time_ns>(now) <= since ? 0 : (static_cast<time_ns>(now) - since) / 1'000'000;
}

json shards_json(const std::vector<actors::shard_counters>& shards) {
  json out = json::array();
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const auto& c = shards[i];
    const auto batches = c.batches.load(std::memory_order_relaxed), events = c.events.load(std::memory_order_relaxed);
    out.push_back(
        {{"shard", i},
         {"events", events},
         {"batches", batches},
         {"events_per_batch", batches == 0 ? 0.0 : static_cast<double>(events) / static_cast<double>(batches)},
         {"mails", c.mails.load(std::memory_order_relaxed)},
         {"busy_ns", c.busy_ns.load(std::memory_order_relaxed)},
         {"parked", c.parked.load(std::memory_order_relaxed)},
         {"entities", c.entities.load(std::memory_order_relaxed)},
         {"memory_bytes", c.memory_bytes.load(std::memory_order_relaxed)},
         {"deferred", c.deferred.load(std::memory_order_relaxed)},
         {"deferred_oldest_ms", age_ms(c.deferred_since.load(std::memory_order_relaxed))}});
  }
  return out;
}

json channels_json(const actors::partition& partition) {
  json out = json::array();
  const auto numbers = partition.channels();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto& c = partition.channel_counters()[i];
    out.push_back({{"channel", numbers[i]},
                   {"calls", c.calls.load(std::memory_order_relaxed)},
                   {"facts", c.facts.load(std::memory_order_relaxed)},
                   {"in_flight", c.in_flight.load(std::memory_order_relaxed)}});
  }
  return out;
}

json checks_json(const actors::partition& partition) {
  json out = json::array();
  const auto& all = partition.check_counters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& c = all[i];
    if (!c.served.load(std::memory_order_relaxed)) continue;
    out.push_back({{"check", i + 1},
                   {"asked", c.asked.load(std::memory_order_relaxed)},
                   {"passed", c.passed.load(std::memory_order_relaxed)},
                   {"refused", c.refused.load(std::memory_order_relaxed)},
                   {"missed", c.missed.load(std::memory_order_relaxed)},
                   {"late", c.late.load(std::memory_order_relaxed)},
                   {"in_flight", c.in_flight.load(std::memory_order_relaxed)}});
  }
  return out;
}

/// Refusals by the name of their code: remembered ones of events, and frames that the network side answered itself.
json refusals_json(const stats_sources& s) {
  json out = json::object();
  const auto add = [&out](std::size_t code, std::uint64_t n) {
    if (n == 0) return;
    json& slot = out[std::string(name_of(static_cast<result_code>(code)))];
    slot = (slot.is_number() ? slot.get<std::uint64_t>() : 0) + n;
  };
  const auto& remembered = s.partition.journal_counters().refused;
  for (std::size_t code = 0; code < remembered.size(); ++code)
    add(code, remembered[code].load(std::memory_order_relaxed));
  for (std::size_t t = 0; t < s.server.io_threads(); ++t)
    for (std::size_t code = 0; code < net::gateway_counters::codes; ++code)
      add(code, s.server.counters(t).refusals[code].get());
  return out;
}

json io_json(const net::server& server) {
  json out = json::array();
  for (std::size_t t = 0; t < server.io_threads(); ++t) {
    const auto& c = server.counters(t);
    out.push_back({{"thread", t},
                   {"connections", c.connections.get()},
                   {"frames_in", c.frames_in.get()},
                   {"frames_out", c.frames_out.get()},
                   {"bytes_in", c.bytes_in.get()},
                   {"bytes_out", c.bytes_out.get()},
                   {"rounds", c.rounds.get()},
                   {"connection_bytes", c.connection_bytes.get()},
                   {"pool_bytes", c.pool_bytes.get()}});
  }
  return out;
}

json subscriptions_json(const subscription_figures& f, time_ns now) {
  const auto age = [now](time_ns since) { return since == 0 || since > now ? 0 : now - since; };
  json rows = json::array();
  for (const auto& [tenant, row] : f.rows)
    rows.push_back({{"tenant", tenant},
                    {"subscription", to_hex(row.name)},
                    {"pushing", (row.flags & subscription_flags::pushing) != 0},
                    {"window", row.window},
                    {"acknowledged", row.acknowledged},
                    {"pushed", row.pushed},
                    {"waiting", row.waiting},
                    {"unseen", row.unseen},
                    {"backlog_age_ns", age(row.backlog_since)}});
  return {{"subscriptions", f.subscriptions},
          {"pushing", f.pushing},
          {"pushed_events", f.pushed_events},
          {"acknowledgements", f.acknowledgements},
          {"writes", f.writes},
          {"unsent_bytes", f.unsent_bytes},
          {"oldest_backlog_age_ns", age(f.oldest_backlog)},
          {"longest_waiting", std::move(rows)}};
}

time_ns wall_clock() {
  using namespace std::chrono;
  return static_cast<time_ns>(duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
}

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

std::string make_stats(const stats_sources& s) {
  json out;
  const auto& j = s.partition.journal_counters();
  const auto groups = j.groups.load(std::memory_order_relaxed), events = j.events.load(std::memory_order_relaxed);
  const auto per_group = [groups](std::uint64_t v) {
    return groups == 0 ? 0.0 : static_cast<double>(v) / static_cast<double>(groups);
  };
  out["durable_sequence"] = s.partition.durable().load();
  const follower::follower_stats f = s.follower.stats();
  out["indexed_sequence"] = f.indexed_seq;
  out["applied_sequence"] = f.applied_seq;
  out["index_lag_events"] = s.follower.lag_events();
  out["server_rss_bytes"] = resident_bytes();
  out["journal"] = {{"groups", groups},
                    {"inline_groups", j.inline_groups.load(std::memory_order_relaxed)},
                    {"events", events},
                    {"events_per_group", per_group(events)},
                    {"bytes", j.bytes.load(std::memory_order_relaxed)},
                    {"sync_us_mean", per_group(j.sync_ns.load(std::memory_order_relaxed)) / 1e3},
                    {"queue_events", j.queue_events.load(std::memory_order_relaxed)},
                    {"refusals", j.refusals.load(std::memory_order_relaxed)},
                    {"has_space", s.journal.has_space()}};
  out["follower"] = {{"accounts", f.accounts},         {"apply_cpu_ns", f.apply_cpu_ns},
                     {"index_cpu_ns", f.index_cpu_ns}, {"chunks_indexed", f.chunks_indexed},
                     {"memory_bytes", f.memory_bytes}, {"out_of_space", f.index_out_of_space},
                     {"open_cases", f.open_cases}};
  out["order_shards"] = shards_json(s.partition.order_counters());
  out["channels"] = channels_json(s.partition);
  out["checks"] = checks_json(s.partition);
  const auto& waiting = s.partition.checks_waiting();
  out["checks_waiting"] = {{"payments", waiting.payments.load(std::memory_order_relaxed)},
                           {"oldest_ms", age_ms(waiting.since.load(std::memory_order_relaxed))}};
  out["account_shards"] = shards_json(s.partition.account_counters());
  out["io_threads"] = io_json(s.server);
  out["refusals"] = refusals_json(s);
  out["subscriptions"] = subscriptions_json(s.subscriptions.figures(), wall_clock());
  out["hot_account_shards_from"] = s.partition.home_shards();  // later rows of account_shards are hot-account shards
  // Between home and hot-account shards, since the start; each is published where it leaves and where it arrives.
  out["account_moves"] = s.partition.moves() / 2;
  out["credits"] = {{"events_in_flight", s.server.events_in_flight()},
                    {"events_max", s.settings.credits.total_events},
                    {"bytes_in_flight", s.server.bytes_in_flight()},
                    {"bytes_max", s.settings.credits.total_bytes}};
  return out.dump();
}

}  // namespace payloom::app

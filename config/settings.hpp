#pragma once
// The settings of a server, typed. The defaults, bounds and meaning of every field stand in one table, config/keys.cpp:
// start from `default_settings()` or `load_file()` (config/loader.hpp); a value-initialised `settings{}` is all zeros.
// Sizes are bytes, durations milliseconds. Plain data, copied once at start; read by all threads, changed by none.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types/ids.hpp"

namespace payloom::config {

using std::chrono::milliseconds;

/// A listening address; `port` 0 lets the system choose.
struct endpoint {
  std::string host;  ///< IPv4, IPv6 (without brackets) or a host name
  std::uint16_t port = 0;
  bool empty() const { return host.empty(); }
  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// "host:port", IPv6 in brackets; "" for an empty one.
std::string to_string(const endpoint& address);

enum class scheduler_policy : std::uint8_t { sharing, stealing };
enum class log_level : std::uint8_t { debug, info, warn, error };
enum class log_format : std::uint8_t { logfmt, json };

/// 0 where a count may be `auto`: resolve with `resolve_auto`.
inline constexpr std::uint64_t automatic = 0;

struct server_settings {
  endpoint listen;
  std::uint64_t io_threads;
  std::uint64_t max_connections;
  milliseconds handshake_timeout;
  milliseconds frame_timeout;
  milliseconds idle_timeout;
  milliseconds write_timeout;
  milliseconds half_open_timeout;
  std::uint64_t out_queue_bytes;
  milliseconds drain_timeout;
};

struct credit_settings {
  std::uint64_t session_requests;
  std::uint64_t session_events;
  std::uint64_t total_events;
  std::uint64_t total_bytes;
  milliseconds retry_after;
};

struct topology_settings {
  std::uint64_t order_shards;        ///< or `automatic`
  std::uint64_t account_shards;      ///< or `automatic`
  std::uint64_t hot_account_shards;  ///< or `automatic`
  std::uint64_t workers;             ///< or `automatic`
};

struct scheduler_settings {
  scheduler_policy policy;
  std::uint64_t max_throughput;
  std::uint64_t inline_events;
};

struct storage_settings {
  std::string directory;
  std::uint64_t segment_bytes;
  std::uint64_t min_free_bytes;
};

struct journal_settings {
  std::uint64_t inline_bytes;
};

struct index_settings {
  std::uint64_t lag_events_max;
  std::uint64_t cache_bytes;
};

struct account_settings {
  std::uint64_t max;
};

struct payment_settings {
  std::string folder;  ///< empty: the shipped catalogue
  std::uint64_t orders_max;
  bool settle_automatically;
};

struct channel_settings {
  std::string wires;  ///< file that says where channels are (wire_settings.hpp); empty: those with a wire send nothing
};

struct deadline_settings {
  milliseconds default_timeout;
};

struct partition_settings {
  u128 cluster;
  std::uint64_t number;
  bool shadow;
};

/// The optional second partition of the same process, for shadow traffic. Both fields are set, or both empty.
struct shadow_settings {
  endpoint listen;
  std::string directory;
  bool enabled() const { return !listen.empty(); }
};

struct log_settings {
  log_level level;
  log_format format;
};

/// A ledger that is no ISO 4217 currency.
struct custom_ledger {
  ledger_id id = 0;  ///< custom_ledger_min or above
  std::string name;  ///< unique, also among the ISO codes
  std::uint8_t exponent = 0;
  friend bool operator==(const custom_ledger&, const custom_ledger&) = default;
};

struct settings {
  server_settings server;
  credit_settings credits;
  topology_settings topology;
  scheduler_settings scheduler;
  storage_settings storage;
  journal_settings journal;
  index_settings index;
  account_settings accounts;
  payment_settings payments;
  channel_settings channels;
  deadline_settings deadlines;
  partition_settings partition;
  shadow_settings shadow;
  std::vector<custom_ledger> ledgers;
  std::vector<account_id> hot_accounts;
  log_settings log;
};

/// The count to use on a machine with `cores` cores: `configured`, or one per core where it is `automatic`.
constexpr std::uint32_t resolve_auto(std::uint64_t configured, std::uint32_t cores) {
  if (configured != automatic) return static_cast<std::uint32_t>(configured);
  return cores == 0 ? 1 : cores;
}

}  // namespace payloom::config

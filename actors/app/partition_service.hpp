#pragma once
// Everything one partition needs, put together: data directory, journal, index, follower, shards, network. Built,
// started and stopped by one thread (start in this order, stop in reverse).
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "actors/app/catalog_service.hpp"
#include "actors/app/channel_wires.hpp"
#include "actors/app/ledger_list.hpp"
#include "actors/app/query_service.hpp"
#include "actors/app/settlement_service.hpp"
#include "actors/app/subscription_service.hpp"
#include "actors/follower/follower.hpp"
#include "actors/runtime/partition.hpp"
#include "config/ledger_directory.hpp"
#include "config/settings.hpp"
#include "protocol/net/server.hpp"
#include "storage/log/segment_log.hpp"
#include "storage/rocksdb/index_store.hpp"

namespace payloom::app {

class partition_service {
 public:
  struct place {
    config::endpoint listen;
    std::string directory;
    bool shadow = false;
  };
  /// Opens (or makes) the data directory, recovers, and listens. Throws on anything that prevents serving.
  partition_service(const config::settings& settings, place where, actors::actor_host& host);
  ~partition_service();

  std::uint16_t port() const { return server_->port(); }
  /// Takes what is in the catalogue's folder, later; what came of it is logged.
  void reload_catalog() { catalogs_->reload(); }
  /// Answers everything accepted, then closes. False when the drain bound passed.
  bool drain();

 private:
  void open_directory(const config::settings& settings);
  void check_stamp(const config::settings& settings) const;
  void open_wires();
  void listen_for_callbacks();
  void recover();
  void start_network(const config::settings& settings);
  void run_monitor();
  void settle_admission();
  std::string stats_json();
  /// Queries and reports.
  void answer(command_frame& f);

  place place_;
  const config::settings settings_;
  config::ledger_directory ledgers_;
  ledger_list ledger_list_;
  std::unique_ptr<storage::data_directory> directory_;
  std::unique_ptr<storage::segment_log> log_;
  std::unique_ptr<storage::index_store> index_;
  std::unique_ptr<follower::follower> follower_;
  std::unique_ptr<catalog_service> catalogs_;
  std::unique_ptr<query_service> queries_;
  std::unique_ptr<subscription_service> subscriptions_;
  std::unique_ptr<channel_wires> wires_;  ///< null: no channel has a wire here
  std::unique_ptr<actors::partition> partition_;
  std::unique_ptr<settlement_service> settlements_;
  std::unique_ptr<net::server> server_;
  std::thread monitor_;
  std::mutex admission_mutex_;
  std::atomic<bool> stopping_{false}, full_{false}, lagging_{false}, draining_{false};
};

}  // namespace payloom::app

#pragma once
// The operator's side of the payment catalogue of a running server: reloads it, lists its versions, retires one. Works
// on one thread of its own, so that neither commands nor queries wait for files; tells the shards by mail.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "actors/app/catalog_book.hpp"
#include "actors/app/rules_report.hpp"
#include "actors/runtime/partition.hpp"
#include "protocol/types/catalog_records.hpp"
#include "protocol/types/command_frame.hpp"

namespace payloom::app {

class catalog_service {
 public:
  /// Reads the catalogue (catalog_book). `ledgers` must outlive it. Throws std::runtime_error with every problem.
  catalog_service(const std::string& source, const config::ledger_directory& ledgers,
                  const std::string& data_directory);
  ~catalog_service();

  /// What a partition is made with; before `start`.
  const std::shared_ptr<const core::catalog::catalog_registry>& registry() const { return book_.registry(); }
  /// The versions that there are now. Any thread.
  std::shared_ptr<const core::catalog::catalog_registry> current() const;
  /// From here on requests are worked off. The partition must be running and outlive `stop`.
  void start(actors::partition& partition);

  static bool takes(frame_type type) {
    return type == frame_type::load_catalog || type == frame_type::list_catalogs || type == frame_type::rules_diff;
  }
  /// Takes a frame of such a type; it is completed later. Any thread. The credits at the edge bound their number.
  void submit(command_frame& frame);
  /// As `load_catalog` with action reload; what came of it is logged. Any thread.
  void reload();
  /// Answers what waits with `draining`, ends the thread. Idempotent.
  void stop();

 private:
  void run();
  void work(command_frame* frame);  ///< nullptr: a reload that nobody waits for
  std::string load(const load_catalog_record* asked);
  std::string list();
  std::string diff();
  /// How many orders began with each version since the start, by all shards.
  std::vector<core::catalog::version_counts::count> count_orders();
  /// Shows all order shards' books to `each`, one at a time, and returns when all were seen, or some did not answer.
  void visit_shards(std::function<void(const core::order_book&)> each);

  catalog_book book_;
  actors::partition* partition_ = nullptr;
  mutable std::mutex mutex_;  ///< guards what follows
  std::shared_ptr<const core::catalog::catalog_registry> current_;
  std::condition_variable wake_;
  std::deque<command_frame*> frames_;
  bool reload_asked_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace payloom::app

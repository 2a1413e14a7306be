#pragma once
// Inside of index_store, shared by its source files only: the open database and its column families.
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <array>
#include <deque>
#include <mutex>

#include "storage/rocksdb/index_keys.hpp"
#include "storage/rocksdb/index_store.hpp"

namespace payloom::storage {

enum class family : std::size_t { meta = 0, ids, links, entries, accounts, holds, orders };
inline constexpr std::size_t families = 7;
inline constexpr std::array<const char*, families> family_names{"default",  "ids",   "links", "entries",
                                                                "accounts", "holds", "orders"};

inline std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
inline rocksdb::Slice slice_of(std::string_view view) { return {view.data(), view.size()}; }

/// Throws storage_failure when `status` is not ok.
inline void check(const rocksdb::Status& status, const char* what) {
  if (!status.ok()) throw storage_failure(std::string("index: ") + what + ": " + status.ToString());
}

struct index_store::parts {
  index_options options;
  std::shared_ptr<rocksdb::Cache> cache;
  std::array<rocksdb::ColumnFamilyOptions, families> family_options;
  rocksdb::DBOptions db_options;
  std::unique_ptr<rocksdb::DB> db;
  std::array<rocksdb::ColumnFamilyHandle*, families> handles{};
  bool merging = false;  ///< ingesting thread only

  mutable std::mutex ingest_mutex;  ///< held while a chunk is made visible; taken before `mutex`
  mutable std::mutex mutex;         ///< guards the two below
  index_position position;
  std::deque<std::shared_ptr<const chunk_info>> chunks;

  rocksdb::ColumnFamilyHandle* handle(family f) const { return handles[static_cast<std::size_t>(f)]; }
  const rocksdb::ColumnFamilyOptions& options_of(family f) const { return family_options[static_cast<std::size_t>(f)]; }
  std::string ingest_directory() const { return options.path + "/ingest"; }
  void open();
  void load_position();
  ~parts();
};

/// Calls `visit(key, value)` for every key of the family in [from, to) until it returns false.
template <class Visit>
void scan(const index_store::parts& parts, family f, std::string_view from, std::string_view to, Visit&& visit) {
  const rocksdb::Slice upper = slice_of(to);
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = &upper;
  read.total_order_seek = true;
  read.fill_cache = false;
  std::unique_ptr<rocksdb::Iterator> it(parts.db->NewIterator(read, parts.handle(f)));
  for (it->Seek(slice_of(from)); it->Valid(); it->Next()) {
    if (!visit(view_of(it->key()), view_of(it->value()))) return;
  }
  check(it->status(), "read");
}

}  // namespace payloom::storage

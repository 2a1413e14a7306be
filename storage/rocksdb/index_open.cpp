// Opening the index: options, format stamp, position.
#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/universal_compaction.h>

#include <filesystem>

#include "storage/rocksdb/index_parts.hpp"

namespace payloom::storage {

namespace {

constexpr std::size_t disk_piece_bytes = 512u << 10;

rocksdb::ColumnFamilyOptions options_for(family f, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16u << 10;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.cache_index_and_filter_blocks = true;  // so that block_cache_bytes bounds them too
  table.pin_l0_filter_and_index_blocks_in_cache = false;
  if (f == family::ids) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(8));
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kNoCompression;  // ids are random; entries are packed already
  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  options.compaction_options_universal.allow_trivial_move = true;
  options.disable_auto_compactions = true;  // allow_merging() decides
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = 1 << 30;
  options.level0_stop_writes_trigger = 1 << 30;
  options.write_buffer_size = 1u << 20;  // nothing but the format stamp is ever put
  options.max_write_buffer_number = 2;
  return options;
}

constexpr std::size_t format_bytes = 20;  ///< version u32, stamp u128

std::string format_value(u128 stamp) {
  std::string out;
  put_big(out, index_store::format_version);
  put_big(out, stamp);
  return out;
}

}  // namespace

void index_store::parts::open() {
  std::filesystem::create_directories(options.path);
  std::filesystem::remove_all(ingest_directory());
  std::filesystem::create_directories(ingest_directory());
  rocksdb::LRUCacheOptions cache_options;
  cache_options.capacity = options.block_cache_bytes;
  cache = rocksdb::NewLRUCache(cache_options);
  db_options.create_if_missing = true;
  db_options.create_missing_column_families = true;
  db_options.max_open_files = options.open_files_max;
  db_options.max_background_jobs = 2;
  db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db_options.max_total_wal_size = 4u << 20;
  db_options.keep_log_file_num = 2;
  db_options.max_log_file_size = 4u << 20;
  db_options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db_options.skip_stats_update_on_db_open = true;
  db_options.stats_dump_period_sec = 0;
  db_options.stats_persist_period_sec = 0;
  // The journal's synced writes share the disk: what is written goes out by and by instead of all at its file's end,
  // and merging reads in pieces of its own size, without the system's reading ahead.
  db_options.bytes_per_sync = disk_piece_bytes;
  db_options.strict_bytes_per_sync = true;
  db_options.compaction_readahead_size = disk_piece_bytes;
  db_options.access_hint_on_compaction_start = rocksdb::DBOptions::NONE;
  db_options.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW, rocksdb::CpuPriority::kIdle);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (std::size_t f = 0; f < families; ++f) {
    family_options[f] = options_for(static_cast<family>(f), cache);
    descriptors.emplace_back(family_names[f], family_options[f]);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* raw = nullptr;
  check(rocksdb::DB::Open(db_options, options.path, descriptors, &opened, &raw), "open");
  db.reset(raw);
  std::copy(opened.begin(), opened.end(), handles.begin());
}

void index_store::parts::load_position() {
  std::string value;
  rocksdb::Status status = db->Get({}, "format", &value);
  if (status.IsNotFound()) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    check(db->Put(synced, "format", format_value(options.stamp)), "write the format stamp");
  } else {
    check(status, "read the format stamp");
    if (value != format_value(options.stamp)) {
      const std::uint32_t version = value.size() == format_bytes ? get_big<std::uint32_t>(value.data()) : 0;
      const std::string why = version == index_store::format_version
                                  ? " belongs to another journal"
                                  : " has format " + std::to_string(version) + ", this program reads format " +
                                        std::to_string(index_store::format_version);
      throw index_mismatch("index: " + options.path + why + "; rebuild it (payloom index rebuild)");
    }
  }
  status = db->Get({}, "position", &value);
  if (status.IsNotFound()) return;
  check(status, "read the position");
  if (!read_position(value, position)) throw storage_failure("index: the position record is damaged; rebuild it");
  const auto from = tagged_key('c', 0), to = tagged_key('c', position.next_chunk);
  scan(*this, family::meta, from.view(), to.view(), [&](std::string_view, std::string_view bytes) {
    auto info = std::make_shared<chunk_info>();
    if (!info->decode(bytes)) throw storage_failure("index: a chunk record is damaged; rebuild it");
    const commit_seq expected = chunks.empty() ? 1 : chunks.back()->last_seq + 1;
    if (info->number != chunks.size() || info->first_seq != expected) {
      throw storage_failure("index: chunk " + std::to_string(chunks.size()) + " is missing; rebuild it");
    }
    chunks.push_back(std::move(info));
    return true;
  });
  if (chunks.size() != position.next_chunk || (chunks.empty() ? 0 : chunks.back()->last_seq) != position.indexed_seq) {
    throw storage_failure("index: chunk records do not reach the position; rebuild it");
  }
}

index_store::parts::~parts() {
  if (!db) return;
  for (auto* h : handles) {
    if (h != nullptr) db->DestroyColumnFamilyHandle(h);
  }
  db->Close();
}

index_store::index_store(const index_options& options) : parts_(std::make_unique<parts>()) {
  parts_->options = options;
  parts_->open();
  parts_->load_position();
  indexed_seq_.store(parts_->position.indexed_seq, std::memory_order_release);
}

index_store::~index_store() = default;

void index_store::drop(const std::string& path) { std::filesystem::remove_all(path); }

index_position index_store::position() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->position;
}

std::unique_lock<std::mutex> index_store::pause_ingesting() const { return std::unique_lock(parts_->ingest_mutex); }

std::uint64_t index_store::disk_bytes() const {
  std::uint64_t sum = 0;
  for (auto* h : parts_->handles) {
    std::uint64_t bytes = 0;
    if (parts_->db->GetIntProperty(h, rocksdb::DB::Properties::kTotalSstFilesSize, &bytes)) sum += bytes;
  }
  return sum;
}

std::size_t index_store::cache_bytes() const { return parts_->cache->GetUsage(); }

std::uint32_t index_store::runs() const {
  rocksdb::ColumnFamilyMetaData meta;
  parts_->db->GetColumnFamilyMetaData(parts_->handle(family::ids), &meta);
  std::size_t runs = 0;
  for (const auto& level : meta.levels) runs += level.level == 0 ? level.files.size() : (level.files.empty() ? 0 : 1);
  return static_cast<std::uint32_t>(runs);
}

}  // namespace payloom::storage

#pragma once
// The index on RocksDB: what the follower writes behind the journal. Written only in bulk, one chunk at a time; all of
// a chunk and the position become visible in one step (one atomic ingestion into all column families, synced), so a
// crash leaves the index at the end of some chunk. It is a projection of the journal and may be dropped and rebuilt.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/ports.hpp"
#include "storage/rocksdb/index_run.hpp"

namespace payloom::storage {

struct index_options {
  std::string path;                           ///< its own directory; created when absent
  u128 stamp = 0;                             ///< identity of the journal; another one is refused
  std::size_t block_cache_bytes = 64u << 20;  ///< blocks, index blocks and filters together
  int open_files_max = 512;
  std::uint64_t free_bytes_min = 1ull << 30;  ///< below this much free space nothing is written
  std::uint32_t runs_max = 64;                ///< more unmerged runs: merging is allowed even while lagging
};

enum class ingest_status { ok, no_space };

/// The index is of another format or journal: drop it and rebuild.
struct index_mismatch : storage_failure {
  using storage_failure::storage_failure;
};

/// Thread-safe for one ingesting thread beside any number of readers. Throws storage_failure on damage or I/O errors.
class index_store {
 public:
  static constexpr std::uint32_t format_version = 6;

  /// Opens or creates. Throws index_mismatch, storage_failure.
  explicit index_store(const index_options& options);
  ~index_store();
  index_store(const index_store&) = delete;
  index_store& operator=(const index_store&) = delete;

  /// Removes the index in `path` (not open); the next open begins empty.
  static void drop(const std::string& path);

  /// Where the index stands. Thread-safe.
  index_position position() const;
  commit_seq indexed_seq() const { return indexed_seq_.load(std::memory_order_acquire); }

  /// Adds the next chunk: its first_seq must be indexed_seq + 1 and its number next_chunk (asserted). Sorts the run in
  /// place. Repeating a chunk after a crash is harmless. no_space: nothing was written; offer it again later.
  ingest_status ingest(index_run& run);

  /// Merging of runs in the background: pause while lagging. Merging starts anyway beyond runs_max, never when space is
  /// short. Called by the ingesting thread after each chunk.
  void allow_merging(bool allowed);

  /// While the result lives nothing is ingested: position, states and holds stay together. For verification, briefly.
  std::unique_lock<std::mutex> pause_ingesting() const;

  // ---- reading; nothing beyond `indexed_seq` is ever seen

  id_position find_id(tenant_id tenant, u128 id) const;
  /// `out[i]` for `ids[i]`; one bulk look-up.
  void find_ids(std::span<const id_query> ids, std::span<id_position> out) const;

  /// Links of each of `targets` (ascending): `visit(i, link)` with the target's place i, by (target, sequence).
  void for_each_link(std::span<const commit_seq> targets,
                     const std::function<void(std::size_t, const link_entry&)>& visit) const;
  /// Links of one target behind `after`, by sequence, until `visit` returns false.
  void for_each_link(commit_seq target, commit_seq after, const std::function<bool(const link_entry&)>& visit) const;
  /// All links, by (target, sequence). For verification.
  void for_each_link(const std::function<void(const link_entry&)>& visit) const;

  /// The packed lines of an account per chunk in [first_chunk, last_chunk], ascending or descending, until `visit`
  /// returns false. The value is good during the call only.
  void for_each_entries(std::uint32_t ordinal, std::uint32_t first_chunk, std::uint32_t last_chunk, bool backward,
                        const std::function<bool(std::uint32_t chunk, std::string_view value)>& visit) const;
  /// The same over all accounts: in order of (ordinal, chunk). For verification.
  void for_each_entries(
      const std::function<void(std::uint32_t ordinal, std::uint32_t chunk, std::string_view value)>& visit) const;

  /// Chunks that overlap [first, last], ascending.
  std::vector<std::shared_ptr<const chunk_info>> chunks(commit_seq first, commit_seq last) const;

  void for_each_birth(const std::function<void(const account_birth&)>& visit) const;  ///< by ordinal
  void for_each_state(const std::function<void(const account_state&)>& visit) const;  ///< by ordinal, at snapshot_seq
  void for_each_hold(const std::function<void(const open_hold&)>& visit) const;       ///< by sequence, at indexed_seq
  /// By created(), at indexed_seq, until `visit` returns false.
  void for_each_order(const std::function<bool(const open_order&)>& visit) const;
  /// Every id in the index, once each, run by run; in bulk (about 0.1 us an id).
  void for_each_id(const std::function<void(tenant_id, u128, id_position)>& visit) const;
  /// The same on all cores: `visit` is called by several threads at once, with up to id_batch ids.
  static constexpr std::size_t id_batch = 1024;
  void for_each_id_batch(const std::function<void(std::span<const id_query>)>& visit) const;

  /// Bytes on disk and unmerged runs, for `stats`.
  std::uint64_t disk_bytes() const;
  std::uint32_t runs() const;
  /// Memory the block cache holds now: blocks, index blocks and filters.
  std::size_t cache_bytes() const;

  struct parts;  ///< index_parts.hpp, for the source files of this class only

 private:
  std::unique_ptr<parts> parts_;
  std::atomic<commit_seq> indexed_seq_{0};
};

}  // namespace payloom::storage

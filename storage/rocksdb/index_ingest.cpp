// Writing a chunk: sorted runs for every column family, made visible by one atomic ingestion.
#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <filesystem>

#include "protocol/types/assert.hpp"
#include "protocol/types/kill_point.hpp"
#include "storage/rocksdb/entry_blocks.hpp"
#include "storage/rocksdb/index_parts.hpp"
#include "storage/rocksdb/run_sort.hpp"

namespace payloom::storage {

namespace {

/// One sorted run on its way into a family; keys must ascend.
class run_file {
 public:
  run_file(const index_store::parts& parts, family f, std::uint32_t chunk)
      : family_(f),
        path_(parts.ingest_directory() + "/" + std::to_string(chunk) + "-" + family_names[static_cast<std::size_t>(f)] +
              ".sst"),
        writer_(rocksdb::EnvOptions(parts.db_options), rocksdb::Options(parts.db_options, parts.options_of(f)),
                parts.handle(f), false) {
    check(writer_.Open(path_), "create a run");
  }
  void put(std::string_view key, std::string_view value) {
    check(writer_.Put(slice_of(key), slice_of(value)), "write a run");
    used_ = true;
  }
  void remove(std::string_view key) {
    check(writer_.Delete(slice_of(key)), "write a run");
    used_ = true;
  }
  /// Completes the file; false when it is empty and must not be ingested.
  bool finish() {
    if (used_) check(writer_.Finish(), "finish a run");
    return used_;
  }
  family of() const { return family_; }
  const std::string& path() const { return path_; }

 private:
  family family_;
  std::string path_;
  rocksdb::SstFileWriter writer_;
  bool used_ = false;
};

void write_ids(run_file& file, index_run& run) {
  const auto order = order_of_ids({run.ids.data(), run.ids.size()});
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i + 8 < order.size()) __builtin_prefetch(&run.ids[order[i + 8]]);
    const id_entry& entry = run.ids[order[i]];
    file.put(id_key(entry.tenant, entry.id).view(), id_value(run.info.first_seq + entry.offset, entry.kind).view());
  }
}

void write_entries(run_file& file, index_run& run) {
  radix_sort(run.entries, 32);
  std::sort(run.openings.begin(), run.openings.end(),
            [](const entry_opening& a, const entry_opening& b) { return a.ordinal < b.ordinal; });
  entry_packer packer;
  std::size_t opening = 0;
  for (std::size_t i = 0; i < run.entries.size();) {
    const std::uint32_t ordinal = entry_ordinal(run.entries[i]);
    while (opening < run.openings.size() && run.openings[opening].ordinal < ordinal) ++opening;
    PAYLOOM_ASSERT(opening < run.openings.size() && run.openings[opening].ordinal == ordinal);
    u128 debits = run.openings[opening].debits_posted, credits = run.openings[opening].credits_posted;
    std::size_t end = i;
    while (end < run.entries.size() && entry_ordinal(run.entries[end]) == ordinal) ++end;
    const bool several_blocks = end - i > entry_block_lines;
    packer.begin();
    for (; i < end; ++i) {
      const entry_mark mark = entry_mark_of(run.entries[i]);
      if (packer.at_block_start()) packer.open_block(mark.offset, debits, credits);
      packer.add(mark);
      if (several_blocks && mark.posted) (mark.credit ? credits : debits) += run.posted_amounts[mark.offset];
    }
    file.put(entry_key(ordinal, run.info.number).view(), packer.finish());
  }
}

void write_links(run_file& file, index_run& run) {
  std::sort(run.links.begin(), run.links.end(), [](const link_entry& a, const link_entry& b) {
    return a.target != b.target ? a.target < b.target : a.sequence < b.sequence;
  });
  for (const link_entry& link : run.links) file.put(link_key(link.target, link.sequence).view(), link_value(link));
}

void write_accounts(run_file& file, const index_run& run) {
  for (const account_birth& birth : run.births) {
    file.put(tagged_key('b', birth.ordinal).view(), birth_value(birth));
  }
  std::string_view states = run.states;
  while (!states.empty()) {
    PAYLOOM_ASSERT(states.size() >= 6);
    const auto ordinal = get_big<std::uint32_t>(states.data());
    const auto length =
        static_cast<std::size_t>(static_cast<std::uint8_t>(states[4])) << 8 | static_cast<std::uint8_t>(states[5]);
    PAYLOOM_ASSERT(states.size() >= 6u + length);
    file.put(tagged_key('s', ordinal).view(), states.substr(6, length));
    states.remove_prefix(6u + length);
  }
}

void write_holds(run_file& file, index_run& run) {
  std::sort(run.holds_closed.begin(), run.holds_closed.end());
  // Closed ones are older than the chunk, opened ones belong to it: the keys ascend.
  for (const commit_seq closed : run.holds_closed) file.remove(hold_key(closed).view());
  for (const open_hold& hold : run.holds_opened) file.put(hold_key(hold.sequence).view(), hold_value(hold));
}

void write_orders(run_file& file, index_run& run) {
  std::vector<const open_order*> open;
  open.reserve(run.orders_open.size());
  for (const open_order& order : run.orders_open) open.push_back(&order);
  std::sort(open.begin(), open.end(), [](const auto* a, const auto* b) { return a->created() < b->created(); });
  std::sort(run.orders_closed.begin(), run.orders_closed.end());
  // Merged by key: an order is in one of the two.
  auto closed = run.orders_closed.begin();
  const auto remove_below = [&](commit_seq created) {
    for (; closed != run.orders_closed.end() && *closed < created; ++closed) file.remove(order_key(*closed).view());
  };
  for (const open_order* order : open) {
    remove_below(order->created());
    file.put(order_key(order->created()).view(), order_value(*order));
  }
  remove_below(~commit_seq{0});
}

}  // namespace

ingest_status index_store::ingest(index_run& run) {
  parts& p = *parts_;
  index_position next = position();
  PAYLOOM_ASSERT(run.info.number == next.next_chunk && run.info.first_seq == next.indexed_seq + 1);
  PAYLOOM_ASSERT(run.info.last_seq >= run.info.first_seq);
  // Generous: ids of 45 bytes, entries of 40 with their keys, births and holds of 200, orders of 500.
  const std::uint64_t needed = run.ids.size() * 45 + run.entries.size() * 40 + run.states.size() * 2 +
                               (run.births.size() + run.holds_opened.size() + run.links.size()) * 200 +
                               run.orders_open.size() * 500 + (1u << 20);
  if (std::filesystem::space(p.options.path).available < p.options.free_bytes_min + needed) {
    return ingest_status::no_space;
  }
  next.indexed_seq = run.info.last_seq;
  next.last_time = run.info.last_time;
  next.accounts = run.accounts;
  ++next.next_chunk;
  if (run.snapshot) next.snapshot_seq = run.info.last_seq;

  std::vector<std::unique_ptr<run_file>> files;
  const auto write = [&](family f, const auto& writer) {
    auto file = std::make_unique<run_file>(p, f, run.info.number);
    writer(*file);
    if (file->finish()) files.push_back(std::move(file));
  };
  if (!run.ids.empty()) write(family::ids, [&](run_file& f) { write_ids(f, run); });
  if (!run.entries.empty()) write(family::entries, [&](run_file& f) { write_entries(f, run); });
  if (!run.links.empty()) write(family::links, [&](run_file& f) { write_links(f, run); });
  if (!run.births.empty() || !run.states.empty()) {
    write(family::accounts, [&](run_file& f) { write_accounts(f, run); });
  }
  if (!run.holds_opened.empty() || !run.holds_closed.empty()) {
    write(family::holds, [&](run_file& f) { write_holds(f, run); });
  }
  if (!run.orders_open.empty() || !run.orders_closed.empty()) {
    write(family::orders, [&](run_file& f) { write_orders(f, run); });
  }
  write(family::meta, [&](run_file& f) {
    f.put(tagged_key('c', run.info.number).view(), run.info.encode());
    f.put("position", position_value(next));
  });
  std::vector<rocksdb::IngestExternalFileArg> arguments;
  for (const auto& file : files) {
    rocksdb::IngestExternalFileArg argument;
    argument.column_family = p.handle(file->of());
    argument.external_files = {file->path()};
    argument.options.move_files = true;
    argument.options.write_global_seqno = false;
    arguments.push_back(std::move(argument));
  }
  const std::lock_guard still(p.ingest_mutex);
  pass_kill_point(kill_point::ingest_prepared);
  check(p.db->IngestExternalFiles(arguments), "ingest a chunk");
  pass_kill_point(kill_point::ingest_done);
  {
    const std::lock_guard lock(p.mutex);
    p.position = next;
    p.chunks.push_back(std::make_shared<chunk_info>(run.info));
  }
  indexed_seq_.store(next.indexed_seq, std::memory_order_release);
  return ingest_status::ok;
}

void index_store::allow_merging(bool allowed) {
  parts& p = *parts_;
  // Debian's RocksDB aborts on a full disk, and a merge may need as much again as the index has.
  const std::uint64_t free = std::filesystem::space(p.options.path).available;
  const bool merge = (allowed || runs() > p.options.runs_max) && free > p.options.free_bytes_min + disk_bytes();
  if (merge == p.merging) return;
  p.merging = merge;
  if (merge) {
    check(p.db->EnableAutoCompaction({p.handles.begin(), p.handles.end()}), "start merging");
  } else {
    for (auto* h : p.handles) {
      check(p.db->SetOptions(h, {{"disable_auto_compactions", "true"}}), "pause merging");
    }
  }
}

}  // namespace payloom::storage

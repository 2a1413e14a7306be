// Reading the index.
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>
#include <thread>

#include "protocol/types/assert.hpp"
#include "storage/rocksdb/index_parts.hpp"

namespace payloom::storage {

namespace {
[[noreturn]] void damaged(const char* what) {
  throw storage_failure(std::string("index: ") + what + " is damaged; rebuild the index");
}
/// Merging may make files obsolete but does not remove them while this lives.
class files_kept {
 public:
  explicit files_kept(rocksdb::DB& db) : db_(db) { check(db_.DisableFileDeletions(), "keep files"); }
  ~files_kept() { db_.EnableFileDeletions(false).PermitUncheckedError(); }
  files_kept(const files_kept&) = delete;
  files_kept& operator=(const files_kept&) = delete;

 private:
  rocksdb::DB& db_;
};

/// The paths of the files that hold the ids.
std::vector<std::string> id_files(const index_store::parts& p) {
  rocksdb::ColumnFamilyMetaData meta;
  p.db->GetColumnFamilyMetaData(p.handle(family::ids), &meta);
  std::vector<std::string> out;
  for (const auto& level : meta.levels)
    for (const auto& file : level.files) out.push_back(file.db_path + file.name);
  return out;
}

template <class Visit>
void read_ids(const index_store::parts& p, const std::string& path, Visit&& visit) {
  rocksdb::SstFileReader reader(rocksdb::Options(p.db_options, p.options_of(family::ids)));
  check(reader.Open(path), "open a run");
  rocksdb::ReadOptions read;
  read.fill_cache = false;
  read.readahead_size = 2u << 20;
  std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator(read));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const std::string_view key = view_of(it->key());
    id_position position;
    if (key.size() != 20 || !read_id_value(view_of(it->value()), position)) damaged("an id");
    visit(get_big<tenant_id>(key.data()), get_big<u128>(key.data() + 4), position);
  }
  check(it->status(), "read ids");
}

constexpr std::string_view after_births = "c", after_states = "t";
}  // namespace

id_position index_store::find_id(tenant_id tenant, u128 id) const {
  const id_query query{tenant, id};
  id_position out;
  find_ids({&query, 1}, {&out, 1});
  return out;
}

void index_store::find_ids(std::span<const id_query> ids, std::span<id_position> out) const {
  PAYLOOM_ASSERT(ids.size() == out.size());
  constexpr std::size_t batch = 256;  // bounds the blocks one look-up pins
  std::vector<fixed_key<20>> keys(std::min(ids.size(), batch));
  std::vector<rocksdb::Slice> slices(keys.size());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  std::vector<std::uint32_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return ids[a].tenant != ids[b].tenant ? ids[a].tenant < ids[b].tenant : ids[a].id < ids[b].id;
  });
  const commit_seq reach = indexed_seq();
  for (std::size_t from = 0; from < ids.size(); from += batch) {
    const std::size_t count = std::min(batch, ids.size() - from);
    for (std::size_t i = 0; i < count; ++i) {
      const id_query& query = ids[order[from + i]];
      keys[i] = id_key(query.tenant, query.id);
      slices[i] = slice_of(keys[i].view());
    }
    parts_->db->MultiGet({}, parts_->handle(family::ids), count, slices.data(), values.data(), statuses.data(), true);
    for (std::size_t i = 0; i < count; ++i) {
      id_position& position = out[order[from + i]];
      position = {};
      if (!statuses[i].IsNotFound()) {
        check(statuses[i], "look up an id");
        if (!read_id_value(view_of(values[i]), position)) damaged("an id");
        if (position.sequence > reach) position = {};
      }
      values[i].Reset();
    }
  }
}

void index_store::for_each_link(const std::function<void(const link_entry&)>& visit) const {
  const std::string past(17, '\xff');
  scan(*parts_, family::links, {}, past, [&](std::string_view key, std::string_view value) {
    link_entry link;
    if (!read_link(key, value, link)) damaged("a link");
    visit(link);
    return true;
  });
}

void index_store::for_each_link(commit_seq target, commit_seq after,
                                const std::function<bool(const link_entry&)>& visit) const {
  scan(*parts_, family::links, std::string(link_key(target, after + 1).view()),
       std::string(link_key(target + 1, 0).view()), [&](std::string_view key, std::string_view value) {
         link_entry link;
         if (!read_link(key, value, link)) damaged("a link");
         return visit(link);
       });
}

void index_store::for_each_link(std::span<const commit_seq> targets,
                                const std::function<void(std::size_t, const link_entry&)>& visit) const {
  if (targets.empty()) return;
  const auto past = link_key(targets.back() + 1, 0);
  const rocksdb::Slice upper = slice_of(past.view());
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> it(parts_->db->NewIterator(read, parts_->handle(family::links)));
  it->Seek(slice_of(link_key(targets.front(), 0).view()));
  for (std::size_t i = 0; i < targets.size() && it->Valid(); ++i) {
    const auto from = link_key(targets[i], 0);
    // Neighbours are reached by stepping, others by seeking; with no links in between nothing is done at all.
    for (int steps = 0; steps < 4 && it->Valid() && it->key().compare(slice_of(from.view())) < 0; ++steps) it->Next();
    if (it->Valid() && it->key().compare(slice_of(from.view())) < 0) it->Seek(slice_of(from.view()));
    for (; it->Valid(); it->Next()) {
      link_entry link;
      if (!read_link(view_of(it->key()), view_of(it->value()), link)) damaged("a link");
      if (link.target != targets[i]) break;
      visit(i, link);
    }
  }
  check(it->status(), "read links");
}

void index_store::for_each_entries(
    std::uint32_t ordinal, std::uint32_t first_chunk, std::uint32_t last_chunk, bool backward,
    const std::function<bool(std::uint32_t chunk, std::string_view value)>& visit) const {
  if (first_chunk > last_chunk) return;
  const auto from = entry_key(ordinal, first_chunk), to = entry_key(ordinal, last_chunk);
  const std::string past = std::string(to.view()) + '\0';
  const rocksdb::Slice lower = slice_of(from.view()), upper = past;
  rocksdb::ReadOptions read;
  read.iterate_lower_bound = &lower;
  read.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> it(parts_->db->NewIterator(read, parts_->handle(family::entries)));
  for (backward ? it->SeekToLast() : it->SeekToFirst(); it->Valid(); backward ? it->Prev() : it->Next()) {
    if (it->key().size() != 8) damaged("an entry key");
    if (!visit(get_big<std::uint32_t>(it->key().data() + 4), view_of(it->value()))) return;
  }
  check(it->status(), "read entries");
}

void index_store::for_each_entries(
    const std::function<void(std::uint32_t, std::uint32_t, std::string_view)>& visit) const {
  const std::string past(9, '\xff');
  scan(*parts_, family::entries, {}, past, [&](std::string_view key, std::string_view value) {
    if (key.size() != 8) damaged("an entry key");
    visit(get_big<std::uint32_t>(key.data()), get_big<std::uint32_t>(key.data() + 4), value);
    return true;
  });
}

std::vector<std::shared_ptr<const chunk_info>> index_store::chunks(commit_seq first, commit_seq last) const {
  std::vector<std::shared_ptr<const chunk_info>> out;
  const std::lock_guard lock(parts_->mutex);
  const auto& all = parts_->chunks;
  auto it = std::lower_bound(all.begin(), all.end(), first,
                             [](const auto& info, commit_seq seq) { return info->last_seq < seq; });
  for (; it != all.end() && (*it)->first_seq <= last; ++it) out.push_back(*it);
  return out;
}

void index_store::for_each_birth(const std::function<void(const account_birth&)>& visit) const {
  scan(*parts_, family::accounts, "b", after_births, [&](std::string_view key, std::string_view value) {
    account_birth birth;
    if (!read_birth(key, value, birth)) damaged("an account");
    visit(birth);
    return true;
  });
}

void index_store::for_each_state(const std::function<void(const account_state&)>& visit) const {
  scan(*parts_, family::accounts, "s", after_states, [&](std::string_view key, std::string_view value) {
    account_state state;
    if (!read_state(key, value, state)) damaged("an account's state");
    visit(state);
    return true;
  });
}

void index_store::for_each_hold(const std::function<void(const open_hold&)>& visit) const {
  const std::string past(9, '\xff');
  scan(*parts_, family::holds, {}, past, [&](std::string_view key, std::string_view value) {
    open_hold hold;
    if (!read_hold(key, value, hold)) damaged("an open hold");
    visit(hold);
    return true;
  });
}

void index_store::for_each_order(const std::function<bool(const open_order&)>& visit) const {
  const std::string past(9, '\xff');
  scan(*parts_, family::orders, {}, past, [&](std::string_view key, std::string_view value) {
    open_order order;
    if (!read_order(key, value, order)) damaged("an open order");
    return visit(order);
  });
}

void index_store::for_each_id(const std::function<void(tenant_id, u128, id_position)>& visit) const {
  // File by file instead of a merging iterator: order does not matter here and no id stands in two files.
  const files_kept kept(*parts_->db);
  for (const std::string& file : id_files(*parts_)) read_ids(*parts_, file, visit);
}

void index_store::for_each_id_batch(const std::function<void(std::span<const id_query>)>& visit) const {
  const files_kept kept(*parts_->db);
  const std::vector<std::string> files = id_files(*parts_);
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    std::vector<id_query> batch;
    batch.reserve(id_batch);
    const auto hand_over = [&] {
      if (!batch.empty()) visit(batch);
      batch.clear();
    };
    try {
      for (std::size_t i = next++; i < files.size(); i = next++) {
        read_ids(*parts_, files[i], [&](tenant_id tenant, u128 id, id_position) {
          batch.push_back({tenant, id});
          if (batch.size() == id_batch) hand_over();
        });
      }
      hand_over();
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = files.size();
    }
  };
  std::vector<std::thread> helpers;
  const std::size_t threads = std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), files.size());
  for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace payloom::storage

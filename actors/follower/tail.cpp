#include "actors/follower/tail.hpp"

#include <bit>
#include <random>

#include "protocol/types/assert.hpp"
#include "storage/rocksdb/index_keys.hpp"
#include "storage/rocksdb/varint.hpp"

namespace payloom::follower {

namespace {
constexpr std::uint32_t offset_mask = (1u << tail::offset_bits) - 1;
constexpr std::uint64_t sweep_every = 1ull << 30;

/// What is kept of an id's hash; never 0.
std::uint32_t half_of(std::uint64_t hash) {
  const auto half = static_cast<std::uint32_t>(hash >> 32);
  return half == 0 ? 1 : half;
}
std::uint32_t tag_of(std::uint32_t half) { return half & ~offset_mask; }
}  // namespace

void link_table::add(const storage::link_entry& link) {
  links_.push_back(link);
  older_.push_back(0);
  if (links_.size() * 2 > slots_.size()) {
    slots_ = storage::page_array<std::uint32_t>(slots_.empty() ? 1024 : slots_.size() * 2);
    for (std::uint32_t i = 0; i < links_.size(); ++i) place(i);
  } else {
    place(static_cast<std::uint32_t>(links_.size() - 1));
  }
}

std::uint64_t link_table::scattered(commit_seq name) {
  static const std::uint64_t secret = [] {
    std::random_device draw;
    return std::uint64_t{draw()} << 32 | draw();
  }();
  std::uint64_t x = name ^ secret;
  x = (x ^ x >> 32) * 0xd6e8feb86659fd93ull;
  x = (x ^ x >> 29) * 0x9e3779b97f4a7c15ull;
  return x ^ x >> 32;
}

void link_table::place(std::uint32_t index) {
  std::uint32_t& slot = slots_[slot_of(links_[index].target)];
  older_[index] = slot;
  slot = index + 1;
}

tail::tail(std::uint32_t chunk_events) : chunk_events_(chunk_events) {
  PAYLOOM_ASSERT(chunk_events >= 1 && chunk_events <= chunk_events_max);
  begin(1, 0);
}

void tail::begin(commit_seq sequence, std::uint32_t chunk_number) {
  chunks_.clear();
  open_chunk(sequence, chunk_number);
}

void tail::open_chunk(commit_seq first_seq, std::uint32_t number) {
  // Positions must not come round within a chunk, nor take the value 0 (none).
  if (next_position_ > ~std::uint32_t{0} - 2 * (offset_mask + 1)) next_position_ = 1;
  auto chunk = std::make_shared<tail_chunk>();
  chunk->number = number;
  chunk->first_seq = first_seq;
  chunk->last_seq = first_seq - 1;
  chunk->first_position = next_position_;
  open_ = chunk.get();
  chunks_.push_back(std::move(chunk));
}

void tail::advance(commit_seq first, std::uint32_t count, time_ns time) {
  tail_chunk& chunk = *open_;
  PAYLOOM_ASSERT(first == chunk.last_seq + 1 && count > 0);
  if (chunk.first_time == 0) chunk.first_time = time;
  chunk.last_seq += count;
  chunk.last_time = time + count - 1;
  PAYLOOM_ASSERT(chunk.events() < offset_mask);
}

void tail::add_id(commit_seq sequence, std::uint64_t id_hash) {
  auto& hashes = open_->id_hashes;
  const std::size_t offset = sequence - open_->first_seq;
  if (hashes.size() < offset) hashes.resize(offset);  // events without ids in between
  hashes.push_back(half_of(id_hash));
}

void tail::place_ids(const tail_chunk& chunk) const {
  const auto count = static_cast<std::uint32_t>(chunk.id_hashes.size());
  if (chunk.ids_placed == count) return;
  if (chunk.id_slots.empty()) {
    const std::uint64_t most = std::uint64_t{chunk_events_} + group_events_max;
    chunk.id_slots = storage::page_array<std::uint32_t>(std::bit_ceil(most + most / 3));
  }
  const std::size_t mask = chunk.id_slots.size() - 1;
  for (std::uint32_t offset = chunk.ids_placed; offset < count; ++offset) {
    const std::uint32_t half = chunk.id_hashes[offset];
    if (half == 0) continue;
    std::size_t i = half & mask;
    while (chunk.id_slots[i] != 0) i = (i + 1) & mask;
    chunk.id_slots[i] = tag_of(half) | (offset + 1);
  }
  chunk.ids_placed = count;
}

void tail::add_opening(std::uint32_t ordinal, u128 debits_before, u128 credits_before) {
  std::string& out = open_->openings;
  out.append(reinterpret_cast<const char*>(&ordinal), sizeof(ordinal));
  storage::put_varint(out, debits_before);
  storage::put_varint(out, credits_before);
}

bool tail::should_close(bool force) const { return open_->events() >= chunk_events_ || (force && open_->events() > 0); }

void tail::close(account_table& accounts) {
  lines_since_sweep_ += open_->entries.size();
  open_->closed = true;
  if (lines_since_sweep_ >= sweep_every) sweep_heads(accounts);
  open_chunk(open_->last_seq + 1, open_->number + 1);
}

void tail::sweep_heads(account_table& accounts) {
  for (std::uint32_t i = 0; i < accounts.size(); ++i) {
    if (!alive(accounts.head(i))) accounts.head(i) = 0;
  }
  lines_since_sweep_ = 0;
}

void tail::drop_oldest() {
  PAYLOOM_ASSERT(chunks_.front()->closed);
  chunks_.pop_front();
}

/// Looks at every hash of a chunk, in order: 1 MiB of a full one.
void tail::scan_ids(const tail_chunk& chunk, std::uint32_t half, std::vector<commit_seq>& out) {
  constexpr std::size_t block = 256;
  const std::uint32_t* hashes = chunk.id_hashes.data();
  for (std::size_t from = 0; from < chunk.id_hashes.size(); from += block) {
    const std::size_t to = std::min(from + block, chunk.id_hashes.size());
    std::uint32_t found = 0;
    for (std::size_t i = from; i < to; ++i) found |= hashes[i] == half ? 1u : 0u;
    if (found == 0) [[likely]]
      continue;
    for (std::size_t i = from; i < to; ++i)
      if (hashes[i] == half) out.push_back(chunk.first_seq + i);
  }
}

void tail::find_id(std::uint64_t id_hash, std::vector<commit_seq>& out) const {
  const std::uint32_t half = half_of(id_hash);
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
    // Most chunks are asked a few times only (what the filter cannot exclude): placing 262,144 ids would cost more.
    if ((*chunk)->scans < scans_max) {
      ++(*chunk)->scans;
      scan_ids(**chunk, half, out);
      continue;
    }
    place_ids(**chunk);
    const auto& slots = (*chunk)->id_slots;
    if (slots.empty()) continue;
    for (std::size_t i = half & (slots.size() - 1); slots[i] != 0; i = (i + 1) & (slots.size() - 1)) {
      if ((slots[i] & ~offset_mask) == tag_of(half)) out.push_back((*chunk)->first_seq + (slots[i] & offset_mask) - 1);
    }
  }
}

bool tail::has_links() const {
  for (const auto& chunk : chunks_) {
    if (!chunk->links.all().empty()) return true;
  }
  return false;
}

std::size_t tail::memory_bytes() const {
  std::size_t sum = 0;
  for (const auto& chunk : chunks_) {
    sum += chunk->entries.capacity_bytes() + chunk->previous.capacity_bytes() + chunk->id_slots.capacity_bytes() +
           chunk->id_hashes.capacity_bytes() + chunk->links.memory_bytes() + chunk->openings.capacity() +
           chunk->states.capacity();
  }
  return sum;
}

}  // namespace payloom::follower

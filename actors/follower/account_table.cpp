#include "actors/follower/account_table.hpp"

#include <sys/mman.h>

#include <new>

#include "protocol/types/assert.hpp"

namespace payloom::follower {

namespace {
constexpr std::size_t first_slots = 1024;
}

account_table::account_table() : tags_(first_slots), ordinals_(first_slots) {}
account_table::~account_table() = default;

void account_table::page_deleter::operator()(page* p) const { munmap(p, sizeof(page)); }

std::uint32_t account_table::candidate(std::uint64_t hash) const {
  const std::uint8_t tag = tag_of(hash);
  for (std::size_t i = home_of(hash);; i = i + 1 == tags_.size() ? 0 : i + 1) {
    if (tags_[i] == 0) return no_account;
    if (tags_[i] != tag) continue;
    const std::uint32_t ordinal = ordinals_[i];
    __builtin_prefetch(&row(ordinal), 1);
    __builtin_prefetch(&pages_[ordinal / page_rows]->heads[ordinal % page_rows], 1);
    return ordinal;
  }
}

std::uint32_t account_table::find(std::uint64_t hash, tenant_id tenant, u128 id) const {
  const std::uint8_t tag = tag_of(hash);
  for (std::size_t i = home_of(hash);; i = i + 1 == tags_.size() ? 0 : i + 1) {
    if (tags_[i] == 0) return no_account;
    if (tags_[i] != tag) continue;
    const account_slot& slot = row(ordinals_[i]);
    if (slot.id == id && slot.tenant == tenant) return ordinals_[i];
  }
}

void account_table::place(std::uint64_t hash, std::uint32_t ordinal) {
  std::size_t i = home_of(hash);
  while (tags_[i] != 0) i = i + 1 == tags_.size() ? 0 : i + 1;
  tags_[i] = tag_of(hash);
  ordinals_[i] = ordinal;
}

void account_table::grow() {
  const std::size_t slots = tags_.size() + tags_.size() / 7;
  tags_ = storage::page_array<std::uint8_t>(slots);
  ordinals_ = storage::page_array<std::uint32_t>(slots);
  for (std::uint32_t i = 0; i < size_; ++i) place(hash(row(i).tenant, row(i).id), i);
}

std::uint32_t account_table::add(tenant_id tenant, const account_record& record, time_ns timestamp,
                                 commit_seq created_seq) {
  PAYLOOM_ASSERT(size_ < no_account - 1);
  if (size_ % page_rows == 0) {
    void* memory = mmap(nullptr, sizeof(page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    pages_.emplace_back(static_cast<page*>(memory));
  }
  const std::uint32_t ordinal = size_++;
  account_slot& slot = row(ordinal);
  slot.id = record.id.value;
  slot.tenant = tenant;
  slot.ledger = record.ledger;
  slot.user_data_32 = record.user_data_32;
  slot.code = record.code;
  slot.flags = record.flags;
  if (record.user_data_128 != 0) rest(ordinal).user_data_128 = record.user_data_128;
  if (record.user_data_64 != 0) rest(ordinal).user_data_64 = record.user_data_64;
  pages_[ordinal / page_rows]->created[ordinal % page_rows] = created_seq;
  pages_[ordinal / page_rows]->timestamps[ordinal % page_rows] = timestamp;
  if (record.overdraft_limit_minor != 0 || record.effective_at != 0) {
    extras_[ordinal] = {record.overdraft_limit_minor, record.overdraft_limit_minor, record.effective_at, record.flags};
  }
  if (std::size_t{size_} * 10 > tags_.size() * 9) {
    grow();
  } else {
    place(hash(tenant, slot.id), ordinal);
  }
  touch(ordinal);
  return ordinal;
}

const account_extra* account_table::extra(std::uint32_t ordinal) const {
  const auto it = extras_.find(ordinal);
  return it == extras_.end() ? nullptr : &it->second;
}

u128 account_table::overdraft_limit(std::uint32_t ordinal) const {
  const account_extra* found = extra(ordinal);
  return found == nullptr ? 0 : found->overdraft_limit_minor;
}

void account_table::set_terms(std::uint32_t ordinal, std::uint16_t flags, u128 overdraft_limit_minor) {
  account_slot& slot = row(ordinal);
  if (flags == slot.flags && overdraft_limit_minor == overdraft_limit(ordinal)) return;
  const auto [it, fresh] = extras_.try_emplace(ordinal);
  if (fresh) it->second.created_flags = slot.flags;
  it->second.overdraft_limit_minor = overdraft_limit_minor;
  slot.flags = flags;
  touch(ordinal);
}

account_row show(const account_table& accounts, std::uint32_t ordinal, commit_seq as_of) {
  const account_slot& slot = accounts.row(ordinal);
  const account_extra* extra = accounts.extra(ordinal);
  account_row row{};
  row.id.value = slot.id;
  row.counters = accounts.counters(ordinal);
  row.overdraft_limit_minor = extra == nullptr ? 0 : extra->overdraft_limit_minor;
  row.user_data_128 = accounts.rest(ordinal).user_data_128;
  row.user_data_64 = accounts.rest(ordinal).user_data_64;
  row.user_data_32 = slot.user_data_32;
  row.ledger = slot.ledger;
  row.code = slot.code;
  row.flags = slot.flags;
  row.timestamp = accounts.timestamp(ordinal);
  row.effective_at = extra == nullptr ? 0 : extra->effective_at;
  row.created_seq = accounts.created_seq(ordinal);
  row.as_of = as_of;
  return row;
}

std::size_t account_table::memory_bytes() const {
  return pages_.size() * sizeof(page) + tags_.capacity_bytes() + ordinals_.capacity_bytes() + extras_.size() * 112;
}

}  // namespace payloom::follower

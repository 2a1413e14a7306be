#include "actors/follower/index_audit.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/types/u128_text.hpp"
#include "storage/rocksdb/entry_blocks.hpp"

namespace payloom::follower {

using storage::run_kind;

namespace {
std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 31;
  x *= 0x7fb5d329728ea185ull;
  x ^= x >> 27;
  x *= 0x81dadef4bc2dd44dull;
  return x ^ x >> 33;
}
std::uint64_t bits(bool credit, bool posted) { return (posted ? 2u : 0u) | (credit ? 1u : 0u); }

void add_id(digest& to, tenant_id tenant, u128 id, commit_seq sequence, run_kind kind) {
  to.add(lo64(id), hi64(id), sequence, std::uint64_t{tenant} << 8 | static_cast<std::uint64_t>(kind));
}
void add_block(digest& to, std::uint32_t ordinal, commit_seq first, u128 debits, u128 credits) {
  to.add(std::uint64_t{ordinal} ^ first << 20, lo64(debits) ^ mixed(hi64(debits)), lo64(credits) ^ mixed(hi64(credits)),
         3);
}
void add_link(digest& to, const storage::link_entry& link) {
  to.add(link.target, link.sequence, lo64(link.amount_minor) ^ mixed(hi64(link.amount_minor)),
         static_cast<std::uint64_t>(link.kind));
}
}  // namespace

void digest::add(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  ++count;
  sum += mixed(mixed(mixed(mixed(a) + b) + c) + d);
}

index_audit::index_audit(const storage::index_store& store) : store_(store) {
  const auto still = store.pause_ingesting();
  position_ = store.position();
  store_.for_each_state([&](const storage::account_state& state) { states_.emplace(state.ordinal, state); });
  store_.for_each_hold([&](const storage::open_hold& hold) { holds_.push_back(hold); });
  store_.for_each_order([&](const storage::open_order& order) {
    orders_.emplace(order.created(), order_audit::content_of(order));
    return true;
  });
  if (position_.indexed_seq != 0) chunks_ = store.chunks(1, position_.indexed_seq);
  expected_.resize(chunks_.size());
}

std::size_t index_audit::chunk_of(commit_seq sequence) {
  const auto holds = [&](std::size_t i) {
    return i < chunks_.size() && sequence >= chunks_[i]->first_seq && sequence <= chunks_[i]->last_seq;
  };
  if (holds(last_chunk_)) return last_chunk_;
  const auto it = std::partition_point(chunks_.begin(), chunks_.end(),
                                       [&](const auto& chunk) { return chunk->last_seq < sequence; });
  last_chunk_ = static_cast<std::size_t>(it - chunks_.begin());
  return holds(last_chunk_) ? last_chunk_ : chunks_.size();
}

void index_audit::apply(const storage::run_view& run, std::uint32_t index, const ledger_audit& books) {
  const commit_seq sequence = run.first_sequence + index;
  if (run.kind == run_kind::accounts || sequence > reach()) return;
  const auto* bytes = run.body.data() + std::size_t{storage::event_bytes(run.kind)} * index;
  u128 id;
  std::memcpy(&id, bytes, sizeof(id));
  const tenant_id tenant = run.context->tenant;
  add_id(expected_[chunk_of(sequence)].ids, tenant, id, sequence, run.kind);
  if (run.kind == run_kind::orders) {
    named_by_order(run, index);
    return;
  }
  if (run.kind == run_kind::payments) {
    const u128 reference = run.events<payment_row>()[index].channel_reference;
    constexpr auto named = storage::link_kind::named_reference;
    if (reference != 0)
      add_link(expected_[chunk_of(sequence)].links,
               {storage::name_target(named, tenant, reference), sequence, reference, named});
    return;
  }
  const bool plain = run.kind == run_kind::transfers;
  if (!plain && run.kind != run_kind::resolutions && run.kind != run_kind::chain) return;
  const transfer_record& record =
      plain ? run.events<storage::transfer_event>()[index] : run.events<storage::resolution_event>()[index].record;
  const bool posted = (record.flags & (transfer_flags::hold | transfer_flags::void_hold)) == 0;
  const auto* debit = books.account(tenant, record.debit_account.value);
  const auto* credit = books.account(tenant, record.credit_account.value);
  if (debit == nullptr || credit == nullptr) return;  // already a problem
  line(debit->ordinal, sequence, false, posted, record.amount_minor);
  line(credit->ordinal, sequence, true, posted, record.amount_minor);
  if ((record.flags & transfer_flags::targeting) == 0) return;
  const auto kind = (record.flags & transfer_flags::reversal) != 0  ? storage::link_kind::reversed
                    : (record.flags & transfer_flags::capture) != 0 ? storage::link_kind::captured
                    : (record.flags & transfer_flags::expiry) != 0  ? storage::link_kind::expired
                                                                    : storage::link_kind::voided;
  const commit_seq target = run.events<storage::resolution_event>()[index].target_sequence;
  add_link(expected_[chunk_of(sequence)].links, {target, sequence, record.amount_minor, kind});
}

/// The links to an order's event: from the order's first one, and from a root business that it is the first to name.
void index_audit::named_by_order(const storage::run_view& run, std::uint32_t index) {
  const commit_seq sequence = run.first_sequence + index;
  const order_row& order = run.events<order_event>()[index].order;
  digest& links = expected_[chunk_of(sequence)].links;
  u128 root = order.root_id;
  if (order.created_seq != 0) {
    add_link(links, {order.created_seq, sequence, 0, storage::link_kind::order_step});
    root = run.context->root_id == order.root_id ? 0 : run.context->root_id;
  }
  constexpr auto named = storage::link_kind::named_root;
  if (root != 0) add_link(links, {storage::name_target(named, run.context->tenant, root), sequence, root, named});
}

void index_audit::line(std::uint32_t ordinal, commit_seq sequence, bool credit, bool posted, u128 amount) {
  const std::size_t chunk = chunk_of(sequence);
  if (progress_.size() <= ordinal) progress_.resize(ordinal + std::size_t{1});
  account_progress& account = progress_[ordinal];
  if (account.chunk != chunk) {
    account.chunk = static_cast<std::uint32_t>(chunk);
    account.lines = 0;
  }
  expected_[chunk].lines.add(ordinal, sequence, bits(credit, posted), 1);
  if (account.lines++ % storage::entry_block_lines == 0) {
    add_block(expected_[chunk].blocks, ordinal, sequence, account.debits, account.credits);
  }
  if (posted) (credit ? account.credits : account.debits) += amount;
}

namespace {
/// The sums that no settlement batch took, as the journal gives them and as the index has them.
bool says_the_same(const audited_settlement* books, const storage::account_state& state) {
  static const audited_settlement nothing;
  return (books == nullptr ? nothing : *books).equals(state.settled_through, state.unsettled);
}
}  // namespace

void index_audit::compare_states(const ledger_audit& books, problem_list& problems) const {
  std::uint64_t wrong = 0;
  std::string first;
  for (const auto& [key, account] : books.accounts()) {
    const auto it = states_.find(account.ordinal);
    if (it != states_.end() && it->second.counters == account.counters && it->second.flags == account.flags &&
        it->second.overdraft_limit_minor == account.overdraft_limit_minor &&
        says_the_same(books.settlements().account(key.tenant, key.id), it->second)) {
      continue;
    }
    if (wrong++ == 0) first = to_hex(key.id) + " of tenant " + std::to_string(key.tenant);
  }
  if (wrong == 0) return;
  problems.add("index: the states of " + std::to_string(wrong) + " accounts at event " + std::to_string(snapshot()) +
               " are missing or wrong, among them account " + first);
}

void index_audit::compare_holds(const ledger_audit& books, problem_list& problems) const {
  std::uint64_t wrong = 0;
  commit_seq first = 0;
  for (const storage::open_hold& hold : holds_) {
    const auto it = books.open_holds().find(hold.sequence);
    if (it != books.open_holds().end() && std::memcmp(&it->second.record, &hold.record, sizeof(hold.record)) == 0 &&
        it->second.tenant == hold.tenant && it->second.timestamp == hold.timestamp) {
      continue;
    }
    if (wrong++ == 0) first = hold.sequence;
  }
  if (wrong == 0 && holds_.size() == books.open_holds().size()) return;
  problems.add("index: of its " + std::to_string(holds_.size()) + " open holds at event " + std::to_string(reach()) +
               " " + std::to_string(wrong) + " are not open or differ (first: event " + std::to_string(first) +
               "); the journal has " + std::to_string(books.open_holds().size()));
}

void index_audit::compare_orders(const order_audit& books, problem_list& problems) const {
  std::uint64_t wrong = 0;
  commit_seq first = 0;
  for (const auto& [created, content] : orders_) {
    const auto it = books.orders().find(created);
    if (it != books.orders().end() && it->second.content == content) continue;
    if (wrong++ == 0 || created < first) first = created;
  }
  if (wrong == 0 && orders_.size() == books.resident()) return;
  problems.add("index: of its " + std::to_string(orders_.size()) + " open orders at event " + std::to_string(reach()) +
               " " + std::to_string(wrong) + " are not open or differ (first: the one made by event " +
               std::to_string(first) + "); the journal has " + std::to_string(books.resident()));
}

void index_audit::read_index(std::vector<chunk_digests>& found, problem_list& problems) {
  store_.for_each_id([&](tenant_id tenant, u128 id, storage::id_position position) {
    if (position.sequence > reach()) return;  // indexed since
    const std::size_t chunk = chunk_of(position.sequence);
    if (chunk == found.size()) {
      problems.add("index: id " + to_hex(id) + " points at event " + std::to_string(position.sequence));
      return;
    }
    add_id(found[chunk].ids, tenant, id, position.sequence, position.kind);
    ++totals_.ids;
  });
  store_.for_each_entries([&](std::uint32_t ordinal, std::uint32_t chunk, std::string_view value) {
    if (chunk >= position_.next_chunk) return;
    const commit_seq base = chunks_[chunk]->first_seq;
    storage::entry_block block;
    while (storage::next_block(value, block)) {
      add_block(found[chunk].blocks, ordinal, base + block.first_offset, block.debits_before, block.credits_before);
      storage::for_each_mark(block, [&](storage::entry_mark mark) {
        found[chunk].lines.add(ordinal, base + mark.offset, bits(mark.credit, mark.posted), 1);
        ++totals_.lines;
      });
    }
  });
  store_.for_each_link([&](const storage::link_entry& link) {
    if (link.sequence > reach()) return;
    const std::size_t chunk = chunk_of(link.sequence);
    if (chunk == found.size()) {
      problems.add("index: a link points at event " + std::to_string(link.sequence));
      return;
    }
    add_link(found[chunk].links, link);
    ++totals_.links;
  });
}

void index_audit::finish(problem_list& problems) {
  std::vector<chunk_digests> found(chunks_.size());
  read_index(found, problems);
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const auto compare = [&](const char* what, const digest& have, const digest& must) {
      if (have == must) return;
      problems.add("index: chunk " + std::to_string(i) + " (events " + std::to_string(chunks_[i]->first_seq) + " to " +
                   std::to_string(chunks_[i]->last_seq) + "): " + what + " differ from the journal (" +
                   std::to_string(have.count) + " instead of " + std::to_string(must.count) + ")");
    };
    compare("ids", found[i].ids, expected_[i].ids);
    compare("account lines", found[i].lines, expected_[i].lines);
    compare("running sums", found[i].blocks, expected_[i].blocks);
    compare("links", found[i].links, expected_[i].links);
  }
}

}  // namespace payloom::follower

#include "actors/follower/account_lines.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"
#include "storage/rocksdb/entry_blocks.hpp"

namespace payloom::follower {

namespace {

tail_line line_at(const tail_chunk& chunk, std::uint32_t index) {
  const storage::entry_mark mark = storage::entry_mark_of(chunk.entries[index]);
  return {chunk.first_seq + mark.offset, mark.credit, mark.posted};
}

/// True when `position` lies in the chunk or in a younger one.
bool reaches(const tail_chunk& chunk, std::uint32_t position) {
  return position != 0 && static_cast<std::int32_t>(position - chunk.first_position) >= 0;
}

}  // namespace

account_lines::account_lines(follower& behind, const storage::index_store& store, tenant_id tenant, account_id account)
    : store_(store) {
  std::uint32_t position = 0;
  behind.with_view([&](const ledger_view& view) {
    applied_ = view.applied_seq;
    reach_ = view.index_reach;
    ordinal_ = view.accounts.find(tenant, account.value);
    found_ = ordinal_ != no_account;
    if (!found_) return;
    row_ = show(view.accounts, ordinal_, applied_);
    position = view.accounts.head(ordinal_);
    for (auto it = view.recent.chunks().rbegin(); it != view.recent.chunks().rend(); ++it) {
      pieces_.push_back({*it, 0, !(*it)->closed, {}});
      if ((*it)->closed) continue;
      // Only the open chunk still changes: its lines are copied here.
      const tail_chunk& open = **it;
      for (; reaches(open, position); position = open.previous[position - open.first_position]) {
        pieces_.back().copied.push_back(line_at(open, position - open.first_position));
      }
    }
  });
  for (tail_piece& piece : pieces_) {
    if (piece.open) continue;
    piece.newest = position;
    while (reaches(*piece.chunk, position)) position = piece.chunk->previous[position - piece.chunk->first_position];
  }
}

void account_lines::lines_of(const tail_piece& piece, std::vector<tail_line>& newest_first) {
  newest_first.clear();
  if (piece.open) {
    newest_first = piece.copied;
    return;
  }
  for (std::uint32_t p = piece.newest; reaches(*piece.chunk, p);
       p = piece.chunk->previous[p - piece.chunk->first_position]) {
    newest_first.push_back(line_at(*piece.chunk, p - piece.chunk->first_position));
  }
}

bool account_lines::walk_tail(commit_seq from, commit_seq to, bool backward,
                              const std::function<bool(const tail_line&)>& visit) const {
  std::vector<tail_line> lines;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const tail_piece& piece = backward ? pieces_[i] : pieces_[pieces_.size() - 1 - i];
    lines_of(piece, lines);
    if (!backward) std::reverse(lines.begin(), lines.end());
    for (const tail_line& line : lines) {
      if (line.sequence >= from && line.sequence <= to && !visit(line)) return false;
    }
  }
  return true;
}

bool account_lines::walk_index(commit_seq from, commit_seq to, bool backward,
                               const std::function<bool(const tail_line&)>& visit) const {
  to = std::min(to, reach_);
  if (from > to) return true;
  const auto chunks = store_.chunks(from, to);
  if (chunks.empty()) return true;
  bool going = true;
  std::vector<storage::entry_block> blocks;
  std::vector<tail_line> lines;
  store_.for_each_entries(ordinal_, chunks.front()->number, chunks.back()->number, backward,
                          [&](std::uint32_t number, std::string_view value) {
                            const commit_seq base = chunks[number - chunks.front()->number]->first_seq;
                            blocks.clear();
                            for (storage::entry_block block; storage::next_block(value, block);)
                              blocks.push_back(block);
                            for (std::size_t i = 0; i < blocks.size() && going; ++i) {
                              const std::size_t at = backward ? blocks.size() - 1 - i : i;
                              if (base + blocks[at].first_offset > to) continue;
                              if (at + 1 < blocks.size() && base + blocks[at + 1].first_offset <= from) continue;
                              lines.clear();
                              storage::for_each_mark(blocks[at], [&](storage::entry_mark mark) {
                                lines.push_back({base + mark.offset, mark.credit, mark.posted});
                              });
                              if (backward) std::reverse(lines.begin(), lines.end());
                              for (const tail_line& line : lines) {
                                if (line.sequence < from || line.sequence > to) continue;
                                going = visit(line);
                                if (!going) break;
                              }
                            }
                            return going;
                          });
  return going;
}

void account_lines::walk(commit_seq from, commit_seq to, bool backward,
                         const std::function<bool(const tail_line&)>& visit) const {
  to = std::min(to, applied_);
  if (backward) {
    if (walk_tail(std::max(from, reach_ + 1), to, true, visit)) walk_index(from, to, true, visit);
  } else {
    if (walk_index(from, to, false, visit)) walk_tail(std::max(from, reach_ + 1), to, false, visit);
  }
}

account_lines::sums account_lines::sums_after(commit_seq at, const std::function<u128(commit_seq)>& amount_of) const {
  if (at > reach_) {
    // In the tail: from the present sums back.
    sums now{row_.counters.debits_posted, row_.counters.credits_posted};
    walk_tail(at + 1, applied_, true, [&](const tail_line& line) {
      if (line.posted) (line.credit ? now.credits : now.debits) -= amount_of(line.sequence);
      return true;
    });
    return now;
  }
  // In the index: from the sums at the start of the block forward.
  const auto chunks = store_.chunks(at, at);
  PAYLOOM_ASSERT(chunks.size() == 1);
  const commit_seq base = chunks[0]->first_seq;
  sums before;
  store_.for_each_entries(ordinal_, chunks[0]->number, chunks[0]->number, false,
                          [&](std::uint32_t, std::string_view value) {
                            storage::entry_block block, last;
                            while (storage::next_block(value, block) && base + block.first_offset <= at) last = block;
                            before = {last.debits_before, last.credits_before};
                            storage::for_each_mark(last, [&](storage::entry_mark mark) {
                              if (base + mark.offset > at || !mark.posted) return;
                              (mark.credit ? before.credits : before.debits) += amount_of(base + mark.offset);
                            });
                            return true;
                          });
  return before;
}

}  // namespace payloom::follower

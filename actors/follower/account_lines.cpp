#include "actors/follower/account_lines.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/types/assert.hpp"
#include "storage/rocksdb/entry_blocks.hpp"
#include "storage/rocksdb/varint.hpp"

namespace payloom::follower {

namespace {

constexpr std::size_t amounts_at_once = 8192;  ///< bounds the memory of long walks
constexpr std::size_t lines_back_max = 256;    ///< so many lines are subtracted rather than others looked for

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

void account_lines::walk_amounts(commit_seq from, commit_seq to, const amounts& amounts_of,
                                 const std::function<void(const tail_line&, u128)>& visit) const {
  std::vector<tail_line> lines;
  std::vector<commit_seq> sequences;
  std::vector<u128> moved;
  const auto flush = [&] {
    amounts_of(sequences, moved);
    for (std::size_t i = 0; i < lines.size(); ++i) visit(lines[i], moved[i]);
    lines.clear();
    sequences.clear();
  };
  walk(from, to, false, [&](const tail_line& line) {
    if (!line.posted) return true;
    lines.push_back(line);
    sequences.push_back(line.sequence);
    if (lines.size() == amounts_at_once) flush();
    return true;
  });
  if (!lines.empty()) flush();
}

bool account_lines::from_present(commit_seq at, std::size_t lines_max, const amounts& amounts_of, sums& out) const {
  std::vector<commit_seq> sequences;
  std::vector<bool> credits;
  const bool all = walk_tail(at + 1, applied_, true, [&](const tail_line& line) {
    if (!line.posted) return true;
    sequences.push_back(line.sequence);
    credits.push_back(line.credit);
    return sequences.size() <= lines_max;
  });
  if (!all) return false;
  std::vector<u128> moved;
  amounts_of(sequences, moved);
  out = {row_.counters.debits_posted, row_.counters.credits_posted};
  for (std::size_t i = 0; i < moved.size(); ++i) (credits[i] ? out.credits : out.debits) -= moved[i];
  return true;
}

account_lines::sums account_lines::opening(const tail_chunk& chunk) const {
  std::string_view in = chunk.openings;
  while (!in.empty()) {
    PAYLOOM_ASSERT(in.size() > sizeof(std::uint32_t));
    std::uint32_t ordinal = 0;
    std::memcpy(&ordinal, in.data(), sizeof ordinal);
    in.remove_prefix(sizeof ordinal);
    sums before;
    PAYLOOM_ASSERT(storage::get_varint(in, before.debits) && storage::get_varint(in, before.credits));
    if (ordinal == ordinal_) return before;
  }
  PAYLOOM_ASSERT(!"an account with lines in a chunk has an opening there");
  return {};
}

account_lines::sums account_lines::sums_after(commit_seq at, const amounts& amounts_of) const {
  sums out;
  commit_seq from = 0;
  if (at > reach_) {
    const auto piece =
        std::find_if(pieces_.begin(), pieces_.end(), [at](const tail_piece& p) { return p.chunk->first_seq <= at; });
    PAYLOOM_ASSERT(piece != pieces_.end());
    // Of the open chunk only the present is known; to all others the shorter way is taken.
    if (from_present(at, piece->open ? ~std::size_t{0} : lines_back_max, amounts_of, out)) return out;
    from = piece->chunk->first_seq;
    out = opening(*piece->chunk);
  } else {
    // In the index: from the sums at the start of the block.
    const auto chunks = store_.chunks(at, at);
    PAYLOOM_ASSERT(chunks.size() == 1);
    const commit_seq base = chunks[0]->first_seq;
    store_.for_each_entries(ordinal_, chunks[0]->number, chunks[0]->number, false,
                            [&](std::uint32_t, std::string_view value) {
                              storage::entry_block block, last;
                              while (storage::next_block(value, block) && base + block.first_offset <= at) last = block;
                              out = {last.debits_before, last.credits_before};
                              from = base + last.first_offset;
                              return true;
                            });
  }
  walk_amounts(from, at, amounts_of,
               [&](const tail_line& line, u128 amount) { (line.credit ? out.credits : out.debits) += amount; });
  return out;
}

}  // namespace payloom::follower

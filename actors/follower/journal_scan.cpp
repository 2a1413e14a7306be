#include "actors/follower/journal_scan.hpp"

#include <algorithm>

#include "actors/follower/transfer_rows.hpp"

namespace payloom::follower {

using storage::run_kind;

void journal_scan::run(const question& asked, std::span<const scan_piece> pieces, std::vector<transfer_row>& rows) {
  asked_ = asked;
  pieces_ = pieces;
  rows_ = &rows;
  found_.assign(pieces.size(), {});
  finished_.assign(pieces.size(), false);
  next_ = complete_ = 0;
  enough_ = rows.size() >= asked.wanted;
  error_ = nullptr;
  // The first piece alone: most pages are full after it.
  std::size_t first = 0;
  if (take(first)) {
    if (!readers_[0]) readers_[0] = source_.open_reader(pieces[first].from);
    std::vector<transfer_row> found;
    scan(*readers_[0], pieces[first], found);
    finish(first, std::move(found));
  }
  if (!enough_ && pieces.size() > 2) {
    std::thread helper([this] { work(1); });
    work(0);
    helper.join();
  } else {
    work(0);
  }
  if (error_) std::rethrow_exception(error_);
}

void journal_scan::work(std::size_t thread) {
  try {
    std::vector<transfer_row> found;
    for (std::size_t piece = 0; take(piece); found = {}) {
      if (!readers_[thread]) readers_[thread] = source_.open_reader(pieces_[piece].from);
      scan(*readers_[thread], pieces_[piece], found);
      finish(piece, std::move(found));
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
    enough_ = true;
    progress_.notify_all();
  }
}

bool journal_scan::take(std::size_t& piece) {
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [&] { return enough_ || next_ >= pieces_.size() || next_ < complete_ + ahead_max; });
  if (enough_ || next_ >= pieces_.size()) return false;
  piece = next_++;
  return true;
}

void journal_scan::finish(std::size_t piece, std::vector<transfer_row>&& found) {
  {
    const std::lock_guard lock(mutex_);
    found_[piece] = std::move(found);
    finished_[piece] = true;
    for (; complete_ < pieces_.size() && finished_[complete_] && !enough_; ++complete_) {
      const std::size_t room = asked_.wanted - rows_->size();
      auto& more = found_[complete_];
      rows_->insert(rows_->end(), more.begin(),
                    more.begin() + static_cast<std::ptrdiff_t>(std::min(room, more.size())));
      more = {};
      enough_ = rows_->size() >= asked_.wanted;
    }
  }
  progress_.notify_all();
}

/// False when the piece has given all the rows that can be wanted of it.
template <class Event>
bool journal_scan::scan_run(const storage::run_view& run, const scan_piece& piece,
                            std::vector<transfer_row>& found) const {
  const auto events = run.events<Event>();
  const auto begin =
      run.first_sequence < piece.from ? static_cast<std::uint32_t>(piece.from - run.first_sequence) : std::uint32_t{0};
  const auto end = static_cast<std::uint32_t>(std::min<commit_seq>(run.count, piece.to + 1 - run.first_sequence));
  const transfer_filter filter = *asked_.filter;  // a copy that nobody else's writes can touch stays in registers
  for (std::uint32_t i = begin; i < end; ++i) {
    const transfer_record* record = nullptr;
    if constexpr (std::is_same_v<Event, storage::transfer_event>) {
      record = &events[i];
    } else {
      record = &events[i].record;
    }
    if (!filter.matches(*record)) continue;
    found.push_back(row_of(*record, run.first_sequence + i, run.first_time + i));
    if (found.size() < asked_.wanted) continue;
    if (!asked_.backward) return false;
    // Backward the piece's last rows are wanted.
    if (found.size() >= 2 * asked_.wanted) {
      found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(asked_.wanted));
    }
  }
  return true;
}

void journal_scan::scan(storage::journal_reader& reader, const scan_piece& piece,
                        std::vector<transfer_row>& found) const {
  reader.seek(piece.from);
  bool going = true;
  for (commit_seq last = piece.from - 1; going && last < piece.to;) {
    const storage::group_view group = reader.next();
    if (group.header == nullptr) throw storage::storage_failure("query: an applied event is not in the journal");
    storage::for_each_run(group, [&](const storage::run_view& run) {
      const bool outside = run.first_sequence > piece.to || run.first_sequence + run.count <= piece.from;
      if (!going || outside || run.context->tenant != asked_.tenant) return;
      if (run.kind == run_kind::transfers) {
        going = scan_run<storage::transfer_event>(run, piece, found);
      } else if (run.kind == run_kind::resolutions || run.kind == run_kind::chain) {
        going = scan_run<storage::resolution_event>(run, piece, found);
      }
    });
    last = std::max(last, group.header->base_sequence + group.header->event_count - 1);
  }
  if (!asked_.backward) return;
  std::reverse(found.begin(), found.end());
  if (found.size() > asked_.wanted) found.resize(asked_.wanted);
}

}  // namespace payloom::follower

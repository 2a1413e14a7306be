#include "actors/follower/event_fetcher.hpp"

namespace payloom::follower {

void event_fetcher::find_all(std::span<const commit_seq> sequences, std::vector<fetched_event>& out) {
  out.resize(sequences.size());
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (!find(sequences[i], out[i], false)) {
      throw storage::storage_failure("journal: event " + std::to_string(sequences[i]) + " is not durable");
    }
  }
}

bool journal_fetcher::find(commit_seq sequence, fetched_event& out, bool) {
  if (sequence == 0 || sequence > source_.durable_through()) return false;
  const auto holds = [&] {
    return group_.header != nullptr && sequence >= group_.header->base_sequence &&
           sequence - group_.header->base_sequence < group_.header->event_count;
  };
  if (!holds()) {
    if (!reader_) {
      reader_ = source_.open_reader(sequence);
    } else {
      reader_->seek(sequence);
    }
    do group_ = reader_->next();
    while (group_.header != nullptr && group_.header->event_count == 0);
  }
  if (!holds()) throw storage::storage_failure("journal: event " + std::to_string(sequence) + " is missing");
  storage::run_cursor runs(group_);
  storage::run_view run;
  while (runs.next(run)) {
    if (sequence - run.first_sequence >= run.count) continue;
    const auto index = static_cast<std::uint32_t>(sequence - run.first_sequence);
    out.sequence = sequence;
    out.timestamp = run.first_time + index;
    out.kind = run.kind;
    out.size = storage::event_bytes(run.kind);
    out.context = *run.context;
    std::memcpy(out.bytes, run.body.data() + std::size_t{out.size} * index, out.size);
    return true;
  }
  throw storage::storage_failure("journal: event " + std::to_string(sequence) + " is in no run");
}

}  // namespace payloom::follower

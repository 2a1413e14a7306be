#pragma once
// What the command line shows of a journal: `payloom journal inspect | verify | dump`. Read only, without the lock, so
// also on the directory of a running server; there the newest segment is seen as of some moment.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/codec/format.hpp"
#include "storage/log/recovery.hpp"

namespace payloom::storage {

enum class segment_state : std::uint8_t {
  closed,   ///< a later segment exists
  open,     ///< the newest, nothing behind its last group
  torn,     ///< the newest, with an unfinished write behind its last group
  damaged,  ///< header or groups are not what was written; see `problem`
};
std::string_view name_of(segment_state state);

struct segment_summary {
  std::uint32_t number = 0;
  std::string path;
  segment_state state = segment_state::closed;
  commit_seq first_sequence = 0;  ///< of its first event, if it has events
  std::uint64_t groups = 0, events = 0;
  std::uint64_t file_bytes = 0, used_bytes = 0;
  time_ns first_time = 0, last_time = 0;
  bool hashed = false;  ///< a .sha file exists
  std::string problem;
};

/// One entry per segment file, in order; damage in one does not keep the others from being shown. Throws
/// directory_refused when `data_path` is no data directory.
std::vector<segment_summary> inspect_journal(const std::string& data_path);

struct verify_report {
  bool ok = false;
  std::string problem;  ///< the first one, with file and offset; empty when ok
  std::string file;     ///< of the problem
  std::uint64_t offset = 0;
  recovery_report journal;  ///< what was checked
  journal_position position;
  std::uint64_t hashes_checked = 0,
                hashes_missing = 0;  ///< of closed segments; missing ones are made by a server's next run
};

/// Checks every checksum, the chain of groups and segments, and recomputes every hash.
verify_report verify_journal(const std::string& data_path);

/// Calls `line` for each event of `first` .. `last` (inclusive, 0 = to the end) with one line of text, until it answers
/// false. Throws journal_corrupt where the journal cannot be read.
void dump_journal(const std::string& data_path, commit_seq first, commit_seq last,
                  const std::function<bool(const std::string& line)>& line);

}  // namespace payloom::storage

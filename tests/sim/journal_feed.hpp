#pragma once
// Reads what became durable in a memory journal, event by event, in the auditor's words. Single-threaded.
#include <vector>

#include "storage/memory/memory_journal.hpp"
#include "tests/sim/audit_types.hpp"

namespace payloom::sim {

class journal_feed {
 public:
  explicit journal_feed(storage::memory_journal& journal) : journal_(journal) {}
  /// Everything durable that was not returned before.
  std::vector<journal_event> drain();

 private:
  storage::memory_journal& journal_;
  commit_seq next_ = 1;
};

}  // namespace payloom::sim

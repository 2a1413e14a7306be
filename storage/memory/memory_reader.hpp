#pragma once
// Reads a memory_journal.
#include <memory>

#include "storage/memory/memory_journal.hpp"

namespace payloom::storage {

/// Keeps the group of its last view alive by itself. One thread at a time; the journal must outlive it.
class memory_reader final : public journal_reader {
 public:
  memory_reader(const memory_journal& journal, commit_seq from);
  group_view next() override;
  void seek(commit_seq sequence) override;

 private:
  const memory_journal* journal_;
  std::size_t index_ = 0;
  std::shared_ptr<const memory_journal::stored_group> current_;
};

}  // namespace payloom::storage

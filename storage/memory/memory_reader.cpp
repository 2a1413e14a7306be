#include "storage/memory/memory_reader.hpp"

#include <string>

#include "storage/codec/group_reader.hpp"

namespace payloom::storage {

memory_reader::memory_reader(const memory_journal& journal, commit_seq from) : journal_(&journal) { seek(from); }

group_view memory_reader::next() {
  current_ = journal_->group(index_);
  if (!current_) return {};
  group_view view;
  if (const group_error error = parse_group(current_->bytes.first(current_->bytes.size()), view)) {
    throw storage_failure("memory journal, group " + std::to_string(index_) + ", offset " +
                          std::to_string(error.offset) + ": " + std::string(describe(error.fault)));
  }
  ++index_;
  return view;
}

void memory_reader::seek(commit_seq sequence) { index_ = journal_->find(sequence); }

}  // namespace payloom::storage

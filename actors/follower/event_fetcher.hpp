#pragma once
// Single events of the journal by sequence: what queries need when the index says where something is.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "protocol/types/assert.hpp"
#include "storage/codec/group_reader.hpp"
#include "storage/ports.hpp"

namespace payloom::follower {

/// A copy of one event with what its run and group say about it.
struct fetched_event {
  /// Not `= default`: thousands are made at once for a page, and zeroing their bytes would cost more than reading them.
  fetched_event() {}

  commit_seq sequence = 0;
  time_ns timestamp = 0;
  storage::run_kind kind = storage::run_kind::transfers;
  std::uint32_t size = 0;  ///< event_bytes(kind)
  storage::context_entry context{};
  alignas(16) std::byte bytes[storage::event_bytes_max];  ///< the first `size` are the event

  /// T is the kind's type (asserted by size).
  template <class T>
  const T& as() const {
    PAYLOOM_ASSERT(sizeof(T) == size && sizeof(T) <= sizeof bytes);
    return *reinterpret_cast<const T*>(bytes);
  }
};

/// One thread at a time; each thread makes its own.
class event_fetcher {
 public:
  virtual ~event_fetcher() = default;
  /// False when `sequence` is not durable. Without `with_context` the tenant may stay zero and a read may be saved.
  /// Throws storage_failure.
  virtual bool find(commit_seq sequence, fetched_event& out, bool with_context) = 0;
  /// All of `sequences` into `out`, without contexts; quicker than one by one. Throws storage_failure, also when one is
  /// not durable.
  virtual void find_all(std::span<const commit_seq> sequences, std::vector<fetched_event>& out);
};

/// From a journal that has look-ups of its own (storage::event_lookup and storage::found_event of the embedded log,
/// which this folder does not know): `find(sequence, Found&, with_context)`.
template <class Lookup, class Found>
class lookup_fetcher final : public event_fetcher {
 public:
  template <class... Arguments>
  explicit lookup_fetcher(Arguments&&... arguments) : lookup_(std::forward<Arguments>(arguments)...) {}

  bool find(commit_seq sequence, fetched_event& out, bool with_context) override {
    Found found;
    if (!lookup_.find(sequence, found, with_context)) return false;
    copy(found, out);
    return true;
  }

  void find_all(std::span<const commit_seq> sequences, std::vector<fetched_event>& out) override {
    out.resize(sequences.size());
    fill(sequences, out);
  }
  /// The same into memory of the same size.
  void fill(std::span<const commit_seq> sequences, std::span<fetched_event> out) {
    if (found_.empty()) found_.resize(at_once);
    for (std::size_t from = 0; from < sequences.size(); from += at_once) {
      const auto part = sequences.subspan(from, std::min(at_once, sequences.size() - from));
      if (!lookup_.find_all(part, found_)) throw storage::storage_failure("journal: an event is not durable");
      for (std::size_t i = 0; i < part.size(); ++i) copy(found_[i], out[from + i]);
    }
  }

 private:
  static constexpr std::size_t at_once = 1024;

  static void copy(const Found& found, fetched_event& out) {
    out.sequence = found.sequence;
    out.timestamp = found.timestamp;
    out.kind = found.kind;
    out.size = found.size;
    out.context = found.context;
    std::memcpy(out.bytes, found.bytes, found.size);
  }

  Lookup lookup_;
  std::vector<Found> found_;  ///< scratch
};

/// From any journal through its reader, group by group; quick only in ascending order.
class journal_fetcher final : public event_fetcher {
 public:
  explicit journal_fetcher(storage::journal_source& source) : source_(source) {}
  bool find(commit_seq sequence, fetched_event& out, bool with_context) override;

 private:
  storage::journal_source& source_;
  std::unique_ptr<storage::journal_reader> reader_;
  storage::group_view group_;
};

}  // namespace payloom::follower

#pragma once
// A journal in memory for tests and simulation: the contract of storage/ports.hpp with faults on demand and crashes to
// any prefix. Appending, faults and crashes are one thread's; readers may be on other threads.
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/codec/aligned_buffer.hpp"
#include "storage/ports.hpp"

namespace payloom::storage {

/// What the next append does instead of succeeding. `lost` and `kept` throw storage_failure, without and with the group
/// being there afterwards: the process that called must stop, and crash() begins the next life.
enum class append_fault { none, no_space, lost, kept };

class memory_journal final : public journal, public journal_source {
 public:
  memory_journal();
  ~memory_journal() override;

  journal_position position() const override;
  append_status append(std::span<std::byte> group) override;
  append_status mark_idle() override;
  bool has_space() const override;
  journal_stats stats() const override;

  std::unique_ptr<journal_reader> open_reader(commit_seq from) override;
  commit_seq durable_through() const override;

  // ---- faults (the simulation's side)

  /// Groups (idle marks included) it holds.
  std::size_t group_count() const;
  /// The sequence that would be next if only the first `groups` groups had survived.
  commit_seq next_sequence_after(std::size_t groups) const;
  /// A crash and recovery: the first `keep_groups` groups survive, the rest never was. Faults are cleared; readers
  /// opened before must not be used any more. The caller keeps at least what it has seen acknowledged.
  void crash(std::size_t keep_groups);
  /// What the next `times` appends do.
  void inject(append_fault fault, std::uint32_t times = 1);
  /// While set, has_space() is false; appends still work, as with a segment that has room left.
  void set_space(bool available);
  /// Called inside each append, before the group is durable: the simulated disk's time passes there.
  void set_delay(std::function<void(std::size_t bytes)> delay);
  /// Flips one bit of a stored group, for readers that must notice.
  void corrupt(std::size_t group, std::size_t bit);

  /// One stored group with its padding.
  struct stored_group {
    aligned_buffer bytes;
    commit_seq base_sequence = 0;
    std::uint32_t event_count = 0;
    time_ns last_time = 0;  ///< of the journal after this group
    std::uint32_t crc = 0;
    bool idle = false;
  };
  /// For readers: group `index`, nullptr beyond the end.
  std::shared_ptr<const stored_group> group(std::size_t index) const;
  /// For readers: index of the group that holds `sequence` or of the first after it.
  std::size_t find(commit_seq sequence) const;

 private:
  append_status store(std::span<std::byte> group);

  mutable std::mutex mutex_;  ///< guards groups_
  std::vector<std::shared_ptr<stored_group>> groups_;
  journal_position position_;
  journal_stats stats_;
  append_fault fault_ = append_fault::none;
  std::uint32_t fault_times_ = 0;
  bool space_ = true;
  std::function<void(std::size_t)> delay_;
};

}  // namespace payloom::storage

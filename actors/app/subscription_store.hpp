#pragma once
// Which subscriptions there are and how far each was acknowledged: one file of the data directory, outside the journal.
// An append of a batch is one write and one sync; what a crash leaves half written of the last one is cut (nobody was
// answered for it). Damage before a whole later batch is said, never guessed at.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "protocol/types/subscription_records.hpp"
#include "storage/log/file.hpp"

namespace payloom::app {

/// One tenant's subscription of one name.
struct subscription_key {
  tenant_id tenant = 0;
  u128 name = 0;
  friend auto operator<=>(const subscription_key&, const subscription_key&) = default;
};

/// A subscription as the file has it. 96 bytes.
struct stored_subscription {
  u128 name = 0;                // 0
  u128 context_id = 0;          // 16
  u128 root_id = 0;             // 32
  u128 order = 0;               // 48
  owner_number merchant = 0;    // 64
  commit_seq acknowledged = 0;  // 72
  time_ns acknowledged_at = 0;  // 80
  tenant_id tenant = 0;         // 88
  std::uint32_t forgotten = 0;  // 92 1: it is no more

  subscription_key key() const { return {tenant, name}; }
  friend bool operator==(const stored_subscription&, const stored_subscription&) = default;
};
static_assert(sizeof(stored_subscription) == 96 && std::is_trivially_copyable_v<stored_subscription>);

/// One thread at a time.
class subscription_store {
 public:
  static constexpr const char* file_name = "SUBSCRIPTIONS";
  /// The file is written anew when it is longer than this and four times what it would be then.
  static constexpr std::uint64_t rewrite_bytes = 1u << 20;

  /// `directory` is the data directory, which is locked already.
  explicit subscription_store(const std::string& directory) : directory_(directory) {}

  /// What stands in the file; makes an empty one where there is none. Before the first write. Throws storage_failure
  /// when it is damaged or cannot be read.
  std::vector<stored_subscription> load();
  /// Durable at the return: each takes the place of what its key had. Throws storage_failure; then nothing is promised
  /// about these, and the next write makes the file anew.
  void write(std::span<const stored_subscription> changes);
  std::uint64_t bytes() const { return end_; }

 private:
  std::string path() const { return directory_ + "/" + file_name; }
  void take(const stored_subscription& one);
  void rewrite();
  std::vector<std::byte> make_batch(std::span<const stored_subscription> all, std::uint64_t number) const;

  std::string directory_;
  std::map<subscription_key, stored_subscription> all_;
  storage::file file_;
  std::uint64_t salt_ = 0;    ///< of this file: a batch of an older one is none of it
  std::uint64_t number_ = 0;  ///< of the last batch
  std::uint64_t end_ = 0;
  bool broken_ = false;  ///< a write failed: what stands behind end_ is not known
};

}  // namespace payloom::app

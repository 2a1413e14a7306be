#pragma once
// What a filter scan knows about a chunk before reading it: ranges and small filters per attribute.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/rocksdb/index_types.hpp"

namespace payloom::storage {

/// Smallest, largest and a Bloom filter of 4,096 bits (two probes) over the values of one attribute. Zero counts as a
/// value. Past a few thousand distinct values only the range still excludes anything.
class attribute_filter {
 public:
  void add(u128 value) {
    if (value == last_ && any_) return;
    add_new(value);
  }
  bool may_contain(u128 value) const;
  void encode(std::string& out) const;
  bool decode(std::string_view& in);

 private:
  static constexpr std::size_t words = 64;
  void add_new(u128 value);
  std::array<std::uint64_t, words> bits_{};
  u128 min_ = u128_max;
  u128 max_ = 0;
  u128 last_ = 0;
  bool any_ = false;
};

/// One chunk: a contiguous range of sequences that was indexed at once.
struct chunk_info {
  std::uint32_t number = 0;
  commit_seq first_seq = 0;
  commit_seq last_seq = 0;
  time_ns first_time = 0;
  time_ns last_time = 0;
  std::uint32_t transfers = 0;  ///< executed transfers of any kind
  std::uint32_t links = 0;
  std::uint16_t transfer_flags = 0;  ///< union over its transfers
  attribute_filter ledger, code, user_data_32, user_data_64, user_data_128;
  std::uint32_t orders = 0;                  ///< order events
  attribute_filter merchant, context, root;  ///< of its order events

  void add(const transfer_record& record) {
    ++transfers;
    transfer_flags |= record.flags;
    ledger.add(record.ledger);
    code.add(record.code);
    user_data_32.add(record.user_data_32);
    user_data_64.add(record.user_data_64);
    user_data_128.add(record.user_data_128);
  }
  void add(const order_event& event, u128 context_id, u128 root_id) {
    ++orders;
    merchant.add(event.order.merchant);
    context.add(context_id);
    if (event.order.context_id != context_id) context.add(event.order.context_id);
    root.add(event.order.root_id);
    if (event.order.root_id != root_id) root.add(root_id);
  }
  /// False when no order event of the chunk can be one that `query` wants (sequences and order not looked at).
  bool may_match(const order_event_query& query) const;
  /// False when no transfer of the chunk can pass the attribute filters of `query` (accounts and ranges not looked at).
  bool may_match(const query_record& query) const;
  std::string encode() const;
  /// False when the bytes are not a chunk_info of this format.
  bool decode(std::string_view in);
};

}  // namespace payloom::storage

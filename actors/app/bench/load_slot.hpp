#pragma once
// One frame in flight: its buffer is laid out once and only what differs between records is written again.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "actors/app/bench/options.hpp"
#include "actors/app/bench/order_workload.hpp"
#include "actors/app/bench/workload.hpp"
#include "protocol/client/request_header.hpp"
#include "protocol/types/frame.hpp"
#include "protocol/types/records.hpp"

namespace payloom::bench {

class load_slot {
 public:
  enum class phase : std::uint8_t { idle, first, captures };

  /// The buffer for `batch` records of create_transfers or create_orders, 64-byte aligned.
  load_slot(frame_type type, std::uint32_t batch);

  /// Writes the frame of transfers (holds, if `two_phase`) first .. first+count-1.
  void fill(const workload& load, std::uint64_t first, std::uint32_t count, bool two_phase);
  /// Writes the frame of paid orders first .. first+count-1.
  void fill_orders(const order_workload& load, std::uint64_t first, std::uint32_t count);
  /// Writes the frame that captures the holds of the last `fill`.
  void fill_captures(const workload& load);
  /// Seals the header under this request number. The frame is ready to be sent.
  void seal(std::uint64_t request);

  std::span<const std::byte> frame() const { return {buffer_.get(), sizeof(frame_header) + body_bytes()}; }
  std::uint64_t first() const { return first_; }
  std::uint32_t count() const { return count_; }
  std::uint64_t request() const { return header().request; }

  phase state = phase::idle;
  bool in_doubt = false;  ///< a connection broke while it was in flight
  std::uint64_t sent_at_ns = 0;
  std::uint64_t intended_at_ns = 0;

 private:
  struct aligned_delete {
    void operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{64}); }
  };
  frame_header& header() const { return *reinterpret_cast<frame_header*>(buffer_.get()); }
  transfer_record* records() const { return reinterpret_cast<transfer_record*>(buffer_.get() + sizeof(frame_header)); }
  order_record* orders() const { return reinterpret_cast<order_record*>(buffer_.get() + sizeof(frame_header)); }
  std::size_t body_bytes() const { return std::size_t{count_} * limits::record_bytes; }

  std::unique_ptr<std::byte[], aligned_delete> buffer_;
  std::uint64_t first_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t body_crc_ = 0;
};

}  // namespace payloom::bench

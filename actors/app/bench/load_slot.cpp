#include "actors/app/bench/load_slot.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/types/crc32c.hpp"

namespace payloom::bench {
namespace {
// The checksum runs over records that have just been written: blocks that stay in the first-level cache.
constexpr std::uint32_t block_records = 96;
}  // namespace

load_slot::load_slot(frame_type type, std::uint32_t batch)
    : buffer_(static_cast<std::byte*>(
          ::operator new[](sizeof(frame_header) + std::size_t{batch} * limits::record_bytes, std::align_val_t{64}))) {
  std::memset(buffer_.get(), 0, sizeof(frame_header) + std::size_t{batch} * limits::record_bytes);
  header() = client::make_request_header(type, 0);
  if (type == frame_type::create_orders) return;  // written whole
  for (std::uint32_t i = 0; i < batch; ++i) {
    records()[i].ledger = workload::ledger;
    records()[i].code = workload::code;
  }
}

void load_slot::fill(const workload& load, std::uint64_t first, std::uint32_t count, bool two_phase) {
  first_ = first;
  count_ = count;
  transfer_record* const records_at = records();
  std::uint32_t crc = 0;
  for (std::uint32_t from = 0; from < count; from += block_records) {
    const std::uint32_t to = std::min(count, from + block_records);
    for (std::uint32_t i = from; i < to; ++i) {
      transfer_record& r = records_at[i];
      const movement m = load.movement_of(first + i);
      r.id = load.transfer(first + i);
      r.debit_account = load.account(m.debit);
      r.credit_account = load.account(m.credit);
      r.amount_minor = m.amount;
      if (two_phase) {  // the slot's last frame held captures
        r.target_id = {};
        r.ledger = workload::ledger;
        r.code = workload::code;
        r.flags = transfer_flags::hold;
      }
    }
    crc = crc32c(std::as_bytes(std::span{records_at + from, to - from}), crc);
  }
  body_crc_ = crc;
}

void load_slot::fill_orders(const order_workload& load, std::uint64_t first, std::uint32_t count) {
  first_ = first;
  count_ = count;
  std::uint32_t crc = 0;
  for (std::uint32_t from = 0; from < count; from += block_records) {
    const std::uint32_t to = std::min(count, from + block_records);
    for (std::uint32_t i = from; i < to; ++i) orders()[i] = load.order(order_workload::kind::paid, first + i);
    crc = crc32c(std::as_bytes(std::span{orders() + from, to - from}), crc);
  }
  body_crc_ = crc;
}

void load_slot::fill_captures(const workload& load) {
  transfer_record* const records_at = records();
  for (std::uint32_t i = 0; i < count_; ++i) {
    transfer_record& r = records_at[i];
    r.target_id = r.id;
    r.id = load.capture(first_ + i);
    r.debit_account = {};  // as the hold
    r.credit_account = {};
    r.ledger = 0;
    r.code = 0;
    r.flags = transfer_flags::capture;
  }
  body_crc_ = crc32c(std::as_bytes(std::span{records_at, count_}));
}

void load_slot::seal(std::uint64_t request) {
  frame_header& h = header();
  h.record_count = count_;
  h.request = request;
  wire::finish_header(h, static_cast<std::uint32_t>(body_bytes()), body_crc_);
}

}  // namespace payloom::bench

#pragma once
// A frame of the simulation: what the gateway makes of a request's bytes, with its memory in itself.
#include <memory>
#include <span>

#include "protocol/types/command_frame.hpp"
#include "tests/sim/audit_types.hpp"

namespace payloom::sim {

/// Owned by whoever runs the shards; its address stays. `handle` is the caller's own.
class sim_frame : public command_frame {
 public:
  sim_frame(const audit_request& q, time_ns now, time_ns deadline, bool balances) : request_(q) {
    header.type = static_cast<std::uint16_t>(q.type);
    header.tenant = q.tenant;
    header.flags = balances && q.type == frame_type::create_transfers ? frame_flags::want_balances : std::uint16_t{0};
    received_at = now;
    deadline_at = deadline;
    count = static_cast<std::uint32_t>(q.records.size());
    from_server = q.from_server;
    result_bytes = wants_balances() ? sizeof(balances_result) : sizeof(result_record);
    const std::size_t stride = q.type == frame_type::seal_transfers ? sizeof(id_record) : limits::record_bytes;
    memory_ = std::make_unique<line[]>((count * (stride + result_bytes) + sizeof(line) - 1) / sizeof(line) + 1);
    records = memory_[0].bytes;
    results = records + (count * stride + 63) / 64 * 64;
    bool targets = false;
    for (std::uint32_t i = 0; i < count; ++i) {
      std::memcpy(records + i * stride, q.records[i].bytes.data(), stride);
      const auto flags = q.records[i].as<transfer_record>().flags;
      targets = targets || (flags & (transfer_flags::targeting | transfer_flags::balancing)) != 0;
    }
    if (targets && q.type == frame_type::create_transfers) {
      notes_ = std::make_unique<event_notes[]>(count);
      notes = notes_.get();
    }
    remaining.store(count);
  }

  const audit_request& request() const { return request_; }
  std::vector<result_record> all_results() {
    std::vector<result_record> out;
    for (std::uint32_t i = 0; i < count; ++i) out.push_back(result(i));
    return out;
  }
  std::vector<balances_result> all_balances() {
    if (!wants_balances()) return {};
    const auto* first = reinterpret_cast<const balances_result*>(results);
    return {first, first + count};
  }

  std::uint64_t handle = 0;

 private:
  struct alignas(64) line {
    std::byte bytes[64]{};
  };
  audit_request request_;
  std::unique_ptr<line[]> memory_;
  std::unique_ptr<event_notes[]> notes_;
};

}  // namespace payloom::sim

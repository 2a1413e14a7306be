#pragma once
// One request of the load: its records, what may come back for each of them, and what came back. A value.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "protocol/types/frame.hpp"
#include "protocol/types/order_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom::crash {

/// What an event may be answered, beside the codes that say "nothing happened" (20-24) and, in a chain, 30.
enum class expectation : std::uint8_t {
  executed,          ///< ok, nothing else
  limited,           ///< ok or a limit refusal
  changing,          ///< ok or a refusal by the state of an account that changes under load
  racing_target,     ///< ok or a refusal because another command resolved or reversed the target first
  racing_seal,       ///< ok or `id_sealed`
  sealed,            ///< `id_sealed`
  different_amount,  ///< `exists_with_different_amount`
  account,           ///< ok or `account_exists`
  change,            ///< ok or a refusal by the account's state
  order,             ///< ok or, when it is to be paid at once, a limit refusal
  racing_order,      ///< ok or a refusal by where the order stands, or by a limit
};

struct load_frame {
  frame_type type = frame_type::create_transfers;
  std::uint32_t count = 0;
  std::vector<std::byte> records;
  std::vector<expectation> expected;
  std::vector<result_record> results;  ///< empty: no answer came, the outcome is unknown

  bool answered() const { return !results.empty(); }
  std::size_t record_bytes() const {
    return type == frame_type::seal_transfers ? sizeof(id_record) : limits::record_bytes;
  }
  template <class Record>
  void add(const Record& record, expectation what) {
    const std::size_t end = records.size();
    records.resize(end + sizeof record);  // vector::insert makes g++ 12 warn of an overflow that is none
    std::memcpy(records.data() + end, &record, sizeof record);
    expected.push_back(what);
    ++count;
  }
  template <class Record>
  Record record(std::uint32_t i) const {
    Record out{};
    std::memcpy(&out, records.data() + i * sizeof(Record), sizeof(Record));
    return out;
  }
  /// Every record of every command begins with its id.
  u128 id(std::uint32_t i) const {
    u128 out = 0;
    std::memcpy(&out, records.data() + i * record_bytes(), sizeof out);
    return out;
  }
  /// Its effects are events of orders.
  bool on_orders() const { return type == frame_type::create_orders || type == frame_type::act_on_orders; }
  bool linked(std::uint32_t i) const {
    return type == frame_type::create_transfers && (record<transfer_record>(i).flags & transfer_flags::linked) != 0;
  }
  /// Whether event `i` is a member of a chain.
  bool in_chain(std::uint32_t i) const { return linked(i) || (i > 0 && linked(i - 1)); }
};

}  // namespace payloom::crash

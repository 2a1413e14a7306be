#pragma once
// What the simulation tells the auditor, in plain structs that know nothing of the core, the codec or the actors.
#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include "protocol/types/frame.hpp"
#include "protocol/types/order_records.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom::sim {

/// The 128 bytes of any request record. Seals use the first 16 and leave the rest zero.
struct raw_record {
  alignas(16) std::array<std::byte, limits::record_bytes> bytes{};

  raw_record() = default;
  template <class Record>
  explicit raw_record(const Record& r) {
    static_assert(sizeof(Record) <= limits::record_bytes);
    std::memcpy(bytes.data(), &r, sizeof r);
  }
  template <class Record>
  Record as() const {
    static_assert(sizeof(Record) <= limits::record_bytes);
    Record r;
    std::memcpy(&r, bytes.data(), sizeof r);
    return r;
  }
  u128 first_id() const { return as<id_record>().id; }
  friend bool operator==(const raw_record&, const raw_record&) = default;
};

/// A frame as a client sent it.
struct audit_request {
  frame_type type{};  ///< of a command: create_transfers .. act_on_orders
  tenant_id tenant = 0;
  std::vector<raw_record> records;
  bool from_server = false;  ///< what a channel says: the server's own command, whose refusals are not remembered
};

enum class journal_kind : std::uint8_t { transfer, account, change, refusal, seal, order, payment };

/// One event of the durable journal. Chain members carry their place in the unit; everything else is a unit of one.
struct journal_event {
  commit_seq sequence = 0;
  time_ns timestamp = 0;
  tenant_id tenant = 0;
  journal_kind kind{};
  commit_seq group = 0;                ///< first sequence of the group that it was written with; 0 = unknown
  raw_record record;                   ///< completed transfer, account, change, refused or order request, or sealed id
  std::uint32_t unit_index = 0;        ///< chains: place of this member
  std::uint32_t unit_size = 1;         ///< chains: members
  result_code code = result_code::ok;  ///< refusals
  frame_type refused_type{};           ///< refusals: create_transfers, change_accounts, act_on_orders
  commit_seq as_of = 0;                ///< refusals
  std::uint16_t flags_after = 0;       ///< changes
  u128 limit_after = 0;                ///< changes
  std::shared_ptr<const order_event> order;    ///< orders
  std::shared_ptr<const payment_row> payment;  ///< payments
};

/// One account of a final snapshot.
struct account_snapshot {
  tenant_id tenant = 0;
  account_id id;
  account_counters sums;
  std::uint16_t flags = 0;
  u128 overdraft_limit_minor = 0;
};

/// What the rules leave to configuration.
struct audit_options {
  std::set<ledger_id> ledgers{392, 840, 978, 1000};  ///< every ledger that accounts may be opened in
  std::size_t accounts_max = 0;                      ///< size of the account table, 0 = no bound
};

/// The key of everything: another tenant's ids are other ids.
struct audit_key {
  tenant_id tenant = 0;
  u128 id = 0;
  friend constexpr auto operator<=>(const audit_key&, const audit_key&) = default;
};
struct audit_key_hash {
  std::size_t operator()(const audit_key& k) const { return mix_id(k.tenant, k.id); }
};

}  // namespace payloom::sim

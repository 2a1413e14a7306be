#include "storage/rocksdb/index_keys.hpp"

#include "storage/rocksdb/varint.hpp"

namespace payloom::storage {

std::string link_value(const link_entry& link) {
  std::string out;
  out.push_back(static_cast<char>(link.kind));
  put_big(out, link.amount_minor);
  return out;
}

bool read_link(std::string_view key, std::string_view value, link_entry& out) {
  if (key.size() != 16 || value.size() != 17) return false;
  out.target = get_big<commit_seq>(key.data());
  out.sequence = get_big<commit_seq>(key.data() + 8);
  out.kind = static_cast<link_kind>(value[0]);
  out.amount_minor = get_big<u128>(value.data() + 1);
  return true;
}

std::string birth_value(const account_birth& birth) {
  std::string out;
  put_big(out, birth.tenant);
  put_big(out, birth.timestamp);
  put_big(out, birth.created_seq);
  out.append(reinterpret_cast<const char*>(&birth.record), sizeof(birth.record));
  return out;
}

bool read_birth(std::string_view key, std::string_view value, account_birth& out) {
  if (key.size() != 5 || key[0] != 'b' || value.size() != 20 + sizeof(account_record)) return false;
  out.ordinal = get_big<std::uint32_t>(key.data() + 1);
  out.tenant = get_big<tenant_id>(value.data());
  out.timestamp = get_big<time_ns>(value.data() + 4);
  out.created_seq = get_big<commit_seq>(value.data() + 12);
  std::memcpy(&out.record, value.data() + 20, sizeof(out.record));
  return true;
}

std::string state_value(const account_state& state) {
  std::string out;
  put_varint(out, state.flags);
  put_varint(out, state.overdraft_limit_minor);
  put_varint(out, state.counters.debits_posted);
  put_varint(out, state.counters.credits_posted);
  put_varint(out, state.counters.debits_pending);
  put_varint(out, state.counters.credits_pending);
  if (state.settled_through == 0 && state.unsettled.empty()) return out;
  put_varint(out, state.settled_through);
  put_varint(out, state.unsettled.size());
  for (const unsettled_day& d : state.unsettled) {
    put_varint(out, d.day);
    put_varint(out, d.credits_minor);
    put_varint(out, d.debits_minor);
  }
  return out;
}

namespace {

/// The part that only merchants' pending accounts have.
bool read_unsettled(std::string_view& value, account_state& out) {
  u128 through = 0, days = 0;
  if (!get_varint(value, through) || !get_varint(value, days) || days > limits::unsettled_days_max) return false;
  out.settled_through = static_cast<day_number>(through);
  for (std::uint32_t i = 0; i < days; ++i) {
    unsettled_day d;
    u128 day = 0;
    if (!get_varint(value, day) || !get_varint(value, d.credits_minor) || !get_varint(value, d.debits_minor)) {
      return false;
    }
    d.day = static_cast<day_number>(day);
    if (!out.unsettled.empty() && out.unsettled.back().day >= d.day) return false;
    out.unsettled.push_back(d);
  }
  return true;
}

}  // namespace

bool read_state(std::string_view key, std::string_view value, account_state& out) {
  if (key.size() != 5 || key[0] != 's') return false;
  out.ordinal = get_big<std::uint32_t>(key.data() + 1);
  u128 flags = 0;
  const bool good = get_varint(value, flags) && get_varint(value, out.overdraft_limit_minor) &&
                    get_varint(value, out.counters.debits_posted) && get_varint(value, out.counters.credits_posted) &&
                    get_varint(value, out.counters.debits_pending) && get_varint(value, out.counters.credits_pending);
  out.flags = static_cast<std::uint16_t>(flags);
  return good && (value.empty() || read_unsettled(value, out)) && value.empty();
}

std::string hold_value(const open_hold& hold) {
  std::string out;
  put_big(out, hold.tenant);
  put_big(out, hold.timestamp);
  out.append(reinterpret_cast<const char*>(&hold.record), sizeof(hold.record));
  return out;
}

bool read_hold(std::string_view key, std::string_view value, open_hold& out) {
  if (key.size() != 8 || value.size() != 12 + sizeof(transfer_record)) return false;
  out.sequence = get_big<commit_seq>(key.data());
  out.tenant = get_big<tenant_id>(value.data());
  out.timestamp = get_big<time_ns>(value.data() + 4);
  std::memcpy(&out.record, value.data() + 12, sizeof(out.record));
  return true;
}

std::string order_value(const open_order& order) {
  std::string out;
  put_big(out, order.tenant);
  put_big(out, order.timestamp);
  put_big(out, order.sequence);
  out.append(reinterpret_cast<const char*>(&order.event), sizeof(order.event));
  if (order.has_payment()) out.append(reinterpret_cast<const char*>(&order.payment), sizeof(order.payment));
  return out;
}

bool read_order(std::string_view key, std::string_view value, open_order& out) {
  constexpr std::size_t plain = 20 + sizeof(order_event);
  if (key.size() != 8 || (value.size() != plain && value.size() != plain + sizeof(payment_row))) return false;
  out.tenant = get_big<tenant_id>(value.data());
  out.timestamp = get_big<time_ns>(value.data() + 4);
  out.sequence = get_big<commit_seq>(value.data() + 12);
  std::memcpy(&out.event, value.data() + 20, sizeof(out.event));
  out.payment = {};
  if (out.has_payment() != (value.size() != plain)) return false;
  if (out.has_payment()) std::memcpy(&out.payment, value.data() + plain, sizeof(out.payment));
  return out.created() == get_big<commit_seq>(key.data());
}

std::string position_value(const index_position& position) {
  std::string out;
  put_big(out, position.indexed_seq);
  put_big(out, position.snapshot_seq);
  put_big(out, position.last_time);
  put_big(out, position.next_chunk);
  put_big(out, position.accounts);
  return out;
}

bool read_position(std::string_view value, index_position& out) {
  if (value.size() != 32) return false;
  out.indexed_seq = get_big<commit_seq>(value.data());
  out.snapshot_seq = get_big<commit_seq>(value.data() + 8);
  out.last_time = get_big<time_ns>(value.data() + 16);
  out.next_chunk = get_big<std::uint32_t>(value.data() + 24);
  out.accounts = get_big<std::uint32_t>(value.data() + 28);
  return true;
}

}  // namespace payloom::storage

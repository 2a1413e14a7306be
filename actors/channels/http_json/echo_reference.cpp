#include "actors/channels/http_json/echo_reference.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "actors/channels/http_json/wire_text.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/crc32c.hpp"

namespace payloom::http_json {

static_assert(std::endian::native == std::endian::little, "fields are copied as they stand in memory");

namespace {

using buffer = std::array<std::uint8_t, echo_bytes_max>;

/// Writes fields one behind the other.
class writer {
 public:
  explicit writer(buffer& to) : to_(to) {}
  template <class T>
  void put(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    PAYLOOM_ASSERT(at_ + sizeof value <= to_.size());
    std::memcpy(to_.data() + at_, &value, sizeof value);
    at_ += sizeof value;
  }
  std::size_t size() const { return at_; }

 private:
  buffer& to_;
  std::size_t at_ = 0;
};

/// Reads them in the same order; the size was checked before.
class reader {
 public:
  explicit reader(std::span<const std::uint8_t> from) : from_(from) {}
  template <class T>
  T get() {
    T value;
    PAYLOOM_ASSERT(at_ + sizeof value <= from_.size());
    std::memcpy(&value, from_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }

 private:
  std::span<const std::uint8_t> from_;
  std::size_t at_ = 0;
};

bool moves_money(channel_operation o) {
  return o == channel_operation::pay || o == channel_operation::payout || o == channel_operation::refund;
}

/// What no call of ours can be, however good its checksum.
bool is_sound(const core::channel_call& c, std::size_t members) {
  if (!moves_money(c.attempt_operation) || id_is_reserved(c.attempt_id) || c.amount_minor == 0) return false;
  if (members == 0) return c.combined_count == 1;
  if (c.combined_count != members || c.amount_minor != c.total_minor) return false;
  for (const core::channel_call& m : *c.members) {
    u128 end;
    if (m.combined_member >= members || m.amount_minor == 0) return false;
    if (!checked_add(m.before_minor, m.amount_minor, end) || end > c.total_minor) return false;
  }
  return true;
}

std::uint32_t check_of(std::span<const std::uint8_t> bytes) { return crc32c(std::as_bytes(bytes)); }

}  // namespace

void append_echo(std::string& out, const core::channel_call& c) {
  const std::size_t members = c.members == nullptr ? 0 : c.members->size();
  PAYLOOM_ASSERT(members <= limits::combined_orders_max && moves_money(c.attempt_operation));
  buffer bytes;
  writer w(bytes);
  w.put(echo_version);
  w.put(static_cast<std::uint8_t>(c.attempt_operation));
  w.put(c.source_number);
  w.put(static_cast<std::uint8_t>(members));
  w.put(c.tenant);
  w.put(c.ledger);
  w.put(c.attempt);
  w.put(c.asked);
  w.put(c.combined_count);
  w.put(c.combined_member);
  w.put(std::uint64_t{c.channel});
  for (const u128 value :
       {c.attempt_id, c.payment, c.source, c.order.value, c.amount_minor, c.total_minor, c.before_minor})
    w.put(value);
  PAYLOOM_ASSERT(w.size() == echo_fixed_bytes);
  for (std::size_t i = 0; i < members; ++i) {
    const core::channel_call& m = (*c.members)[i];
    for (const u128 value : {m.order.value, m.payment, m.amount_minor, m.before_minor}) w.put(value);
    w.put(m.attempt);
    w.put(m.combined_member);
    w.put(m.source_number);
    w.put(std::uint8_t{0});
  }
  w.put(check_of({bytes.data(), w.size()}));
  PAYLOOM_ASSERT(w.size() == echo_fixed_bytes + members * echo_member_bytes + echo_check_bytes);
  append_hex_bytes(out, {bytes.data(), w.size()});
}

std::optional<core::channel_call> read_echo(std::string_view text) {
  buffer bytes;
  const std::size_t size = text.size() / 2;
  if (text.size() > echo_text_max || size < echo_fixed_bytes + echo_check_bytes) return std::nullopt;
  if (!read_hex_bytes(text, bytes)) return std::nullopt;
  std::uint32_t check;
  std::memcpy(&check, bytes.data() + size - echo_check_bytes, sizeof check);
  if (check != check_of({bytes.data(), size - echo_check_bytes})) return std::nullopt;
  reader r({bytes.data(), size});
  core::channel_call c;
  if (r.get<std::uint8_t>() != echo_version) return std::nullopt;
  c.operation = c.attempt_operation = static_cast<channel_operation>(r.get<std::uint8_t>());
  c.source_number = r.get<std::uint8_t>();
  const std::size_t members = r.get<std::uint8_t>();
  if (size != echo_fixed_bytes + members * echo_member_bytes + echo_check_bytes) return std::nullopt;
  c.tenant = r.get<tenant_id>();
  c.ledger = r.get<ledger_id>();
  c.attempt = r.get<std::uint32_t>();
  c.asked = r.get<std::uint32_t>();
  c.combined_count = r.get<std::uint16_t>();
  c.combined_member = r.get<std::uint16_t>();
  c.channel = r.get<std::uint64_t>();
  c.attempt_id = r.get<u128>();
  c.payment = r.get<u128>();
  c.source = r.get<u128>();
  c.order.value = r.get<u128>();
  c.amount_minor = r.get<u128>();
  c.total_minor = r.get<u128>();
  c.before_minor = r.get<u128>();
  core::channel_call_members all;
  for (std::size_t i = 0; i < members; ++i) {
    core::channel_call m = c;
    m.order.value = r.get<u128>();
    m.payment = r.get<u128>();
    m.amount_minor = r.get<u128>();
    m.before_minor = r.get<u128>();
    m.attempt = r.get<std::uint32_t>();
    m.combined_member = r.get<std::uint16_t>();
    m.source_number = r.get<std::uint8_t>();
    r.get<std::uint8_t>();
    all.push_back(std::move(m));
  }
  if (members != 0) c.members = std::make_shared<const core::channel_call_members>(std::move(all));
  if (!is_sound(c, members)) return std::nullopt;
  return c;
}

}  // namespace payloom::http_json

#pragma once
// Every field of every record of the protocol, as data: `explain` prints by it and WIRE.md is compared with it.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/wire/frame_types.hpp"

namespace payloom::wire {

/// How the bytes of a field are read and shown. All numbers are little-endian.
enum class field_kind : std::uint8_t {
  number,    ///< unsigned, of the field's size; 16 bytes: shown in decimal, all ones as `max`
  id,        ///< unsigned 128 bits, shown in hexadecimal
  checksum,  ///< CRC-32C
  magic,     ///< the bytes PAYL
  text,      ///< ASCII, zero padded
  zero,      ///< reserved, must be zero
  time,      ///< nanoseconds since 1970-01-01 UTC
  type,      ///< frame type, bit 15 in replies
  code,      ///< result code
  change,    ///< account_change_kind
  state,     ///< transfer_state
  frame_flags,
  transfer_flags,
  account_flags,
  result_flags,
  query_flags,
  action,        ///< order_action
  request_type,  ///< frame type of the command that an event records
  order_flags,
  order_row_flags,
  settle_flags,
  settlement_row_flags,
  order_request,  ///< the command that an event records: `order` or `order_action`, as its request_type says
  record,         ///< another record, named by `nested`
};

struct record_info;

struct field_info {
  std::string_view name;
  std::uint32_t offset;
  std::uint32_t bytes;
  field_kind kind;
  std::string_view meaning;
  const record_info* nested = nullptr;
};

struct record_info {
  std::string_view name;
  std::uint32_t bytes;
  std::span<const field_info> fields;
};

/// The name of a kind as WIRE.md's tables have it, for example `u32` for a number of four bytes.
std::string_view type_name(const field_info& field) noexcept;

/// Name of one bit of a flags field, "" if the bit has no meaning.
std::string_view flag_name(field_kind kind, unsigned bit) noexcept;
/// Names of numbers, "" if there is none.
std::string_view change_name(std::uint64_t value) noexcept;
std::string_view state_name(std::uint64_t value) noexcept;
std::string_view action_name(std::uint64_t value) noexcept;

const record_info& header_record() noexcept;
/// The record that a field of kind `order_request` holds; `whole` is the record that the field stands in. nullptr when
/// its request_type is neither of the two.
const record_info* order_request_record(std::span<const std::byte> whole) noexcept;
/// All records in the order of WIRE.md.
std::span<const record_info* const> all_records() noexcept;
/// The record a request of this type carries, or nullptr.
const record_info* request_record(frame_type type) noexcept;
/// The record a reply of this type with these flags carries, or nullptr (no body, or text).
const record_info* reply_record(frame_type type, std::uint16_t flags) noexcept;

}  // namespace payloom::wire

#pragma once
// Bytes of the index's keys and values. Keys are big-endian so that their order is the order of the numbers.
//   ids       (tenant u32, id u128)                -> sequence u64, kind u8
//   links     (target sequence u64, sequence u64)  -> kind u8, amount u128
//   entries   (account ordinal u32, chunk u32)     -> entry_blocks.hpp
//   accounts  ('b', ordinal u32)                   -> tenant, timestamp, sequence, account_record
//             ('s', ordinal u32)                   -> flags, limit, four counters; of merchants' pending accounts
//                                                   also settled_through, days, per day: day, credits, debits
//   holds     (sequence u64)                       -> tenant, timestamp, transfer_record
//   orders    (sequence of the first event u64)    -> tenant, timestamp, sequence, order_event: the newest
//   default   "position"                           -> index_position; "format" -> version; ('c', chunk u32) ->
//   chunk_info
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "storage/rocksdb/index_types.hpp"

namespace payloom::storage {

template <class T>
void store_big(char* to, T value) {
  if constexpr (sizeof(T) == 16) {
    store_big<std::uint64_t>(to, hi64(value));
    store_big<std::uint64_t>(to + 8, lo64(value));
  } else if constexpr (sizeof(T) == 8) {
    const std::uint64_t swapped = __builtin_bswap64(value);
    std::memcpy(to, &swapped, 8);
  } else {
    static_assert(sizeof(T) == 4);
    const std::uint32_t swapped = __builtin_bswap32(value);
    std::memcpy(to, &swapped, 4);
  }
}

template <class T>
T get_big(const char* from) {
  if constexpr (sizeof(T) == 16) {
    return make_u128(get_big<std::uint64_t>(from), get_big<std::uint64_t>(from + 8));
  } else {
    T raw;
    std::memcpy(&raw, from, sizeof(T));
    if constexpr (sizeof(T) == 8) {
      return __builtin_bswap64(raw);
    } else {
      static_assert(sizeof(T) == 4);
      return __builtin_bswap32(raw);
    }
  }
}

template <class T>
void put_big(std::string& out, T value) {
  char bytes[sizeof(T)];
  store_big(bytes, value);
  out.append(bytes, sizeof(T));
}

/// A key in place, without allocation.
template <std::size_t N>
struct fixed_key {
  char bytes[N];
  std::string_view view() const { return {bytes, N}; }
};

inline fixed_key<20> id_key(tenant_id tenant, u128 id) {
  fixed_key<20> key;
  store_big(key.bytes, tenant);
  store_big(key.bytes + 4, id);
  return key;
}
inline fixed_key<16> link_key(commit_seq target, commit_seq sequence) {
  fixed_key<16> key;
  store_big(key.bytes, target);
  store_big(key.bytes + 8, sequence);
  return key;
}
inline fixed_key<8> entry_key(std::uint32_t ordinal, std::uint32_t chunk) {
  fixed_key<8> key;
  store_big(key.bytes, ordinal);
  store_big(key.bytes + 4, chunk);
  return key;
}
inline fixed_key<8> hold_key(commit_seq sequence) {
  fixed_key<8> key;
  store_big(key.bytes, sequence);
  return key;
}
inline fixed_key<8> order_key(commit_seq created) { return hold_key(created); }
/// 'b' account births, 's' account states, 'c' chunks.
inline fixed_key<5> tagged_key(char tag, std::uint32_t number) {
  fixed_key<5> key;
  key.bytes[0] = tag;
  store_big(key.bytes + 1, number);
  return key;
}

inline fixed_key<9> id_value(commit_seq sequence, run_kind kind) {
  fixed_key<9> value;
  store_big(value.bytes, sequence);
  value.bytes[8] = static_cast<char>(kind);
  return value;
}
inline bool read_id_value(std::string_view in, id_position& out) {
  if (in.size() != 9) return false;
  out = {get_big<commit_seq>(in.data()), static_cast<run_kind>(in[8])};
  return true;
}

/// The value bytes of links, accounts, holds, orders and the position; the readers return false on bytes of another
/// shape.
std::string link_value(const link_entry& link);
bool read_link(std::string_view key, std::string_view value, link_entry& out);
std::string birth_value(const account_birth& birth);
bool read_birth(std::string_view key, std::string_view value, account_birth& out);
std::string state_value(const account_state& state);
bool read_state(std::string_view key, std::string_view value, account_state& out);
std::string hold_value(const open_hold& hold);
bool read_hold(std::string_view key, std::string_view value, open_hold& out);
std::string order_value(const open_order& order);
bool read_order(std::string_view key, std::string_view value, open_order& out);
std::string position_value(const index_position& position);
bool read_position(std::string_view value, index_position& out);

}  // namespace payloom::storage

#pragma once
// Frames for tests, built with the codec.
#include <cstring>
#include <vector>

#include "protocol/types/records.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::net::testing {

using bytes = std::vector<std::byte>;

/// A sealed frame around `body`.
inline bytes frame_of(frame_header header, std::span<const std::byte> body = {}) {
  wire::seal_frame(header, body);
  bytes out(sizeof header + body.size());
  std::memcpy(out.data(), &header, sizeof header);
  if (!body.empty()) std::memcpy(out.data() + sizeof header, body.data(), body.size());
  return out;
}

template <typename Record>
bytes frame_of(frame_header header, const std::vector<Record>& records) {
  header.record_count = static_cast<std::uint32_t>(records.size());
  return frame_of(header, std::as_bytes(std::span(records)));
}

inline frame_header request(frame_type type, std::uint64_t number = 0, std::uint16_t flags = 0) {
  frame_header header{};
  header.type = static_cast<std::uint16_t>(type);
  header.request = number;
  header.flags = flags;
  return header;
}

/// `count` transfers with ids first, first + 1, ...
inline std::vector<transfer_record> transfers(std::uint32_t count, std::uint64_t first = 1) {
  std::vector<transfer_record> records(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    records[i].id.value = first + i;
    records[i].debit_account.value = 1;
    records[i].credit_account.value = 2;
    records[i].amount_minor = 100 + i;
    records[i].ledger = 978;
    records[i].code = 1;
  }
  return records;
}

inline bytes hello(std::uint16_t version = protocol_version, std::uint16_t flags = 0) {
  std::vector<hello_body> body(1);
  body[0].version_min = body[0].version_max = version;
  return frame_of(request(frame_type::hello, 7, flags), body);
}

inline bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace payloom::net::testing

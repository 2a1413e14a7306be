#pragma once
// HMAC-SHA256 over "METHOD\nPATH\nTIMESTAMP\nBODY", in the headers X-Key-Id, X-Timestamp (seconds since 1970, UTC) and
// X-Signature (64 hexadecimal digits). Verify before parsing: unsigned bytes are not looked at.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "actors/channels/http_json/key_ring.hpp"
#include "protocol/types/ids.hpp"

namespace payloom::http_json {

/// What is signed.
struct signed_parts {
  std::string_view method, path, timestamp, body;
};

/// The headers that carry it.
struct signature_headers {
  std::string_view key_id, timestamp, signature;
};

enum class signature_errc : std::uint8_t {
  ok = 0,
  missing = 1,      ///< a header is not there or has the wrong form
  unknown_key = 2,  ///< neither the current nor the previous key
  stale = 3,        ///< the timestamp is outside of the window
  wrong = 4,        ///< the signature does not fit
};

/// One thread at a time. `keys` must outlive it.
class signature_book {
 public:
  /// `window_s`: how many seconds a timestamp may be away from now, in both directions.
  explicit signature_book(const key_ring& keys, std::uint32_t window_s = 300);
  ~signature_book();
  signature_book(const signature_book&) = delete;
  signature_book& operator=(const signature_book&) = delete;

  /// Appends the three headers with line ends, signed with the current key.
  void append_headers(std::string& out, std::string_view method, std::string_view path, std::string_view body,
                      time_ns now);
  /// In this order: missing, unknown_key, stale, wrong. The signatures are compared in constant time.
  signature_errc verify(const signature_headers& headers, std::string_view method, std::string_view path,
                        std::string_view body, time_ns now);

 private:
  struct keyed;
  using digest = std::array<std::uint8_t, 32>;
  digest make(const message_key& key, const signed_parts& parts);

  const key_ring& keys_;
  const std::uint32_t window_s_;
  std::vector<std::unique_ptr<keyed>> contexts_;  ///< one a key: setting a key up costs more than a signature
};

}  // namespace payloom::http_json

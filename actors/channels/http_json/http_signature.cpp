#include "actors/channels/http_json/http_signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <charconv>

#include "actors/channels/http_json/wire_text.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::http_json {

struct signature_book::keyed {
  const message_key* key = nullptr;
  EVP_MAC_CTX* context = nullptr;

  keyed() = default;
  keyed(const keyed&) = delete;
  keyed& operator=(const keyed&) = delete;
  ~keyed() { EVP_MAC_CTX_free(context); }
};

signature_book::signature_book(const key_ring& keys, std::uint32_t window_s) : keys_(keys), window_s_(window_s) {}
signature_book::~signature_book() = default;

signature_book::digest signature_book::make(const message_key& key, const signed_parts& parts) {
  auto at = std::ranges::find(contexts_, &key, &keyed::key);
  if (at == contexts_.end()) {
    auto made = std::make_unique<keyed>();
    made->key = &key;
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    PAYLOOM_ASSERT(mac != nullptr);
    made->context = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    char name[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0), OSSL_PARAM_construct_end()};
    PAYLOOM_ASSERT(made->context != nullptr &&
                   EVP_MAC_init(made->context, key.bytes.data(), key.bytes.size(), params) == 1);
    contexts_.push_back(std::move(made));
    at = std::prev(contexts_.end());
  }
  EVP_MAC_CTX* context = (*at)->context;
  bool done = EVP_MAC_init(context, nullptr, 0, nullptr) == 1;  // the same key from the beginning
  const auto add = [&](std::string_view text) {
    done = done && EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  };
  for (const std::string_view part : {parts.method, parts.path, parts.timestamp}) {
    add(part);
    add("\n");
  }
  add(parts.body);
  digest result;
  std::size_t size = 0;
  done = done && EVP_MAC_final(context, result.data(), &size, result.size()) == 1;
  PAYLOOM_ASSERT(done && size == result.size());
  return result;
}

void signature_book::append_headers(std::string& out, std::string_view method, std::string_view path,
                                    std::string_view body, time_ns now) {
  const message_key& key = keys_.current();
  std::string timestamp;
  append_decimal(timestamp, now / 1'000'000'000);
  const digest made = make(key, {method, path, timestamp, body});
  ((out += "X-Key-Id: ") += key.id) += "\r\nX-Timestamp: ";
  (out += timestamp) += "\r\nX-Signature: ";
  append_hex_bytes(out, made);
  out += "\r\n";
}

signature_errc signature_book::verify(const signature_headers& h, std::string_view method, std::string_view path,
                                      std::string_view body, time_ns now) {
  digest given;
  std::uint64_t timestamp_s = 0;
  const auto [end, error] = std::from_chars(h.timestamp.data(), h.timestamp.data() + h.timestamp.size(), timestamp_s);
  const bool is_number = error == std::errc() && end == h.timestamp.data() + h.timestamp.size();
  if (h.key_id.empty() || !is_number || h.signature.size() != given.size() * 2 || !read_hex_bytes(h.signature, given))
    return signature_errc::missing;
  const message_key* key = keys_.find(h.key_id);
  if (key == nullptr) return signature_errc::unknown_key;
  const std::uint64_t now_s = now / 1'000'000'000;
  const std::uint64_t away_s = now_s > timestamp_s ? now_s - timestamp_s : timestamp_s - now_s;
  if (away_s > window_s_) return signature_errc::stale;
  const digest made = make(*key, {method, path, h.timestamp, body});
  return CRYPTO_memcmp(made.data(), given.data(), made.size()) == 0 ? signature_errc::ok : signature_errc::wrong;
}

}  // namespace payloom::http_json

#include "actors/channels/http_json/key_ring.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "actors/channels/http_json/wire_text.hpp"
#include "config/file_text.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::http_json {

namespace {

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= key_id_bytes_max && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// What is wrong with a line; empty: nothing, and `key` is it.
std::string_view read_line(std::string_view line, message_key& key) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return "not \"key_id hex\"";
  const std::string_view id = line.substr(0, space), hex = line.substr(space + 1);
  if (!is_id(id)) return "a key id has 1 to 32 letters, digits, _ and -";
  if (hex.size() % 2 != 0 || hex.size() < key_bytes_min * 2 || hex.size() > key_bytes_max * 2)
    return "a key has 16 to 64 bytes";
  key.id = id;
  key.bytes.resize(hex.size() / 2);
  return read_hex_bytes(hex, key.bytes) ? "" : "a key is hexadecimal";
}

}  // namespace

key_ring::~key_ring() {
  for (message_key& k : keys_) OPENSSL_cleanse(k.bytes.data(), k.bytes.size());
}

std::optional<key_ring> key_ring::parse(std::string_view text, std::string& problem) {
  key_ring ring;
  const auto wrong = [&](std::size_t line, std::string_view what) -> std::optional<key_ring> {
    problem = "line " + std::to_string(line) + ": " + std::string(what);
    return std::nullopt;
  };
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (ring.keys_.size() == keys_max) return wrong(number, "more than a current and a previous key");
    message_key key;
    const std::string_view what = read_line(line, key);
    const bool twice = what.empty() && ring.find(key.id) != nullptr;
    ring.keys_.push_back(std::move(key));  // also a bad one: the ring wipes it
    if (!what.empty()) return wrong(number, what);
    if (twice) return wrong(number, "a key id is there twice");
  }
  if (ring.keys_.empty()) return wrong(number, "no key");
  return ring;
}

std::optional<key_ring> key_ring::read(const std::filesystem::path& key_file, std::string& problem) {
  std::optional<std::string> text = config::read_file_text(key_file);
  if (!text.has_value()) {
    problem = "the key file cannot be read";
    return std::nullopt;
  }
  auto ring = parse(*text, problem);
  OPENSSL_cleanse(text->data(), text->size());
  return ring;
}

const message_key* key_ring::find(std::string_view id) const {
  const auto at = std::ranges::find(keys_, id, &message_key::id);
  return at == keys_.end() ? nullptr : &*at;
}

std::vector<std::string> key_ring::secrets() const {
  std::vector<std::string> all;
  for (const message_key& k : keys_) append_hex_bytes(all.emplace_back(), k.bytes);
  return all;
}

}  // namespace payloom::http_json

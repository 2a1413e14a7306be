#pragma once
// The keys that messages are signed with. They come from a file alone: lines "key_id hex", the current one first, then
// previous ones that still verify (GW: rotation with overlap). A key is never in a log, an error or an argument.
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace payloom::http_json {

inline constexpr std::size_t key_bytes_min = 16;
inline constexpr std::size_t key_bytes_max = 64;
inline constexpr std::size_t key_id_bytes_max = 32;
inline constexpr std::size_t keys_max = 2;  ///< the current and the previous one

struct message_key {
  std::string id;
  std::vector<std::uint8_t> bytes;
};

/// Immutable; any thread may read it. Its memory is wiped at its end.
class key_ring {
 public:
  key_ring() = default;
  key_ring(key_ring&&) = default;
  key_ring& operator=(key_ring&&) = default;
  ~key_ring();

  /// nullopt, and `problem` names the line and what is wrong with it, never its text.
  static std::optional<key_ring> parse(std::string_view text, std::string& problem);
  static std::optional<key_ring> read(const std::filesystem::path& key_file, std::string& problem);

  const message_key& current() const { return keys_.front(); }
  /// nullptr: no such key.
  const message_key* find(std::string_view id) const;
  /// Texts that must stand in no log: each key as hexadecimal digits.
  std::vector<std::string> secrets() const;

 private:
  std::vector<message_key> keys_;
};

}  // namespace payloom::http_json

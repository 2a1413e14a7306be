#include "storage/log/segment_hash.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <memory>
#include <vector>

#include "protocol/types/assert.hpp"
#include "storage/codec/aligned_buffer.hpp"
#include "storage/log/errors.hpp"
#include "storage/log/segment_format.hpp"

namespace payloom::storage {

namespace {

constexpr std::size_t hash_chunk_bytes = 256u << 10;  // small: a synced write waits behind at most one of them
constexpr std::uint64_t hash_text_bytes_max = 4096;

/// One SHA-256 computation through OpenSSL, which uses the processor's instructions for it.
class sha256_stream {
 public:
  sha256_stream() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) fail();
  }
  void add(std::span<const std::byte> bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) fail();
  }
  sha256_digest finish() {
    sha256_digest digest;
    unsigned size = 0;
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1 || size != digest.size()) fail();
    return digest;
  }

 private:
  [[noreturn]] static void fail() { throw storage_failure("SHA-256 is not available from libcrypto"); }
  struct release {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, release> context_;
};

/// Everything but the chain line.
std::string hash_text(const segment_hash& hash) {
  return "payloom segment hash 1\nsegment " + std::to_string(hash.number) + "\nbytes " +
         std::to_string(hash.file_bytes) + "\nsha256 " + to_hex_digest(hash.content) + "\nprevious " +
         to_hex_digest(hash.previous) + "\n";
}

/// Takes "<key> <value>\n" from the front.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view key) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || text.substr(0, key.size()) != key || end <= key.size()) return std::nullopt;
  const std::string_view value = text.substr(key.size() + 1, end - key.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_digest(std::string_view text, sha256_digest& out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char* pair = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(pair, pair + 2, out[i], 16);
    if (error != std::errc() || end != pair + 2) return false;
  }
  return true;
}

std::string hash_path(const std::string& journal_path, std::uint32_t number) {
  return journal_path + "/" + journal_file_name(journal_file_kind::hashes, number);
}

}  // namespace

sha256_digest hash_bytes(std::span<const std::byte> bytes) {
  sha256_stream stream;
  stream.add(bytes);
  return stream.finish();
}

std::string to_hex_digest(const sha256_digest& digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

sha256_digest segment_hash::chain() const {
  sha256_stream stream;
  const std::string text = hash_text(*this);
  stream.add(std::as_bytes(std::span(text)));
  return stream.finish();
}

std::string encode_segment_hash(const segment_hash& hash) {
  return hash_text(hash) + "chain " + to_hex_digest(hash.chain()) + "\n";
}

std::optional<segment_hash> parse_segment_hash(std::string_view text) {
  std::string_view rest = text;
  segment_hash hash;
  if (!take_line(rest, "payloom segment hash")) return std::nullopt;
  const auto number = take_line(rest, "segment");
  const auto bytes = take_line(rest, "bytes");
  const auto content = take_line(rest, "sha256");
  const auto previous = take_line(rest, "previous");
  if (!number || !bytes || !content || !previous || !parse_number(*number, hash.number) ||
      !parse_number(*bytes, hash.file_bytes) || !parse_digest(*content, hash.content) ||
      !parse_digest(*previous, hash.previous) || encode_segment_hash(hash) != text) {
    return std::nullopt;
  }
  return hash;
}

std::optional<sha256_digest> hash_file(const std::string& path, io_faults* faults, const std::function<bool()>& stop) {
  file in;
  require(file::open(path, {.random = true}, faults, in), "open", path);
  std::uint64_t size = 0;
  require(in.size(size), "stat", path);
  aligned_buffer buffer(hash_chunk_bytes);
  sha256_stream stream;
  for (std::uint64_t offset = 0; offset < size;) {
    if (stop()) return std::nullopt;
    const auto chunk = buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(hash_chunk_bytes, size - offset)));
    require(in.read(chunk, offset), "read", path);
    stream.add(chunk);
    offset += chunk.size();
  }
  return stream.finish();
}

std::optional<segment_hash> read_segment_hash(const std::string& journal_path, std::uint32_t number,
                                              io_faults* faults) {
  const std::string path = hash_path(journal_path, number);
  file in;
  const int error = file::open(path, {}, faults, in);
  if (error == ENOENT) return std::nullopt;
  require(error, "open", path);
  std::uint64_t size = 0;
  require(in.size(size), "stat", path);
  if (size > hash_text_bytes_max) throw journal_corrupt(path, 0, "no segment hash");
  std::string text(size, '\0');
  require(in.read(std::as_writable_bytes(std::span(text)), 0), "read", path);
  const auto hash = parse_segment_hash(text);
  if (!hash || hash->number != number) throw journal_corrupt(path, 0, "no valid hash of this segment");
  return hash;
}

int write_segment_hash(const std::string& journal_path, const segment_hash& hash, io_faults* faults) {
  const std::string path = hash_path(journal_path, hash.number);
  const std::string unfinished = path + ".new";
  const std::string text = encode_segment_hash(hash);
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  file out;
  int error = file::open(unfinished, {.write = true, .create = true}, faults, out);
  if (error == 0) error = out.write(std::as_bytes(std::span(text)), 0);
  if (error == 0) error = out.sync();
  if (error == 0) error = rename_file(unfinished, path, faults);
  if (error == 0) error = sync_directory(journal_path, faults);
  return error;
}

}  // namespace payloom::storage

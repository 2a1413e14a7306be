#include "protocol/wire/explain.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "protocol/types/crc32c.hpp"
#include "protocol/types/u128_text.hpp"
#include "protocol/wire/fields.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::wire {
namespace {

using byte_span = std::span<const std::byte>;

constexpr std::uint32_t records_shown_max = 64;  ///< of one frame; the rest are counted
constexpr std::size_t text_shown_max = 4096;     ///< of a text body

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string right(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

u128 read_number(byte_span bytes) {
  u128 value = 0;
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

std::string printable(byte_span bytes) {
  std::string text;
  for (const std::byte b : bytes) {
    const auto c = static_cast<char>(b);
    text += c >= ' ' && c <= '~' ? c : '.';
  }
  return text;
}

std::string flags_text(field_kind kind, std::uint64_t value) {
  if (value == 0) return "0";
  std::string text;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if ((value >> bit & 1) == 0) continue;
    const std::string_view name = flag_name(kind, bit);
    if (!text.empty()) text += " | ";
    text += name.empty() ? "bit " + std::to_string(bit) + " (no meaning)" : std::string(name);
  }
  return to_hex(value) + " = " + text;
}

std::string code_text(std::uint64_t value) {
  const result_code_info& info = describe(static_cast<result_code>(value));
  std::string text = std::to_string(value) + " " + std::string(info.name);
  if (value == 0) return text;
  text += ", class " + std::string(name_of(info.klass));
  if (!info.meaning.empty()) text += ": " + std::string(info.meaning);
  return text;
}

std::string type_text(std::uint64_t value) {
  const frame_type_info* info = find_frame_type(static_cast<std::uint16_t>(value & ~std::uint64_t{reply_bit}));
  if (info == nullptr) return to_hex(value) + " (no such type)";
  return to_hex(value) + " = " + std::string(info->name) + ((value & reply_bit) != 0 ? ", reply" : "");
}

std::string name_of_type(std::uint64_t value) {
  const frame_type_info* info = value <= UINT16_MAX ? find_frame_type(static_cast<std::uint16_t>(value)) : nullptr;
  return info == nullptr ? "(no such type)" : std::string(info->name);
}

std::string zero_text(byte_span bytes) {
  const auto set = std::find_if(bytes.begin(), bytes.end(), [](std::byte b) { return b != std::byte{0}; });
  if (set == bytes.end()) return std::to_string(bytes.size()) + " zero bytes";
  return "NOT ZERO at byte " + std::to_string(set - bytes.begin()) + " of this field";
}

std::string text_of(byte_span bytes) {
  const auto end = std::find(bytes.begin(), bytes.end(), std::byte{0});
  return '"' + printable(bytes.first(static_cast<std::size_t>(end - bytes.begin()))) + '"';
}

/// Seconds since 1970 with all nine decimals.
std::string time_text(std::uint64_t ns) {
  if (ns == 0) return "0";
  constexpr std::uint64_t second = 1'000'000'000;
  return std::to_string(ns / second) + "." + std::to_string(ns % second + second).substr(1) + " s";
}

std::string value_text(const field_info& field, byte_span bytes) {
  const u128 value = read_number(bytes);
  const std::uint64_t low = lo64(value);
  switch (field.kind) {
    case field_kind::number:
      return value == u128_max ? "max (2^128 - 1)" : to_decimal(value);
    case field_kind::id:
    case field_kind::checksum:
      return to_hex(value);
    case field_kind::magic:
      return '"' + printable(bytes) + '"';
    case field_kind::text:
      return text_of(bytes);
    case field_kind::zero:
      return zero_text(bytes);
    case field_kind::time:
      return time_text(low);
    case field_kind::type:
      return type_text(low);
    case field_kind::code:
      return code_text(low);
    case field_kind::change:
      return std::to_string(low) + " " + std::string(change_name(low));
    case field_kind::state:
      return std::to_string(low) + " " + std::string(state_name(low));
    case field_kind::frame_flags:
    case field_kind::transfer_flags:
    case field_kind::account_flags:
    case field_kind::result_flags:
    case field_kind::query_flags:
    case field_kind::order_flags:
    case field_kind::order_row_flags:
    case field_kind::settle_flags:
    case field_kind::settlement_row_flags:
      return flags_text(field.kind, low);
    case field_kind::action:
      return std::to_string(low) + " " + std::string(action_name(low));
    case field_kind::request_type:
      return std::to_string(low) + " " + name_of_type(low);
    case field_kind::order_request:
      return "no command that this version knows";
    case field_kind::record:
      return {};
  }
  return {};
}

/// Lines of one record that begins at `at` of the frame; `prefix` names the fields it is nested in.
void explain_record(std::string& out, const record_info& info, byte_span bytes, std::size_t at,
                    const std::string& prefix) {
  for (const field_info& field : info.fields) {
    const byte_span part = bytes.subspan(field.offset, field.bytes);
    const std::string name = prefix + std::string(field.name);
    const record_info* inner = field.kind == field_kind::order_request ? order_request_record(bytes) : field.nested;
    if (inner != nullptr) {
      explain_record(out, *inner, part, at + field.offset, name + ".");
      continue;
    }
    out += "  " + right(at + field.offset, 7) + "  " + padded(name, 28) + " " + value_text(field, part) + "\n";
  }
}

void explain_body(std::string& out, const frame_header& header, byte_span body) {
  const frame_type type = base_type(header);
  const frame_type_info* info = find_frame_type(static_cast<std::uint16_t>(type));
  if (info == nullptr || body.empty()) return;
  if (is_reply(header) && info->reply_record_bytes == 1) {
    out += "text of " + std::to_string(body.size()) +
           " bytes: " + printable(body.first(std::min(body.size(), text_shown_max))) + "\n";
    return;
  }
  const bool from_server = is_reply(header) || !info->from_client;
  const record_info* record = from_server ? reply_record(type, header.flags) : request_record(type);
  if (record == nullptr) return;
  const std::size_t whole = body.size() / record->bytes;
  for (std::size_t i = 0; i < std::min<std::size_t>(whole, records_shown_max); ++i) {
    out += std::string(record->name) + " " + std::to_string(i) + ":\n";
    const std::size_t from = i * record->bytes;
    explain_record(out, *record, body.subspan(from, record->bytes), header_bytes + from, "");
  }
  if (whole > records_shown_max) out += "and " + std::to_string(whole - records_shown_max) + " more\n";
  if (const std::size_t rest = body.size() % record->bytes; rest != 0)
    out += std::to_string(rest) + " bytes behind the last whole record\n";
}

std::string wrong(const decode_status& status) {
  return "WRONG at byte " + std::to_string(status.offset) + ": " + std::string(name_of(status.code)) + " (" +
         std::to_string(static_cast<std::uint16_t>(status.code)) + "): " + status.what + "\n";
}

/// What else helps with a checksum or length that does not fit.
std::string hint(const frame_header& header, byte_span bytes) {
  std::string out;
  const std::uint32_t head =
      crc32c(bytes.subspan(offsetof(frame_header, body_crc), header_bytes - offsetof(frame_header, body_crc)));
  if (header.header_crc != head) out += "  the CRC-32C of bytes 8 to 127 is " + to_hex(head) + "\n";
  if (bytes.size() == header.length && header.length > header_bytes)
    if (const std::uint32_t body = crc32c(bytes.subspan(header_bytes)); body != header.body_crc)
      out += "  the CRC-32C of the body is " + to_hex(body) + "\n";
  return out;
}

struct explanation {
  std::string text;
  bool sound = true;
};

/// Explains the first frame; returns how many bytes it took.
std::size_t explain_one(explanation& out, byte_span bytes) {
  if (bytes.size() < header_bytes) {
    out.sound = false;
    out.text += "WRONG: a header has 128 bytes, " + std::to_string(bytes.size()) + " are given\n";
    return bytes.size();
  }
  frame_header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const frame_type_info* info = find_frame_type(static_cast<std::uint16_t>(base_type(header)));
  const bool from_server = is_reply(header) || (info != nullptr && !info->from_client);
  const auto way = from_server ? direction::to_client : direction::to_server;
  decode_status status =
      inspect_header(bytes.first<header_bytes>(), from_server ? reply_limits : request_limits, way, header);
  // A length that cannot be believed leaves everything given to this one frame.
  const bool measured = status.ok() && header.length <= bytes.size();
  const byte_span frame = measured ? bytes.first(header.length) : bytes;
  if (status.ok() && !measured)
    status = {result_code::frame_malformed, offsetof(frame_header, length), "the frame is longer than what is given"};
  else if (status.ok())
    status = check_body(header, frame.subspan(header_bytes));
  out.text += "frame of " + std::to_string(frame.size()) + " bytes, " +
              (from_server ? "server to client" : "client to server") + ": " + type_text(header.type) + "\n";
  if (!status.ok()) {
    out.sound = false;
    out.text += wrong(status) + hint(header, frame);
  }
  out.text += "header:\n";
  explain_record(out.text, header_record(), frame.first(header_bytes), 0, "");
  explain_body(out.text, header, frame.subspan(header_bytes));
  return frame.size();
}

explanation explain(byte_span bytes) {
  explanation out;
  if (bytes.empty()) return {"nothing to explain: no bytes are given\n", false};
  for (bool first = true; !bytes.empty(); first = false) {
    if (!first) out.text += "\n";
    bytes = bytes.subspan(explain_one(out, bytes));
  }
  return out;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

explanation explain_text(std::string_view hex) {
  std::vector<std::byte> bytes;
  int high = -1;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const char c = hex[i];
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    const int value = digit(c);
    if (value < 0)
      return {"WRONG: character " + std::to_string(i + 1) + " ('" + (c >= ' ' && c <= '~' ? c : '?') +
                  "') is no hexadecimal digit\n",
              false};
    if (high >= 0) bytes.push_back(static_cast<std::byte>(high << 4 | value));
    high = high >= 0 ? -1 : value;
  }
  if (high >= 0) return {"WRONG: the number of hexadecimal digits is odd\n", false};
  return explain(bytes);
}

}  // namespace

std::string explain_frames(std::span<const std::byte> bytes) { return explain(bytes).text; }
std::string explain_hex(std::string_view hex) { return explain_text(hex).text; }
bool is_sound_hex(std::string_view hex) { return explain_text(hex).sound; }

}  // namespace payloom::wire

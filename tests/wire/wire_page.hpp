#pragma once
// WIRE.md as the code would write its tables. A test that compares them prints the right text when they differ.
#include <fstream>
#include <sstream>
#include <string>

#include "protocol/types/order_records.hpp"
#include "protocol/types/shard_map.hpp"
#include "protocol/types/u128_text.hpp"
#include "protocol/wire/fields.hpp"
#include "tests/wire/golden_frames.hpp"

namespace payloom::wire::testing {

inline std::string read_page() {
  std::ifstream file(PAYLOOM_SOURCE_DIR "/protocol/wire/WIRE.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string cell(auto value) {
  std::ostringstream out;
  out << "| " << value << ' ';
  return out.str();
}

inline std::string record_table(const record_info& record) {
  std::string out = std::string("`") + std::string(record.name) + "`, " + std::to_string(record.bytes) + " bytes:\n\n";
  out += "| offset | bytes | field | type | meaning |\n|---|---|---|---|---|\n";
  for (const field_info& f : record.fields)
    out += cell(f.offset) + cell(f.bytes) + cell(f.name) + cell(type_name(f)) + cell(f.meaning) + "|\n";
  return out;
}

inline std::string code_row(const result_code_info& info) {
  return cell(static_cast<unsigned>(info.code)) + cell(info.name) + cell(name_of(info.klass)) +
         cell(info.remembered ? "yes" : "no") + cell(info.meaning) + "|\n";
}

inline std::string code_table() {
  std::string out = "| number | name | class | remembered | meaning |\n|---|---|---|---|---|\n";
  for (const result_code_info& info : all_result_codes()) out += code_row(info);
  return out;
}

inline std::string body_text(std::uint32_t bytes, const record_info* record, std::uint32_t records_max) {
  if (bytes == 0) return "none";
  if (bytes == 1) return "text";
  const std::string count = records_max == 1 ? "1" : "1 to " + std::to_string(records_max);
  return count + " x " + std::string(record->name) + " (" + std::to_string(bytes) + ")";
}

inline std::string reply_text(const frame_type_info& info) {
  if (info.reply_record_bytes == 0) return info.from_client ? "none" : "";
  if (info.reply_record_bytes == 1) return "text";
  return std::string(reply_record(info.type, 0)->name) + " (" + std::to_string(info.reply_record_bytes) + ")";
}

inline std::string type_table() {
  std::string out =
      "| number | name | sent by | body of a request (bytes of a record) | records of the reply | flags |\n";
  out += "|---|---|---|---|---|---|\n";
  for (const frame_type_info& info : all_frame_types()) {
    std::string flags;
    for (unsigned bit = 0; bit < 16; ++bit)
      if ((info.request_flags >> bit & 1) != 0)
        flags += (flags.empty() ? "" : ", ") + std::string(flag_name(field_kind::frame_flags, bit));
    out += cell(static_cast<unsigned>(info.type)) + cell(info.name) + cell(info.from_client ? "client" : "server") +
           cell(body_text(info.record_bytes, request_record(info.type), info.records_max)) + cell(reply_text(info)) +
           cell(flags) + "|\n";
  }
  return out;
}

inline std::string mix_rows() {
  struct {
    tenant_id tenant;
    u128 id;
  } const samples[] = {
      {0, 1}, {0, 2}, {1, 1}, {0, make_u128(0x0123456789abcdef, 0xfedcba9876543210)}, {4294967295u, u128_max - 1}};
  std::string out;
  for (const auto& s : samples)
    out += cell(s.tenant) + cell(to_hex(s.id)) + cell(to_hex(mix_id(s.tenant, s.id))) +
           cell(virtual_shard(s.tenant, s.id)) + "|\n";
  return out;
}

inline std::string order_id_rows() {
  struct {
    owner_number merchant;
    u128 business_id;
  } const samples[] = {
      {7, 0x2a}, {0, 1}, {1, u128_max}, {18446744073709551615u, make_u128(0x0123456789abcdef, 0xfedcba9876543210)}};
  std::string out;
  for (const auto& s : samples)
    out += cell(s.merchant) + cell(to_hex(s.business_id)) + cell(to_hex(order_id_of(s.merchant, s.business_id).value)) +
           "|\n";
  return out;
}

inline std::string posting_id_rows() {
  struct {
    tenant_id tenant;
    u128 cause;
    std::uint32_t leg;
  } const samples[] = {{0, golden_payment().id.value, 0}, {0, golden_payment().id.value, 1}, {5, 1, 15}};
  std::string out;
  for (const auto& s : samples)
    out += cell(s.tenant) + cell(to_hex(s.cause)) + cell(s.leg) +
           cell(to_hex(posting_id_of(s.tenant, s.cause, s.leg).value)) + "|\n";
  return out;
}

inline std::string golden_block(const golden_frame& frame) {
  const std::string head = std::string(frame.meaning) + "\n\n```hex " + std::string(frame.name) + "\n";
  return head + hex_lines(frame.bytes) + "```\n";
}

}  // namespace payloom::wire::testing

// WIRE.md is the contract: its tables equal the code, row by row, and its examples are what the codec makes and reads.
#include "tests/wire/wire_page.hpp"

#include <map>

#include <gtest/gtest.h>

#include "protocol/wire/explain.hpp"

namespace payloom::wire {
namespace {

using namespace testing;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The first cells of a row.
std::string row_start(auto... values) {
  std::string out = "\n";
  ((out += cell(values)), ...);
  out += '|';
  return out;
}

/// The lines between two lines of the page.
std::vector<std::string> section(const std::string& page, const std::string& from, const std::string& to) {
  std::vector<std::string> lines;
  bool inside = false;
  for (const std::string& line : lines_of(page)) {
    if (line == to && inside) return lines;
    if (inside) lines.push_back(line);
    if (line == from) inside = true;
  }
  ADD_FAILURE() << "no section between '" << from << "' and '" << to << "'";
  return lines;
}

TEST(wire_page, the_result_codes_are_those_of_the_table_row_by_row) {
  std::vector<std::string> rows;
  for (const std::string& line : section(read_page(), "### All result codes", "## 7. Queries"))
    if (line.starts_with("| ") && !line.starts_with("| number")) rows.push_back(line + "\n");
  std::size_t i = 0;
  for (const result_code_info& info : all_result_codes()) {
    ASSERT_LT(i, rows.size()) << "missing: " << code_row(info);
    EXPECT_EQ(rows[i++], code_row(info));
    EXPECT_FALSE(info.meaning.empty()) << info.name;
  }
  EXPECT_EQ(i, rows.size());
}

TEST(wire_page, every_class_says_what_the_client_does) {
  const std::string page = read_page();
  for (const result_code_info& info : all_result_codes())
    EXPECT_NE(page.find(row_start(name_of(info.klass))), std::string::npos) << info.name;
}

TEST(wire_page, every_record_stands_there_with_its_offsets) {
  const std::string page = read_page();
  for (const record_info* record : all_records())
    EXPECT_NE(page.find(record_table(*record)), std::string::npos) << record_table(*record);
}

TEST(wire_page, every_frame_type_stands_there) {
  EXPECT_NE(read_page().find(type_table()), std::string::npos) << type_table();
}

TEST(wire_page, every_flag_and_name_stands_there) {
  const std::string page = read_page();
  for (const field_kind kind :
       {field_kind::frame_flags, field_kind::transfer_flags, field_kind::account_flags, field_kind::result_flags,
        field_kind::query_flags, field_kind::order_flags, field_kind::order_row_flags, field_kind::settle_flags,
        field_kind::settlement_row_flags})
    for (unsigned bit = 0; bit < 16; ++bit)
      if (const auto name = flag_name(kind, bit); !name.empty()) {
        const std::string row = row_start(bit, name);
        EXPECT_NE(page.find(row), std::string::npos) << row;
      }
  for (unsigned kind = 1; kind <= 5; ++kind)
    EXPECT_NE(page.find(row_start(kind, change_name(kind))), std::string::npos) << kind;
  for (unsigned action = 1; action <= 7; ++action)
    EXPECT_NE(page.find(row_start(action, action_name(action))), std::string::npos) << action;
  EXPECT_NE(page.find(row_start(64, action_name(64))), std::string::npos);
  for (unsigned state = 0; state <= 6; ++state)
    EXPECT_NE(page.find(row_start(state, state_name(state))), std::string::npos) << state;
}

TEST(wire_page, the_id_mix_has_its_published_values) {
  const std::string table = std::string("virtual shard |\n|---|---|---|---|\n") + mix_rows();
  EXPECT_NE(read_page().find(table), std::string::npos) << table;
}

TEST(wire_page, the_ids_of_orders_and_postings_have_their_published_values) {
  const std::string page = read_page();
  const std::string orders = std::string("| merchant | business id | order id |\n|---|---|---|\n") + order_id_rows();
  EXPECT_NE(page.find(orders), std::string::npos) << orders;
  const std::string postings =
      std::string("| tenant | command | leg | posting id |\n|---|---|---|---|\n") + posting_id_rows();
  EXPECT_NE(page.find(postings), std::string::npos) << postings;
}

/// The functions as the page writes them, spelled out once more: independent of shard_map.hpp and order_records.hpp.
TEST(wire_page, the_ids_follow_from_what_the_page_says) {
  const auto round = [](std::uint64_t x) {
    for (int i = 0; i < 2; ++i) x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
    return x ^ (x >> 32);
  };
  const auto mix = [&](std::uint64_t tenant, std::uint64_t hi, std::uint64_t lo) {
    return round(lo ^ round(hi + 0x9e3779b97f4a7c15 * (tenant + 1)));
  };
  const std::uint64_t m = 7, b_hi = 0x11, b_lo = 0x2a;
  const std::uint64_t a = mix(0x6f726431, b_hi ^ m, b_lo ^ ~m);
  const std::uint64_t b = mix(0x6f726432, a ^ m, b_hi + b_lo);
  EXPECT_EQ(order_id_of(m, make_u128(b_hi, b_lo)).value, make_u128(b | 1, a & ~std::uint64_t{1}));
  const std::uint64_t tenant = 3, leg = 2;
  const std::uint64_t low = mix(tenant, b_hi, b_lo) ^ mix(leg, ~b_hi, ~b_lo);
  const std::uint64_t rest = mix(leg + 0x706f7374, b_hi ^ low, b_lo ^ tenant);
  EXPECT_EQ(posting_id_of(tenant, make_u128(b_hi, b_lo), leg).value,
            make_u128(0xfa1d1e60'00000000 | (rest & 0xffffffff), low));
}

/// The hex blocks of the page by name.
std::map<std::string, std::vector<std::byte>> blocks() {
  std::map<std::string, std::vector<std::byte>> found;
  std::string name;
  for (const std::string& line : lines_of(read_page())) {
    if (line.starts_with("```hex ")) {
      name = line.substr(7);
    } else if (line.starts_with("```")) {
      name.clear();
    } else if (!name.empty()) {
      for (std::size_t i = 0; i + 1 < line.size(); i += 2)
        found[name].push_back(static_cast<std::byte>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
  }
  return found;
}

TEST(wire_page, the_examples_are_what_the_codec_makes) {
  auto on_page = blocks();
  for (const golden_frame& frame : golden_frames()) {
    EXPECT_EQ(on_page[std::string(frame.name)], frame.bytes) << golden_block(frame);
    on_page.erase(std::string(frame.name));
  }
  EXPECT_TRUE(on_page.empty()) << on_page.begin()->first << " is no golden frame";
}

TEST(wire_page, the_examples_are_what_the_codec_reads) {
  const auto on_page = blocks();
  for (const golden_frame& frame : golden_frames()) {
    const auto& bytes = on_page.at(std::string(frame.name));
    frame_header header;
    const auto bounds = frame.way == direction::to_server ? request_limits : reply_limits;
    ASSERT_TRUE(inspect_header(std::span(bytes).first<header_bytes>(), bounds, frame.way, header).ok()) << frame.name;
    EXPECT_TRUE(check_body(header, std::span(bytes).subspan(header_bytes)).ok()) << frame.name;
    EXPECT_TRUE(is_sound_hex(hex_lines(bytes))) << frame.name;
  }
}

/// The first bytes of an example, spelled out: independent of every struct in the code.
TEST(wire_page, the_ping_is_these_bytes) {
  const auto ping = blocks().at("ping");
  ASSERT_EQ(ping.size(), 128u);
  const unsigned char start[] = {'P', 'A', 'Y', 'L'};
  EXPECT_EQ(std::memcmp(ping.data(), start, 4), 0);
  const unsigned char middle[] = {0, 0, 0, 0, 128, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0};  // body_crc .. reserved0
  EXPECT_EQ(std::memcmp(ping.data() + 8, middle, sizeof middle), 0);
  EXPECT_EQ(ping[32], std::byte{9});
}

}  // namespace
}  // namespace payloom::wire

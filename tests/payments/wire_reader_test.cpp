// The file of channels.wires: every mistake has its place and its sentence.
#include <gtest/gtest.h>

#include "config/catalog/wire_reader.hpp"

namespace payloom::config {
namespace {

std::string problems_of(const std::string& text) {
  std::string out;
  for (const problem& p : read_wires(text, "wires.yaml").problems) out += to_string(p) + "\n";
  return out;
}
std::string one(const std::string& wire) { return "version: 1\nwires:\n  bank: " + wire + "\n"; }

TEST(wire_reader, takes_both_kinds_with_their_defaults) {
  const std::string text = one("{driver: iso8583, address: \"10.0.0.1:5000\", terminal: T1, merchant: M}") +
                           "  card: {driver: http_json, address: \"card.example:443\", ca_file: ca, key_file: keys, "
                           "callback: {listen: \"127.0.0.1:1\", certificate_file: c, certificate_key_file: k}}\n"
                           "raw_log: {folder: raw, files_max: 3}\n";
  ASSERT_EQ(problems_of(text), "");
  const wires_file f = read_wires(text, "wires.yaml").value;
  ASSERT_EQ(f.wires.size(), 2u);
  const wire_settings* bank = f.find("bank");
  ASSERT_NE(bank, nullptr);
  EXPECT_EQ(bank->kind, wire_kind::iso8583);
  EXPECT_EQ(to_string(bank->address), "10.0.0.1:5000");
  EXPECT_EQ(bank->connections, 2u);
  EXPECT_EQ(bank->reversal_repeat_ms, 10'000u);
  EXPECT_FALSE(bank->callback.enabled());
  const wire_settings* card = f.find("card");
  ASSERT_NE(card, nullptr);
  EXPECT_EQ(card->kind, wire_kind::http_json);
  EXPECT_EQ(card->key_file, "keys");
  EXPECT_EQ(card->connections, 64u);
  EXPECT_EQ(card->callback.listen.port, 1);
  EXPECT_EQ(f.raw_log.folder, "raw");
  EXPECT_EQ(f.raw_log.files_max, 3u);
  EXPECT_EQ(f.find("other"), nullptr);
}

TEST(wire_reader, says_what_is_wrong_and_where) {
  struct wrong {
    const char* text;
    const char* says;
  };
  const wrong rows[] = {
      {"{address: \"a:1\", terminal: T, merchant: M}", "driver"},
      {"{driver: iso8584, address: \"a:1\", terminal: T, merchant: M}", "iso8583"},
      {"{driver: iso8583, terminal: T, merchant: M}", "address"},
      {"{driver: iso8583, address: nowhere, terminal: T, merchant: M}", "an address is written like"},
      {"{driver: iso8583, address: \"a:70000\", terminal: T, merchant: M}", "the port must be"},
      {"{driver: iso8583, address: \"a:1\", merchant: M}", "terminal"},
      {"{driver: iso8583, address: \"a:1\", terminal: TOOLONG, merchant: M}", "1 .. 6 bytes"},
      {"{driver: iso8583, address: \"a:1\", terminal: T, merchant: M, connections: 65}", "connections"},
      {"{driver: iso8583, address: \"a:1\", terminal: T, merchant: M, response_timeout_ms: 0}", "response_timeout_ms"},
      {"{driver: iso8583, address: \"a:1\", terminal: T, merchant: M, key_file: k}", "has no such setting"},
      {"{driver: iso8583, address: \"a:1\", terminal: T, merchant: M, adress: k}", "adress"},
      {"{driver: http_json, address: \"a:1\", key_file: k}", "ca_file"},
      {"{driver: http_json, address: \"a:1\", ca_file: c}", "key_file"},
      {"{driver: http_json, address: \"a:1\", ca_file: c, key_file: k, terminal: T}", "has no such setting"},
      {"{driver: http_json, address: \"a:1\", ca_file: c, key_file: k, callback: {listen: \"a:1\"}}",
       "certificate_file"},
  };
  for (const wrong& row : rows) {
    const std::string said = problems_of(one(row.text));
    EXPECT_NE(said.find(row.says), std::string::npos) << row.text << "\n" << said;
    EXPECT_NE(said.find("wires.yaml:3"), std::string::npos) << said;
  }
  EXPECT_NE(problems_of("wires: {}\n").find("version"), std::string::npos);
  EXPECT_NE(problems_of("version: 2\nwires: {}\n").find("version"), std::string::npos);
  EXPECT_NE(problems_of("version: 1\nwires: {}\nraw_log: {}\n").find("folder"), std::string::npos);
  EXPECT_NE(load_wires("/nowhere/wires.yaml").problems.size(), 0u);
}

}  // namespace
}  // namespace payloom::config

// WIRE.md's accounts of payments are those of the shipped chart, and the texts in the program are those of the files.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "config/catalog/posting_catalog.hpp"
#include "config/payments/shipped_payments.hpp"
#include "tests/wire/wire_page.hpp"

namespace payloom::wire {
namespace {

using namespace testing;
using namespace core::catalog;

config::posting_catalog shipped() {
  config::posting_texts texts;
  for (std::size_t i = 0; i < texts.size(); ++i)
    texts[i] = std::string(config::shipped_payment_file(config::posting_files[i]));
  config::posting_catalog_result read = config::read_posting_catalog(texts, config::ledger_directory{});
  EXPECT_TRUE(read.ok());
  return std::move(read.value);
}

std::string flags_text(std::uint16_t flags) {
  std::string out;
  for (unsigned bit = 0; bit < 16; ++bit)
    if ((flags >> bit & 1) != 0)
      out += (out.empty() ? "" : ", ") + std::string(flag_name(field_kind::account_flags, bit));
  return out;
}

std::string chart_rows(const chart& accounts) {
  constexpr std::string_view owners[] = {"platform", "merchant", "user", "channel"};
  std::string out;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    const account_role& role = accounts.at(static_cast<role_index>(i));
    out += cell(role.name) + cell(role.code) + cell(owners[static_cast<std::size_t>(role.scope)]) +
           cell(flags_text(accounts.flags_of(static_cast<role_index>(i)))) + "|\n";
  }
  return out;
}

std::string derived_rows(const chart& accounts) {
  struct {
    std::string_view role;
    ledger_id ledger;
    owner_id owner;
  } const samples[] = {{"user_available", 978, 9}, {"merchant_pending", 978, 7}, {"fee_income", 203, 0}};
  std::string out;
  for (const auto& s : samples)
    out += cell(s.role) + cell(s.ledger) + cell(s.owner) +
           cell(to_hex(accounts.account_of(*accounts.find(s.role), s.ledger, s.owner).value)) + "|\n";
  return out;
}

TEST(chart_page, every_role_stands_there_with_its_code_and_flags) {
  const std::string table =
      "| role | code | owner | account flags |\n|---|---|---|---|\n" + chart_rows(shipped().accounts) + "\n";
  EXPECT_NE(read_page().find(table), std::string::npos) << table;
}

TEST(chart_page, the_ids_of_accounts_have_their_published_values) {
  const std::string table =
      "| role | ledger | owner | account id |\n|---|---|---|---|\n" + derived_rows(shipped().accounts) + "\n";
  EXPECT_NE(read_page().find(table), std::string::npos) << table;
}

TEST(chart_page, the_program_holds_the_files_byte_by_byte) {
  ASSERT_EQ(config::shipped_files().size(), 11u);
  for (const config::shipped_file& file : config::shipped_files()) {
    std::ifstream in(PAYLOOM_SOURCE_DIR "/config/payments/" + std::string(file.name), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    EXPECT_FALSE(text.empty()) << file.name;
    EXPECT_EQ(text, file.text) << file.name;
    EXPECT_EQ(config::shipped_payment_file(file.name).data(), file.text.data());
  }
  EXPECT_EQ(config::shipped_payment_file("chart"), "");
}

}  // namespace
}  // namespace payloom::wire

#include "actors/app/verbs/bank_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <random>
#include <unordered_set>

#include "actors/app/verbs/text.hpp"

namespace payloom::verbs {
namespace {

constexpr std::uint64_t berka_space = 0x5061796c42657201;  // any constant will do; it must never change

class csv_reader {
 public:
  csv_reader(const std::filesystem::path& file, const std::string& header, std::size_t columns)
      : name_(file.filename().string()), stream_(file), columns_(columns) {
    if (!stream_) throw data_error(fmt::format("cannot read {}", file.string()));
    if (!std::getline(stream_, line_) || trimmed() != header) fail("the first line is not '" + header + "'");
  }
  bool next() {
    if (!std::getline(stream_, line_)) return false;
    ++number_;
    fields_.clear();
    const std::string& text = trimmed();
    for (std::size_t from = 0; from <= text.size();) {
      const std::size_t comma = std::min(text.find(',', from), text.size());
      fields_.push_back(text.substr(from, comma - from));
      from = comma + 1;
    }
    if (fields_.size() != columns_) fail(fmt::format("{} fields instead of {}", fields_.size(), columns_));
    return true;
  }
  const std::string& text(std::size_t column) const { return fields_[column]; }
  template <class Number>
  Number number(std::size_t column) const {
    Number value = 0;
    const std::string& f = fields_[column];
    const auto [end, error] = std::from_chars(f.data(), f.data() + f.size(), value);
    if (error != std::errc{} || end != f.data() + f.size()) fail("'" + f + "' is no number");
    return value;
  }
  time_ns date(std::size_t column) const {
    try {
      return parse_time_text(fields_[column]);
    } catch (const std::exception& e) {
      fail(e.what());
    }
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw data_error(fmt::format("{}:{}: {}", name_, number_, why));
  }

 private:
  const std::string& trimmed() {
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    return line_;
  }
  std::string name_;
  std::ifstream stream_;
  std::size_t columns_;
  std::size_t number_ = 1;
  std::string line_;
  std::vector<std::string> fields_;
};

std::optional<bank_operation> operation_of(const std::string& direction, const std::string& operation,
                                           const std::string& purpose) {
  const bool credit = direction == "credit";
  if (!credit && direction != "debit") return std::nullopt;
  if (credit && operation == "cash_deposit") return bank_operation::cash_deposit;
  if (credit && operation == "transfer_from_bank") return bank_operation::transfer_from_bank;
  if (credit && operation == "internal") return bank_operation::interest;
  if (!credit && operation == "transfer_to_bank") return bank_operation::transfer_to_bank;
  if (!credit && (operation == "cash_withdrawal" || operation == "card_withdrawal" || operation == "internal")) {
    if (purpose == "statement_fee") return bank_operation::statement_fee;
    if (purpose == "penalty_interest") return bank_operation::penalty_interest;
    if (operation != "internal") return bank_operation::cash_withdrawal;
  }
  return std::nullopt;
}

bank_transaction read_transaction(const csv_reader& row) {
  const auto operation = operation_of(row.text(3), row.text(4), row.text(6));
  if (!operation) row.fail(fmt::format("unknown kind '{} {}'", row.text(3), row.text(4)));
  bank_transaction t{row.number<std::uint64_t>(0),
                     row.number<std::uint32_t>(1),
                     row.date(2),
                     *operation,
                     row.number<std::uint64_t>(5),
                     row.text(7),
                     0};
  if (!row.text(8).empty()) t.partner_account = row.number<std::uint64_t>(8);
  return t;
}

}  // namespace

bank_data read_berka(const std::filesystem::path& folder) {
  bank_data data{berka_space, {}, {}};
  std::unordered_set<std::uint64_t> accounts, transactions;
  csv_reader opened(folder / "accounts.csv", "account_id,district_id,statement_frequency,opened", 4);
  while (opened.next()) {
    data.accounts.push_back({opened.number<std::uint32_t>(0), opened.date(3)});
    if (!accounts.insert(data.accounts.back().number).second) opened.fail("the account stands here twice");
  }
  csv_reader moved(
      folder / "transactions.csv",
      "transaction_id,account_id,date,direction,operation,amount_minor,purpose,partner_bank,partner_account", 9);
  while (moved.next()) {
    data.transactions.push_back(read_transaction(moved));
    const bank_transaction& t = data.transactions.back();
    if (!accounts.contains(t.account)) moved.fail("its account is not in accounts.csv");
    if (!transactions.insert(t.number).second) moved.fail("the transaction stands here twice");
    if (t.amount_minor == 0) data.transactions.pop_back();  // interest that was rounded away: nothing to post
  }
  std::stable_sort(data.transactions.begin(), data.transactions.end(),
                   [](const bank_transaction& a, const bank_transaction& b) { return a.date < b.date; });
  return data;
}

bank_data generate_bank(std::uint64_t transactions, std::uint64_t seed) {
  constexpr std::array<const char*, 4> banks{"AB", "CD", "EF", "GH"};
  constexpr time_ns first_day = 1'704'067'200'000'000'000;  // 2024-01-01
  constexpr time_ns day = 86'400'000'000'000;
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  bank_data data{berka_space + 1 + (seed << 16), {}, {}};
  const auto accounts = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(transactions / 10, 10, 100'000));
  for (std::uint32_t i = 1; i <= accounts; ++i) data.accounts.push_back({i, first_day});
  for (std::uint64_t n = 1; n <= transactions; ++n) {
    bank_transaction t{n, static_cast<std::uint32_t>(1 + below(accounts)), 0, bank_operation::cash_deposit, 0, "", 0};
    t.date = first_day + day * (1 + (n - 1) * 360 / transactions);
    // About the shares of the real set: a third withdrawals, a quarter deposits, a fifth interest, the rest transfers.
    const std::uint64_t kind = below(100);
    t.amount_minor = 100 * (1 + below(20'000));
    if (kind < 25) {
      t.operation = bank_operation::cash_deposit;
      t.amount_minor *= 2;
    } else if (kind < 50) {
      t.operation = bank_operation::cash_withdrawal;
    } else if (kind < 60) {
      t.operation = bank_operation::statement_fee;
      t.amount_minor = 1460;
    } else if (kind < 80) {
      t.operation = bank_operation::interest;
      t.amount_minor = 1 + below(20'000);
    } else {
      t.operation = kind < 91 ? bank_operation::transfer_to_bank : bank_operation::transfer_from_bank;
      t.partner_bank = banks[below(banks.size())];
      t.partner_account = 10'000'000 + below(90'000'000);
    }
    data.transactions.push_back(std::move(t));
  }
  return data;
}

std::vector<standing_order> read_standing_orders(const std::filesystem::path& folder) {
  std::vector<standing_order> out;
  csv_reader rows(folder / "standing_orders.csv",
                  "order_id,account_id,partner_bank,partner_account,amount_minor,purpose", 6);
  while (rows.next()) {
    standing_order o{rows.number<std::uint64_t>(0), rows.number<std::uint32_t>(1), rows.text(2),
                     rows.number<std::uint64_t>(3), rows.number<std::uint64_t>(4), rows.text(5)};
    if (o.number == 0 || o.account == 0) rows.fail("a number is zero");
    if (o.partner_bank.size() != 2) rows.fail("a partner bank has two letters");
    if (o.amount_minor == 0) rows.fail("an amount is zero");
    out.push_back(std::move(o));
  }
  return out;
}

std::vector<standing_order> generate_standing_orders(std::uint64_t count, std::uint64_t seed) {
  constexpr std::array<std::string_view, 4> banks = {"AB", "KL", "QR", "YZ"};
  constexpr std::array<std::string_view, 5> purposes = {"household", "insurance", "leasing", "loan_payment", ""};
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  std::vector<standing_order> out;
  for (std::uint64_t i = 0; i < count; ++i) {
    out.push_back({i + 1, static_cast<std::uint32_t>(1 + below(std::max<std::uint64_t>(10, count / 2))),
                   std::string(banks[below(banks.size())]), 10'000'000 + below(90'000'000), 100 + 10 * below(100'000),
                   std::string(purposes[below(purposes.size())])});
  }
  return out;
}

}  // namespace payloom::verbs

#include "actors/app/verbs/bank_mapping.hpp"

#include <algorithm>
#include <unordered_map>

#include "protocol/types/assert.hpp"

namespace payloom::verbs {
namespace {

/// Kinds of ids inside one set; part of the ids, so never renumbered.
enum class kind : std::uint64_t { customer = 1, own = 2, clearing = 3, transaction = 4 };

class mapper {
 public:
  mapper(const bank_data& data, ledger_id ledger) : data_(data), ledger_(ledger) {
    for (const bank_account& a : data.accounts) oldest_ = std::min(oldest_, a.opened);
    for (const bank_transaction& t : data.transactions) oldest_ = std::min(oldest_, t.date);
  }

  bank_commands run() {
    for (const bank_account& a : data_.accounts) {
      customers_[a.number] =
          open("customer " + std::to_string(a.number), id(kind::customer, a.number), bank_codes::customer, a.opened);
    }
    cash_ = own("cash", 1, bank_codes::cash);
    fees_ = own("fee income", 2, bank_codes::fee_income);
    penalties_ = own("penalty interest income", 3, bank_codes::penalty_income);
    interest_ = own("interest expense", 4, bank_codes::interest_expense);
    for (const bank_transaction& t : data_.transactions) add(t);
    return std::move(out_);
  }

 private:
  u128 id(kind k, std::uint64_t number) const {
    return make_u128(data_.id_space, static_cast<std::uint64_t>(k) << 56 | number);
  }
  std::size_t own(const char* name, std::uint64_t number, std::uint16_t code) {
    return open(name, id(kind::own, number), code, oldest_);
  }
  std::size_t clearing(const std::string& bank) {
    const auto found = clearing_.find(bank);
    if (found != clearing_.end()) return found->second;
    std::uint64_t letters = 0;
    for (const char c : bank.substr(0, 6)) letters = letters << 8 | static_cast<unsigned char>(c);
    return clearing_[bank] = open("clearing " + bank, id(kind::clearing, letters), bank_codes::clearing, oldest_);
  }

  std::size_t open(const std::string& name, u128 account, std::uint16_t code, time_ns opened) {
    account_record a{};
    a.id.value = account;
    a.ledger = ledger_;
    a.code = code;
    a.flags = account_flags::imported | account_flags::history;
    a.effective_at = opened;
    out_.accounts.push_back(a);
    out_.expected.push_back({name, 0, 0});
    return out_.accounts.size() - 1;
  }

  // The customer's side of each operation and the account on the other side.
  void add(const bank_transaction& t) {
    const std::size_t customer = customers_.at(t.account);
    switch (t.operation) {
      case bank_operation::cash_deposit:
        return move(t, cash_, customer);
      case bank_operation::cash_withdrawal:
        return move(t, customer, cash_);
      case bank_operation::transfer_to_bank:
        return move(t, customer, clearing(t.partner_bank));
      case bank_operation::transfer_from_bank:
        return move(t, clearing(t.partner_bank), customer);
      case bank_operation::interest:
        return move(t, interest_, customer);
      case bank_operation::statement_fee:
        return move(t, customer, fees_);
      case bank_operation::penalty_interest:
        return move(t, customer, penalties_);
    }
    PAYLOOM_ASSERT(!"an operation without a posting rule");
  }

  void move(const bank_transaction& t, std::size_t debit, std::size_t credit) {
    transfer_record r{};
    r.id.value = id(kind::transaction, t.number);
    r.debit_account = out_.accounts[debit].id;
    r.credit_account = out_.accounts[credit].id;
    r.amount_minor = t.amount_minor;
    r.user_data_64 = t.partner_account;
    r.user_data_32 = t.account;
    r.ledger = ledger_;
    r.code = static_cast<std::uint16_t>(1 + static_cast<unsigned>(t.operation));
    r.flags = transfer_flags::imported;
    r.effective_at = t.date;
    out_.transfers.push_back(r);
    out_.expected[debit].debits += t.amount_minor;
    out_.expected[credit].credits += t.amount_minor;
  }

  const bank_data& data_;
  ledger_id ledger_;
  time_ns oldest_ = ~time_ns{0};
  bank_commands out_;
  std::unordered_map<std::uint32_t, std::size_t> customers_;
  std::map<std::string, std::size_t> clearing_;
  std::size_t cash_ = 0, fees_ = 0, penalties_ = 0, interest_ = 0;
};

}  // namespace

bank_commands to_commands(const bank_data& data, ledger_id ledger) { return mapper(data, ledger).run(); }

}  // namespace payloom::verbs

#include "actors/app/verbs/standing_orders.hpp"

#include <fmt/format.h>

#include <map>

#include "actors/app/verbs/common.hpp"

namespace payloom::verbs {
namespace {

using core::catalog::bound_row;
using core::catalog::owner_scope;

constexpr std::uint64_t id_space = 0x5061796c53744f01;  // any constant will do; it must never change
constexpr owner_number house_bank = 1;                  // whose account the money comes from

/// A partner's number: above all numbers of customers.
owner_number partner_number(const standing_order& o) {
  owner_number number = o.partner_account;
  for (std::size_t i = 0; i < 2; ++i)
    number |= static_cast<owner_number>(static_cast<unsigned char>(o.partner_bank[i])) << (56 - 8 * i);
  return number;
}

class mapper {
 public:
  mapper(const payment_catalog& catalog, ledger_id ledger)
      : catalog_(catalog), ledger_(ledger), sale_(product("instant_sale")), transfer_(product("transfer")) {}

  void add(const standing_order& o) {
    const bool bought = o.purpose == "household" || o.purpose == "insurance" || o.purpose == "leasing";
    order_record r{};
    r.business_id = make_u128(id_space, o.number);
    r.amount_minor = o.amount_minor;
    r.user = o.account;
    (bought ? r.merchant : r.counterparty) = partner_number(o);
    r.id = order_id_of(r.merchant, r.business_id);
    r.user_data_64 = o.number;
    r.ledger = ledger_;
    r.product = bought ? sale_ : transfer_;
    r.flags = order_flags::pay_now;
    out_.orders.push_back(r);
    (bought ? out_.sales : out_.transfers) += 1;
    fund(o);
    const u128 fee = bought ? fee_of(o.amount_minor) : 0;
    out_.fees_minor += fee;
    sums("user_available", o.account).debits += o.amount_minor;
    sums(bought ? "merchant_pending" : "user_available", partner_number(o)).credits += o.amount_minor - fee;
    if (bought) sell(partner_number(o), fee);
  }

  /// The merchant's other accounts are opened with the first: settlement needs them.
  void sell(owner_number merchant, u128 fee) {
    sums("fee_income", 0).credits += fee;
    out_.fee_income = index_["fee_income"][0];
    if (index_["merchant_available"].contains(merchant)) return;
    sums("merchant_available", merchant);
    sums("merchant_reserve", merchant);
    out_.merchants.push_back({merchant, index_["merchant_pending"][merchant], index_["merchant_available"][merchant],
                              index_["merchant_reserve"][merchant]});
  }

  standing_commands take() { return std::move(out_); }

 private:
  std::uint16_t product(std::string_view name) const {
    const auto found = catalog_.parts().map.find_product(name);
    if (!found) throw refused_error(fmt::format("the catalogue has no product {}", name));
    return catalog_.at(*found).code;
  }

  u128 fee_of(u128 amount) const {
    const bound_row* row = catalog_.row(*catalog_.product(sale_), catalog_.events().pay);
    if (row == nullptr || row->fee == nullptr) return 0;
    const auto fee = compute_fee(*row->fee, ledger_, amount, 0);
    if (fee.error != core::catalog::fee_error::ok) throw refused_error("the catalogue has no fee for this ledger");
    return fee.fee_minor;
  }

  void fund(const standing_order& o) {
    transfer_record t{};
    t.id.value = make_u128(id_space, o.number);
    t.amount_minor = o.amount_minor;
    sums("bank", house_bank).debits += o.amount_minor;
    sums("user_available", o.account).credits += o.amount_minor;
    t.debit_account = out_.accounts[index_["bank"][house_bank]].id;
    t.credit_account = out_.accounts[index_["user_available"][o.account]].id;
    t.ledger = ledger_;
    t.code = 1;
    out_.funding.push_back(t);
  }

  /// The account's expected sums; opens it at the first time.
  expected_sums& sums(const std::string& role, owner_number owner) {
    const auto [at, fresh] = index_[role].try_emplace(owner, out_.accounts.size());
    if (fresh) {
      const core::catalog::chart& chart = catalog_.parts().accounts;
      const auto found = chart.find(role);
      if (!found) throw refused_error("the chart has no role " + role);
      account_record a{};
      a.id = chart.account_of(*found, ledger_, owner);
      a.ledger = ledger_;
      a.code = chart.at(*found).code;
      a.flags = chart.flags_of(*found);
      out_.accounts.push_back(a);
      out_.expected.push_back({fmt::format("{} {}", role, owner), 0, 0});
    }
    return out_.expected[at->second];
  }

  const payment_catalog& catalog_;
  ledger_id ledger_;
  std::uint16_t sale_, transfer_;
  standing_commands out_;
  std::map<std::string, std::map<owner_number, std::size_t>> index_;
};

}  // namespace

standing_commands to_orders(std::span<const standing_order> rows, const payment_catalog& catalog, ledger_id ledger) {
  mapper all(catalog, ledger);
  for (const standing_order& o : rows) all.add(o);
  return all.take();
}

}  // namespace payloom::verbs

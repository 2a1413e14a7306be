#include "actors/app/bench/order_workload.hpp"

#include "actors/app/bench/setup.hpp"
#include "actors/app/bench/shipped_catalog.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::bench {

using namespace core::catalog;

namespace {

constexpr owner_number bank_channel = 1;

}  // namespace

order_workload::order_workload(const workload& load, std::uint64_t merchants)
    : load_(load), merchants_(merchants), catalog_(shipped_catalog()) {
  user_ = role_named(*catalog_, "user_available");
  merchant_ = role_named(*catalog_, "merchant_pending");
  fee_ = role_named(*catalog_, "fee_income");
  escrow_ = role_named(*catalog_, "escrow");
  bank_ = role_named(*catalog_, "bank");
  instant_sale_ = product_named(*catalog_, "instant_sale");
  escrow_sale_ = product_named(*catalog_, "escrow_sale");
  const bound_row* row = catalog_->row(*catalog_->product(instant_sale_), catalog_->events().pay);
  if (row == nullptr || row->fee == nullptr) throw setup_failure("the business map has no fee for instant_sale");
  fee_plan_ = row->fee;
}

sale order_workload::sale_of(kind what, std::uint64_t n) const {
  const u128 name = load_.business_id(static_cast<std::uint64_t>(what), n);
  const movement m = load_.movement_of(n);
  sale s{m.debit, 0, 1000 + 90 * m.amount};
  s.merchant = static_cast<std::uint64_t>((static_cast<u128>(hi64(name)) * merchants_) >> 64);
  if (what == kind::paid) {
    const fee_result fee = compute_fee(*fee_plan_, workload::ledger, s.amount_minor, 0);
    PAYLOOM_ASSERT(fee.error == fee_error::ok);
    s.fee_minor = lo64(fee.fee_minor);
  }
  return s;
}

order_record order_workload::order(kind what, std::uint64_t n) const {
  const movement m = load_.movement_of(n);
  order_record r{};
  r.business_id = load_.business_id(static_cast<std::uint64_t>(what), n);
  const auto merchant = static_cast<std::uint64_t>((static_cast<u128>(hi64(r.business_id)) * merchants_) >> 64);
  r.amount_minor = 1000 + 90 * m.amount;
  r.merchant = load_.owner(merchant_account(merchant));
  r.user = load_.owner(m.debit);
  r.id = order_id_of(r.merchant, r.business_id);
  r.ledger = workload::ledger;
  r.product = what == kind::holding ? escrow_sale_ : instant_sale_;
  r.flags = what == kind::waiting ? 0 : order_flags::pay_now;
  return r;
}

role_index order_workload::role_of(std::uint64_t i) const {
  if (i < users()) return user_;
  if (i < fee_account()) return merchant_;
  return i == fee_account() ? fee_ : i == escrow_account() ? escrow_ : bank_;
}

owner_number order_workload::owner_of(std::uint64_t i) const {
  if (i < fee_account()) return load_.owner(i);
  return i == bank_account() ? bank_channel : 0;
}

account_id order_workload::account(std::uint64_t i) const {
  return catalog_->parts().accounts.account_of(role_of(i), workload::ledger, owner_of(i));
}

account_record order_workload::account_to_open(std::uint64_t i) const {
  const chart& accounts = catalog_->parts().accounts;
  account_record a{};
  a.id = account(i);
  a.ledger = workload::ledger;
  a.code = accounts.at(role_of(i)).code;
  a.flags = accounts.flags_of(role_of(i));
  return a;
}

}  // namespace payloom::bench

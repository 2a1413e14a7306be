#include "actors/app/bench/scenario/scenario_parties.hpp"

#include <fmt/format.h>

#include "actors/app/bench/setup.hpp"
#include "actors/app/bench/shipped_catalog.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::bench {

using namespace core::catalog;

scenario_parties::scenario_parties(const scenario& of, std::uint64_t seed)
    : users_(of.users),
      merchants_(of.merchants),
      ids_(seed, of.users, 0),
      catalog_(shipped_catalog()),
      available_(role_named(*catalog_, "user_available")),
      frozen_(role_named(*catalog_, "user_frozen")),
      pending_(role_named(*catalog_, "merchant_pending")),
      fee_(role_named(*catalog_, "fee_income")),
      escrow_(role_named(*catalog_, "escrow")),
      transit_(role_named(*catalog_, "refund_transit")),
      bank_(role_named(*catalog_, "bank")),
      receivable_(role_named(*catalog_, "channel_receivable")),
      sent_out_(role_named(*catalog_, "withdraw_transit")) {
  const order_event_numbers& e = catalog_->events();
  for (std::uint8_t kind = 0; kind < kind_count; ++kind) {
    if (operation_kinds[kind].product.empty()) continue;
    products_[kind] = product_named(*catalog_, operation_kinds[kind].product);
    for (const event_index event : {e.pay, e.confirm, e.release, e.capture}) {
      const fee_plan* plan = plan_of(kind, event);
      if (plan == nullptr || plan->refund == fee_refund::keep) continue;
      throw setup_failure(fmt::format("{}: scenarios expect refunds to return no fee", operation_kinds[kind].product));
    }
  }
}

const fee_plan* scenario_parties::plan_of(std::uint8_t kind, event_index on) const {
  const bound_row* row = catalog_->row(*catalog_->product(products_[kind]), on);
  return row == nullptr ? nullptr : row->fee;
}

std::uint64_t scenario_parties::fee_of(std::uint8_t kind, order_action on, std::uint64_t amount_minor) const {
  const order_event_numbers& e = catalog_->events();
  const event_index event = on == order_action::pay       ? e.pay
                            : on == order_action::confirm ? e.confirm
                            : on == order_action::release ? e.release
                                                          : e.capture;
  const fee_plan* plan = plan_of(kind, event);
  if (plan == nullptr) return 0;
  const fee_result fee = compute_fee(*plan, ledger, amount_minor, 0);
  PAYLOOM_ASSERT(fee.error == fee_error::ok);
  return lo64(fee.fee_minor);
}

scenario_parties::place scenario_parties::place_of(std::uint64_t number) const {
  if (number < users_) return {available_, user_number(number)};
  if (number < 2 * users_) return {frozen_, user_number(number - users_)};
  if (number < fee()) return {pending_, merchant_number(number - 2 * users_)};
  if (number == fee()) return {fee_, 0};
  if (number == escrow()) return {escrow_, 0};
  if (number == transit()) return {transit_, 0};
  if (number == sent_out()) return {sent_out_, 0};
  return {number == bank() ? bank_ : receivable_, bank_channel};
}

account_id scenario_parties::account(std::uint64_t number) const {
  const place at = place_of(number);
  return catalog_->parts().accounts.account_of(at.role, ledger, at.owner);
}

account_record scenario_parties::account_to_open(std::uint64_t number) const {
  const chart& accounts = catalog_->parts().accounts;
  const role_index role = place_of(number).role;
  account_record a{};
  a.id = account(number);
  a.ledger = ledger;
  a.code = accounts.at(role).code;
  a.flags = accounts.flags_of(role);
  return a;
}

transfer_record scenario_parties::funding(std::uint64_t user) const {
  transfer_record t{};
  t.id = ids_.funding(user);
  t.debit_account = account(bank());
  t.credit_account = account(available(user));
  t.amount_minor = workload::funding_amount;
  t.ledger = ledger;
  t.code = workload::code;
  return t;
}

std::string scenario_parties::name(std::uint64_t number) const {
  if (number < users_) return fmt::format("user {}", number);
  if (number < 2 * users_) return fmt::format("what is frozen of user {}", number - users_);
  if (number < fee()) return fmt::format("merchant {}", number - 2 * users_);
  constexpr const char* platform[] = {"fee income", "escrow", "transit", "bank", "channel", "withdrawals on their way"};
  return platform[number - fee()];
}

}  // namespace payloom::bench

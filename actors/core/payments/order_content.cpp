#include "actors/core/payments/order_content.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "protocol/types/settlement.hpp"

namespace payloom::core {

using enum result_code;

namespace {

template <std::size_t N>
bool all_zero(const std::uint8_t (&bytes)[N]) {
  return std::all_of(bytes, bytes + N, [](std::uint8_t b) { return b == 0; });
}

std::chrono::sys_days days_of(time_ns time) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(time / 1'000'000'000)));
}

/// A day of the calendar within a month of `now`.
bool is_near_day(std::uint32_t date, time_ns now) {
  const std::chrono::year_month_day day = calendar_day(date);
  if (!day.ok()) return false;
  const auto apart = std::chrono::sys_days(day) - days_of(now);
  return apart <= std::chrono::days(31) && apart >= -std::chrono::days(31);
}

}  // namespace

std::uint32_t day_of(time_ns time) { return utc_day_of(time); }

result_code check_order_content(const order_record& r, const catalog::payment_catalog* catalog, time_ns now,
                                bool from_server) {
  if (r.flags & ~order_flags::client_mask) return reserved_flag;
  if (r.amount_minor == 0 || r.amount_minor == u128_max) return amount_must_not_be_zero;
  if (r.ledger == 0) return ledger_must_not_be_zero;
  if (r.id != order_id_of(r.merchant, r.business_id)) return order_id_wrong;
  if (r.business_id == 0) return business_id_must_not_be_zero;
  if (r.reserved0 != 0 || !all_zero(r.reserved)) return order_reserved_field;
  if (catalog == nullptr) return payments_not_configured;
  if (!catalog->product(r.product)) return product_unknown;
  if ((r.tools & ~catalog->known_tools()) != 0 || (r.tools != 0 && (r.flags & order_flags::pay_now) == 0))
    return tool_unknown;
  if (r.accounting_date != 0 && !is_near_day(r.accounting_date, now)) return accounting_date_wrong;
  if (r.channel != 0 && (r.flags & order_flags::pay_now) == 0) return parts_must_be_zero;
  if (from_server) return ok;
  if (r.product == settlement_product) return product_is_the_servers;
  return id_is_reserved_for_settlement(r.business_id) ? business_id_reserved : ok;
}

result_code check_action_content(const order_action_record& r, const catalog::payment_catalog* catalog,
                                 bool from_server) {
  const bool told = r.action == order_action::channel_fact || r.action == order_action::check_fact;
  if (from_server && told) return catalog == nullptr ? payments_not_configured : ok;
  if (r.flags & ~action_flags::client_mask) return reserved_flag;
  if (r.id.value == 0) return id_must_not_be_zero;
  if (r.id.value == u128_max) return id_must_not_be_max;
  if (r.id.value == r.order.value) return target_id_must_be_different;
  if (!from_server && id_is_the_servers(r.id.value)) return posting_id_reserved;
  if (r.order.value == 0) return order_id_must_not_be_zero;
  if (r.source != 0 && r.action != order_action::refund) return order_reserved_field;
  const bool client_action = r.action >= order_action::pay && r.action <= order_action::resolve;
  if (!client_action && !(from_server && r.action == order_action::timer)) return action_unknown;
  const bool has_amount =
      r.action == order_action::pay || r.action == order_action::capture || r.action == order_action::refund;
  if (!has_amount && r.amount_minor != 0) return action_amount_must_be_zero;
  if (r.tools != 0 && (r.action != order_action::pay || catalog == nullptr || (r.tools & ~catalog->known_tools())))
    return tool_unknown;
  if (r.action != order_action::pay && (r.balance_minor != 0 || r.coupon_minor != 0 || r.channel != 0))
    return parts_must_be_zero;
  if (r.action == order_action::resolve && r.reason >= channel_outcomes) return resolution_unknown;
  return catalog == nullptr ? payments_not_configured : ok;
}

result_code check_chart_account(const account_record& a, const catalog::chart& accounts) {
  const auto parts = accounts.explain(a.id);
  if (!parts) return ok;
  constexpr std::uint16_t free = account_flags::history | account_flags::hot | account_flags::imported;
  const bool fits = a.code == accounts.at(parts->role).code && a.ledger == parts->ledger &&
                    (a.flags & ~free) == (accounts.flags_of(parts->role) & ~free);
  return fits ? ok : account_id_reserved;
}

result_code compare_orders(const order_record& r, const order_record& s) {
  if (r.flags != s.flags) return exists_with_different_flags;
  if (r.amount_minor != s.amount_minor) return exists_with_different_amount;
  if (r.user_data_128 != s.user_data_128) return exists_with_different_user_data_128;
  if (r.user_data_64 != s.user_data_64) return exists_with_different_user_data_64;
  if (r.timeout_s != s.timeout_s || r.hold_s != s.hold_s) return exists_with_different_timeout;
  if (r.ledger != s.ledger) return exists_with_different_ledger;
  if (r.merchant != s.merchant || r.business_id != s.business_id || r.user != s.user ||
      r.counterparty != s.counterparty)
    return exists_with_different_order;
  if (r.product != s.product || r.tools != s.tools || r.accounting_date != s.accounting_date || r.channel != s.channel)
    return exists_with_different_product;
  return ok;
}

result_code compare_actions(const order_action_record& r, const order_action_record& s) {
  if (r.flags != s.flags) return exists_with_different_flags;
  if (r.amount_minor != s.amount_minor) return exists_with_different_amount;
  if (r.user_data_128 != s.user_data_128) return exists_with_different_user_data_128;
  if (r.user_data_64 != s.user_data_64) return exists_with_different_user_data_64;
  if (r.order != s.order) return exists_with_different_order;
  if (r.tools != s.tools || r.balance_minor != s.balance_minor || r.coupon_minor != s.coupon_minor ||
      r.channel != s.channel || (r.action == order_action::refund && r.source != s.source))
    return exists_with_different_product;
  if (r.action != s.action || r.reason != s.reason || r.expected_version != s.expected_version)
    return exists_with_different_action;
  return ok;
}

}  // namespace payloom::core

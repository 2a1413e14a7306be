// Content of order commands, and what a repeat must say again.
#include <algorithm>
#include <initializer_list>

#include "tests/sim/order_rules.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;
constexpr std::uint64_t day = 86'400;
constexpr std::uint16_t known_tools = 7;

bool is_product(std::uint16_t code) {
  return (code >= 101 && code <= 103) || (code >= 201 && code <= 204) || code == 301 || code == 302;
}

struct civil_day {
  std::int64_t number;  // days since 1970-01-01
  std::int64_t year, month, day;
};
bool leap(std::int64_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }
std::int64_t month_days(std::int64_t y, std::int64_t m) {
  return m == 2 ? (leap(y) ? 29 : 28) : (m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31);
}
civil_day civil_of(std::uint64_t days) {
  civil_day c{static_cast<std::int64_t>(days), 1970, 1, 1};
  std::int64_t left = c.number;
  for (; left >= (leap(c.year) ? 366 : 365); ++c.year) left -= leap(c.year) ? 366 : 365;
  for (; left >= month_days(c.year, c.month); ++c.month) left -= month_days(c.year, c.month);
  c.day = left + 1;
  return c;
}

struct check {
  bool applies;
  rc code;
};
rc smallest(std::initializer_list<check> checks) {
  rc best = rc::ok;
  for (const check& c : checks)
    if (c.applies && (best == rc::ok || c.code < best)) best = c.code;
  return best;
}
template <std::size_t N>
bool all_zero(const std::uint8_t (&bytes)[N]) {
  return std::all_of(bytes, bytes + N, [](std::uint8_t b) { return b == 0; });
}
bool date_is_wrong(std::uint32_t date, time_ns now) {
  if (date == 0) return false;
  const std::uint64_t today = now / 1'000'000'000u / day;
  for (std::uint64_t d = today - 31; d <= today + 31; ++d)
    if (day_number(d) == date) return false;
  return true;
}

}  // namespace

std::uint32_t day_number(std::uint64_t days) {
  const civil_day c = civil_of(days);
  return static_cast<std::uint32_t>(c.year * 10'000 + c.month * 100 + c.day);
}

rc order_content(const order_record& r, time_ns now) {
  const bool pays = (r.flags & order_flags::pay_now) != 0;
  return smallest({
      {(r.flags & ~order_flags::pay_now) != 0, rc::reserved_flag},
      {r.amount_minor == 0 || r.amount_minor == u128_max, rc::amount_must_not_be_zero},
      {r.ledger == 0, rc::ledger_must_not_be_zero},
      {r.id != order_id_of(r.merchant, r.business_id), rc::order_id_wrong},
      {r.business_id == 0, rc::business_id_must_not_be_zero},
      {r.reserved0 != 0 || !all_zero(r.reserved), rc::order_reserved_field},
      {!is_product(r.product), rc::product_unknown},
      {(r.tools & ~known_tools) != 0 || (r.tools != 0 && !pays), rc::tool_unknown},
      {r.channel != 0 && !pays, rc::parts_must_be_zero},
      {date_is_wrong(r.accounting_date, now), rc::accounting_date_wrong},
  });
}

bool is_channel_fact(const order_action_record& r) {
  return r.action == order_action::channel_fact && hi64(r.id.value) >> 32 == fact_id_tag;
}

bool is_check_fact(const order_action_record& r) {
  return r.action == order_action::check_fact && hi64(r.id.value) >> 32 == fact_id_tag;
}

rc action_content(const order_action_record& r) {
  if (is_channel_fact(r) || is_check_fact(r)) return rc::ok;
  const bool known = r.action >= order_action::pay && r.action <= order_action::resolve;
  const bool sized =
      r.action == order_action::pay || r.action == order_action::capture || r.action == order_action::refund;
  return smallest({
      {(r.flags & ~action_flags::linked) != 0, rc::reserved_flag},
      {r.id.value == 0, rc::id_must_not_be_zero},
      {r.id.value == u128_max, rc::id_must_not_be_max},
      {r.id.value == r.order.value, rc::target_id_must_be_different},
      {hi64(r.id.value) >> 33 == 0xfa1d1e60 >> 1, rc::posting_id_reserved},
      {r.order.value == 0, rc::order_id_must_not_be_zero},
      {r.source != 0 && r.action != order_action::refund, rc::order_reserved_field},
      {!known, rc::action_unknown},
      {!sized && r.amount_minor != 0, rc::action_amount_must_be_zero},
      {(r.tools & ~known_tools) != 0 || (r.tools != 0 && r.action != order_action::pay), rc::tool_unknown},
      {r.action != order_action::pay && (r.balance_minor != 0 || r.coupon_minor != 0 || r.channel != 0),
       rc::parts_must_be_zero},
      {r.action == order_action::resolve && r.reason > 8, rc::resolution_unknown},
  });
}

rc compare_order(const order_record& asked, const order_record& stored) {
  return smallest({
      {asked.flags != stored.flags, rc::exists_with_different_flags},
      {asked.amount_minor != stored.amount_minor, rc::exists_with_different_amount},
      {asked.user_data_128 != stored.user_data_128, rc::exists_with_different_user_data_128},
      {asked.user_data_64 != stored.user_data_64, rc::exists_with_different_user_data_64},
      {asked.timeout_s != stored.timeout_s || asked.hold_s != stored.hold_s, rc::exists_with_different_timeout},
      {asked.ledger != stored.ledger, rc::exists_with_different_ledger},
      {asked.merchant != stored.merchant || asked.business_id != stored.business_id || asked.user != stored.user ||
           asked.counterparty != stored.counterparty,
       rc::exists_with_different_order},
      {asked.product != stored.product || asked.tools != stored.tools ||
           asked.accounting_date != stored.accounting_date || asked.channel != stored.channel,
       rc::exists_with_different_product},
  });
}

rc compare_action(const order_action_record& asked, const order_action_record& stored) {
  return smallest({
      {asked.flags != stored.flags, rc::exists_with_different_flags},
      {asked.amount_minor != stored.amount_minor, rc::exists_with_different_amount},
      {asked.user_data_128 != stored.user_data_128, rc::exists_with_different_user_data_128},
      {asked.user_data_64 != stored.user_data_64, rc::exists_with_different_user_data_64},
      {asked.order != stored.order, rc::exists_with_different_order},
      {asked.tools != stored.tools || asked.balance_minor != stored.balance_minor ||
           asked.coupon_minor != stored.coupon_minor || asked.channel != stored.channel ||
           (asked.action == order_action::refund && asked.source != stored.source),
       rc::exists_with_different_product},
      {asked.action != stored.action || asked.reason != stored.reason ||
           asked.expected_version != stored.expected_version,
       rc::exists_with_different_action},
  });
}

}  // namespace payloom::sim

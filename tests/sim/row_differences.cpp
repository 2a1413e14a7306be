#include "tests/sim/row_differences.hpp"

#include <cstring>

#include <initializer_list>

namespace payloom::sim {
namespace {

struct field {
  const char* name;
  bool same;
};
std::string first_different(std::initializer_list<field> fields) {
  for (const field& f : fields)
    if (!f.same) return f.name;
  return {};
}

}  // namespace

std::string row_differs(const order_row& a, const order_row& b) {
  return first_different({{"id", a.id == b.id},
                          {"business id", a.business_id == b.business_id},
                          {"amount", a.amount_minor == b.amount_minor},
                          {"paid", a.paid_minor == b.paid_minor},
                          {"refunded", a.refunded_minor == b.refunded_minor},
                          {"refunding", a.refunding_minor == b.refunding_minor},
                          {"held", a.held_minor == b.held_minor},
                          {"fee", a.fee_minor == b.fee_minor},
                          {"fee returned", a.fee_returned_minor == b.fee_returned_minor},
                          {"user data", a.user_data_128 == b.user_data_128 && a.user_data_64 == b.user_data_64},
                          {"merchant", a.merchant == b.merchant},
                          {"user", a.user == b.user},
                          {"counterparty", a.counterparty == b.counterparty},
                          {"first event", a.created_seq == b.created_seq},
                          {"previous event", a.previous_seq == b.previous_seq},
                          {"version", a.version == b.version},
                          {"ledger", a.ledger == b.ledger},
                          {"accounting date", a.accounting_date == b.accounting_date},
                          {"rule version", a.rule_version == b.rule_version},
                          {"timeouts", a.timeout_s == b.timeout_s && a.hold_s == b.hold_s},
                          {"product", a.product == b.product && a.machine == b.machine},
                          {"flags", a.flags == b.flags},
                          {"payments", a.payments == b.payments},
                          {"refunds", a.refunds == b.refunds},
                          {"tools", a.tools == b.tools},
                          {"state", a.state == b.state}});
}

std::string row_differs(const payment_row& a, const payment_row& b) {
  return first_different({{"id", a.id == b.id},
                          {"order", a.order == b.order},
                          {"payment", a.payment == b.payment},
                          {"amount", a.amount_minor == b.amount_minor},
                          {"fee", a.fee_minor == b.fee_minor},
                          {"balance part", a.balance_minor == b.balance_minor},
                          {"coupon part", a.coupon_minor == b.coupon_minor},
                          {"channel's paid part", a.external_paid_minor == b.external_paid_minor},
                          {"coupons' paid part", a.coupon_paid_minor == b.coupon_paid_minor},
                          {"channel's refunded part", a.external_refunded_minor == b.external_refunded_minor},
                          {"coupons' refunded part", a.coupon_refunded_minor == b.coupon_refunded_minor},
                          {"suspense", a.suspense_minor == b.suspense_minor},
                          {"reference", a.channel_reference == b.channel_reference},
                          {"source", a.source == b.source},
                          {"sources", std::memcmp(a.sources, b.sources, sizeof a.sources) == 0},
                          {"channel", a.channel == b.channel},
                          {"attempt", a.attempt == b.attempt},
                          {"tries", a.tries == b.tries},
                          {"channel's code", a.channel_code == b.channel_code},
                          {"purpose", a.purpose == b.purpose},
                          {"form", a.form == b.form},
                          {"state", a.state == b.state},
                          {"outcome", a.outcome == b.outcome},
                          {"case", a.reason == b.reason},
                          {"row", a.row_event == b.row_event},
                          {"checks", a.checks_wanted == b.checks_wanted && a.checks_passed == b.checks_passed &&
                                         a.checks_refused == b.checks_refused && a.checks_missed == b.checks_missed},
                          {"call", a.call == b.call},
                          {"combined payment", a.combined == b.combined},
                          {"combined sum", a.combined_minor == b.combined_minor},
                          {"number of combined orders", a.combined_count == b.combined_count},
                          {"place among combined orders", a.combined_member == b.combined_member},
                          {"sum before it", a.combined_before_minor == b.combined_before_minor}});
}

}  // namespace payloom::sim

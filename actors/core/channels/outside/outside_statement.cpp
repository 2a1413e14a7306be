#include "actors/core/channels/outside/outside_statement.hpp"

#include <array>

#include "protocol/types/assert.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::core {

namespace {

std::string hex32(u128 number) {
  const std::string digits = to_hex(number).substr(2);
  return std::string(32 - digits.size(), '0') + digits;
}

}  // namespace

std::string_view name_of(movement_type type) {
  constexpr std::array<std::string_view, movement_types> names = {"",
                                                                  "pay",
                                                                  "payout",
                                                                  "refund",
                                                                  "pay_reversed",
                                                                  "payout_reversed",
                                                                  "refund_reversed",
                                                                  "payout_returned",
                                                                  "refund_returned"};
  const auto number = static_cast<std::size_t>(type);
  PAYLOOM_ASSERT(number > 0 && number < names.size());
  return names[number];
}

std::string text_of(const statement_line& l) {
  std::string text = std::to_string(l.channel);
  const auto add = [&](std::string_view field) { (text += ',') += field; };
  add(std::to_string(l.settle_date));
  add(hex32(l.channel_txn));
  add(hex32(l.platform_no));
  add(name_of(l.type));
  add(to_decimal(l.amount_minor));
  add(to_decimal(l.fee_minor));
  add(std::to_string(l.ledger));
  add(statement_status);
  add(std::to_string(l.occurred_at));
  return text;
}

}  // namespace payloom::core

#include "actors/core/payments/combined_payment.hpp"

#include "actors/core/payments/tools/tools.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::core {

namespace {

u128 external_part(const payment_row& p) { return parts_of(p).outside(); }

}  // namespace

combined_verdict combine_payments(std::span<const combined_part> parts, const catalog::payment_catalog& terms) {
  if (parts.size() < 2) return {};
  PAYLOOM_ASSERT(parts.size() <= limits::combined_orders_max);
  const payment_row& first = *parts.front().payment;
  u128 total = 0;
  for (const combined_part& p : parts) {
    PAYLOOM_ASSERT(p.payment->call == channel_operation::pay && p.payment->combined == 0);
    const bool fits = p.payment->channel == first.channel && p.ledger == parts.front().ledger;
    if (!fits || !checked_add(total, external_part(*p.payment), total))
      return {result_code::combined_parts_differ, p.action};
  }
  const auto* channel =
      terms.parts().channels.choose(first.channel, channel_operation::pay, parts.front().ledger, total);
  if (channel == nullptr) return {result_code::no_channel, parts.front().action};
  const u128 combined = first.payment;
  u128 before = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    payment_row& p = *parts[i].payment;
    p.combined = combined;
    p.combined_minor = total;
    p.combined_count = static_cast<std::uint16_t>(parts.size());
    p.combined_member = static_cast<std::uint16_t>(i);
    p.combined_before_minor = before;
    before += external_part(p);
  }
  PAYLOOM_ASSERT(before == total);
  return {};
}

}  // namespace payloom::core

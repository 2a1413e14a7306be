// Payments that stay inside: balances and coupons. They are over in the commit unit that begins them.
#include <algorithm>

#include "actors/core/payments/decision.hpp"
#include "protocol/types/settlement.hpp"

namespace payloom::core {

using namespace catalog;
using enum result_code;

namespace {

constexpr std::uint8_t none = 0xff;

result_code code_of(amount_verdict v) {
  switch (v) {
    case amount_verdict::allowed:
      return ok;
    case amount_verdict::ledger_not_allowed:
      return ledger_not_allowed;
    case amount_verdict::below_min:
      return below_minimum;
    case amount_verdict::above_max:
      return above_maximum;
  }
  return ledger_not_allowed;
}

}  // namespace

result_code code_of(posting_error e) {
  switch (e) {
    case posting_error::ok:
      return ok;
    case posting_error::party_missing:
      return party_missing;
    case posting_error::same_account:
      return parties_must_be_different;
    case posting_error::fee_exceeds_gross:
      return fee_exceeds_amount;
    case posting_error::amount_missing:
    case posting_error::parts_exceed_total:
    case posting_error::overflow:
      return posting_impossible;
  }
  return posting_impossible;
}

decision::kind decision::kind_of(event_index event) const {
  if (event == events_.pay || event == events_.pay_in || event == events_.approve) return kind::payment;
  if (event == events_.capture) return kind::capture;
  return moves(events_.refunded_in_full) ? kind::giving_back : kind::letting_go;
}

bool decision::choose_amount(kind what, event_index event, u128 asked) {
  const order_row& o = row();
  u128 most = 0;
  result_code beyond = exceeds_due;
  switch (what) {
    case kind::payment:
      most = o.amount_minor - o.paid_minor;
      break;
    case kind::capture:
      most = o.held_minor;
      beyond = exceeds_authorised;
      break;
    case kind::giving_back:
      most = event == events_.refund_held ? o.held_minor : o.paid_minor - o.refunded_minor - o.refunding_minor;
      beyond = exceeds_paid;
      break;
    case kind::letting_go:
      most = o.held_minor;
      break;
  }
  const u128 amount = asked == 0 || what == kind::letting_go ? most : asked;
  if (amount > most || amount == 0) return refuse(beyond);
  if (what == kind::payment && amount < o.amount_minor && !moves(events_.paid_in_part))
    return refuse(part_not_possible);
  out_.event.amount_minor = amount;
  return true;
}

bool decision::choose_fee(kind what) {
  order_row& o = row();
  const u128 amount = out_.event.amount_minor;
  if (what == kind::giving_back) {
    // The part of the fee that goes back is the refunded part of what was paid, over all refunds exactly.
    const bound_row* paid_by = nullptr;
    for (const event_index e : {events_.pay, events_.pay_in, events_.capture, events_.confirm})
      if (const bound_row* row = catalog_.row(product_, e); row != nullptr && row->fee != nullptr) paid_by = row;
    if (paid_by == nullptr || paid_by->fee->refund != fee_refund::proportional || o.paid_minor == 0) return true;
    const u128 back = portion(o.fee_minor, o.refunded_minor + amount, o.paid_minor);
    out_.event.fee_minor = back - std::min(back, o.fee_returned_minor);
    return true;
  }
  if (what == kind::payment && o.product == settlement_product) return choose_settlement();
  if (fee_ == nullptr) return true;
  const fee_result fee = compute_fee(*fee_, o.ledger, amount, 0);
  if (fee.error == fee_error::no_schedule) return refuse(ledger_not_allowed);
  if (fee.error != fee_error::ok) return refuse(posting_impossible);
  out_.event.fee_minor = fee.fee_minor;
  return true;
}

/// Fee and reserve of a settlement batch, and for how long the reserve is kept: as the merchant's plan says now.
bool decision::choose_settlement() {
  order_row& o = row();
  const settlement_plan* plan = catalog_.settlement_plan_of(o.merchant);
  if (plan == nullptr) return refuse(settlement_plan_missing);
  const settlement_parts parts = divide_settlement(*plan, catalog_.parts().fees, o.ledger, out_.event.amount_minor);
  if (parts.error == fee_error::no_schedule) return refuse(ledger_not_allowed);
  if (parts.error != fee_error::ok) return refuse(posting_impossible);
  out_.event.fee_minor = parts.fee_minor;
  reserve_ = parts.reserve_minor;
  if (reserve_ != 0) o.timeout_s = plan->reserve_days * 86'400;
  return true;
}

bool decision::check_limits(kind what, const bound_row& r) {
  const result_code limit = code_of(catalog_.parts().map.check_amount(*r.row, row().ledger, out_.event.amount_minor));
  // What goes back, or is let go, was within the limits when it came.
  if (limit != ok && (what == kind::payment || limit == ledger_not_allowed)) return refuse(limit);
  return obey_rules(what, r);
}

rules::rule_question decision::question() const {
  const order_row& o = row();
  rules::rule_question q;
  q.product = product_;
  q.facts = {out_.event.amount_minor, o.ledger, o.merchant, o.user, used_ != 0 ? used_ : o.tools, about_.now};
  q.order_minor = o.amount_minor;
  q.order = o.id.value;
  return q;
}

bool decision::obey_rules(kind what, const bound_row& r) {
  rules::rule_question q = question();
  q.pays = what == kind::payment;
  q.charges = what != kind::giving_back;
  q.fee = r.fee;
  const rules::rule_answer answer = rules::judge(catalog_.rules(), catalog_.version(), q, watch());
  fee_ = answer.fee;
  order_event& e = out_.event;
  e.limit_rule = answer.of(rules::rule_kind::limit);
  e.risk_rule = answer.of(rules::rule_kind::risk);
  e.tool_rule = answer.of(rules::rule_kind::tool_selection);
  e.fee_rule = answer.of(rules::rule_kind::fee);
  out_.refused_by = answer.refused_by;
  return answer.refusal == ok || refuse(answer.refusal);
}

const split_plan* decision::split_by_rules(const split_plan* usual, bool first_time) {
  rules::rule_question q = question();
  q.split = usual;
  const rules::rule_answer answer =
      rules::judge(catalog_.rules(), catalog_.version(), q, first_time ? watch() : nullptr);
  out_.event.split_rule = answer.of(rules::rule_kind::split);
  return answer.split;
}

/// What every receiver of a split gets, or gives back: over all refunds together exactly what it got.
bool decision::share(const split_plan& split, bool back, posting_amounts& amounts) {
  const order_row& o = row();
  const auto base = [&](u128 gross, u128 fee) { return split.base == split_base::net ? gross - fee : gross; };
  const split_result parts = compute_split(
      split, o.ledger, back ? base(o.paid_minor, o.fee_minor) : base(amounts.gross_minor, amounts.fee_minor));
  if (parts.error != split_error::ok) return refuse(posting_impossible);
  amounts.part_count = parts.count;
  for (std::size_t i = 0; i < parts.count; ++i) {
    const u128 part = parts.parts_minor[i];
    amounts.parts_minor[i] = part;
    if (!back) continue;
    PAYLOOM_ASSERT(o.refunded_minor + amounts.gross_minor <= o.paid_minor);
    amounts.parts_minor[i] = portion(part, o.refunded_minor + amounts.gross_minor, o.paid_minor) -
                             portion(part, o.refunded_minor, o.paid_minor);
  }
  return true;
}

bool decision::lay(std::uint16_t rule, std::uint8_t event, const split_plan* split, const posting_amounts& given,
                   owner_number channel, u128 cause, bool back, legs_wanted wanted) {
  const order_row& o = row();
  posting_parties parties{o.merchant, o.user, o.counterparty, channel, {}};
  posting_amounts amounts = given;
  if (split != nullptr) {
    split = split_by_rules(split, !back && wanted != legs_wanted::deferred);
    if (!share(*split, back, amounts)) return false;
    for (std::size_t i = 0; i < split->receivers.size(); ++i) parties.receivers[i] = split->receivers[i].owner;
  }
  const payment_parts& p = catalog_.parts();
  posting_legs legs;
  p.rules.evaluate(p.accounts, rule, event, o.ledger, parties, amounts, legs);
  if (legs.error != posting_error::ok) return refuse(core::code_of(legs.error));
  for (std::size_t l = 0; l < legs.count; ++l) {
    const posting_leg& leg = legs.legs[l];
    const bool later = leg.timing == leg_timing::deferred;
    if (wanted == legs_wanted::deferred ? !later : wanted == legs_wanted::real_time && later) {
      deferred_ = deferred_ || later;
      continue;
    }
    const auto number = static_cast<std::uint32_t>(out_.legs.size());
    transfer_record& t = out_.legs.emplace_back();
    t.id = posting_id_of(about_.tenant, cause, number);
    t.debit_account = leg.debit;
    t.credit_account = leg.credit;
    t.amount_minor = leg.amount_minor;
    t.user_data_128 = o.id.value;
    t.user_data_64 = o.merchant;
    t.user_data_32 = number;
    t.ledger = o.ledger;
    t.code = p.accounts.at(leg.debit_role).code;
  }
  out_.event.posting_rule = rule;
  return true;
}

bool decision::divide(const bound_row& r, const payment_ask& ask, tool_parts& parts) {
  const std::size_t rest = r.steps->rest_of(used_);
  const tool_number taker = r.steps->rest[rest];
  u128 left = out_.event.amount_minor;
  bool fits = true;
  for_each_tool([&]<class T>(tool_number i, T) {
    const u128 named = T::named(ask);
    if ((used_ & catalog_.bit_of_tool(i)) == 0) {
      fits &= named == 0;
    } else if (i != taker) {
      fits &= named != 0 && checked_sub(left, named, left);
      parts.of[i] = named;
    }
  });
  for_each_tool([&]<class T>(tool_number i, T) {
    if (i != taker) return;
    fits &= left != 0 && (T::named(ask) == 0 || T::named(ask) == left);
    parts.of[i] = left;
  });
  return fits || refuse(parts_do_not_fit);
}

bool decision::post(const bound_row& r, kind what, const payment_ask& ask, tool_parts parts) {
  const order_row& o = row();
  posting_amounts amounts;
  amounts.gross_minor = what == kind::capture ? o.held_minor : out_.event.amount_minor;
  amounts.fee_minor = out_.event.fee_minor;
  // What is held and not captured is whose that takes the rest.
  if (what == kind::capture)
    parts.of[r.steps->rest[r.steps->rest_of(used_)]] += amounts.gross_minor - out_.event.amount_minor;
  fill_amounts(parts, amounts);
  if (const auto unused = catalog_.unused_amount(); unused && what == kind::capture) {
    amounts.given_minor[*unused] = o.held_minor - out_.event.amount_minor;
    amounts.given = static_cast<std::uint8_t>(1u << *unused);
  }
  if (const auto reserve = catalog_.reserve_amount(); reserve && o.product == settlement_product) {
    amounts.given_minor[*reserve] = what == kind::payment ? reserve_ : amounts.gross_minor;
    amounts.given |= static_cast<std::uint8_t>(1u << *reserve);
  }
  const std::uint16_t rule = parts.keeps_record() ? r.coupon_rule : r.rule;
  for (std::size_t i = 0; i < r.post_count; ++i) {
    // Adjustments are about a channel: it is their counterparty.
    const legs_wanted wanted = what == kind::payment && about_.may_defer ? legs_wanted::real_time : legs_wanted::all;
    if (!lay(rule, r.posts[i], r.split, amounts, o.counterparty, ask.cause, what == kind::giving_back, wanted))
      return false;
  }
  // Shares of so little that each rounds to nothing: nothing would stand behind the order's new sums.
  if (out_.legs.empty() && !deferred_) return refuse(posting_impossible);
  PAYLOOM_ASSERT(out_.legs.size() <= limits::posting_legs_max * limits::row_posts_max);
  return true;
}

/// Brings the order's sums to what was booked, and raises the fact that follows from them.
bool decision::settle(kind what) {
  order_row& o = row();
  const u128 amount = out_.event.amount_minor;
  std::optional<event_index> fact;
  switch (what) {
    case kind::payment:
      ++o.payments;
      if (moves(events_.authorised)) {
        o.held_minor += amount;
        fact = events_.authorised;
        break;
      }
      o.paid_minor += amount;
      if (reserve_ != 0) {
        o.held_minor = reserve_;
        fact = events_.paid_with_reserve;
        break;
      }
      if (catalog_.row(product_, events_.confirm) != nullptr) o.held_minor += amount;
      fact = o.paid_minor == o.amount_minor ? events_.paid_in_full : events_.paid_in_part;
      break;
    case kind::capture:
      o.paid_minor += amount;
      o.held_minor = 0;
      fact = o.paid_minor == o.amount_minor ? events_.paid_in_full : events_.paid_in_part;
      break;
    case kind::giving_back:
      ++o.refunds;
      if (!PAYLOOM_MUTATED(14)) o.refunded_minor += amount;  // 14: refunds are not added up
      o.fee_returned_minor += out_.event.fee_minor;
      o.held_minor -= std::min(amount, o.held_minor);
      fact = o.refunded_minor == o.paid_minor ? events_.refunded_in_full : events_.refunded_in_part;
      break;
    case kind::letting_go:
      o.held_minor = 0;
      if (moves(events_.auth_voided)) fact = events_.auth_voided;
      break;
  }
  if (what != kind::giving_back) o.fee_minor += out_.event.fee_minor;
  PAYLOOM_ASSERT(o.refunded_minor + o.refunding_minor <= o.paid_minor && o.paid_minor <= o.amount_minor);
  PAYLOOM_ASSERT(o.fee_returned_minor <= o.fee_minor && o.held_minor <= o.amount_minor);
  if (!fact) return true;
  out_.event.fact = *fact;
  return step(*fact);
}

/// The payment runs through its own machine at once: nothing outside is asked.
void decision::move_payment(machine_index form) {
  out_.event.form = form;
  out_.event.payment_state = catalog_.ends_inside(form);
}

void decision::keep_inner_payment(kind what, event_index event, const payment_ask& ask, const tool_parts& parts) {
  if (!has_payment_) payment_ = {};
  has_payment_ = true;
  const bool back = what == kind::giving_back;
  payment_.order = row().id;
  payment_.payment = ask.payment;
  payment_.amount_minor = out_.event.amount_minor;
  payment_.fee_minor = out_.event.fee_minor;
  for_each_tool([&]<class T>(tool_number i, T) {
    T::keep(payment_, parts.of[i]);
    back ? T::add_returned(payment_, parts.of[i]) : T::add_paid(payment_, parts.of[i]);
  });
  payment_.purpose = back ? payment_purpose::refund : payment_purpose::pay;
  payment_.form = out_.event.form;
  payment_.state = out_.event.payment_state;
  payment_.row_event = event;
  payment_.outcome = channel_outcome::none;
  payment_.source = 0;
}

bool decision::pay_inside(const bound_row& r, kind what, event_index event, const payment_ask& ask,
                          const tool_parts& parts) {
  const bool kept = parts.keeps_record();
  if ((kept ? r.coupon_rule : r.rule) == no_name) return refuse(tool_not_usable);
  if (!check_limits(what, r) || !choose_fee(what) || !post(r, what, ask, parts)) return false;
  move_payment(r.row->form);
  if (kept || deferred_ || checked_) keep_inner_payment(what, event, ask, parts);
  if (row().previous_seq != 0) row().accounting_date = day_of(about_.now);  // a creation has its own
  return settle(what);
}

/// The second segment of a payment: what its rule defers, out of the transit account that the first one filled.
bool decision::book_deferred(u128 cause) {
  PAYLOOM_ASSERT(has_payment_);
  const bound_row* r = catalog_.row(product_, payment_.row_event);
  PAYLOOM_ASSERT(r != nullptr);
  out_.event.event = 0xff;
  out_.event.from_state = row().state;
  out_.event.amount_minor = payment_.amount_minor;
  out_.event.fee_minor = payment_.fee_minor;
  posting_amounts amounts;
  amounts.gross_minor = payment_.amount_minor;
  amounts.fee_minor = payment_.fee_minor;
  const tool_parts parts = parts_of(payment_);
  fill_amounts(parts, amounts);
  const std::uint16_t rule = parts.keeps_record() ? r->coupon_rule : r->rule;
  for (std::size_t i = 0; i < r->post_count; ++i) {
    if (!lay(rule, r->posts[i], r->split, amounts, row().counterparty, cause, false, legs_wanted::deferred))
      return false;
  }
  return true;
}

bool decision::pay(event_index event, const payment_ask& ask) {
  const bound_row* r = catalog_.row(product_, event);
  if (r == nullptr) return ask.amount_minor == 0 ? true : refuse(order_state_refuses);
  const kind what = kind_of(event);
  if (event == events_.return_due && waits_in_suspense()) return return_suspense(ask);
  if (!choose_amount(what, event, ask.amount_minor)) return false;
  if (what == kind::giving_back) return give_back(*r, event, ask);
  if (r->checks != 0 && !checked_) [[unlikely]]
    return pay_checked(*r, event, ask);
  used_ = ask.tools != 0 ? ask.tools : r->usual;
  const bool outside = (used_ & catalog_.external_tools()) != 0;
  const bool usable = (r->row->tools & used_) == used_ && r->steps->may_combine(used_);
  if (!usable || (outside && what != kind::payment)) return refuse(tool_not_usable);
  row().tools |= used_;
  if (outside) return pay_outside(*r, event, what, ask);
  tool_parts parts;
  if (!divide(*r, ask, parts)) return false;
  if (what == kind::payment && live()) return refuse(payment_in_flight);
  return pay_inside(*r, what, event, ask, parts);
}

}  // namespace payloom::core

#include "actors/core/payments/order_decision.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "actors/core/catalog/portion.hpp"
#include "actors/core/mutation.hpp"
#include "protocol/types/frame.hpp"
#include "actors/core/payments/order_content.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/settlement.hpp"

namespace payloom::core {

using namespace catalog;
using enum result_code;

namespace {

constexpr std::uint8_t none = 0xff;
constexpr time_ns second = 1'000'000'000;
/// Shorter waits end with an event of their own, whatever they lead to: an order that nobody paid is told to be closed.
constexpr std::chrono::seconds lazy_from = std::chrono::hours(24);

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

/// One command on one order: `row()` is the order as it becomes.
class decision {
 public:
  decision(const order_request& about, order_decision& out)
      : about_(about), catalog_(*about.catalog), events_(catalog_.events()), out_(out) {
    out_.code = ok;
    out_.event = {};
    out_.event.posting_rule = no_name;
    out_.event.fact = out_.event.form = out_.event.payment_state = none;
    out_.legs.clear();
  }

  order_row& row() { return out_.event.order; }

  void begin(const order_record& r) {
    const auto product = catalog_.product(r.product);
    PAYLOOM_ASSERT(product);
    product_ = *product;
    order_row& o = row();
    o.id = r.id;
    o.business_id = r.business_id;
    o.amount_minor = r.amount_minor;
    o.user_data_128 = r.user_data_128;
    o.merchant = r.merchant;
    o.user = r.user;
    o.counterparty = r.counterparty;
    o.user_data_64 = r.user_data_64;
    o.ledger = r.ledger;
    o.accounting_date = r.accounting_date != 0 ? r.accounting_date : day_of(about_.now);
    o.rule_version = catalog_.version();
    o.timeout_s = r.timeout_s;
    o.product = r.product;
    o.machine = catalog_.at(product_).order;
    o.state = machine().initial();
  }

  /// False with order_state_refuses when the catalogue has no such product any more.
  bool go_on(const order_row& before, commit_seq before_seq) {
    row() = before;
    order_row& o = row();
    if (o.created_seq == 0) o.created_seq = before_seq;
    o.previous_seq = before_seq;
    const auto product = catalog_.product(o.product);
    if (!product) return refuse(product_unknown);
    product_ = *product;
    PAYLOOM_ASSERT(catalog_.at(product_).order == o.machine);
    return true;
  }

  bool refuse(result_code c) {
    out_.code = c;
    return false;
  }

  /// The state's time is over and nothing but its end can happen any more.
  bool window_over() const {
    const order_row& o = out_.event.order;
    if (o.timeout_at == 0 || o.timeout_at > about_.now) return false;
    return is_lazy(o) && machine().next(o.state, machine().at(o.state).timeout->event).to != o.state;
  }

  bool raise(event_index event) {
    out_.event.event = event;
    out_.event.from_state = row().state;
    return step(event);
  }

  /// Moves money by the row of the business map for `event`, if it has one.
  bool pay(event_index event, u128 asked, tool_bits tools, u128 cause);
  bool finish(const void* request, frame_type type);

 private:
  const state_machine& machine() const { return catalog_.order_machine(out_.event.order.machine); }

  bool step(event_index event) {
    const machine_step s = machine().next(row().state, event);
    if (s.what == verdict::ignore) return refuse(order_unchanged);
    if (s.what != verdict::move) return refuse(order_state_refuses);
    row().state = s.to;
    return true;
  }
  bool moves(event_index event) const {
    return machine().next(out_.event.order.state, event).what == verdict::move;
  }
  /// The timer of a lazy state is not worth memory: it only ends what nobody asked for meanwhile. It is looked at when
  /// somebody names the order again.
  bool is_lazy(const order_row& o) const {
    const auto& state = machine().at(o.state);
    if (state.fact_only || !state.timeout) return !state.fact_only;
    const event_index event = state.timeout->event;
    if (state.timeout->after < lazy_from || catalog_.row(product_, event) != nullptr) return false;
    const machine_step s = machine().next(o.state, event);
    return s.what != verdict::move || s.to == o.state || machine().at(s.to).kind == state_kind::terminal;
  }

  enum class kind { payment, capture, giving_back, letting_go };
  kind kind_of(event_index event) const {
    if (event == events_.pay) return kind::payment;
    if (event == events_.capture) return kind::capture;
    return moves(events_.refunded_in_full) ? kind::giving_back : kind::letting_go;
  }

  bool choose_amount(kind what, event_index event, u128 asked);
  bool choose_fee(kind what, const bound_row& r);
  bool choose_settlement();
  bool post(const bound_row& r, kind what, u128 cause);
  bool settle(kind what);
  void move_payment(machine_index form);

  const order_request& about_;
  const payment_catalog& catalog_;
  const order_event_numbers& events_;
  order_decision& out_;
  product_index product_ = 0;
  u128 reserve_ = 0;  ///< what a settlement batch keeps back
};

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

bool decision::choose_fee(kind what, const bound_row& r) {
  order_row& o = row();
  const u128 amount = out_.event.amount_minor;
  if (what == kind::giving_back) {
    // The part of the fee that goes back is the refunded part of what was paid, over all refunds exactly.
    const bound_row* paid_by = nullptr;
    for (const event_index e : {events_.pay, events_.capture, events_.confirm})
      if (const bound_row* row = catalog_.row(product_, e); row != nullptr && row->fee != nullptr) paid_by = row;
    if (paid_by == nullptr || paid_by->fee->refund != fee_refund::proportional || o.paid_minor == 0) return true;
    const u128 back = portion(o.fee_minor, o.refunded_minor + amount, o.paid_minor);
    out_.event.fee_minor = back - std::min(back, o.fee_returned_minor);
    return true;
  }
  if (what == kind::payment && o.product == settlement_product) return choose_settlement();
  if (r.fee == nullptr) return true;
  const fee_result fee = compute_fee(*r.fee, o.ledger, amount, 0);
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

bool decision::post(const bound_row& r, kind what, u128 cause) {
  const order_row& o = row();
  const posting_parties parties{o.merchant, o.user, o.counterparty, 0, {}};
  posting_amounts amounts;
  amounts.gross_minor = what == kind::capture ? o.held_minor : out_.event.amount_minor;
  amounts.fee_minor = out_.event.fee_minor;
  if (const auto unused = catalog_.unused_amount(); unused && what == kind::capture) {
    amounts.given_minor[*unused] = o.held_minor - out_.event.amount_minor;
    amounts.given = static_cast<std::uint8_t>(1u << *unused);
  }
  if (const auto reserve = catalog_.reserve_amount(); reserve && o.product == settlement_product) {
    amounts.given_minor[*reserve] = what == kind::payment ? reserve_ : amounts.gross_minor;
    amounts.given |= static_cast<std::uint8_t>(1u << *reserve);
  }
  if (r.split != nullptr) {
    const u128 base = r.split->base == split_base::net ? amounts.gross_minor - amounts.fee_minor : amounts.gross_minor;
    const split_result parts = compute_split(*r.split, o.ledger, base);
    if (parts.error != split_error::ok) return refuse(posting_impossible);
    amounts.parts_minor = parts.parts_minor;
    amounts.part_count = parts.count;
  }
  out_.event.posting_rule = r.rule;
  const payment_parts& p = catalog_.parts();
  posting_legs legs;
  for (std::size_t i = 0; i < r.post_count; ++i) {
    p.rules.evaluate(p.accounts, r.rule, r.posts[i], o.ledger, parties, amounts, legs);
    if (legs.error != posting_error::ok) return refuse(code_of(legs.error));
    for (std::size_t l = 0; l < legs.count; ++l) {
      const posting_leg& leg = legs.legs[l];
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
  }
  PAYLOOM_ASSERT(!out_.legs.empty() && out_.legs.size() <= limits::posting_legs_max * limits::row_posts_max);
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
  const state_machine& m = catalog_.payment_machine(form);
  out_.event.form = form;
  state_index at = m.initial();
  for (int i = 0; i < 2; ++i) {
    for (const std::optional<event_index> e : {catalog_.post_event(), catalog_.start_event()}) {
      if (!e || m.next(at, *e).what != verdict::move || m.next(at, *e).to == at) continue;
      at = m.next(at, *e).to;
      break;
    }
  }
  out_.event.payment_state = at;
}

bool decision::pay(event_index event, u128 asked, tool_bits tools, u128 cause) {
  const bound_row* r = catalog_.row(product_, event);
  if (r == nullptr) return asked == 0 ? true : refuse(order_state_refuses);
  const kind what = kind_of(event);
  if (!choose_amount(what, event, asked)) return false;
  const tool_bits used = tools == 0 ? catalog_.balance_tool() : tools;
  if (used != catalog_.balance_tool() || (r->row->tools & used) != used || r->rule == no_name)
    return refuse(tool_not_usable);
  const result_code limit = code_of(
      catalog_.parts().map.check_amount(*r->row, row().ledger, out_.event.amount_minor));
  // What goes back, or is let go, was within the limits when it came.
  if (limit != ok && (what == kind::payment || limit == ledger_not_allowed)) return refuse(limit);
  if (!choose_fee(what, *r) || !post(*r, what, cause)) return false;
  move_payment(r->row->form);
  row().tools |= used;
  if (row().previous_seq != 0) row().accounting_date = day_of(about_.now);  // a creation has its own
  return settle(what);
}

bool decision::finish(const void* request, frame_type type) {
  order_row& o = row();
  order_event& e = out_.event;
  std::memcpy(e.request, request, sizeof e.request);
  e.request_type = static_cast<std::uint16_t>(type);
  e.legs = static_cast<std::uint8_t>(out_.legs.size());
  ++o.version;
  const auto& state = machine().at(o.state);
  o.timeout_at = 0;
  if (state.timeout) {
    const bool unpaid = o.payments == 0 && o.paid_minor == 0;
    const bool own = o.timeout_s != 0 && (unpaid || o.product == settlement_product);
    const std::uint64_t seconds =
        own ? o.timeout_s : static_cast<std::uint64_t>(state.timeout->after.count());
    o.timeout_at = about_.now + seconds * second;
  }
  o.flags = 0;
  if (state.kind == state_kind::terminal) {
    o.flags = order_row_flags::final_state;
  } else if (!is_lazy(o)) {
    o.flags = order_row_flags::resident;
  }
  return true;
}

}  // namespace

void decide_creation(const order_request& about, const order_record& record, order_decision& out) {
  decision d(about, out);
  d.begin(record);
  const order_event_numbers& e = about.catalog->events();
  if (!d.raise(e.create)) return;
  if ((record.flags & order_flags::pay_now) != 0) {
    if (!d.raise(e.pay) || !d.pay(e.pay, 0, record.tools, record.id.value)) return;
  }
  d.finish(&record, frame_type::create_orders);
}

void decide_action(const order_request& about, const order_action_record& record, const order_row& before,
                   commit_seq before_seq, order_decision& out) {
  decision d(about, out);
  const bool overtaken = record.expected_version != 0 && record.expected_version != before.version;
  if (overtaken && !PAYLOOM_MUTATED(19)) {  // 19: nobody looks at the expected version
    d.refuse(order_version_differs);
    return;
  }
  if (!d.go_on(before, before_seq)) return;
  if (before.version >= limits::order_events_max || d.window_over()) {
    d.refuse(order_state_refuses);
    return;
  }
  const order_event_numbers& e = about.catalog->events();
  const state_machine& machine = about.catalog->order_machine(before.machine);
  const auto moves = [&](event_index event) { return machine.next(before.state, event).what == verdict::move; };
  event_index event = 0;
  switch (record.action) {
    case order_action::pay:
      event = e.pay;
      break;
    case order_action::cancel:
      event = e.cancel;
      break;
    case order_action::capture:
      event = e.capture;
      break;
    case order_action::void_:
      event = e.void_;
      break;
    case order_action::confirm:
      event = e.confirm;
      break;
    case order_action::release:
      event = e.release;
      break;
    case order_action::refund:
      event = moves(e.refund_held) ? e.refund_held : e.refund;
      break;
    case order_action::timer: {
      const auto& timeout = machine.at(before.state).timeout;
      const bool early = before.timeout_at > about.now && !PAYLOOM_MUTATED(13);  // 13: a timer of an older state counts
      if (!timeout || before.timeout_at == 0 || early) {
        d.refuse(order_unchanged);
        return;
      }
      event = timeout->event;
      break;
    }
    case order_action::none:
      break;
  }
  if (!d.raise(event) || !d.pay(event, record.amount_minor, record.tools, record.id.value)) return;
  d.finish(&record, frame_type::act_on_orders);
}

}  // namespace payloom::core

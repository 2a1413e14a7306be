#include "actors/core/payments/order_decision.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "actors/core/payments/decision.hpp"
#include "actors/core/payments/payment_sources.hpp"
#include "protocol/types/settlement.hpp"

namespace payloom::core {

using namespace catalog;
using enum result_code;

namespace {

constexpr std::uint8_t none = 0xff;
constexpr time_ns second = 1'000'000'000;
/// Shorter waits end with an event of their own, whatever they lead to: an order that nobody paid is told to be closed.
constexpr std::chrono::seconds lazy_from = std::chrono::hours(24);

}  // namespace

decision::decision(const order_request& about, order_decision& out)
    : about_(about),
      catalog_(*about.catalog),
      events_(catalog_.events()),
      out_(out),
      payment_(out.payment),
      has_payment_(out.has_payment) {
  out_.code = ok;
  out_.event = {};
  out_.refused_by = {};
  out_.event.posting_rule = no_name;
  out_.event.fact = out_.event.form = out_.event.payment_state = none;
  out_.legs.clear();
  out_.has_payment = false;
}

void decision::begin(const order_record& r) {
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
  o.hold_s = r.hold_s;
  o.product = r.product;
  o.machine = catalog_.at(product_).order;
  o.state = machine().initial();
  o.root_id = about_.context.root_id;
  o.context_id = about_.context.context_id;
  o.hop = about_.context.hop;
}

bool decision::go_on(const order_row& before, commit_seq before_seq, const payment_row* payment) {
  row() = before;
  order_row& o = row();
  if (o.created_seq == 0) o.created_seq = before_seq;
  o.previous_seq = before_seq;
  const auto product = catalog_.product(o.product);
  if (!product) return refuse(product_unknown);
  product_ = *product;
  PAYLOOM_ASSERT(catalog_.at(product_).order == o.machine);
  if (payment != nullptr) {
    has_payment_ = true;
    payment_ = *payment;
    payment_.id = 0;
    payment_.call = channel_operation::none;
  }
  return true;
}

bool decision::window_over() const {
  const order_row& o = out_.event.order;
  if (o.timeout_at == 0 || o.timeout_at > about_.now) return false;
  return is_lazy(o) && machine().next(o.state, machine().at(o.state).timeout->event).to != o.state;
}

bool decision::raise(event_index event) {
  out_.event.event = event;
  out_.event.from_state = row().state;
  return step(event);
}

bool decision::step(event_index event) {
  const machine_step s = machine().next(row().state, event);
  if (s.what == verdict::ignore) return refuse(order_unchanged);
  if (s.what != verdict::move) return refuse(order_state_refuses);
  row().state = s.to;
  return true;
}

bool decision::is_lazy(const order_row& o) const {
  const auto& state = machine().at(o.state);
  if (state.fact_only || !state.timeout) return !state.fact_only;
  const event_index event = state.timeout->event;
  if (state.timeout->after < lazy_from || catalog_.row(product_, event) != nullptr) return false;
  const machine_step s = machine().next(o.state, event);
  return s.what != verdict::move || s.to == o.state || machine().at(s.to).kind == state_kind::terminal;
}

event_index decision::pay_event(tool_bits tools) const {
  const bool outside = (tools & catalog_.external_tools()) != 0;
  if (catalog_.row(product_, events_.pay_in) == nullptr) return events_.pay;
  const bound_row* inside = catalog_.row(product_, events_.pay);
  return outside || inside == nullptr ? events_.pay_in : events_.pay;
}

bool decision::finish(const void* request, frame_type type) {
  order_row& o = row();
  order_event& e = out_.event;
  std::memcpy(e.request, request, sizeof e.request);
  e.request_type = static_cast<std::uint16_t>(type);
  e.legs = static_cast<std::uint8_t>(out_.legs.size());
  if (e.legs == 0) e.amount_minor = e.fee_minor = 0;
  ++o.version;
  const bool waits_outside = live();
  const bool open_case = has_payment_ && payment_.reason != case_reason::none;
  if (has_payment_) {
    PAYLOOM_ASSERT(sources_add_up(payment_));
    u128 cause = 0;
    std::memcpy(&cause, request, sizeof cause);
    if (payment_.id == 0) payment_.id = posting_id_of(about_.tenant, cause, payment_record_leg).value;
    if (!waits_outside) payment_.due_at = 0;
    e.flags |= order_event_flags::payment;
    if (outside_) {
      e.form = payment_.form;
      e.payment_state = payment_.state;
    }
  }
  const auto& state = machine().at(o.state);
  o.timeout_at = 0;
  if (state.timeout && !waits_outside) {  // what is outside has timers of its own
    const bool unpaid = o.payments == 0 && o.paid_minor == 0;
    const bool own = o.timeout_s != 0 && (unpaid || o.product == settlement_product);
    const bool hold = o.hold_s != 0 && o.held_minor != 0 && !own && !moves(events_.pay);
    const std::uint64_t seconds = own    ? o.timeout_s
                                  : hold ? o.hold_s
                                         : static_cast<std::uint64_t>(state.timeout->after.count());
    o.timeout_at = about_.now + seconds * second;
  }
  o.flags = 0;
  if (state.kind == state_kind::terminal) o.flags = order_row_flags::final_state;
  if (waits_outside || open_case || (state.kind != state_kind::terminal && !is_lazy(o)))
    o.flags |= order_row_flags::resident;
  if (deferred_) {
    o.flags |= order_row_flags::resident | order_row_flags::deferred;
    o.timeout_at = about_.now;  // at once; the state's own time begins when all is booked
  }
  return true;
}

namespace {

/// What a client's action asks for; the timer's event is its state's.
event_index event_of(const order_event_numbers& e, order_action action, bool held) {
  switch (action) {
    case order_action::cancel:
      return e.cancel;
    case order_action::capture:
      return e.capture;
    case order_action::void_:
      return e.void_;
    case order_action::confirm:
      return e.confirm;
    case order_action::release:
      return e.release;
    case order_action::refund:
      return held ? e.refund_held : e.refund;
    case order_action::approve:
      return e.approve;
    case order_action::reject:
      return e.reject;
    default:
      break;
  }
  PAYLOOM_ASSERT(!"check_action_content lets nothing else through");
  return 0;
}

/// Carries one action out; false: refused.
bool act(decision& d, const order_request& about, const order_action_record& record, const order_row& before) {
  const order_event_numbers& e = about.catalog->events();
  const state_machine& machine = about.catalog->order_machine(before.machine);
  const u128 cause = record.id.value;
  const bool between = (before.flags & order_row_flags::deferred) != 0 && record.action != order_action::timer;
  if (between) return d.refuse(payment_in_flight);
  payment_ask ask{record.amount_minor,
                  record.tools,
                  record.balance_minor,
                  record.coupon_minor,
                  record.channel,
                  record.source,
                  cause,
                  cause};
  event_index event = 0;
  switch (record.action) {
    case order_action::channel_fact: {
      channel_fact_record fact;
      static_assert(sizeof fact == sizeof record);
      std::memcpy(static_cast<void*>(&fact), &record, sizeof fact);
      return d.learn(fact);
    }
    case order_action::check_fact: {
      check_fact_record fact;
      static_assert(sizeof fact == sizeof record);
      std::memcpy(static_cast<void*>(&fact), &record, sizeof fact);
      return d.learn_checks(fact);
    }
    case order_action::resolve:
      return d.resolve(static_cast<channel_outcome>(record.reason), cause);
    case order_action::pay:
      event = d.pay_event(record.tools);
      break;
    case order_action::timer: {
      if ((before.flags & order_row_flags::deferred) != 0) return d.book_deferred(cause);
      const payment_row* p = d.payment();
      if (p != nullptr && p->due_at != 0 && p->due_at <= about.now && d.live())
        return d.checking() ? d.checks_due(cause) : d.payment_timer(cause);
      const auto& timeout = machine.at(before.state).timeout;
      const bool early = before.timeout_at > about.now && !PAYLOOM_MUTATED(13);  // 13: a timer of an older state counts
      if (!timeout || before.timeout_at == 0 || early) return d.refuse(order_unchanged);
      event = timeout->event;
      if (event == e.ask_refund && !d.live()) return d.return_rest(ask);  // one return is over, is there more?
      break;
    }
    default:
      event = event_of(e, record.action, machine.next(before.state, e.refund_held).what == verdict::move);
      break;
  }
  if (!d.raise(event)) return false;
  const bool alone =
      record.action == order_action::approve && record.user_data_64 != 0 && record.user_data_64 == before.user_data_64;
  if (alone) return d.refuse(persons_must_differ);
  if (event == e.cancel && d.checking()) {
    d.end_checks(ok);  // nothing has left, and nothing is reserved
  } else if (event == e.cancel && d.live()) {
    const bool in_part = d.payment()->combined != 0 && about.together != d.payment()->combined_count;
    if (in_part && !PAYLOOM_MUTATED(36)) return d.refuse(combined_in_flight);  // the channel can only end all of it
    d.call_off();
  }
  return d.pay(event, ask);
}

}  // namespace

void decide_creation(const order_request& about, const order_record& record, order_decision& out) {
  decision d(about, out);
  d.begin(record);
  const order_event_numbers& e = about.catalog->events();
  if (!d.raise(e.create)) return;
  if ((record.flags & order_flags::pay_now) != 0) {
    const event_index event = d.pay_event(record.tools);
    payment_ask ask;
    ask.tools = record.tools;
    ask.channel = record.channel;
    ask.cause = ask.payment = record.id.value;
    if (!d.raise(event) || !d.pay(event, ask)) return;
  }
  d.finish(&record, frame_type::create_orders);
}

void decide_action(const order_request& about, const order_action_record& record, const order_before& before,
                   order_decision& out) {
  decision d(about, out);
  const bool overtaken = record.expected_version != 0 && record.expected_version != before.row->version &&
                         record.action != order_action::channel_fact;
  if (overtaken && !PAYLOOM_MUTATED(19)) {  // 19: nobody looks at the expected version
    d.refuse(order_version_differs);
    return;
  }
  if (!d.go_on(*before.row, before.seq, before.payment)) return;
  const bool fact = record.action == order_action::channel_fact || record.action == order_action::check_fact ||
                    record.action == order_action::resolve;
  if (before.row->version >= limits::order_events_max || (!fact && d.window_over())) {
    d.refuse(order_state_refuses);
    return;
  }
  if (act(d, about, record, *before.row)) {
    d.finish(&record, frame_type::act_on_orders);
  } else if (d.going_on()) {
    // Its checks have passed, and now it is refused: then it ends so, for nobody waits for the command's answer.
    const result_code why = out.code;
    const check_answers said = d.answers();
    decision again(about, out);
    if (!again.go_on(*before.row, before.seq, before.payment)) return;
    again.end_refused(said, why);
    again.finish(&record, frame_type::act_on_orders);
  } else if (out.code != order_unchanged) {
    decide_unbooked(about, record, before, out);
  }
}

bool decide_unbooked(const order_request& about, const order_action_record& record, const order_before& before,
                     order_decision& out) {
  if (record.action != order_action::channel_fact || before.payment == nullptr) return false;
  // Its deferred legs come first; no product has both.
  if ((before.row->flags & order_row_flags::deferred) != 0) return false;
  const result_code code = out.code;
  decision d(about, out);
  channel_fact_record fact;
  std::memcpy(static_cast<void*>(&fact), &record, sizeof fact);
  if (!d.go_on(*before.row, before.seq, before.payment)) return false;
  if (!d.is_late_news(fact)) return d.refuse(code);
  return d.keep_for_people() && d.finish(&record, frame_type::act_on_orders);
}

}  // namespace payloom::core

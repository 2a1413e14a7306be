#include "tests/crash/life_book.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/types/u128_text.hpp"
#include "tests/sim/row_differences.hpp"

namespace payloom::crash {
namespace {

constexpr time_ns second = 1'000'000'000;
constexpr time_ns overdue_after = 1 * second;
constexpr time_ns decided_before_commit_max = 60 * second;

std::uint64_t mix(std::uint64_t digest, const void* bytes, std::size_t size) {
  const auto* at = static_cast<const unsigned char*>(bytes);
  for (; size >= 8; size -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    digest = (digest ^ word) * 0x9e3779b97f4a7c15ull;
    digest ^= digest >> 29;
  }
  return digest;
}

u128 command_of(const order_event_row& row) {
  u128 id = 0;
  std::memcpy(&id, row.event.request, sizeof id);
  return id;
}

bool is_creation(const order_event_row& row) {
  return row.event.request_type == static_cast<std::uint16_t>(frame_type::create_orders);
}

template <class Record>
Record request_of(const order_event_row& row) {
  Record out{};
  static_assert(sizeof out == sizeof row.event.request);
  std::memcpy(&out, row.event.request, sizeof out);
  return out;
}

bool is_timer(const order_event_row& row) {
  return !is_creation(row) && request_of<order_action_record>(row).action == order_action::timer;
}
bool is_fact(const order_event_row& row) {
  return !is_creation(row) && sim::is_channel_fact(request_of<order_action_record>(row));
}

bool is_outside(const order_life& life) { return life.has_payment && sim::is_outside(life.payment); }
bool is_with_people(const order_life& life) { return life.has_payment && life.payment.reason != case_reason::none; }

/// When something must happen to an order by itself; 0: nothing must.
time_ns due_of(const order_life& life) {
  if ((life.row.flags & order_row_flags::resident) == 0) return 0;
  if (is_outside(life)) return is_with_people(life) ? 0 : life.payment.due_at;
  // A recharge that goes back needs its user's money: who has spent it keeps the server trying.
  constexpr std::uint16_t recharge = 201;
  const bool may_wait = is_with_people(life) || (life.row.product == recharge && life.row.paid_minor != 0);
  return may_wait ? 0 : life.row.timeout_at;
}

}  // namespace

std::uint64_t add_to_digest(std::uint64_t digest, const order_event_row& row) { return mix(digest, &row, sizeof row); }

std::uint64_t add_to_digest(std::uint64_t digest, const transfer_record& posting, commit_seq sequence) {
  return mix(mix(digest, &posting, sizeof posting), &sequence, sizeof sequence);
}

void life_book::executed(const load_frame& frame, std::uint32_t i, const result_record& result) {
  command c;
  c.frame.type = frame.type;
  c.frame.add(frame.record<order_record>(i), frame.expected[i]);
  c.sequence = result.sequence;
  c.timestamp = result.timestamp;
  commands_.emplace(frame.id(i), std::move(c));
}

void life_book::wrong(const order_event_row& row, const std::string& what) {
  verdict_.problem(verdict_.wrong, "event " + std::to_string(row.sequence) + " of order " +
                                       to_hex(row.event.order.id.value) + ", version " +
                                       std::to_string(row.event.order.version) + ": " + what);
}

/// The event is that of a command that was executed, as it was sent and answered; or of a timer.
bool life_book::take_command(const order_event_row& row) {
  if (is_timer(row)) {
    ++timers_;
    return true;
  }
  if (is_fact(row)) {
    if (facts_.insert(command_of(row)).second) return true;
    verdict_.problem(verdict_.duplicated, "what a channel said has two events, now " + std::to_string(row.sequence));
    return false;
  }
  const auto at = commands_.find(command_of(row));
  if (at == commands_.end()) {
    verdict_.problem(verdict_.duplicated, "event " + std::to_string(row.sequence) + " of command " +
                                              to_hex(command_of(row)) + ": nobody sent it, or it had its event");
    return false;
  }
  const command c = std::move(at->second);
  commands_.erase(at);
  if (static_cast<std::uint16_t>(c.frame.type) != row.event.request_type ||
      std::memcmp(c.frame.records.data(), row.event.request, sizeof row.event.request) != 0) {
    wrong(row, "the request is another one than was sent");
  }
  if (c.sequence != row.sequence || c.timestamp != row.timestamp) {
    wrong(row, "the client was told commit " + std::to_string(c.sequence) + " at " + std::to_string(c.timestamp));
  }
  return true;
}

sim::order_outcome life_book::expected(const order_event_row& row, const order_life& before) const {
  if (is_creation(row)) return sim::created_order(0, request_of<order_record>(row));
  sim::order_standing stood{before.row, before.payment, before.has_payment, before.last_seq};
  // After a start channels are asked at once (the simulation knows when that was, and checks the times).
  const bool asked = stood.payment.call != channel_operation::none && stood.payment.due_at > row.timestamp;
  if (is_timer(row) && asked) stood.payment.due_at = row.timestamp;
  return sim::changed_order(0, request_of<order_action_record>(row), stood, row.timestamp);
}

void life_book::event(const order_event_row& row) {
  ++events_;
  if (row.sequence <= last_seq_) wrong(row, "it came after event " + std::to_string(last_seq_));
  last_seq_ = row.sequence;
  if (!take_command(row)) return;
  const u128 id = row.event.order.id.value;
  const auto [at, fresh] = lives_.try_emplace(id);
  order_life& life = at->second;
  if (fresh != is_creation(row)) return wrong(row, fresh ? "the order has no beginning" : "the order begins again");
  if (fresh) all_.push_back(id);
  if (life.row.version + 1 != row.event.order.version) {
    wrong(row, "behind version " + std::to_string(life.row.version));
  }
  const sim::order_outcome must = expected(row, life);
  compare(row, life, must);
  for (std::size_t i = 0; i < must.legs.size(); ++i) {
    books_.book(must.legs[i], row.timestamp);
    life.postings_digest = add_to_digest(life.postings_digest, must.legs[i], row.sequence + 1 + i);
    ++life.postings;
  }
  const order_life before = life;
  life.row = row.event.order;
  life.has_payment = (row.event.flags & order_event_flags::payment) != 0;
  life.payment = row.payment;
  life.last_seq = row.sequence;
  hold(before, life);
  life.events_digest = add_to_digest(life.events_digest, row);
  life.last_command = command_of(row);
  life.last_had_postings = !must.legs.empty();
  touched_.push_back(id);
}

void life_book::compare(const order_event_row& row, const order_life& before, const sim::order_outcome& must) {
  const order_event& is = row.event;
  if (must.code != result_code::ok) return wrong(row, "it should be refused: " + std::string(name_of(must.code)));
  if (is.event != must.event || is.fact != must.fact || is.from_state != must.from_state) {
    wrong(row, "order event " + std::to_string(is.event) + ", fact " + std::to_string(is.fact) + " from state " +
                   std::to_string(is.from_state) + ", expected " + std::to_string(must.event) + ", " +
                   std::to_string(must.fact) + ", " + std::to_string(must.from_state));
  }
  if (is.amount_minor != must.amount || is.fee_minor != must.fee || is.legs != must.legs.size()) {
    wrong(row, "it moves " + to_decimal(is.amount_minor) + " with fee " + to_decimal(is.fee_minor) + " in " +
                   std::to_string(is.legs) + " postings, expected " + to_decimal(must.amount) + ", " +
                   to_decimal(must.fee) + ", " + std::to_string(must.legs.size()));
  }
  compare_rows(row, before, must);
  compare_payments(row, must);
}

void life_book::compare_payments(const order_event_row& row, const sim::order_outcome& must) {
  const bool has = (row.event.flags & order_event_flags::payment) != 0;
  if (has != must.has_payment) return wrong(row, "it comes with a payment, or without, against the rules");
  if (!has) return;
  if (const std::string what = sim::row_differs(row.payment, must.payment); !what.empty())
    wrong(row, "its payment has another " + what);
  const bool outside = sim::is_outside(row.payment);
  const u128 back = outside && row.payment.purpose == payment_purpose::refund ? row.payment.amount_minor : 0;
  if (row.event.order.refunding_minor != back) wrong(row, "what is being refunded is not what is outside");
  if (outside != (row.payment.due_at != 0)) wrong(row, "nobody would ever ask about its payment");
}

void life_book::compare_rows(const order_event_row& row, const order_life& before, const sim::order_outcome& must) {
  const order_row& is = row.event.order;
  const order_row& was = before.row;
  const order_row& o = must.after;
  const auto sums = [](const order_row& r) {
    return "paid " + to_decimal(r.paid_minor) + " refunded " + to_decimal(r.refunded_minor) + "+" +
           to_decimal(r.refunding_minor) + " held " + to_decimal(r.held_minor) + " fee " + to_decimal(r.fee_minor) +
           " state " + std::to_string(r.state);
  };
  if (is.paid_minor != o.paid_minor || is.refunded_minor != o.refunded_minor || is.held_minor != o.held_minor ||
      is.refunding_minor != o.refunding_minor || is.fee_minor != o.fee_minor || is.state != o.state ||
      is.fee_returned_minor != o.fee_returned_minor || is.flags != o.flags) {
    wrong(row, "it is " + sums(is) + ", expected " + sums(o));
  }
  if (is.amount_minor != o.amount_minor || is.merchant != o.merchant || is.user != o.user || is.version != o.version ||
      is.payments != o.payments || is.refunds != o.refunds || is.product != o.product) {
    wrong(row, "amount, parties or counts are not the order's");
  }
  if (is.previous_seq != before.last_seq || (was.version > 1 && is.created_seq != was.created_seq) ||
      (was.version == 1 && is.created_seq != before.last_seq)) {
    wrong(row, "it says that it follows event " + std::to_string(is.previous_seq) + " of the order made in " +
                   std::to_string(is.created_seq));
  }
  if (!(is.refunded_minor + is.refunding_minor <= is.paid_minor && is.paid_minor <= is.amount_minor)) {
    wrong(row, "more is refunded than paid, or paid than due: " + sums(is));
  }
  const time_ns latest = must.waits_s == 0 ? 0 : row.timestamp + must.waits_s * second;
  const bool late = is.timeout_at > latest || (latest != 0 && is.timeout_at + decided_before_commit_max < latest);
  if (late || (is.timeout_at == 0) != (latest == 0)) wrong(row, "its time ends at " + std::to_string(is.timeout_at));
}

/// What orders hold, and when their time is over.
void life_book::hold(const order_life& before, const order_life& after) {
  const auto count = [this](const order_life& life, bool comes) {
    const sim::order_money m = sim::money_of({life.row, life.payment, life.has_payment, 0});
    const auto add = [comes](u128& sum, u128 amount) { sum += comes ? amount : -amount; };
    add(held_.escrow, m.escrow);
    add(held_.payment_transit, m.payment_transit);
    add(held_.withdraw_transit, m.withdraw_transit);
    add(held_.refund_transit, m.refund_transit);
    add(held_.suspense, m.suspense);
    add(frozen_[life.row.user], m.frozen);
  };
  const u128 id = after.row.id.value;
  if (before.row.version != 0) count(before, false);
  count(after, true);
  if (due_of(before) != 0) due_.erase({due_of(before), id});
  if (due_of(after) != 0) due_.emplace(due_of(after), id);
  if (is_outside(after) && !is_with_people(after)) {
    outside_.insert(id);
  } else {
    outside_.erase(id);
  }
}

bool life_book::overdue(time_ns now) const { return !due_.empty() && due_.begin()->first + overdue_after < now; }

const order_life* life_book::find(u128 order) const {
  const auto at = lives_.find(order);
  return at == lives_.end() ? nullptr : &at->second;
}

void life_book::check_complete() {
  for (const auto& [id, c] : commands_) {
    verdict_.problem(verdict_.lost,
                     "no event came of command " + to_hex(id) + ", executed at commit " + std::to_string(c.sequence));
  }
  commands_.clear();
}

void life_book::check_held(std::span<const account_row> rows) {
  std::map<u128, u128> must;
  using role = sim::chart_role;
  must[sim::chart_account(role::escrow, 978, 0).value] = held_.escrow;
  must[sim::chart_account(role::payment_transit, 978, 0).value] = held_.payment_transit;
  must[sim::chart_account(role::withdraw_transit, 978, 0).value] = held_.withdraw_transit;
  must[sim::chart_account(role::refund_transit, 978, 0).value] = held_.refund_transit;
  must[sim::chart_account(role::suspense_long, 978, 0).value] = held_.suspense;
  for (const auto& [user, amount] : frozen_) {
    must[sim::chart_account(sim::chart_role::user_frozen, 978, user).value] = amount;
  }
  for (const account_row& row : rows) {
    const auto at = must.find(row.id.value);
    if (at == must.end()) continue;
    const u128 is = row.counters.credits_posted - row.counters.debits_posted;
    if (is != at->second || row.counters.debits_pending + row.counters.credits_pending != 0) {
      verdict_.problem(verdict_.wrong, "account " + to_hex(row.id.value) + " has " + to_decimal(is) +
                                           ", the orders hold " + to_decimal(at->second));
    }
  }
}

}  // namespace payloom::crash

#include "actors/follower/order_audit.hpp"

#include <cstring>

#include "protocol/types/frame.hpp"
#include "protocol/types/payment_life.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::follower {

namespace {

std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 31;
  x *= 0x7fb5d329728ea185ull;
  x ^= x >> 27;
  x *= 0x81dadef4bc2dd44dull;
  return x ^ x >> 33;
}

template <class T>
std::uint64_t digest_of(const T& bytes, std::uint64_t start) {
  static_assert(sizeof(T) % 8 == 0);
  for (std::size_t at = 0; at < sizeof(T); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, reinterpret_cast<const std::byte*>(&bytes) + at, sizeof word);
    start = mixed(start + word);
  }
  return start;
}

/// What never changes about an order.
std::uint64_t terms_of(const order_row& order) {
  order_row terms{};
  terms.id = order.id;
  terms.business_id = order.business_id;
  terms.amount_minor = order.amount_minor;
  terms.merchant = order.merchant;
  terms.user = order.user;
  terms.counterparty = order.counterparty;
  terms.user_data_128 = order.user_data_128;
  terms.user_data_64 = order.user_data_64;
  terms.ledger = order.ledger;
  terms.rule_version = order.rule_version;
  terms.product = order.product;
  terms.machine = order.machine;
  return digest_of(terms, 1);
}

bool is_final(const order_row& order) { return (order.flags & order_row_flags::final_state) != 0; }

}  // namespace

std::uint64_t order_audit::content_of(const storage::open_order& order) {
  const std::uint64_t start = mixed(mixed(order.sequence) + order.timestamp) + order.tenant;
  return digest_of(order.event, start) | 1;  // never 0
}

void order_audit::problem(commit_seq sequence, const std::string& what) {
  problems_.add("event " + std::to_string(sequence) + ": " + what);
}

void order_audit::apply(const storage::run_view& run, std::uint32_t index) {
  const commit_seq sequence = run.first_sequence + index;
  if (run.kind == storage::run_kind::chain) return posting(run, index);
  if (run.kind == storage::run_kind::payments) return payment(run, index);
  if (expected_.leg != expected_.legs || expected_.payment) {
    problem(sequence, std::string("it stands where a ") + (expected_.leg != expected_.legs ? "posting" : "payment") +
                          " of order " + to_hex(expected_.order) + " must follow");
    expected_ = {};
  }
  if (run.kind == storage::run_kind::orders) {
    event({run.events<order_event>()[index], sequence, run.first_time + index, run.context->tenant, {}});
  }
}

void order_audit::event(const storage::open_order& now) {
  const order_row& order = now.event.order;
  check_request(now);
  audited_order before;
  const auto known = order.created_seq == 0 ? orders_.end() : orders_.find(order.created_seq);
  if (known != orders_.end()) {
    before = known->second;
    resident_ -= before.content != 0 ? 1 : 0;
    if (before.tenant != now.tenant || before.terms != terms_of(order)) {
      problem(now.sequence, "it does not fit the order that event " + std::to_string(order.created_seq) + " made");
    }
  } else if (order.created_seq != 0) {
    problem(now.sequence, "event " + std::to_string(order.created_seq) + " made no order that is still going on");
  }
  if (order.previous_seq != before.newest || order.version != before.version + 1) {
    problem(now.sequence, "it says version " + std::to_string(order.version) + " behind event " +
                              std::to_string(order.previous_seq) + ", but the order has version " +
                              std::to_string(before.version) + " at event " + std::to_string(before.newest));
  }
  check_sums(now, before);
  if (now.resident() && is_final(order) && !now.has_payment())
    problem(now.sequence, "an order in a final state waits for something");
  expected_ = {order.id.value,
               command_of(now.event),
               now.sequence + 1,
               order.merchant,
               0,
               now.event.legs,
               now.tenant,
               order.ledger,
               now.has_payment(),
               order.paid_minor - before.paid,
               order.refunded_minor - before.refunded,
               now.event};
  if (combined_.id != 0 && ++combined_.events > limits::combined_orders_max) {
    problem(now.sequence, "combined payment " + to_hex(combined_.id) + " has " + std::to_string(combined_.members) +
                              " of its " + std::to_string(combined_.count) + " orders");
    combined_ = {};
  }
  if (is_final(order)) {
    if (known != orders_.end()) orders_.erase(known);
    return;
  }
  orders_[now.created()] = {order.paid_minor,
                            order.refunded_minor,
                            terms_of(order),
                            now.sequence,
                            now.resident() ? content_of(now) : 0,
                            order.version,
                            now.tenant};
  resident_ += now.resident() ? 1 : 0;
}

void order_audit::check_request(const storage::open_order& now) {
  const order_row& order = now.event.order;
  const bool first = order.created_seq == 0;
  const frame_type type = first ? frame_type::create_orders : frame_type::act_on_orders;
  order_action_record action;
  std::memcpy(&action, now.event.request, sizeof action);
  const bool own = first ? command_of(now.event) == order.id.value : action.order == order.id;
  if (now.event.request_type != static_cast<std::uint16_t>(type) || !own) {
    problem(now.sequence, "its request does not name order " + to_hex(order.id.value));
  }
  if (first && order.id != order_id_of(order.merchant, order.business_id)) {
    problem(now.sequence, "the order's id is not that of its merchant and business id");
  }
}

void order_audit::check_sums(const storage::open_order& now, const audited_order& before) {
  const order_row& order = now.event.order;
  u128 back = 0;
  if (!checked_add(order.refunded_minor, order.refunding_minor, back) || back > order.paid_minor ||
      order.paid_minor > order.amount_minor || order.held_minor > order.amount_minor ||
      order.fee_returned_minor > order.fee_minor) {
    problem(now.sequence, "order " + to_hex(order.id.value) + ": refunded + refunding <= paid <= amount does not hold");
  }
  // What moved was paid, or refunded, or only went into or out of what is held.
  const u128 moved = now.event.amount_minor;
  const u128 paid = order.paid_minor - before.paid, refunded = order.refunded_minor - before.refunded;
  const bool explained =
      (paid == 0 || paid == moved) && (refunded == 0 || refunded == moved) && (paid == 0 || refunded == 0);
  if (!explained || order.paid_minor < before.paid || order.refunded_minor < before.refunded) {
    problem(now.sequence, "order " + to_hex(order.id.value) + ": paid or refunded did not change by what was moved (" +
                              to_decimal(moved) + ")");
  }
  if ((now.event.legs != 0) != (moved != 0)) problem(now.sequence, "postings and what it moved do not agree");
}

void order_audit::posting(const storage::run_view& run, std::uint32_t index) {
  const commit_seq sequence = run.first_sequence + index;
  const transfer_record& record = run.events<storage::resolution_event>()[index].record;
  if (expected_.leg == expected_.legs) {
    if (id_is_reserved_for_postings(record.id.value))
      problem(sequence, "it is a posting, but no order's event made it");
    return;
  }
  const std::uint32_t leg = expected_.leg++;
  const bool in_place = sequence == expected_.next && index == leg && run.count == expected_.legs;
  if (!in_place || run.context->tenant != expected_.tenant || record.flags != 0 ||
      record.id != posting_id_of(expected_.tenant, expected_.cause, leg) || record.user_data_128 != expected_.order ||
      record.user_data_64 != expected_.merchant || record.user_data_32 != leg || record.ledger != expected_.ledger) {
    problem(sequence, "it is not posting " + std::to_string(leg) + " of order " + to_hex(expected_.order));
  }
  ++expected_.next;
}

namespace {

/// What is wrong with where the order's money came from and went back to, "" when nothing is.
/// `begins`: the payment, with this event.
std::string source_problem(const payment_row& row, bool begins) {
  u128 paid = 0, refunded = 0, waits = 0;
  bool back_to_one = row.source == 0 || !begins;
  for (const payment_source& s : row.sources) {
    if (s.attempt_id == 0 && (s.paid_minor != 0 || s.refunded_minor != 0 || s.channel != 0))
      return "money of no attempt";
    if (s.refunded_minor > s.paid_minor)
      return "more went back to attempt " + to_hex(s.attempt_id) + " than it brought";
    const bool late = s.kind == source_kind::suspense;
    if (late ? !checked_add(waits, s.paid_minor - s.refunded_minor, waits)
             : !checked_add(paid, s.paid_minor, paid) || !checked_add(refunded, s.refunded_minor, refunded))
      return "its attempts brought more than there is";
    const bool right_kind = late == (row.purpose == payment_purpose::return_late);
    back_to_one |= row.source == s.attempt_id && right_kind && row.channel == s.channel;
  }
  if (paid != row.external_paid_minor || refunded != row.external_refunded_minor)
    return "its attempts brought " + to_decimal(paid) + " and got " + to_decimal(refunded) + " back, channels " +
           to_decimal(row.external_paid_minor) + " and " + to_decimal(row.external_refunded_minor);
  if (waits > row.suspense_minor) return "its attempts have more in suspense than stands there";
  return back_to_one ? "" : "it goes back another way than attempt " + to_hex(row.source) + " brought it";
}

}  // namespace

void order_audit::payment(const storage::run_view& run, std::uint32_t index) {
  const payment_row& row = run.events<payment_row>()[index];
  const commit_seq sequence = run.first_sequence + index;
  const bool due = expected_.payment && expected_.leg == expected_.legs && sequence == expected_.next;
  if (!due || row.order.value != expected_.order || !id_is_reserved_for_postings(row.id)) {
    problem(sequence, "it is not the payment of order " + to_hex(expected_.order));
  }
  u128 parts = 0;
  const bool fits = checked_add(row.balance_minor, row.coupon_minor, parts) && parts <= row.amount_minor &&
                    row.external_refunded_minor <= row.external_paid_minor &&
                    row.coupon_refunded_minor <= row.coupon_paid_minor;
  if (!fits) problem(sequence, "the parts of payment " + to_hex(row.payment) + " do not fit its amounts");
  if (const std::string wrong = source_problem(row, due && begins_payment(expected_.event, row)); !wrong.empty())
    problem(sequence, "payment " + to_hex(row.payment) + ": " + wrong);
  if (due) check_relations(row, sequence);
  expected_.payment = false;
}

void order_audit::check_relations(const payment_row& row, commit_seq sequence) {
  const bool its = subject_of(expected_.event, row) == row.payment;
  const bool back = gives_back(row.purpose);
  const u128 counted = expected_.paid + expected_.refunded;
  if (its && counted != 0 && (counted != row.amount_minor || (expected_.paid != 0) == back)) {
    problem(sequence, "payment " + to_hex(row.payment) + " of " + to_decimal(row.amount_minor) + " added " +
                          to_decimal(expected_.paid) + " to paid and " + to_decimal(expected_.refunded) +
                          " to refunded of its order");
  }
  const bool member = row.combined != 0 && !back && external_part(row) != 0;
  if (member && begins_payment(expected_.event, row)) check_member(row, sequence);
}

/// Members of a combined payment stand in their order in one unit.
void order_audit::check_member(const payment_row& row, commit_seq sequence) {
  if (row.combined_member == 0) {
    if (combined_.id != 0)
      problem(sequence, "the combined payment " + to_hex(combined_.id) + " before is not complete");
    combined_ = {row.combined, row.combined_minor, 0, row.combined_count, 0, 1};
  }
  open_combined& c = combined_;
  const bool first = row.combined_member != 0 || row.combined == row.payment;
  const bool fits = first && row.combined == c.id && row.combined_minor == c.total && row.combined_count == c.count &&
                    row.combined_member == c.members && row.combined_member < row.combined_count &&
                    row.combined_before_minor == c.sum;
  if (!fits) {
    problem(sequence, "it is not member " + std::to_string(c.members) + " of combined payment " + to_hex(c.id));
    combined_ = {};
    return;
  }
  const bool adds_up = checked_add(c.sum, external_part(row), c.sum) && c.sum <= c.total;
  const bool last = ++c.members == c.count;
  if (!adds_up || (last && c.sum != c.total)) {
    problem(sequence, "the orders of combined payment " + to_hex(c.id) + " bring " + to_decimal(c.sum) + " of " +
                          to_decimal(c.total));
    combined_ = {};
    return;
  }
  if (last) combined_ = {};
}

void order_audit::finish() {
  if (combined_.id != 0) problems_.add("the last orders of combined payment " + to_hex(combined_.id) + " are missing");
  if (expected_.leg != expected_.legs || expected_.payment) {
    problems_.add("the last postings of order " + to_hex(expected_.order) + " are missing");
  }
}

}  // namespace payloom::follower

// Goal: the book of lives finds lost, doubled, foreign and wrong events of orders. A server's events are made here from
// the rules and then spoilt, one way each.
#include "tests/crash/life_book.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/crash/account_plan.hpp"

namespace payloom::crash {
namespace {

constexpr time_ns second = 1'000'000'000;
constexpr time_ns began = 1'700'000'000 * second;

order_record sale(std::uint64_t name, std::uint16_t product, u128 amount, std::uint16_t flags = 0) {
  order_record r{};
  r.business_id = name;
  r.merchant = 3;
  r.user = 2;
  r.counterparty = 1;
  r.id = order_id_of(r.merchant, r.business_id);
  r.amount_minor = amount;
  r.ledger = account_plan::euro;
  r.product = product;
  r.flags = flags;
  return r;
}

order_action_record act(std::uint64_t id, const order_record& on, order_action what, u128 amount = 0) {
  order_action_record r{};
  r.id.value = id;
  r.order = on.id;
  r.action = what;
  r.amount_minor = amount;
  return r;
}

/// What a channel says of the newest attempt: it moved `amount`.
order_action_record fact(const order_event_row& last, u128 amount) {
  channel_fact_record f{};
  f.order = last.event.order.id;
  f.payment = last.payment.payment;
  f.attempt = last.payment.attempt;
  f.channel = last.payment.channel;
  f.amount_minor = amount;
  f.ledger = account_plan::euro;
  f.action = order_action::channel_fact;
  f.outcome = channel_outcome::success;
  f.id.value = fact_id_of(last.payment.id, f.outcome, 0, 0);
  order_action_record r{};
  std::memcpy(static_cast<void*>(&r), &f, sizeof r);
  return r;
}

bool has_payment(const order_event_row& row) { return (row.event.flags & order_event_flags::payment) != 0; }

account_row row_of(sim::chart_role role, owner_number owner, u128 credits, u128 debits) {
  account_row a{};
  a.id = sim::chart_account(role, account_plan::euro, owner);
  a.counters.credits_posted = credits;
  a.counters.debits_posted = debits;
  return a;
}

}  // namespace

class life_books : public ::testing::Test {
 protected:
  /// What a faultless server shows of a creation or of an action on the order `last`.
  template <class Record>
  order_event_row event_of(const Record& r) {
    sim::order_outcome o;
    const time_ns now = began + sequence * second;
    if constexpr (std::is_same_v<Record, order_record>) {
      o = sim::created_order(0, r);
    } else {
      o = sim::changed_order(0, r, {last.event.order, last.payment, has_payment(last), last.sequence}, now);
      if (o.after.created_seq == 0) o.after.created_seq = last.sequence;
    }
    EXPECT_EQ(name_of(o.code), "ok");
    order_event_row row{};
    std::memcpy(row.event.request, &r, sizeof row.event.request);
    row.event.request_type = static_cast<std::uint16_t>(
        std::is_same_v<Record, order_record> ? frame_type::create_orders : frame_type::act_on_orders);
    row.event.order = o.after;
    row.event.order.timeout_at = o.waits_s == 0 ? 0 : now + o.waits_s * second;
    row.event.event = o.event;
    row.event.fact = o.fact;
    row.event.from_state = o.from_state;
    row.event.amount_minor = o.amount;
    row.event.fee_minor = o.fee;
    row.event.legs = static_cast<std::uint8_t>(o.legs.size());
    if (o.has_payment) {
      row.event.flags = order_event_flags::payment;
      row.payment = o.payment;
      if (o.payment_waits_s != 0) row.payment.due_at = now + o.payment_waits_s * second;
    }
    row.sequence = sequence;
    row.timestamp = now;
    sequence += 1 + o.legs.size() + (o.has_payment ? 1 : 0);
    last = row;
    return row;
  }
  /// The client was told so.
  template <class Record>
  void tell(const Record& r, const order_event_row& row) {
    load_frame frame;
    frame.type = static_cast<frame_type>(row.event.request_type);
    frame.add(r, expectation::order);
    result_record result{};
    result.sequence = row.sequence;
    result.timestamp = row.timestamp;
    lives.executed(frame, 0, result);
  }
  template <class Record>
  void happen(const Record& r) {
    const order_event_row row = event_of(r);
    tell(r, row);
    lives.event(row);
  }

  verdict found;
  money_book books{found};
  life_book lives{found, books};
  commit_seq sequence = 10;
  order_event_row last{};
};

TEST_F(life_books, whole_lives_are_right_and_their_money_is_where_it_belongs) {
  const order_record paid = sale(1, 101, 10'000, order_flags::pay_now);
  happen(paid);
  happen(act(21, paid, order_action::refund, 4'000));
  const order_record held = sale(2, 102, 700, order_flags::pay_now);
  happen(held);
  const order_record authorised = sale(3, 103, 300, order_flags::pay_now);
  happen(authorised);
  lives.check_complete();
  lives.check_held(std::vector<account_row>{row_of(sim::chart_role::escrow, 0, 700, 0),
                                            row_of(sim::chart_role::refund_transit, 0, 4'000, 4'000),
                                            row_of(sim::chart_role::user_frozen, 2, 300, 0)});
  EXPECT_TRUE(found.good()) << found.problems.front();
  EXPECT_EQ(lives.events(), 4u);
  EXPECT_EQ(lives.find(paid.id.value)->postings, 4u);
  books.settle();
  books.compare({});  // every account is missing, one for each that the postings touched
  EXPECT_EQ(found.lost, 1u);
}

TEST_F(life_books, payments_outside_end_by_what_channels_say) {
  const order_record o = sale(1, 101, 5'000);
  happen(o);
  order_action_record pays = act(31, o, order_action::pay);
  pays.tools = 7;
  pays.balance_minor = 1'000;
  pays.coupon_minor = 500;
  happen(pays);
  EXPECT_EQ(lives.outside(), 1u);
  lives.check_held(std::vector<account_row>{row_of(sim::chart_role::payment_transit, 0, 1'500, 0)});
  const order_event_row said = event_of(fact(last, 3'500));
  lives.event(said);
  EXPECT_EQ(lives.facts(), 1u);
  EXPECT_EQ(lives.outside(), 0u);
  EXPECT_EQ(lives.find(o.id.value)->row.paid_minor, 5'000u);
  lives.check_held(std::vector<account_row>{row_of(sim::chart_role::payment_transit, 0, 1'500, 1'500)});
  EXPECT_TRUE(found.good()) << found.problems.front();
  order_event_row again = said;
  again.sequence += 10;
  lives.event(again);
  EXPECT_EQ(found.duplicated, 1u) << "a fact has one event";
}

TEST_F(life_books, wrong_payments_outside_are_found) {
  using spoil = void (*)(order_event_row&);
  constexpr spoil ways[] = {
      [](order_event_row& r) { r.payment.external_paid_minor += 1; },
      [](order_event_row& r) { r.payment.suspense_minor = 5; },
      [](order_event_row& r) { r.payment.state += 1; },
      [](order_event_row& r) { r.payment.attempt += 1; },
      [](order_event_row& r) { r.payment.due_at = 0; },
      [](order_event_row& r) { r.payment.call = channel_operation::none; },
      [](order_event_row& r) { r.event.flags = 0; },
  };
  for (const spoil way : ways) {
    const std::uint64_t before = found.wrong;
    const auto name = static_cast<std::uint64_t>(&way - ways);
    const order_record o = sale(200 + name, 101, 5'000);
    happen(o);
    order_action_record pays = act(300 + name, o, order_action::pay);
    pays.tools = 4;
    order_event_row row = event_of(pays);
    tell(pays, row);
    way(row);
    lives.event(row);
    EXPECT_GT(found.wrong, before) << "way " << name;
  }
}

TEST_F(life_books, an_executed_command_without_an_event_is_lost) {
  const order_record o = sale(1, 101, 100);
  tell(o, event_of(o));
  lives.check_complete();
  EXPECT_EQ(found.lost, 1u);
}

TEST_F(life_books, an_event_that_comes_twice_or_that_nobody_asked_for_is_found) {
  const order_record o = sale(1, 101, 100);
  happen(o);
  order_event_row again = last;
  again.sequence += 5;
  lives.event(again);
  EXPECT_EQ(found.duplicated, 1u);
  lives.event(event_of(act(22, o, order_action::cancel)));
  EXPECT_EQ(found.duplicated, 2u);
}

TEST_F(life_books, wrong_sums_states_and_amounts_are_found) {
  using spoil = void (*)(order_event_row&);
  constexpr spoil ways[] = {
      [](order_event_row& r) { r.event.order.paid_minor -= 1; },
      [](order_event_row& r) { r.event.order.refunded_minor = 1; },
      [](order_event_row& r) { r.event.order.fee_minor += 1; },
      [](order_event_row& r) { r.event.order.state += 1; },
      [](order_event_row& r) { r.event.order.payments += 1; },
      [](order_event_row& r) { r.event.order.flags ^= order_row_flags::resident; },
      [](order_event_row& r) { r.event.order.timeout_at += 3 * second; },
      [](order_event_row& r) { r.event.amount_minor -= 1; },
      [](order_event_row& r) { r.event.fee_minor = 0; },
      [](order_event_row& r) { r.event.legs -= 1; },
      [](order_event_row& r) { r.event.fact = 0xff; },
      [](order_event_row& r) { r.timestamp += 1; },
      [](order_event_row& r) { r.event.request[127] = std::byte{1}; },
  };
  std::uint64_t expected = 0;
  for (const spoil way : ways) {
    const order_record o = sale(100 + expected, 101, 5'000, order_flags::pay_now);
    order_event_row row = event_of(o);
    tell(o, row);
    way(row);
    lives.event(row);
    EXPECT_GT(found.wrong, expected) << "way " << &way - ways;
    expected = found.wrong;
  }
}

TEST_F(life_books, a_gap_in_the_versions_and_events_out_of_order_are_found) {
  const order_record o = sale(1, 101, 5'000);
  happen(o);
  const order_action_record first = act(31, o, order_action::pay, 1'000), second_one = act(32, o, order_action::pay);
  const order_event_row missed = event_of(first);
  tell(first, missed);
  happen(second_one);
  EXPECT_GE(found.wrong, 1u) << "the first payment's event did not come";
  const std::uint64_t before = found.wrong;
  lives.event(missed);
  EXPECT_GT(found.wrong, before) << "it comes too late";
}

TEST_F(life_books, money_that_no_order_holds_is_found) {
  happen(sale(2, 102, 700, order_flags::pay_now));
  lives.check_held(std::vector<account_row>{row_of(sim::chart_role::escrow, 0, 701, 0)});
  lives.check_held(std::vector<account_row>{row_of(sim::chart_role::refund_transit, 0, 5, 4)});
  EXPECT_EQ(found.wrong, 2u);
}

TEST_F(life_books, an_order_is_overdue_until_its_timer_ran) {
  order_record o = sale(1, 101, 100);
  o.timeout_s = 2;
  happen(o);
  const time_ns due = last.event.order.timeout_at;
  EXPECT_FALSE(lives.overdue(due));
  EXPECT_TRUE(lives.overdue(due + 2 * second));
  sequence += 5;  // a second each
  lives.event(event_of(act(77, o, order_action::timer)));
  EXPECT_EQ(lives.timers(), 1u);
  EXPECT_FALSE(lives.overdue(due + 2 * second));
  EXPECT_TRUE(found.good()) << found.problems.front();
}

}  // namespace payloom::crash

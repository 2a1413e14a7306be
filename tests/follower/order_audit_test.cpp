// Goal: verify names every way in which an order's events and postings can contradict each other. Method: a good unit
// is written, then one with a single thing wrong.
#include <gtest/gtest.h>

#include <functional>

#include "actors/follower/verify.hpp"
#include "protocol/types/frame.hpp"
#include "tests/follower/follower_fixture.hpp"

namespace payloom {
namespace {

using storage::run_kind;
using testing::follower_fixture;
using testing::signed_sum;

/// One unit: an event and its postings.
struct unit {
  order_event event{};
  std::vector<storage::resolution_event> postings;
};

std::string all(const follower::verify_report& report) {
  std::string text;
  for (const auto& problem : report.problems.first) text += problem + "\n";
  return text;
}

struct audit_fixture : follower_fixture {
  audit_fixture() : follower_fixture(501) {
    open();
    history.run(300);
  }

  /// An order of 100 that is paid at once, with two postings.
  unit creation() {
    unit u;
    order_row& order = u.event.order;
    order_record request{};
    request.merchant = order.merchant = 9;
    request.business_id = order.business_id = 77;
    request.id = order.id = order_id_of(9, 77);
    request.amount_minor = order.amount_minor = order.paid_minor = u.event.amount_minor = 100;
    request.ledger = order.ledger = 840;
    order.version = 1;
    order.flags = order_row_flags::resident;
    u.event.request_type = static_cast<std::uint16_t>(frame_type::create_orders);
    std::memcpy(u.event.request, &request, sizeof request);
    add_postings(u, request.id.value);
    return u;
  }
  /// A refund of 40 of the order that `creation` made at `created`.
  unit refund(commit_seq created) {
    unit u;
    u.event.order = creation().event.order;
    order_row& order = u.event.order;
    order.version = 2;
    order.created_seq = order.previous_seq = created;
    order.refunded_minor = u.event.amount_minor = 40;
    order_action_record request{};
    request.id.value = 4242;
    request.order = order.id;
    request.action = order_action::refund;
    u.event.request_type = static_cast<std::uint16_t>(frame_type::act_on_orders);
    std::memcpy(u.event.request, &request, sizeof request);
    add_postings(u, request.id.value);
    return u;
  }
  void add_postings(unit& u, u128 cause) {
    u.event.legs = 2;
    for (std::uint32_t leg = 0; leg < 2; ++leg) {
      storage::resolution_event posting{};
      transfer_record& record = posting.record;
      record.id = posting_id_of(0, cause, leg);
      record.debit_account.value = 1;
      record.credit_account = history.accounts()[4].record.id;
      record.amount_minor = 10;
      record.ledger = 840;
      record.user_data_128 = u.event.order.id.value;
      record.user_data_64 = u.event.order.merchant;
      record.user_data_32 = leg;
      u.postings.push_back(posting);
    }
  }
  /// The merchant's pending account that batches below are about, with what stands on it.
  owner_number merchant = 999;  // of none that the random history knows: its sums may be anything
  ledger_id merchant_ledger() const { return history.accounts()[6].record.ledger; }
  /// A sale that earns 20 for the account on a day.
  unit earning(day_number day, u128 business_id) {
    unit u = creation();
    order_row& order = u.event.order;
    order_record request{};
    request.merchant = order.merchant = merchant;
    request.business_id = order.business_id = business_id;
    request.id = order.id = order_id_of(merchant, business_id);
    request.ledger = order.ledger = merchant_ledger();
    order.accounting_date = day;
    std::memcpy(u.event.request, &request, sizeof request);
    u.postings.clear();
    add_postings(u, request.id.value);
    for (storage::resolution_event& posting : u.postings) {
      posting.record.debit_account = history.accounts()[2].record.id;
      posting.record.credit_account = pending_account(merchant, merchant_ledger());
      posting.record.ledger = merchant_ledger();
    }
    return u;
  }
  /// A settlement batch of `amount` (even), as it stood at `as_of`.
  unit batch(day_number day, u128 amount, commit_seq as_of) {
    unit u = earning(day, settlement_business_id(merchant_ledger(), day));
    order_row& order = u.event.order;
    order.product = settlement_product;
    order.user_data_64 = as_of;
    order.amount_minor = order.paid_minor = u.event.amount_minor = amount;
    for (storage::resolution_event& posting : u.postings) {
      std::swap(posting.record.debit_account, posting.record.credit_account);
      posting.record.amount_minor = amount / 2;
    }
    return u;
  }
  /// What a batch through `day` must take now.
  signed_sum due(day_number day) {
    return behind->with_view([&](const follower::ledger_view& view) -> signed_sum {
      const auto ordinal = view.accounts.find(0, pending_account(merchant, merchant_ledger()).value);
      const follower::unsettled_account* sums = view.books.unsettled_of(ordinal);
      if (sums == nullptr) return 0;
      const auto net = sums->net_through(day);
      return net.negative ? -static_cast<signed_sum>(net.minor) : static_cast<signed_sum>(net.minor);
    });
  }
  void open_pending_account() {
    storage::group_builder builder;
    builder.begin();
    account_record account{};
    account.id = pending_account(merchant, merchant_ledger());
    account.ledger = merchant_ledger();
    account.code = merchant_pending_code;
    std::memcpy(builder.append(run_kind::accounts, builder.add_context({}), 1), &account, sizeof account);
    finish(builder);
  }
  /// Sequence of its event.
  commit_seq append(const unit& u) {
    storage::group_builder builder;
    builder.begin();
    const std::uint32_t context = builder.add_context({});
    std::memcpy(builder.append(run_kind::orders, context, 1), &u.event, sizeof u.event);
    if (!u.postings.empty()) {
      const auto count = static_cast<std::uint32_t>(u.postings.size());
      std::memcpy(builder.append_run(run_kind::chain, context, count), u.postings.data(),
                  u.postings.size() * sizeof u.postings[0]);
    }
    return finish(builder);
  }
  commit_seq finish(storage::group_builder& builder) {
    const auto position = journal.position();
    const std::uint32_t events = builder.event_count();
    EXPECT_EQ(journal.append(builder.finish(position.next_sequence, position.last_time + 1)),
              storage::append_status::ok);
    EXPECT_TRUE(behind->wait_applied(position.next_sequence + events - 1, soon()));
    return position.next_sequence;
  }
  std::string verify() { return all(follower::verify(journal, *behind, *store)); }
};

TEST(order_audit, a_good_order_is_good) {
  audit_fixture f;
  const commit_seq created = f.append(f.creation());
  f.append(f.refund(created));
  EXPECT_EQ(f.verify(), "");
  const auto report = follower::verify(f.journal, *f.behind, *f.store);
  std::size_t open = 1;
  for (const auto& order : f.history.orders()) open += (order.row.flags & order_row_flags::resident) != 0 ? 1 : 0;
  EXPECT_EQ(report.open_orders, open);
}

TEST(order_audit, settlement_batches_take_what_stood_and_only_go_forward) {
  audit_fixture f;
  f.open_pending_account();
  const day_number day = 20'260'101;
  u128 name = 1;
  f.append(f.earning(day, ++name));
  const commit_seq as_of = f.append(f.earning(day, ++name)) + 2;
  const auto first = static_cast<u128>(f.due(day));
  f.append(f.earning(day, ++name));  // between adding up and batch: left for the next
  f.append(f.batch(day, first, as_of));
  EXPECT_EQ(f.due(day), 20);
  f.append(f.earning(plus_days(day, 1), ++name));
  f.append(f.batch(plus_days(day, 1), 40, f.journal.durable_through()));
  EXPECT_EQ(f.verify(), "");
  // The same money once more, as two that add up at once would take it.
  f.append(f.batch(plus_days(day, 2), 40, f.journal.durable_through() - 3));
  EXPECT_NE(f.verify().find("the settlement batch takes 40 of account"), std::string::npos) << f.verify();
}

TEST(order_audit, settlement_batches_of_a_merchant_only_go_forward) {
  audit_fixture f;
  f.open_pending_account();
  const day_number day = 20'260'101;
  f.append(f.batch(day, 20, 0));  // of whatever: only the days matter here
  f.append(f.batch(plus_days(day, -1), 20, 0));
  EXPECT_NE(f.verify().find("is settled through day 20251231, but was through 20260101 before"), std::string::npos)
      << f.verify();
}

TEST(order_audit, every_contradiction_of_a_first_event_is_named) {
  struct damage {
    const char* named;
    std::function<void(unit&)> change;
  };
  const damage damages[] = {
      {"does not name order", [](unit& u) { u.event.request[3] ^= std::byte{1}; }},
      {"does not name order", [](unit& u) { u.event.request_type = 21; }},
      {"is not that of its merchant", [](unit& u) { u.event.order.merchant = 8; }},
      {"it says version 2", [](unit& u) { u.event.order.version = 2; }},
      {"it says version 1 behind event 5", [](unit& u) { u.event.order.previous_seq = 5; }},
      {"refunded + refunding <= paid <= amount", [](unit& u) { u.event.order.amount_minor = 99; }},
      {"refunded + refunding <= paid <= amount", [](unit& u) { u.event.order.refunding_minor = 101; }},
      {"refunded + refunding <= paid <= amount", [](unit& u) { u.event.order.refunding_minor = ~u128{0}; }},
      {"refunded + refunding <= paid <= amount", [](unit& u) { u.event.order.held_minor = 101; }},
      {"refunded + refunding <= paid <= amount", [](unit& u) { u.event.order.fee_returned_minor = 1; }},
      {"did not change by what was moved", [](unit& u) { u.event.amount_minor = 99; }},
      {"did not change by what was moved", [](unit& u) { u.event.order.refunded_minor = 1; }},
      {"do not agree", [](unit& u) { u.event.amount_minor = u.event.order.paid_minor = 0; }},
      {"in a final state", [](unit& u) { u.event.order.flags |= order_row_flags::final_state; }},
      {"it is not posting 1", [](unit& u) { u.postings[1].record.id.value += 1; }},
      {"it is not posting 0", [](unit& u) { u.postings[0].record.user_data_128 = 1; }},
      {"it is not posting 0", [](unit& u) { u.postings[0].record.user_data_64 = 1; }},
      {"it is not posting 1", [](unit& u) { u.postings[1].record.user_data_32 = 0; }},
      {"it is not posting 1", [](unit& u) { u.postings[1].record.ledger = 978; }},
      {"it is not posting 0", [](unit& u) { u.postings[0].record.flags = transfer_flags::linked; }},
  };
  for (const damage& d : damages) {
    audit_fixture f;
    unit u = f.creation();
    d.change(u);
    f.append(u);
    const std::string found = f.verify();
    EXPECT_NE(found.find(d.named), std::string::npos) << d.named << " in:\n" << found;
  }
}

TEST(order_audit, every_contradiction_of_a_later_event_is_named) {
  struct damage {
    const char* named;
    std::function<void(unit&)> change;
  };
  const damage damages[] = {
      {"does not name order", [](unit& u) { u.event.request[17] ^= std::byte{1}; }},
      {"it does not fit the order", [](unit& u) { u.event.order.user = 5; }},
      {"it does not fit the order", [](unit& u) { u.event.order.business_id = 78; }},
      {"it says version 3", [](unit& u) { u.event.order.version = 3; }},
      {"behind event", [](unit& u) { u.event.order.previous_seq -= 1; }},
      {"made no order", [](unit& u) { u.event.order.created_seq -= 1; }},
      {"did not change by what was moved", [](unit& u) { u.event.order.refunded_minor = 41; }},
      {"did not change by what was moved", [](unit& u) { u.event.order.paid_minor = 60; }},
  };
  for (const damage& d : damages) {
    audit_fixture f;
    unit u = f.refund(f.append(f.creation()));
    d.change(u);
    f.append(u);
    const std::string found = f.verify();
    EXPECT_NE(found.find(d.named), std::string::npos) << d.named << " in:\n" << found;
  }
}

TEST(order_audit, an_event_behind_a_final_state_is_named) {
  audit_fixture f;
  unit first = f.creation();
  first.event.order.flags = order_row_flags::final_state;
  f.append(f.refund(f.append(first)));
  EXPECT_NE(f.verify().find("made no order that is still going on"), std::string::npos);
}

TEST(order_audit, a_posting_without_an_order_is_named) {
  audit_fixture f;
  unit u = f.creation();
  u.event.amount_minor = u.event.order.paid_minor = 0;
  u.event.legs = 0;
  f.append(u);
  EXPECT_NE(f.verify().find("no order's event made it"), std::string::npos);
}

}  // namespace
}  // namespace payloom

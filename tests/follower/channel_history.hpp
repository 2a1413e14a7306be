#pragma once
// Orders paid through a channel, alone and combined, written to a journal event by event.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "actors/follower/verify.hpp"
#include "protocol/types/frame.hpp"
#include "protocol/types/payment_records.hpp"
#include "tests/follower/graph_fixture.hpp"

namespace payloom::testing {

/// One event of an order with what stands behind it.
struct step {
  order_event event{};
  std::vector<transfer_record> postings;
  bool has_payment = false;
  payment_row payment{};
};

struct channel_fixture : graph_fixture {
  channel_fixture() : graph_fixture(707) {
    history.run(300);
    storage::group_builder builder;
    builder.begin();
    account_record account{};
    account.id = pending_account(merchant, ledger);
    account.ledger = ledger;
    account.code = merchant_pending_code;
    std::memcpy(builder.append(storage::run_kind::accounts, builder.add_context({}), 1), &account, sizeof account);
    finish(builder);
  }
  static constexpr owner_number merchant = 999;
  static constexpr ledger_id ledger = 840;
  static constexpr u128 total = 300;

  order_row& order(u128 name) { return orders[name]; }
  u128 id_of(u128 name) { return orders[name].id.value; }

  step next(u128 name, order_action what, u128 command) {
    step s;
    order_row& o = orders[name];
    if (o.version != 0) {
      o.previous_seq = newest[name];
      if (o.created_seq == 0) o.created_seq = newest[name];
    }
    ++o.version;
    order_action_record request{};
    request.id.value = command;
    request.order = o.id;
    request.action = what;
    std::memcpy(s.event.request, &request, sizeof request);
    s.event.request_type = static_cast<std::uint16_t>(frame_type::act_on_orders);
    return s;
  }
  step created(u128 name, u128 amount, u128 root) {
    order_row& o = orders[name];
    o.merchant = merchant;
    o.business_id = name;
    o.id = order_id_of(merchant, name);
    o.ledger = ledger;
    o.amount_minor = amount;
    o.root_id = root;
    o.accounting_date = 20'260'101;
    step s = next(name, order_action::none, 0);
    order_record request{};
    request.id = o.id;
    request.merchant = merchant;
    request.business_id = name;
    std::memcpy(s.event.request, &request, sizeof request);
    s.event.request_type = static_cast<std::uint16_t>(frame_type::create_orders);
    return s;
  }
  /// A payment of `amount` begins, all of it by channel.
  step sent(u128 name, u128 command, u128 amount, payment_purpose purpose = payment_purpose::pay) {
    step s = next(name, purpose == payment_purpose::pay ? order_action::pay : order_action::refund, command);
    s.has_payment = true;
    payment_row& p = payments[name];
    const u128 source = attempt_id_of(0, p.combined != 0 ? p.combined : p.payment, p.attempt);
    const payment_row before = p;
    p = {};
    p.external_paid_minor = before.external_paid_minor;
    p.external_refunded_minor = before.external_refunded_minor;
    std::copy(std::begin(before.sources), std::end(before.sources), p.sources);
    p.payment = command;
    p.order = orders[name].id;
    p.amount_minor = amount;
    p.purpose = purpose;
    p.attempt = 1;
    p.channel = 1;
    p.call = channel_operation::pay;
    p.id = attempt_id_of(0, command, 1);
    if (purpose == payment_purpose::refund) {
      p.source = source;
      p.external_refunded_minor += amount;
      for (payment_source& place : p.sources)
        if (place.attempt_id == source) place.refunded_minor += amount;
      orders[name].refunding_minor += amount;
    }
    return s;
  }
  /// What the channel says of it.
  step told(u128 name, channel_outcome outcome, u128 command, u128 reference = 0) {
    step s = next(name, order_action::channel_fact, command);
    s.has_payment = true;
    payment_row& p = payments[name];
    p.id = posting_id_of(0, command, payment_record_leg).value;
    p.outcome = outcome;
    p.call = channel_operation::none;
    if (reference != 0) p.channel_reference = reference;
    channel_fact_record fact{};
    std::memcpy(static_cast<void*>(&fact), s.event.request, sizeof fact);
    fact.payment = p.payment;
    fact.attempt = p.attempt;
    fact.outcome = outcome;
    std::memcpy(s.event.request, &fact, sizeof fact);
    if (outcome != channel_outcome::success) return s;
    order_row& o = orders[name];
    s.event.amount_minor = p.amount_minor;
    if (p.purpose == payment_purpose::pay) {
      o.paid_minor += p.amount_minor;
      p.external_paid_minor += p.amount_minor;
      const u128 number = channel_number_of(0, p);
      for (payment_source& place : p.sources) {
        if (place.attempt_id != 0) continue;
        place = {number, p.channel, source_kind::paid, {}, p.amount_minor, 0};
        break;
      }
    } else {
      o.refunding_minor -= p.amount_minor;
      o.refunded_minor += p.amount_minor;
    }
    earn(s, name, command, p.amount_minor);
    return s;
  }
  void earn(step& s, u128 name, u128 cause, u128 amount) {
    transfer_record t{};
    t.id = posting_id_of(0, cause, 0);
    t.debit_account.value = 1;
    t.credit_account = pending_account(merchant, ledger);
    t.amount_minor = amount;
    t.ledger = ledger;
    t.user_data_128 = id_of(name);
    t.user_data_64 = merchant;
    s.postings.push_back(t);
  }
  void lay(storage::group_builder& builder, u128 name, step& s, std::uint32_t context, commit_seq sequence) {
    s.event.order = orders[name];
    s.event.legs = static_cast<std::uint8_t>(s.postings.size());
    if (s.has_payment) s.event.flags |= order_event_flags::payment;
    newest[name] = sequence;
    std::memcpy(builder.append(storage::run_kind::orders, context, 1), &s.event, sizeof s.event);
    if (!s.postings.empty()) {
      auto* to = builder.append_run(storage::run_kind::chain, context, static_cast<std::uint32_t>(s.postings.size()));
      for (std::size_t i = 0; i < s.postings.size(); ++i) {
        storage::resolution_event posting{};
        posting.record = s.postings[i];
        std::memcpy(to + i * sizeof posting, &posting, sizeof posting);
      }
    }
    if (s.has_payment)
      std::memcpy(builder.append(storage::run_kind::payments, context, 1), &payments[name], sizeof(payment_row));
  }
  commit_seq write(u128 name, step s, u128 frame_root = 0) {
    storage::group_builder builder;
    builder.begin();
    storage::context_entry context{};
    context.root_id = frame_root;
    const commit_seq at = journal.position().next_sequence;
    lay(builder, name, s, builder.add_context(context), at);
    finish(builder);
    return at;
  }
  void finish(storage::group_builder& builder) {
    const auto position = journal.position();
    const std::uint32_t events = builder.event_count();
    ASSERT_EQ(journal.append(builder.finish(position.next_sequence, position.last_time + 1)),
              storage::append_status::ok);
    ASSERT_TRUE(behind->wait_applied(position.next_sequence + events - 1, soon()));
  }
  /// Orders 1, 2 (of root 0x70) and 3 (of root 0x71), paid as one through a channel: 100 each, under the commands
  /// 0x101, 0x102, 0x103. `damage` may spoil the members' payments.
  void pay_combined(const std::function<void(payment_row&)>& damage = nullptr) {
    for (const u128 name : {1, 2, 3}) write(name, created(name, 100, name == 3 ? 0x71 : 0x70), name == 3 ? 0x71 : 0x70);
    storage::group_builder builder;
    builder.begin();
    const std::uint32_t context = builder.add_context({});
    commit_seq at = journal.position().next_sequence;
    for (std::uint16_t member = 0; member < 3; ++member) {
      const u128 name = member + 1u;
      step s = sent(name, 0x100 + name, 100);
      payment_row& p = payments[name];
      p.combined = 0x101;
      p.combined_minor = total;
      p.combined_count = 3;
      p.combined_member = member;
      p.combined_before_minor = 100u * member;
      if (damage) damage(p);
      lay(builder, name, s, context, at);
      at += 2;
    }
    finish(builder);
  }
  std::string verify() {
    std::string text;
    for (const auto& problem : follower::verify(journal, *behind, *store).problems.first) text += problem + "\n";
    return text;
  }
  std::map<u128, order_row> orders;
  std::map<u128, payment_row> payments;
  std::map<u128, commit_seq> newest;
};

}  // namespace payloom::testing

// Goal: payments through channels, alone and combined, their attempts, refunds and settlements are related as domain.md
// 1.2 says, wherever the index ends; and verify names what does not add up (TC-2). Method: histories written by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "actors/follower/order_relations.hpp"
#include "tests/follower/channel_history.hpp"

namespace payloom {
namespace {

using follower::query_outcome;
using testing::channel_fixture;
using testing::same_rows;
using testing::step;

std::vector<relation_row> of_kind(const std::vector<relation_row>& rows, relation_kind kind) {
  std::vector<relation_row> out;
  std::ranges::copy_if(rows, std::back_inserter(out), [&](const relation_row& r) { return r.kind == kind; });
  return out;
}

u128 sum_of(const std::vector<relation_row>& rows, relation_kind kind, u128 order = 0) {
  u128 sum = 0;
  for (const relation_row& r : of_kind(rows, kind))
    if (r.state == 1 && (order == 0 || r.order.value == order)) sum += r.amount_minor;
  return sum;
}

/// Every id of the three orders' combined payment leads to all of it, wherever the index ends.
void check_combined(channel_fixture& f) {
  const auto whole = f.graph(f.id_of(1));
  ASSERT_EQ(of_kind(whole, relation_kind::combines).size(), 3u);
  EXPECT_EQ(sum_of(whole, relation_kind::combines), channel_fixture::total);
  EXPECT_EQ(sum_of(whole, relation_kind::attempts), channel_fixture::total);
  EXPECT_EQ(of_kind(whole, relation_kind::roots).size(), 3u);
  const u128 attempt = attempt_id_of(0, 0x101, 1);
  for (const relation_row& r : of_kind(whole, relation_kind::attempts)) EXPECT_EQ(r.to, attempt);
  // Of the same root, or of an order in it: the root's orders come first.
  for (const u128 id : {f.id_of(2), u128{0x70}, u128{0x101}, u128{0x102}, attempt, u128{0xc4a2}})
    EXPECT_TRUE(same_rows(f.graph(id), whole)) << lo64(id);
  // Of the other: the same relations, its own order first.
  for (const u128 id : {f.id_of(3), u128{0x71}, u128{0x103}}) {
    auto rows = f.graph(id);
    EXPECT_EQ(rows.front().order.value, f.id_of(3));
    std::ranges::stable_sort(rows, {}, follower::place_of);
    auto sorted = whole;
    std::ranges::stable_sort(sorted, {}, follower::place_of);
    EXPECT_TRUE(same_rows(rows, sorted)) << lo64(id);
  }
  std::vector<relation_row> rows, all;
  query_outcome out;
  do {
    out = f.ask(0, 0x102, rows, 2, out.cursor);
    ASSERT_EQ(out.code, result_code::ok);
    all.insert(all.end(), rows.begin(), rows.end());
  } while (out.more && all.size() <= whole.size());
  EXPECT_TRUE(same_rows(all, whole));
}

TEST(order_graph, a_combined_payment_leads_to_all_its_orders) {
  channel_fixture f;
  f.pay_combined();
  for (const relation_row& r : f.graph(0x101)) {
    const bool root = r.kind == relation_kind::roots;
    EXPECT_EQ(r.state, root ? 1 : 0) << "nothing is known yet";
  }
  for (const u128 name : {1, 2, 3}) f.write(name, f.told(name, channel_outcome::success, 0x200 + name, 0xc4a2));
  ASSERT_TRUE(f.catch_up());
  check_combined(f);
  EXPECT_EQ(f.verify(), "");
  ASSERT_TRUE(f.behind->flush_index(f.journal.durable_through(), f.soon()));
  check_combined(f);
  EXPECT_EQ(f.verify(), "");
}

TEST(order_graph, attempts_refunds_and_what_is_reversed) {
  channel_fixture f;
  f.write(1, f.created(1, 100, 0));
  f.write(1, f.sent(1, 0x101, 100));
  f.write(1, f.told(1, channel_outcome::not_sent, 0x201));
  step again = f.next(1, order_action::timer, 0x301);
  again.has_payment = true;
  again.event.event = 0xff;
  payment_row& p = f.payments[1];
  p.attempt = 2;
  p.id = attempt_id_of(0, 0x101, 2);
  p.outcome = channel_outcome::none;
  f.write(1, again);
  f.write(1, f.told(1, channel_outcome::success, 0x202));
  f.write(1, f.sent(1, 0x102, 30, payment_purpose::refund));
  f.write(1, f.told(1, channel_outcome::rejected, 0x203));
  f.order(1).refunding_minor = 0;
  const auto rows = f.graph(f.id_of(1));
  EXPECT_EQ(sum_of(rows, relation_kind::pays), 100u);
  EXPECT_EQ(sum_of(rows, relation_kind::refunds), 0u);
  const auto attempts = of_kind(rows, relation_kind::attempts);
  ASSERT_EQ(attempts.size(), 3u);
  EXPECT_TRUE(attempts[0].to == attempt_id_of(0, 0x101, 1) && attempts[0].state == 0);
  EXPECT_TRUE(attempts[1].to == attempt_id_of(0, 0x101, 2) && attempts[1].state == 1);
  EXPECT_TRUE(attempts[2].from == 0x102 && attempts[2].state == 0 && attempts[2].from_kind == node_kind::refund);
  const auto reversed = of_kind(rows, relation_kind::reverses);
  ASSERT_EQ(reversed.size(), 1u);
  EXPECT_TRUE(reversed[0].to == attempt_id_of(0, 0x101, 2) && reversed[0].amount_minor == 30);
  const auto posts = of_kind(rows, relation_kind::posts);
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_TRUE(posts[0].from == 0x101 && posts[0].from_kind == node_kind::payment);
  EXPECT_TRUE(std::ranges::is_sorted(rows, {}, follower::place_of));
  for (const u128 id : {u128{0x102}, attempt_id_of(0, 0x101, 1), attempt_id_of(0, 0x102, 1), posts[0].to, u128{0x203}})
    EXPECT_TRUE(same_rows(f.graph(id), rows)) << lo64(id);
}

TEST(order_graph, what_a_posting_earned_is_settled_by_the_batch_that_took_it) {
  channel_fixture f;
  f.write(1, f.created(1, 100, 0));
  f.write(1, f.sent(1, 0x101, 100));
  const commit_seq paid = f.write(1, f.told(1, channel_outcome::success, 0x201)) + 1;
  EXPECT_TRUE(of_kind(f.graph(0x101), relation_kind::settles).empty());
  constexpr day_number through = 20'260'103;
  const u128 batch = settlement_business_id(channel_fixture::ledger, through);
  step s = f.created(batch, 100, 0);
  order_row& o = f.order(batch);
  o.product = settlement_product;
  o.user_data_64 = paid;
  o.paid_minor = s.event.amount_minor = 100;
  f.earn(s, batch, o.id.value, 100);
  s.postings[0].credit_account.value = 1;
  s.postings[0].debit_account = pending_account(channel_fixture::merchant, channel_fixture::ledger);
  f.write(batch, s);
  const auto settled = of_kind(f.graph(0x101), relation_kind::settles);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_TRUE(settled[0].from == o.id.value && settled[0].to == posting_id_of(0, 0x201, 0).value);
  EXPECT_TRUE(settled[0].amount_minor == 100 && settled[0].sequence == paid);
  EXPECT_EQ(settled[0].order.value, f.id_of(1));
  EXPECT_EQ(of_kind(f.graph(o.id.value), relation_kind::posts).size(), 1u) << "a batch's own id";
}

TEST(order_graph, a_root_of_very_many_orders_is_shown_page_by_page_without_those_outside) {
  channel_fixture f;
  f.pay_combined();  // orders 1 and 2 of root 0x70, and 3 of another
  for (const u128 name : {1, 2, 3}) f.write(name, f.told(name, channel_outcome::success, 0x200 + name));
  constexpr std::uint32_t more = graph_orders_max + 200;
  for (std::uint32_t made = 0; made < more;) {
    storage::group_builder builder;
    builder.begin();
    storage::context_entry context{};
    context.root_id = 0x70;
    const std::uint32_t where = builder.add_context(context);
    commit_seq at = f.journal.position().next_sequence;
    for (std::uint32_t i = 0; i < 102 && made < more; ++i, ++made) {
      step s = f.created(1000 + made, 10, 0x70);
      f.lay(builder, 1000 + made, s, where, at++);
    }
    f.finish(builder);
    if (made > more / 2 && made < more / 2 + 103) {
      ASSERT_TRUE(f.behind->flush_index(f.journal.durable_through(), f.soon()));
    }
  }
  std::vector<relation_row> rows, all;
  query_outcome out;
  std::size_t pages = 0;
  do {
    out = f.ask(0, f.id_of(1), rows, limits::graph_rows_max, out.cursor);
    ASSERT_EQ(out.code, result_code::ok);
    all.insert(all.end(), rows.begin(), rows.end());
    ++pages;
  } while (out.more && pages < 10);
  EXPECT_EQ(pages, 2u) << "more orders than one page looks at";
  EXPECT_EQ(of_kind(all, relation_kind::roots).size(), more + 2u);
  EXPECT_EQ(of_kind(all, relation_kind::combines).size(), 2u);
  std::set<u128> orders;
  for (const relation_row& r : all) orders.insert(r.order.value);
  EXPECT_EQ(orders.size(), more + 2u);
  EXPECT_FALSE(orders.contains(f.id_of(3)));
  EXPECT_TRUE(std::ranges::is_sorted(of_kind(all, relation_kind::roots), {}, &relation_row::sequence));
}

TEST(order_graph, verify_names_relations_that_do_not_add_up) {
  struct damage {
    const char* named;
    std::function<void(payment_row&)> change;
  };
  const damage damages[] = {
      {"bring 300 of 301", [](payment_row& p) { p.combined_minor = 301; }},
      {"it is not member 1 of",
       [](payment_row& p) { p.combined_member = p.combined_member == 1 ? 2 : p.combined_member; }},
      {"it is not member 0 of", [](payment_row& p) { p.combined = 0x102; }},
      {"it is not member 2 of", [](payment_row& p) { p.combined_minor += p.combined_member == 2 ? 1 : 0; }},
      {"it is not member 1 of", [](payment_row& p) { p.combined_before_minor = 0; }},
      {"the last orders of combined payment 0x101 are missing", [](payment_row& p) { p.combined_count = 4; }},
  };
  for (const damage& d : damages) {
    channel_fixture f;
    f.pay_combined(d.change);
    EXPECT_NE(f.verify().find(d.named), std::string::npos) << d.named << " in:\n" << f.verify();
  }
  channel_fixture f;
  f.write(1, f.created(1, 100, 0));
  f.write(1, f.sent(1, 0x101, 60));
  step s = f.told(1, channel_outcome::success, 0x201);
  f.payments[1].amount_minor = 50;
  f.write(1, s);
  EXPECT_NE(f.verify().find("payment 0x101 of 50 added 60 to paid and 0 to refunded"), std::string::npos) << f.verify();
}

}  // namespace
}  // namespace payloom

// Any id leads to everything that belongs to it, in one call, and the relations add up (TC-2), against the real server:
// in the tail, in the index, after a restart, with balances, channels and one payment for several orders.
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "protocol/types/relation_records.hpp"
#include "protocol/types/u128_text.hpp"
#include "tests/e2e/orders_fixture.hpp"

namespace payloom::e2e {
namespace {

constexpr std::uint16_t channel_tool = 4;
constexpr owner_number bank = 1;
constexpr std::uint64_t lag_max = 16'384;  // an idle follower leaves fewer than this un-indexed
constexpr int looks_max = 6000;
constexpr auto between_looks = std::chrono::milliseconds(10);

u128 sum_of(const std::vector<relation_row>& rows, relation_kind kind, u128 order = 0) {
  u128 sum = 0;
  for (const relation_row& r : rows)
    if (r.kind == kind && r.state == 1 && (order == 0 || r.order.value == order)) sum += r.amount_minor;
  return sum;
}

std::vector<u128> ends_of(const std::vector<relation_row>& rows, relation_kind kind) {
  std::vector<u128> out;
  for (const relation_row& r : rows)
    if (r.kind == kind) out.push_back(r.to);
  return out;
}

bool same(const std::vector<relation_row>& a, const std::vector<relation_row>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(relation_row)) == 0);
}

}  // namespace

class order_graphs : public orders_fixture {
 protected:
  void open_all(client::blocking_connection& to, owner_number users, u128 funds) {
    open_chart(to, users, funds);
    const std::vector more = {chart_account("payment_transit"), chart_account("suspense_long"),
                              chart_account("channel_receivable", bank)};
    for (const result_record& r : send(to, frame_type::create_accounts, more)) ASSERT_EQ(name_of(r.code), "ok");
  }
  order_action_record by_channel(const order_record& of) {
    order_action_record pay = action(of, order_action::pay);
    pay.tools = channel_tool;
    pay.channel = static_cast<std::uint32_t>(bank);
    return pay;
  }
  template <class Done>
  static void look_until(Done&& done) {
    for (int look = 0; look < looks_max && !done(); ++look) std::this_thread::sleep_for(between_looks);
    EXPECT_TRUE(done());
  }
  void wait_until_paid(client::blocking_connection& to, const order_record& of) {
    look_until([&] { return timeline(to, of.id.value).back().event.order.paid_minor == of.amount_minor; });
  }
  void wait_until_indexed() {
    look_until([&] {
      const auto stats = nlohmann::json::parse(verb({"stats", "--json"}).out, nullptr, false);
      return stats["index_lag_events"].get<std::uint64_t>() < lag_max;
    });
  }
  static std::vector<relation_row> graph(client::blocking_connection& to, u128 id) {
    graph_query query{};
    query.id = id;
    query.limit = limits::graph_rows_max;
    const client::reply reply = to.call(frame_type::order_graph, std::span<const graph_query>(&query, 1));
    EXPECT_EQ(name_of(reply.code()), "ok");
    const auto rows = reply.rows<relation_row>();
    return {rows.begin(), rows.end()};
  }
  /// Sends under a root business.
  template <class Record>
  void under(u128 root, frame_type type, const std::vector<Record>& records) {
    client::blocking_connection to({.address = address, .root_id = root});
    for (const result_record& r : send(to, type, records)) ASSERT_EQ(name_of(r.code), "ok");
  }
};

TEST_F(order_graphs, all_ids_of_a_business_lead_to_it_also_from_the_index_and_after_a_restart) {
  constexpr u128 root = 0x70a57;
  start({"topology.order_shards=3"});
  auto to = connect();
  open_all(to, 2, 100'000);
  const order_record sale = order(1, 10'000), other = order(2, 5'000), alone = order(1, 700);
  under(root, frame_type::create_orders, std::vector{sale, other});
  ASSERT_EQ(create(to, alone), "ok");
  const order_action_record pay = action(sale, order_action::pay), refund = action(sale, order_action::refund, 2'500);
  ASSERT_EQ(act(to, pay), "ok");
  ASSERT_EQ(act(to, refund), "ok");
  order_action_record by_bank = by_channel(other);
  ASSERT_EQ(act(to, by_bank), "ok");
  wait_until_paid(to, other);
  const auto whole = graph(to, root);
  const std::vector<u128> made = ends_of(whole, relation_kind::roots);  // as they were committed: two shards' work
  EXPECT_EQ(std::set<u128>(made.begin(), made.end()), (std::set<u128>{sale.id.value, other.id.value}));
  EXPECT_EQ(sum_of(whole, relation_kind::pays, sale.id.value), 10'000u);
  EXPECT_EQ(sum_of(whole, relation_kind::refunds, sale.id.value), 2'500u);
  EXPECT_EQ(sum_of(whole, relation_kind::pays, other.id.value), 5'000u);
  const auto attempts = ends_of(whole, relation_kind::attempts);
  EXPECT_EQ(attempts, (std::vector<u128>{attempt_id_of(0, by_bank.id.value, 1)}));
  const auto postings = ends_of(whole, relation_kind::posts);
  EXPECT_GE(postings.size(), 6u);
  std::vector<u128> all{root,
                        sale.id.value,
                        other.id.value,
                        pay.id.value,
                        refund.id.value,
                        by_bank.id.value,
                        attempts.front(),
                        timeline(to, other.id.value).back().payment.channel_reference};
  all.insert(all.end(), postings.begin(), postings.end());
  for (const u128 id : all) EXPECT_TRUE(same(graph(to, id), whole)) << lo64(id);
  EXPECT_TRUE(graph(to, alone.id.value).empty()) << "nothing belongs to it yet";
  const auto said = verb({"events", "--root", "0x70a57", "--json"});
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(nlohmann::json::parse(said.out).size(),
            timeline(to, sale.id.value).size() + timeline(to, other.id.value).size())
      << "what channels and timers did as well";

  // Into the index: a chunk closes early from 16,384 events on.
  std::vector<order_record> many;
  for (int i = 0; i < 8'000; ++i) many.push_back(order(1, 1));
  for (int i = 0; i < 3; ++i) {
    for (const result_record& r : send(to, frame_type::create_orders, many)) ASSERT_EQ(name_of(r.code), "ok");
    for (order_record& o : many) o = order(1, 1);
  }
  wait_until_indexed();
  for (const u128 id : all) EXPECT_TRUE(same(graph(to, id), whole)) << lo64(id);
  server->kill_now();
  start({"topology.order_shards=1"});
  to = connect();
  ASSERT_EQ(act(to, action(sale, order_action::refund, 100)), "ok");
  EXPECT_EQ(sum_of(graph(to, pay.id.value), relation_kind::refunds, sale.id.value), 2'600u);
  EXPECT_EQ(graph(to, root).size(), whole.size() + 3) << "the refund and its two postings";
  expect_verified();
}

TEST_F(order_graphs, one_payment_for_orders_of_several_merchants_and_its_refund) {  // TC-2, TC-3
  start({"topology.order_shards=3"});
  auto to = connect();
  open_all(to, 1, 100'000);
  constexpr owner_number second = merchant + 1;
  for (const result_record& r :
       send(to, frame_type::create_accounts, std::vector{chart_account("merchant_pending", second)}))
    ASSERT_EQ(name_of(r.code), "ok");
  std::vector<order_record> orders{order(1, 1'000), order(1, 1'000), order(1, 1'000)};
  orders[1].merchant = second;
  orders[1].id = order_id_of(second, orders[1].business_id);
  for (const result_record& r : send(to, frame_type::create_orders, orders)) ASSERT_EQ(name_of(r.code), "ok");
  std::vector<order_action_record> pays;
  for (const order_record& o : orders) pays.push_back(by_channel(o));
  pays[0].flags = pays[1].flags = action_flags::linked;
  for (const result_record& r : send(to, frame_type::act_on_orders, pays)) ASSERT_EQ(name_of(r.code), "ok");
  for (const order_record& o : orders) wait_until_paid(to, o);
  const u128 combined = pays[0].id.value;
  const auto check = [&](client::blocking_connection& server_now) {
    const auto whole = graph(server_now, combined);
    EXPECT_EQ(sum_of(whole, relation_kind::combines), 3'000u);
    EXPECT_EQ(sum_of(whole, relation_kind::pays), 3'000u);
    EXPECT_EQ(ends_of(whole, relation_kind::attempts), std::vector<u128>(3, attempt_id_of(0, combined, 1)));
    for (const order_record& o : orders) EXPECT_EQ(graph(server_now, o.id.value).size(), whole.size());
    for (const order_action_record& p : pays) EXPECT_EQ(graph(server_now, p.id.value).size(), whole.size());
    EXPECT_EQ(graph(server_now, attempt_id_of(0, combined, 1)).size(), whole.size());
    return whole.size();
  };
  const std::size_t before = check(to);
  drain_and_start({"topology.order_shards=1"});
  to = connect();
  EXPECT_EQ(check(to), before);

  const std::string id = to_hex(combined);
  const auto shown = nlohmann::json::parse(verb({"payment", "show", id, "--json"}).out);
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_EQ(shown[1]["combined"], id);
  EXPECT_EQ(shown[1]["parts"][0]["tool"], "channel");
  EXPECT_EQ(shown[1]["attempts"][0]["outcome"], "success");
  const auto back = verb({"refund", "create", "--payment", id, "--amount", "10.00", "--json"});
  ASSERT_EQ(back.exit_code, 0) << back.out << back.err;
  std::vector<std::string> amounts;
  for (const auto& one : nlohmann::json::parse(back.out)) amounts.push_back(one["amount_minor"]);
  EXPECT_EQ(amounts, (std::vector<std::string>{"333", "333", "334"})) << "the last takes the remainder";
  look_until([&] { return sum_of(graph(to, combined), relation_kind::refunds) == 1'000u; });
  const auto whole = graph(to, combined);
  EXPECT_EQ(sum_of(whole, relation_kind::reverses), 1'000u);
  EXPECT_EQ(ends_of(whole, relation_kind::reverses), std::vector<u128>(3, attempt_id_of(0, combined, 1)));
  EXPECT_EQ(verb({"refund", "create", "--payment", id, "--amount", "20.01"}).exit_code, 1) << "20.00 are left";
  EXPECT_EQ(verb({"refund", "create", "--payment", id}).exit_code, 0);
  look_until([&] { return sum_of(graph(to, combined), relation_kind::refunds) == 3'000u; });

  // The same by the verb; repeated it is the same payment, and with a paid order among them it is none.
  const std::vector<order_record> more{order(1, 700), order(1, 800), order(1, 900)};
  for (const result_record& r : send(to, frame_type::create_orders, more)) ASSERT_EQ(name_of(r.code), "ok");
  const auto pay = [&](const std::string& first, std::size_t from, std::size_t end) {
    std::vector<std::string> words{"payment", "create", "--tools", "channel", "--channel", "1", "--id", first};
    for (std::size_t i = from; i < end; ++i) words.push_back(to_hex(more[i].id.value));
    return verb(words);
  };
  ASSERT_EQ(pay("9000", 0, 2).exit_code, 0);
  EXPECT_EQ(pay("9000", 0, 2).exit_code, 0) << "a repeat";
  for (const order_record& o : {more[0], more[1]}) wait_until_paid(to, o);
  EXPECT_EQ(sum_of(graph(to, 9'000), relation_kind::combines), 1'500u);
  EXPECT_EQ(pay("9100", 1, 3).exit_code, 1);
  EXPECT_EQ(sum_of(graph(to, more[2].id.value), relation_kind::pays), 0u) << "all or none";
  expect_verified();
}

}  // namespace payloom::e2e

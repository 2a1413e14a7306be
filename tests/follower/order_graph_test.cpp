// Goal: any id leads to all that belongs to it, in one answer (TC-2). Method: random histories against a naive walk
// over the record of what happened, in whole and in pages. Payments through channels: order_relations_test.
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "tests/follower/graph_fixture.hpp"
#include "tests/follower/naive_queries.hpp"

namespace payloom {
namespace {

using follower::query_outcome;
using testing::graph_fixture;
using testing::same_rows;

u128 command_id(const order_event_row& row) {
  u128 id;
  std::memcpy(&id, row.event.request, sizeof id);
  return id;
}

/// What a graph is, from the record alone. Random orders pay and refund at once, and no batch took what they earned:
/// settlement has tests of its own.
struct naive_graph {
  explicit naive_graph(const testing::random_history& of) : history(of) {}

  static void add(std::vector<relation_row>& out, const order_event_row& row, relation_kind kind, u128 from,
                  node_kind from_kind, u128 to, node_kind to_kind, u128 amount) {
    relation_row r{};
    r.from = from;
    r.to = to;
    r.amount_minor = amount;
    r.sequence = row.sequence;
    r.timestamp = row.timestamp;
    r.merchant = row.event.order.merchant;
    r.order = row.event.order.id;
    r.ledger = row.event.order.ledger;
    r.kind = kind;
    r.from_kind = from_kind;
    r.to_kind = to_kind;
    r.state = 1;
    out.push_back(r);
  }
  std::vector<relation_row> of_order(tenant_id tenant, u128 order) const {
    std::vector<relation_row> out;
    std::vector<u128> roots{0};
    u128 paid = 0, refunded = 0;
    for (const order_event_row& row : history.order_events()) {
      const order_row& o = row.event.order;
      if (row.tenant != tenant || o.id.value != order) continue;
      if (std::ranges::find(roots, row.root_id) == roots.end()) {
        roots.push_back(row.root_id);
        add(out, row, relation_kind::roots, row.root_id, node_kind::root, order, node_kind::order, 0);
      }
      const u128 command = command_id(row);
      node_kind what = node_kind::order;
      if (o.paid_minor != paid) {
        what = node_kind::payment;
        add(out, row, relation_kind::pays, command, what, order, node_kind::order, o.paid_minor - paid);
      } else if (o.refunded_minor != refunded) {
        what = node_kind::refund;
        add(out, row, relation_kind::refunds, command, what, order, node_kind::order, o.refunded_minor - refunded);
      }
      paid = o.paid_minor;
      refunded = o.refunded_minor;
      for (std::uint32_t leg = 0; leg < row.event.legs; ++leg) {
        const auto& posting = history.events()[row.sequence + leg];
        add(out, row, relation_kind::posts, what == node_kind::order ? order : command, what, posting.record.id.value,
            node_kind::posting, posting.record.amount_minor);
        out.back().sequence = posting.sequence;
        out.back().timestamp = posting.timestamp;
      }
    }
    return out;
  }
  std::vector<relation_row> of_root(tenant_id tenant, u128 root) const {
    std::vector<u128> orders;
    for (const order_event_row& row : history.order_events()) {
      const u128 order = row.event.order.id.value;
      if (row.tenant == tenant && row.root_id == root && std::ranges::find(orders, order) == orders.end())
        orders.push_back(order);
    }
    std::vector<relation_row> out;
    for (const u128 order : orders) {
      const auto rows = of_order(tenant, order);
      out.insert(out.end(), rows.begin(), rows.end());
    }
    return out;
  }
  std::vector<relation_row> of(tenant_id tenant, u128 order) const {
    for (const order_event_row& row : history.order_events()) {
      const order_row& o = row.event.order;
      if (row.tenant == tenant && o.id.value == order)
        return o.root_id == 0 ? of_order(tenant, order) : of_root(tenant, o.root_id);
    }
    return {};
  }
  const testing::random_history& history;
};

void leave_settlements_out(std::vector<relation_row>& rows) {
  std::erase_if(rows, [](const relation_row& r) { return r.kind == relation_kind::settles; });
}

TEST(order_graph, any_id_of_a_random_history_leads_to_the_whole_graph) {
  graph_fixture f(701);
  f.history.run(5'000);
  ASSERT_TRUE(f.flush());
  f.history.run(2'000);
  ASSERT_TRUE(f.catch_up());
  const naive_graph naive(f.history);
  std::map<std::pair<tenant_id, u128>, std::vector<relation_row>> known;
  std::vector<relation_row> rows;
  std::size_t asked = 0, longest = 0, roots = 0;
  for (const testing::model_event& e : f.history.events()) {
    if (e.order == 0) continue;
    auto [it, fresh] = known.try_emplace({e.tenant, e.order});
    if (fresh) it->second = naive.of(e.tenant, e.order);
    ASSERT_EQ(f.ask(e.tenant, e.record.id.value, rows).code, result_code::ok) << e.sequence;
    leave_settlements_out(rows);
    ASSERT_TRUE(same_rows(rows, it->second)) << e.sequence;
    ASSERT_EQ(f.ask(e.tenant + 1, e.record.id.value, rows).code, result_code::not_found);
    EXPECT_TRUE(rows.empty());
    longest = std::max(longest, it->second.size());
    ++asked;
  }
  for (u128 root = 0x1'0000; root < 0x1'0000 + 24; ++root) {
    for (const tenant_id tenant : {tenant_id{0}, tenant_id{7}}) {
      const auto expected = naive.of_root(tenant, root);
      const query_outcome out = f.ask(tenant, root, rows);
      ASSERT_EQ(out.code, expected.empty() ? result_code::not_found : result_code::ok);
      EXPECT_FALSE(out.more);
      leave_settlements_out(rows);
      ASSERT_TRUE(same_rows(rows, expected)) << lo64(root);
      roots += expected.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(asked, 500u);
  EXPECT_GT(longest, 20u);
  EXPECT_GT(roots, 30u);
  EXPECT_EQ(f.ask(0, 0, rows).code, result_code::not_found);
  EXPECT_EQ(f.ask(0, 0x5555, rows).code, result_code::not_found);
}

TEST(order_graph, pages_are_the_whole_cut_in_pieces) {
  graph_fixture f(703);
  f.history.run(4'000);
  ASSERT_TRUE(f.flush());
  f.history.run(1'000);
  ASSERT_TRUE(f.catch_up());
  std::size_t cut = 0;
  for (u128 root = 0x1'0000; root < 0x1'0000 + 20; ++root) {
    std::vector<relation_row> whole, all, rows;
    if (f.ask(0, root, whole).code != result_code::ok) continue;
    for (const std::uint32_t limit : {1u, 3u, 17u}) {
      all.clear();
      std::uint64_t cursor = 0;
      query_outcome out;
      do {
        out = f.ask(0, root, rows, limit, cursor);
        ASSERT_EQ(out.code, result_code::ok);
        ASSERT_LE(rows.size(), limit);
        ASSERT_EQ(out.more, out.cursor != 0);
        all.insert(all.end(), rows.begin(), rows.end());
        cursor = out.cursor;
        cut += out.more ? 1 : 0;
      } while (out.more && all.size() <= whole.size());
      ASSERT_TRUE(same_rows(all, whole)) << lo64(root) << " by " << limit;
    }
  }
  EXPECT_GT(cut, 100u);
}

TEST(order_graph, bad_queries_are_refused) {
  graph_fixture f(705);
  f.history.run(500);
  const u128 order = f.history.orders()[0].row.id.value;
  const tenant_id tenant = f.history.orders()[0].tenant;
  std::vector<relation_row> rows;
  EXPECT_EQ(f.ask(tenant, order, rows, 0).code, result_code::query_malformed);
  EXPECT_EQ(f.ask(tenant, order, rows, limits::graph_rows_max + 1).code, result_code::query_malformed);
  EXPECT_EQ(f.ask(tenant, order, rows, limits::graph_rows_max).code, result_code::ok);
  graph_query query{};
  query.id = order;
  query.limit = 1;
  query.flags = 1;
  EXPECT_EQ(f.engine->order_graph(tenant, query, f.soon(), rows).code, result_code::query_malformed);
  query.flags = 0;
  query.reserved[95] = 1;
  EXPECT_EQ(f.engine->order_graph(tenant, query, f.soon(), rows).code, result_code::query_malformed);
  const commit_seq event = f.history.orders()[0].created;
  for (const std::uint64_t cursor :
       {event << 4, event << 4 | 9, (f.history.last() + 1) << 4 | 2, std::uint64_t{1} << 4 | 1})
    EXPECT_EQ(f.ask(tenant, order, rows, 1, cursor).code, result_code::cursor_malformed) << cursor;
}

}  // namespace
}  // namespace payloom

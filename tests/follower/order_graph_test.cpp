// Goal: any id leads to all that belongs to it, in one answer, and the relations add up (TC-2). Method: random histories
// against a naive walk over the record of what happened, in whole and in pages; payments through channels, alone and
// combined, written event by event.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <set>

#include "actors/follower/order_relations.hpp"
#include "actors/follower/query_engine.hpp"
#include "actors/follower/verify.hpp"
#include "protocol/types/frame.hpp"
#include "tests/follower/follower_fixture.hpp"
#include "tests/follower/naive_queries.hpp"

namespace payloom {
namespace {

using follower::query_outcome;
using storage::run_kind;
using testing::follower_fixture;
using testing::same_bytes;

u128 command_id(const order_event_row& row) {
  u128 id;
  std::memcpy(&id, row.event.request, sizeof id);
  return id;
}

struct graph_fixture : follower_fixture {
  explicit graph_fixture(std::uint64_t seed) : follower_fixture(seed) {
    open();
    fetcher = std::make_unique<follower::journal_fetcher>(journal);
    engine = std::make_unique<follower::query_engine>(journal, *behind, *store, *fetcher);
  }
  query_outcome ask(tenant_id tenant, u128 id, std::vector<relation_row>& rows, std::uint32_t limit = 8'000,
                    std::uint64_t cursor = 0) {
    graph_query query{};
    query.id = id;
    query.limit = limit;
    query.cursor = cursor;
    return engine->order_graph(tenant, query, soon(), rows);
  }
  std::vector<relation_row> graph(u128 id, tenant_id tenant = 0) {
    std::vector<relation_row> rows;
    EXPECT_EQ(ask(tenant, id, rows).code, result_code::ok);
    return rows;
  }
  std::unique_ptr<follower::event_fetcher> fetcher;
  std::unique_ptr<follower::query_engine> engine;
};

template <class Row>
bool same_rows(const std::vector<Row>& a, const std::vector<Row>& b) {
  return std::ranges::equal(a, b, same_bytes<Row>);
}

// -------------------------------------------------------------------------------------------------- random histories

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
  EXPECT_GT(longest, 30u);
  EXPECT_GT(roots, 40u);
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
  for (const std::uint64_t cursor : {event << 4, event << 4 | 9, (f.history.last() + 1) << 4 | 2, std::uint64_t{1} << 4 | 1})
    EXPECT_EQ(f.ask(tenant, order, rows, 1, cursor).code, result_code::cursor_malformed) << cursor;
}

// ------------------------------------------------------------------------------------------------- through channels

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
    std::memcpy(builder.append(run_kind::accounts, builder.add_context({}), 1), &account, sizeof account);
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
    p = {};
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
    std::memcpy(builder.append(run_kind::orders, context, 1), &s.event, sizeof s.event);
    if (!s.postings.empty()) {
      auto* to = builder.append_run(run_kind::chain, context, static_cast<std::uint32_t>(s.postings.size()));
      for (std::size_t i = 0; i < s.postings.size(); ++i) {
        storage::resolution_event posting{};
        posting.record = s.postings[i];
        std::memcpy(to + i * sizeof posting, &posting, sizeof posting);
      }
    }
    if (s.has_payment)
      std::memcpy(builder.append(run_kind::payments, context, 1), &payments[name], sizeof(payment_row));
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
      {"it is not member 1 of", [](payment_row& p) { p.combined_member = p.combined_member == 1 ? 2 : p.combined_member; }},
      {"it is not member 0 of", [](payment_row& p) { p.combined = 0x102; }},
      {"it is not member 2 of", [](payment_row& p) { p.combined_minor += p.combined_member == 2 ? 1 : 0; }},
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
  EXPECT_NE(f.verify().find("payment 0x101 of 50 added 60 to paid and 0 to refunded"), std::string::npos)
      << f.verify();
}

}  // namespace
}  // namespace payloom

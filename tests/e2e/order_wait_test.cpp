// Waiting for events of orders over the wire: who waits is woken by the event, stands in nobody's way, and is answered
// when the server drains.
#include "tests/e2e/orders_fixture.hpp"

namespace payloom::e2e {

class order_waits : public orders_fixture {
 protected:
  /// Sends a query that must wait, and an ordinary one behind it whose answer must come first.
  void begin_to_wait(client::blocking_connection& to, commit_seq after) {
    order_event_query q{};
    q.after = after;
    q.limit = 10;
    q.merchant = merchant;
    q.wait_ms = 9'000;
    waiting = to.send(frame_type::order_events, std::as_bytes(std::span(&q, 1)), 1);
    const id_record asked{account_of("fee_income").value};
    const auto other = to.send(frame_type::balances_at, std::as_bytes(std::span(&asked, 1)), 1);
    const client::reply first = to.receive();
    EXPECT_EQ(first.header.request, other) << "the one that waits stands in the way";
    EXPECT_EQ(first.rows<account_row>().size(), 1u);
  }
  std::uint64_t waiting = 0;
};

TEST_F(order_waits, the_event_wakes_who_waits) {
  start();
  auto to = connect(), other = connect();
  open_chart(to, 1, 100'000);
  commit_seq after = 0;
  for (int round = 0; round < 5; ++round) {
    begin_to_wait(to, after);
    const order_record o = order(1, 100, instant_sale, order_flags::pay_now);
    ASSERT_EQ(create(other, o), "ok");
    const client::reply reply = to.receive();
    ASSERT_EQ(reply.header.request, waiting);
    ASSERT_EQ(name_of(reply.code()), "ok");
    const auto rows = reply.rows<order_event_row>();
    ASSERT_EQ(rows.size(), 1u) << "not woken";
    EXPECT_TRUE(rows[0].event.order.id == o.id);
    after = reply.header.cursor;
    EXPECT_GE(after, rows[0].sequence);
  }
}

TEST_F(order_waits, a_drain_answers_who_waits) {
  start();
  auto to = connect();
  open_chart(to, 1, 1'000);
  begin_to_wait(to, 0);
  EXPECT_EQ(server->drain(), 0) << server->last_lines();
  client::reply reply = to.receive();
  while (reply.header.request != waiting) reply = to.receive();  // the goaway
  EXPECT_EQ(name_of(reply.code()), "ok");
  EXPECT_TRUE(reply.body.empty());
}

}  // namespace payloom::e2e

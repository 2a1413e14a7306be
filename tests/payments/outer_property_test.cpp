// Random lives of orders with payments outside: clients' commands, timers, and a channel that tells the truth late,
// twice, or never, and sometimes another amount. Whatever the order of things, accounts on the way hold exactly what
// the order says is on the way, and in the end what the channel moved is what we say it moved
// (domain.md 1.2: 0 <= refunded + refunding <= paid <= amount; 1.3; PC-2, PC-3).
#include <random>
#include <vector>

#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

/// What the channel did with one attempt; told whenever somebody asks, or when it likes.
struct attempt {
  u128 payment = 0;
  std::uint32_t number = 0;
  payment_purpose purpose = payment_purpose::pay;
  owner_number channel = 0;
  u128 id = 0, source = 0;  ///< the channel's numbers
  bool sent = false;        ///< it reached the channel
  bool moved = false;       ///< money moved
  u128 amount = 0;
  bool told = false;
  bool learned = false;  ///< an order took it
};

class wild_life {
 public:
  explicit wild_life(std::uint64_t seed) : random_(seed) {}

  void run() {
    static constexpr const char* products[] = {"instant_sale", "escrow_sale", "recharge", "withdraw"};
    const char* product = products[below(4)];
    ASSERT_EQ(order_.create(sale(product, 1 + below(100'000))), result_code::ok);
    for (int i = 0; i < 40; ++i) {
      one_step();
      check();
      if (::testing::Test::HasFailure()) return;
    }
    settle();
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  void one_step() {
    using a = order_action;
    order_.now += below(4) == 0 ? below(40) * second : 0;
    switch (below(9)) {
      case 0:
      case 1:
        return pay();
      case 2:
        return did(order_.act(below(6) == 0 ? a::cancel : a::confirm));
      case 3:
        return did(order_.act_with(a::refund, [&](order_action_record& r) {
          if (below(2) == 0) r.amount_minor = 1 + below(static_cast<std::uint64_t>(order_.row.amount_minor));
          if (below(2) == 0) r.source = static_cast<std::uint16_t>(below(5));
        }));
      case 4:
        if (order_.payment && order_.payment->due_at != 0) did(order_.payment_time_out());
        return;
      case 5:
        if (order_.row.timeout_at != 0) did(order_.time_out());
        return;
      default:
        return news();
    }
  }

  void pay() {
    did(order_.act_with(order_action::pay, [&](order_action_record& r) {
      r.tools = static_cast<std::uint16_t>(below(8));
      if ((r.tools & 4) != 0) r.channel = static_cast<std::uint32_t>(below(3));
      const auto all = static_cast<std::uint64_t>(order_.row.amount_minor);
      const auto part = [&] { return static_cast<u128>(1 + below(all)); };
      if (below(3) == 0) r.amount_minor = part();
      if ((r.tools & 1) != 0 && (r.tools & 4) != 0) r.balance_minor = part() / 3;
      if ((r.tools & 2) != 0 && r.tools != 2) r.coupon_minor = part() / 3;
    }));
  }

  /// A command came through, or was refused: the channel hears of what it is asked.
  void did(result_code code) {
    if (code != result_code::ok || !order_.payment) return;
    const payment_row& p = *order_.payment;
    const bool asks_to_move =
        p.call == channel_operation::pay || p.call == channel_operation::payout || p.call == channel_operation::refund;
    if (!asks_to_move) return;
    attempt a;
    a.payment = p.payment;
    a.number = p.attempt;
    a.purpose = p.purpose;
    a.channel = p.channel;
    a.id = channel_number_of(0, p);
    a.source = p.source;
    a.sent = below(8) != 0;
    a.moved = a.sent && below(3) != 0;
    a.amount = p.amount_minor - p.balance_minor - p.coupon_minor;
    if (a.moved && below(20) == 0) a.amount = 1 + a.amount / 2;  // may be the same again
    const bool back = p.purpose == payment_purpose::refund || p.purpose == payment_purpose::return_late;
    for (const attempt& from : attempts_) {
      if (!back || from.id != a.source) continue;
      EXPECT_EQ(from.channel, a.channel) << "it goes back another way than it came";
      EXPECT_EQ(from.purpose, payment_purpose::pay);
      EXPECT_TRUE(from.moved) << "it goes back to where nothing came from";
    }
    attempts_.push_back(a);
  }

  void tell(attempt& a) {
    const channel_outcome outcome = a.moved  ? channel_outcome::success
                                    : a.sent ? channel_outcome::rejected
                                    : a.told ? channel_outcome::rejected
                                             : channel_outcome::not_sent;
    a.told = true;
    if (a.learned && a.moved) return;  // the same fact has the same id: a repeat changes nothing
    const result_code code = order_.tell(outcome, a.moved ? a.amount : 0, a.number, a.payment);
    a.learned = a.learned || code == result_code::ok;
    did(code);
  }

  void news() {
    if (attempts_.empty() || !order_.payment) return;
    attempt& a = attempts_[below(attempts_.size())];
    const bool newest = a.payment == order_.payment->payment && a.number == order_.payment->attempt;
    if (newest && a.sent && below(4) == 0) {
      did(order_.tell(below(2) == 0 ? channel_outcome::unknown : channel_outcome::accepted));
    } else {
      tell(a);
    }
  }

  void check() {
    const order_row& o = order_.row;
    EXPECT_LE(o.refunded_minor + o.refunding_minor, o.paid_minor);
    EXPECT_LE(o.paid_minor, o.amount_minor);
    std::int64_t payment_transit = 0, withdraw_transit = 0, refund_transit = 0, suspense = 0;
    if (order_.payment) {
      const payment_row& p = *order_.payment;
      const auto& machine = catalogue().payment_machine(p.form);
      const bool live = machine.at(p.state).kind != core::catalog::state_kind::terminal &&
                        catalogue().phase_of(p.form, p.state) == core::catalog::payment_phase::none;
      const auto amount = static_cast<std::int64_t>(p.amount_minor);
      if (live && p.purpose == payment_purpose::pay)
        payment_transit = static_cast<std::int64_t>(p.balance_minor + p.coupon_minor);
      if (live && p.purpose == payment_purpose::payout)
        withdraw_transit = amount + static_cast<std::int64_t>(p.fee_minor);
      const bool back = p.purpose == payment_purpose::refund || p.purpose == payment_purpose::return_late;
      if (live && back) refund_transit = amount;
      suspense = static_cast<std::int64_t>(p.suspense_minor);
      if (live && p.purpose == payment_purpose::return_late) suspense -= amount;
      EXPECT_EQ(p.due_at != 0, live) << order_.payment_state();
      if (suspense != 0) {
        EXPECT_TRUE(order_.resident()) << "money in suspense is known of";
      }
    }
    EXPECT_EQ(order_.balance("payment_transit"), payment_transit);
    EXPECT_EQ(order_.balance("withdraw_transit"), withdraw_transit);
    EXPECT_EQ(order_.balance("refund_transit"), refund_transit);
    EXPECT_EQ(order_.balance("suspense_long"), suspense);
    if (o.product == product_code("escrow_sale")) {
      EXPECT_EQ(order_.balance("escrow"), static_cast<std::int64_t>(o.held_minor) - escrow_going_back());
    }
  }
  /// A refund takes its money out of escrow when it begins; the order still holds it until it is over.
  std::int64_t escrow_going_back() const {
    const bool held = order_.payment && order_.row.refunding_minor != 0 && order_.row.held_minor != 0;
    return held ? static_cast<std::int64_t>(order_.row.refunding_minor) : 0;
  }

  /// Everything is told: what the channel moved is what its receivable says.
  void settle() {
    for (int round = 0; round < 4; ++round)
      for (std::size_t i = 0; i < attempts_.size(); ++i) tell(attempts_[i]);
    check();
    std::int64_t truth = 0;
    bool clean = true;
    for (const attempt& a : attempts_) {
      if (!a.moved) continue;
      const auto amount = static_cast<std::int64_t>(a.amount);
      truth += a.purpose == payment_purpose::pay ? amount : -amount;
      // Refunds and payouts that moved twice, or another amount, stand in a case: the books wait for people.
      clean = clean &&
              (a.purpose == payment_purpose::pay || !order_.payment || order_.payment->reason == case_reason::none);
    }
    if (!clean || attempts_.empty()) return;
    if (order_.payment->reason == case_reason::amount_differs) return;
    std::int64_t ours = 0;
    for (const owner_number c : {1, 2}) ours += order_.balance("channel_receivable", c) + order_.balance("bank", c);
    EXPECT_EQ(ours, truth);
  }

  std::mt19937_64 random_;
  life order_;
  std::vector<attempt> attempts_;
};

TEST(outer_property, what_is_on_the_way_is_where_the_order_says) {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    wild_life(seed).run();
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace payloom::test

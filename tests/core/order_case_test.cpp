// Goal: commands on orders stand in blocks that outlive none of them and none less; and what a payment means for its
// accounts is told them once, whatever its postings and claims look like.
#include <gtest/gtest.h>

#include <thread>

#include "actors/core/case_block.hpp"
#include "actors/journal/journal_desk.hpp"

namespace payloom::actors {
namespace {

using core::apply_entry, core::case_block, core::inline_list, core::order_case, core::unit_case;
namespace op = core::apply_op;

TEST(inline_list, keeps_its_elements_when_it_leaves_its_own_room_and_when_copied) {
  inline_list<std::uint64_t, 2> list;
  for (std::uint64_t i = 0; i < 100; ++i) {
    list.push_back(i);
    ASSERT_EQ(list.size(), i + 1);
    for (std::uint64_t k = 0; k <= i; ++k) ASSERT_EQ(list[k], k);
  }
  inline_list<std::uint64_t, 2> copy(list), small;
  list[7] = 0;
  EXPECT_EQ(copy[7], 7u);
  small.push_back(1);
  copy = small;
  EXPECT_EQ(copy.size(), 1u);
  copy.resize(3);
  EXPECT_EQ(copy[2], 0u);
  small = list;
  EXPECT_EQ(small[99], 99u);
}

// A place that is given back twice, or never, is what the sanitizers' build of this test finds.
TEST(case_block, is_gone_when_its_maker_and_all_its_cases_are) {
  std::vector<std::thread> threads;
  for (std::uint32_t made = 0; made <= case_block::places_max; ++made) {
    case_block* block = case_block::make(case_block::places_max);
    for (std::uint32_t i = 0; i < made; ++i) {
      order_case* c = block->add();
      ASSERT_EQ(c->order, &c->work);
      c->work.decision.legs.resize(20);  // more than it has room for
      threads.emplace_back([whole = static_cast<unit_case*>(c)] { delete whole; });
    }
    EXPECT_EQ(block->full(), made == case_block::places_max);
    block->close();
  }
  for (auto& t : threads) t.join();
}

TEST(case_block, outlives_cases_that_end_before_its_maker_is_done) {
  for (int round = 0; round < 100; ++round) {
    case_block* block = case_block::make(1);
    delete static_cast<unit_case*>(block->add());  // refused on the spot
    // Whatever is allocated next must not be the block.
    std::vector<std::vector<std::byte>> others;
    for (int i = 0; i < 16; ++i) {
      auto& bytes = others.emplace_back(64 + sizeof(order_case));
      for (std::size_t k = 0; k < bytes.size(); ++k) bytes[k] = static_cast<std::byte>(k);
    }
    EXPECT_TRUE(block->full());
    block->close();
  }
}

constexpr account_id payer{make_u128(1, 11)}, payee{make_u128(2, 22)}, income{make_u128(3, 33)};

transfer_record posting(account_id from, account_id to, u128 amount) {
  transfer_record t{};
  t.debit_account = from;
  t.credit_account = to;
  t.amount_minor = amount;
  return t;
}

/// One desk over one home shard and one hot shard, and what it tells them.
struct one_desk {
  one_desk() {
    frame.records = reinterpret_cast<std::byte*>(&record);
    frame.header.type = static_cast<std::uint16_t>(frame_type::create_orders);
    desk.reset(group);
  }
  /// Rows are the places in `accounts` as the route has them; `reserved` is what the payer's claim holds.
  void pay(std::vector<transfer_record> legs, u128 reserved) {
    case_block* block = case_block::make(1);
    order_case* c = block->add();
    block->close();
    c->frame = &frame;
    for (const transfer_record& t : legs) c->work.decision.legs.push_back(t);
    c->count = static_cast<std::uint32_t>(legs.size());
    c->work.own.id_slot = 0;
    core::route_accounts(*c);
    for (auto& stop : c->accounts) {
      stop.row = row_of(stop.id);
      if (stop.id == payer) stop.debits_reserved = reserved;
    }
    desk.add_cases({c});
    desk.fill(group);
  }
  static std::uint32_t row_of(account_id id) { return static_cast<std::uint32_t>(lo64(id.value)); }
  /// The entries of one account.
  std::vector<apply_entry> told(account_id id, shard_index shard = 0) const {
    std::vector<apply_entry> out;
    for (const apply_entry& a : group.after.apply[shard])
      if (a.row == row_of(id)) out.push_back(a);
    return out;
  }

  core::topology places{1, 1, 1};
  order_record record{};
  command_frame frame;
  journal_desk desk{places, 10, 0, false};
  open_group group{places};
};

TEST(payment_postings, each_account_gets_one_sum_and_its_claim_back) {
  one_desk d;
  d.pay({posting(payer, payee, 95), posting(payer, income, 5)}, 100);
  ASSERT_EQ(d.told(payer).size(), 1u);
  EXPECT_EQ(lo64(d.told(payer)[0].amount_minor), 100u);
  EXPECT_EQ(d.told(payer)[0].op, op::post | op::unreserve | op::unclaim);
  ASSERT_EQ(d.told(income).size(), 1u);
  EXPECT_EQ(lo64(d.told(income)[0].amount_minor), 5u);
  EXPECT_EQ(d.told(income)[0].op, op::credit | op::post | op::unclaim);
  EXPECT_EQ(d.told(payee).size(), 1u);
  EXPECT_EQ(d.group.builder.event_count(), 3u);
}

TEST(payment_postings, an_account_on_both_sides_gives_its_claim_back_once) {
  one_desk d;
  d.pay({posting(payer, payee, 95), posting(payee, income, 95)}, 95);
  ASSERT_EQ(d.told(payee).size(), 2u);
  EXPECT_EQ(d.told(payee)[0].op, op::post);
  EXPECT_EQ(d.told(payee)[1].op, op::credit | op::post | op::unclaim);
}

TEST(payment_postings, a_claim_that_holds_less_than_what_moved_is_given_back_as_it_is) {
  one_desk d;  // 40 come before 100 go
  d.pay({posting(payee, payer, 40), posting(payer, income, 100)}, 60);
  const auto told = d.told(payer);
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(lo64(told[0].amount_minor), 100u);
  EXPECT_EQ(told[0].op, op::post);
  EXPECT_EQ(lo64(told[1].amount_minor), 40u);
  EXPECT_EQ(told[1].op, op::credit | op::post);
  EXPECT_EQ(lo64(told[2].amount_minor), 60u);
  EXPECT_EQ(told[2].op, op::unreserve | op::unclaim);
}

TEST(payment_postings, amounts_near_the_end_of_the_numbers_are_told_one_by_one) {
  one_desk d;
  const u128 large = u128_max / 2;
  d.pay({posting(payer, payee, large), posting(payer, payee, large)}, large + large);
  const auto told = d.told(payee);
  ASSERT_EQ(told.size(), 3u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(told[i].amount_minor, large);
    EXPECT_EQ(told[i].op, op::credit | op::post);
  }
  EXPECT_EQ(told[2].op, op::unreserve | op::unclaim);
}

TEST(payment_postings, a_hot_account_gets_one_sum_for_many_payments) {
  one_desk d;
  ASSERT_TRUE(d.places.set_host(mix_id(0, income.value), 0, income.value, 1));
  for (int i = 0; i < 10; ++i) d.pay({posting(payer, payee, 95), posting(payer, income, 5)}, 100);
  const auto told = d.told(income, 1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(lo64(told[0].amount_minor), 50u);
  EXPECT_EQ(told[0].op >> op::more_claims_shift, 9u);
  EXPECT_EQ(d.told(payer).size(), 10u);
}

}  // namespace
}  // namespace payloom::actors

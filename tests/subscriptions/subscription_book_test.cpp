// Goal (SG-3): what may be done with subscriptions, and which refusal comes first when there are several reasons.
#include <gtest/gtest.h>

#include "actors/app/subscription_book.hpp"

namespace payloom::app {
namespace {

using phase = subscription::phase;
using code = result_code;

subscribe_record ask(u128 name = 1) {
  subscribe_record r{};
  r.name = name;
  r.merchant = 7;
  r.window = 100;
  return r;
}

acknowledge_record ack(u128 name, commit_seq sequence, std::uint32_t flags = 0) {
  acknowledge_record r{};
  r.name = name;
  r.sequence = sequence;
  r.flags = flags;
  return r;
}

constexpr commit_seq durable = 1000;

/// Subscription 1 of tenant 0 about merchant 7, looked at up to 50, acknowledged up to 10; 2 is being forgotten.
subscription_book some() {
  subscription_book book;
  stored_subscription s;
  s.name = 1;
  s.merchant = 7;
  s.acknowledged = 10;
  stored_subscription other = s;
  other.name = 2;
  book.restore(std::vector{s, other}, durable);
  book.find({0, 1})->reached = 50;
  book.find({0, 2})->state = phase::forgetting;
  return book;
}

TEST(subscription_book, refusals_of_subscribe_in_their_order) {
  struct row {
    const char* what;
    void (*change)(subscribe_record&);
    code expected;
  };
  const row rows[] = {
      {"as it is", [](auto&) {}, code::ok},
      {"another window", [](auto& r) { r.window = 10'000; }, code::ok},
      {"an existing one does not look at after", [](auto& r) { r.after = durable + 1; }, code::ok},
      {"name 0", [](auto& r) { r.name = 0; }, code::query_malformed},
      {"the largest name", [](auto& r) { r.name = u128_max; }, code::query_malformed},
      {"no window", [](auto& r) { r.window = 0; }, code::query_malformed},
      {"window too large", [](auto& r) { r.window = limits::subscription_window_max + 1; }, code::query_malformed},
      {"a reserved byte", [](auto& r) { r.reserved[39] = 1; }, code::query_malformed},
      {"an unknown flag", [](auto& r) { r.flags = 2; }, code::query_malformed},
      {"malformed before differs", [](auto& r) { r.merchant = 8, r.window = 0; }, code::query_malformed},
      {"another merchant", [](auto& r) { r.merchant = 8; }, code::subscription_differs},
      {"another context", [](auto& r) { r.context_id = 1; }, code::subscription_differs},
      {"another root", [](auto& r) { r.root_id = 1; }, code::subscription_differs},
      {"another order", [](auto& r) { r.order.value = 1; }, code::subscription_differs},
      {"being forgotten", [](auto& r) { r.name = 2; }, code::busy},
      {"being forgotten before differs", [](auto& r) { r.name = 2, r.merchant = 8; }, code::busy},
      {"new", [](auto& r) { r.name = 3; }, code::ok},
      {"new, behind the newest commit", [](auto& r) { r.name = 3, r.after = durable; }, code::ok},
      {"new, in the future", [](auto& r) { r.name = 3, r.after = durable + 1; }, code::cursor_malformed},
      {"show", [](auto& r) { r = {}, r.name = 1, r.flags = subscribe_flags::show; }, code::ok},
      {"show all", [](auto& r) { r = {}, r.flags = subscribe_flags::show; }, code::ok},
      {"show none", [](auto& r) { r = {}, r.name = 3, r.flags = subscribe_flags::show; }, code::subscription_unknown},
      {"show with a window", [](auto& r) { r.merchant = 0, r.flags = subscribe_flags::show; }, code::query_malformed},
      {"show with a merchant", [](auto& r) { r.window = 0, r.flags = subscribe_flags::show; }, code::query_malformed},
  };
  const subscription_book book = some();
  for (const row& r : rows) {
    subscribe_record asked = ask();
    r.change(asked);
    EXPECT_EQ(name_of(book.may_subscribe(0, asked, durable)), name_of(r.expected)) << r.what;
  }
  EXPECT_EQ(book.may_subscribe(5, ask(2), durable), code::ok) << "another tenant's names are its own";
}

TEST(subscription_book, refusals_of_acknowledge_in_their_order) {
  struct row {
    const char* what;
    acknowledge_record asked;
    code expected;
  };
  auto reserved = ack(9, 0);
  reserved.reserved[99] = 1;
  const row rows[] = {
      {"what was pushed", ack(1, 50), code::ok},
      {"what was acknowledged before", ack(1, 3), code::ok},
      {"end and forget", ack(1, 50, 3), code::ok},
      {"too far", ack(1, 51), code::acknowledged_too_far},
      {"forget does not excuse it", ack(1, 51, acknowledge_flags::forget), code::acknowledged_too_far},
      {"nobody's", ack(3, 51), code::subscription_unknown},
      {"being forgotten", ack(2, 0), code::subscription_unknown},
      {"name 0", ack(0, 0), code::query_malformed},
      {"the largest name", ack(u128_max, 0), code::query_malformed},
      {"an unknown flag before unknown", ack(3, 51, 4), code::query_malformed},
      {"a reserved byte before unknown", reserved, code::query_malformed},
  };
  const subscription_book book = some();
  for (const row& r : rows) EXPECT_EQ(name_of(book.may_acknowledge(0, r.asked)), name_of(r.expected)) << r.what;
  EXPECT_EQ(book.may_acknowledge(5, ack(1, 0)), code::subscription_unknown) << "another tenant's";
}

TEST(subscription_book, only_so_many_there_can_be) {
  subscription_book book;
  for (u128 name = 1; name <= limits::subscriptions_max; ++name) {
    ASSERT_EQ(book.may_subscribe(0, ask(name), durable), code::ok);
    book.make(0, ask(name)).state = phase::lasting;
  }
  EXPECT_EQ(book.may_subscribe(0, ask(5000), durable), code::subscriptions_full);
  EXPECT_EQ(book.may_subscribe(0, ask(1), durable), code::ok) << "those that exist go on";
  auto future = ask(5000);
  future.after = durable + 1;
  EXPECT_EQ(book.may_subscribe(0, future, durable), code::cursor_malformed) << "before full";
  book.erase({0, 1});
  EXPECT_EQ(book.may_subscribe(0, ask(5000), durable), code::ok);
}

TEST(subscription_book, a_cursor_beyond_the_journal_is_brought_back) {
  subscription_book book;
  stored_subscription ahead, behind;
  ahead.name = 1;
  ahead.acknowledged = durable + 5;
  behind.name = 2;
  behind.acknowledged = durable - 5;
  EXPECT_EQ(book.restore(std::vector{ahead, behind}, durable), 1u);
  EXPECT_EQ(book.find({0, 1})->acknowledged, durable) << "else the next events would never be pushed";
  EXPECT_EQ(book.find({0, 1})->reader.looked, durable);
  EXPECT_EQ(book.find({0, 2})->acknowledged, durable - 5);
}

TEST(subscription_book, acknowledging_empties_the_window_from_its_front) {
  subscription_book book = some();
  subscription& s = *book.find({0, 1});
  s.to.lane = std::make_shared<net::push_lane>(std::make_shared<std::atomic<std::uint64_t>>(0));
  for (commit_seq at : {20, 25, 30, 40}) s.waiting.push_back({at, at * 1000});
  s.acknowledge(27, 5);
  EXPECT_EQ(s.waiting.size(), 2u);
  EXPECT_EQ(subscription_book::backlog_since(s, 50), 30'000u);
  s.acknowledge(25, 6);
  EXPECT_EQ(s.acknowledged, 27u) << "an older one changes nothing";
  EXPECT_EQ(s.waiting.size(), 2u);
  s.acknowledge(40, 7);
  EXPECT_TRUE(s.waiting.empty());
  EXPECT_EQ(s.to_store().acknowledged, 40u);
  EXPECT_EQ(s.durable.acknowledged, 10u) << "not before it is written";
}

TEST(subscription_book, one_that_ends_begins_again_behind_its_acknowledgement) {
  subscription_book book = some();
  subscription& s = *book.find({0, 1});
  auto lane = std::make_shared<net::push_lane>(std::make_shared<std::atomic<std::uint64_t>>(0));
  s.begin({nullptr, 3, 4, 100, lane});
  s.reader.looked = 45;
  s.waiting = {{20, 1}, {40, 2}};
  s.acknowledge(20, 5);
  s.end();
  EXPECT_FALSE(lane->open());
  EXPECT_FALSE(s.pushing());
  EXPECT_EQ(s.reader.looked, 20u);
  EXPECT_TRUE(s.waiting.empty());
  EXPECT_EQ(book.may_acknowledge(0, ack(1, 45)), code::ok) << "what was pushed before may come late";
}

}  // namespace
}  // namespace payloom::app

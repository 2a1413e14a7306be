// Goal: every operation of the client ends in exactly one answer that says no more than is known, whatever the server
// or the network does. Method: a fake server that misbehaves on purpose.
#include "protocol/client/client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include "protocol/client/asio.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/client/sync_client.hpp"
#include "tests/client/client_fixture.hpp"

namespace payloom::client {
namespace {

using namespace test;
using request = fake_server::request;
using namespace std::chrono_literals;

// Long enough for any loaded machine; nothing waits for it unless a test has failed.
constexpr auto patience = 60s;

answer await(std::future<answer>& f) {
  EXPECT_EQ(f.wait_for(patience), std::future_status::ready);
  return f.get();
}

/// A gate that the server's handler waits at.
class gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    signal_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    signal_.wait_for(lock, patience, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable signal_;
  bool open_ = false;
};

TEST(Client, AnswersTransfersAccountsLookupsAndReports) {
  fake_server server;
  client c(to(server));
  open_accounts(c);
  const answer paid = c.create_transfer(transfer(10, 5)).get();
  EXPECT_EQ(paid.how, outcome::result);
  EXPECT_EQ(paid.first_code(), result_code::ok);
  const id_record ids[] = {{1}, {2}, {3}};
  const answer found = c.lookup_accounts(ids).get();
  ASSERT_EQ(found.rows<account_row>().size(), 3u);
  EXPECT_EQ(lo64(found.rows<account_row>()[1].counters.credits_posted), 5u);
  const answer stats = c.report(frame_type::stats).get();
  EXPECT_EQ(stats.text().substr(0, 1), "{");
  EXPECT_EQ(c.last_error(), "");
}

TEST(Client, EventsQueuedWhileAFrameIsInFlightTravelTogether) {
  gate first_may_be_answered;
  std::atomic<int> frames{0};
  std::atomic<std::uint32_t> second_frame_events{0};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() == frame_type::create_transfers) {
      if (++frames == 1) first_may_be_answered.pass();
      if (frames == 2) second_frame_events = r.header.record_count;
    }
    s.answer_from_ledger(r);
  });
  client c(to(server));
  open_accounts(c);
  std::vector<std::future<answer>> answers;
  answers.push_back(c.create_transfer(transfer(10)));
  while (frames == 0) std::this_thread::yield();
  for (std::uint64_t i = 0; i < 100; ++i) answers.push_back(c.create_transfer(transfer(100 + i)));
  first_may_be_answered.open();
  std::set<std::uint64_t> sequences;
  for (auto& f : answers) {
    const answer a = await(f);
    ASSERT_EQ(a.how, outcome::result);
    ASSERT_EQ(a.results().size(), 1u);
    sequences.insert(a.results()[0].sequence);
  }
  EXPECT_EQ(sequences.size(), 101u);  // each got its own result
  EXPECT_EQ(second_frame_events, 100u);
}

TEST(Client, FullBatchesArePipelinedButNeverBeyondTheWindow) {
  std::vector<request> held;
  std::atomic<std::size_t> most{0};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() != frame_type::create_transfers) return s.answer_from_ledger(r);
    held.push_back(r);
    most = std::max(most.load(), held.size());
    // Answers nothing before three are here (or the last two of eleven), then in reverse order.
    if (held.size() < 3 && s.ledger.transfers() + held.size() * 10 < 110) return;
    for (auto one = held.rbegin(); one != held.rend(); ++one) s.answer_from_ledger(*one);
    held.clear();
  });
  client_options options = to(server);
  options.window = 3;
  options.batch_events_max = 10;
  client c(options);
  open_accounts(c);
  std::vector<std::future<answer>> answers;
  for (std::uint64_t i = 0; i < 11; ++i) {
    std::vector<transfer_record> ten;
    for (std::uint64_t k = 0; k < 10; ++k) ten.push_back(transfer(1000 + 10 * i + k));
    answers.push_back(c.create_transfers(ten));
  }
  for (auto& f : answers) EXPECT_EQ(await(f).results().size(), 10u);
  EXPECT_EQ(most, 3u);
}

TEST(Client, TheServersCreditsBoundTheWindow) {
  std::vector<request> held;
  std::atomic<std::size_t> most{0};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() != frame_type::lookup_accounts) return s.answer_from_ledger(r);
    held.push_back(r);
    most = std::max(most.load(), held.size());
    if (held.size() < 2) return;
    for (const request& one : held) s.answer_from_ledger(one);
    held.clear();
  });
  server.credit_requests = 2;
  client c(to(server));
  const id_record ids[] = {{1}};
  std::vector<std::future<answer>> answers;
  for (int i = 0; i < 10; ++i) answers.push_back(c.lookup_accounts(ids));
  for (auto& f : answers) EXPECT_EQ(await(f).how, outcome::result);
  EXPECT_EQ(most, 2u);
}

TEST(Client, NoAnswerInTimeIsUnknownAndRepeatingMakesItDefinite) {
  std::atomic<bool> silent{true};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() == frame_type::create_transfers && silent) {
      std::uint32_t count = r.header.record_count;
      s.ledger.answer(r.type(), r.body, count);  // executed, but nobody hears of it
      return;
    }
    s.answer_from_ledger(r);
  });
  client c(to(server));
  open_accounts(c);
  const answer lost = c.create_transfer(transfer(10), submit_options{.timeout = 100ms}).get();
  EXPECT_EQ(lost.how, outcome::unknown);
  silent = false;
  const answer again = c.create_transfer(transfer(10)).get();
  EXPECT_EQ(again.how, outcome::result);
  EXPECT_EQ(again.first_code(), result_code::ok);
  EXPECT_NE(again.results()[0].flags & result_flags::replayed, 0);
  EXPECT_EQ(server.ledger.transfers(), 1u);
  EXPECT_EQ(server.accepted(), 2);  // the silent connection was given up
}

TEST(Client, ABrokenConnectionIsReplacedAndTheSameIdsGoOutAgain) {
  std::atomic<int> breaks{3};
  std::mutex mutex;
  std::vector<std::uint64_t> ids;
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() == frame_type::create_transfers) {
      const auto* t = reinterpret_cast<const transfer_record*>(r.body.data());
      const std::lock_guard lock(mutex);
      for (std::uint32_t i = 0; i < r.header.record_count; ++i) ids.push_back(lo64(t[i].id.value));
      if (breaks-- > 0) {
        std::uint32_t count = r.header.record_count;
        if (breaks == 1) s.ledger.answer(r.type(), r.body, count);
        return s.close(r.connection);
      }
    }
    s.answer_from_ledger(r);
  });
  client c(to(server));
  open_accounts(c);
  const answer paid = c.create_transfer(transfer(77)).get();
  EXPECT_EQ(paid.how, outcome::result);
  EXPECT_EQ(paid.first_code(), result_code::ok);
  EXPECT_EQ(server.ledger.transfers(), 1u);
  EXPECT_EQ(server.accepted(), 4);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{77, 77, 77, 77}));
}

TEST(Client, OverloadedIsRepeatedAfterThePauseWithTheSameId) {
  std::atomic<int> refusals{2};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() == frame_type::create_transfers && refusals-- > 0) {
      return s.answer(r, {}, 0, result_code::overloaded, 1);
    }
    s.answer_from_ledger(r);
  });
  client c(to(server));
  open_accounts(c);
  const answer paid = c.create_transfer(transfer(10)).get();
  EXPECT_EQ(paid.first_code(), result_code::ok);
  EXPECT_LT(refusals, 0);
}

TEST(Client, AnEventAmongOthersThatWasOverloadedIsRepeatedToo) {
  std::atomic<int> frames{0};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() == frame_type::create_transfers && ++frames == 1) {
      std::uint32_t one = 1;
      std::vector<std::byte> body = s.ledger.answer(r.type(), r.body, one);
      result_record busy{};
      busy.code = result_code::overloaded;
      busy.retry_after_ms = 1;
      const auto bytes = std::as_bytes(std::span{&busy, 1});
      body.insert(body.end(), bytes.begin(), bytes.end());
      return s.answer(r, body, 2);
    }
    s.answer_from_ledger(r);
  });
  client c(to(server));
  open_accounts(c);
  const transfer_record two[] = {transfer(10), transfer(11)};
  const answer paid = c.create_transfers(two).get();
  ASSERT_EQ(paid.results().size(), 2u);
  EXPECT_EQ(paid.results()[0].code, result_code::ok);
  EXPECT_EQ(paid.results()[1].code, result_code::ok);
  EXPECT_EQ(server.ledger.transfers(), 2u);
}

TEST(Client, OverloadedUntilTheDeadlineIsAnsweredAsSuch) {
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() == frame_type::create_transfers) return s.answer(r, {}, 0, result_code::overloaded, 60'000);
    s.answer_from_ledger(r);
  });
  client c(to(server));
  open_accounts(c);
  const answer refused = c.create_transfer(transfer(10), submit_options{.timeout = 50ms}).get();
  EXPECT_EQ(refused.how, outcome::result);  // the server said that nothing happened
  EXPECT_EQ(refused.first_code(), result_code::overloaded);
}

TEST(Client, WithoutAServerNothingIsSent) {
  client_options options;
  {
    fake_server gone;
    options.addresses = {gone.address()};
  }
  client c(options);
  const answer none = c.create_transfer(transfer(10), submit_options{.timeout = 100ms}).get();
  EXPECT_EQ(none.how, outcome::not_sent);
  EXPECT_NE(c.last_error(), "");
}

TEST(Client, TheNextAddressIsTriedWhenOneIsDead) {
  std::string dead;
  {
    fake_server gone;
    dead = gone.address();
  }
  fake_server server;
  client_options options = to(server);
  options.addresses.insert(options.addresses.begin(), dead);
  client c(options);
  open_accounts(c);
  EXPECT_EQ(server.accepted(), 1);
}

TEST(Client, GoawayMovesNewRequestsToANewConnectionAndKeepsTheOldOnesReply) {
  std::vector<request> held;
  std::atomic<bool> arrived{false};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() == frame_type::create_transfers && r.connection == 1) {
      held.push_back(r);
      arrived = true;
      frame_header goaway = make_goaway();
      return s.send(r.connection, goaway);
    }
    s.answer_from_ledger(r);
    if (r.type() == frame_type::create_transfers) {
      for (const request& old : held) s.answer_from_ledger(old);
      held.clear();
    }
  });
  client c(to(server));
  open_accounts(c);
  std::future<answer> first = c.create_transfer(transfer(10));
  while (!arrived) std::this_thread::yield();  // or both would share a frame
  std::future<answer> second = c.create_transfer(transfer(11));
  EXPECT_EQ(await(second).first_code(), result_code::ok);
  const answer old = await(first);
  EXPECT_EQ(old.first_code(), result_code::ok);
  EXPECT_EQ(old.results()[0].flags & result_flags::replayed, 0);  // answered where it was sent, once
  EXPECT_EQ(server.ledger.repeats(), 0u);
  EXPECT_EQ(server.accepted(), 2);
}

TEST(Client, ClosingGentlyBringsEverythingToItsEnd) {
  fake_server server;
  client c(to(server));
  open_accounts(c);
  std::atomic<int> results{0}, others{0};
  for (std::uint64_t i = 0; i < 500; ++i) {
    c.create_transfer(transfer(100 + i), [&](answer a) { ++(a.how == outcome::result ? results : others); });
  }
  EXPECT_TRUE(c.close(patience));
  EXPECT_EQ(results, 500);
  EXPECT_EQ(others, 0);
  EXPECT_EQ(c.create_transfer(transfer(9999)).get().how, outcome::not_sent);
}

TEST(Client, ClosingNowFiresEveryCallback) {
  fake_server server([](fake_server& s, const request& r) {
    if (r.type() != frame_type::create_transfers) s.answer_from_ledger(r);
  });
  std::atomic<int> unknown{0}, not_sent{0}, result{0};
  {
    client_options options = to(server);
    options.window = 1;
    client c(options);
    open_accounts(c);
    const auto count = [&](answer a) {
      ++(a.how == outcome::unknown ? unknown : a.how == outcome::not_sent ? not_sent : result);
    };
    for (std::uint64_t i = 0; i < 50; ++i) c.create_transfer(transfer(100 + i), count);
  }
  EXPECT_EQ(unknown + not_sent, 50);
  EXPECT_EQ(result, 0);
}

TEST(Client, TheQueueIsBounded) {
  fake_server server([](fake_server&, const request&) {});
  client_options options = to(server);
  options.queued_events_max = 10;
  client c(options);
  std::vector<std::future<answer>> answers;
  for (std::uint64_t i = 0; i < 10; ++i) answers.push_back(c.create_transfer(transfer(100 + i)));
  EXPECT_EQ(c.create_transfer(transfer(1)).get().how, outcome::not_sent);
  const std::vector<transfer_record> too_many(limits::frame_events_max + 1);
  EXPECT_EQ(c.create_transfers(too_many).get().how, outcome::not_sent);
  c.close_now();
  for (auto& f : answers) EXPECT_NE(await(f).how, outcome::result);
}

TEST(Client, AnExternalContextRunsTheCallbacks) {
  fake_server server;
  asio::io_context io;
  client c(to(server), io);
  const account_record both[] = {account(1), account(2)};
  std::thread::id where;
  int answered = 0;
  c.create_accounts(both, [&](answer a) {
    EXPECT_EQ(a.how, outcome::result);
    where = std::this_thread::get_id();
    ++answered;
    c.create_transfer(transfer(5), [&](answer b) {  // from inside a callback
      EXPECT_EQ(b.first_code(), result_code::ok);
      ++answered;
      c.close_now();
    });
  });
  io.run();
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(Client, AFinalErrorFrameIsTheAnswer) {
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() != frame_type::create_transfers) return s.answer_from_ledger(r);
    frame_header h{};
    h.type = static_cast<std::uint16_t>(frame_type::error);
    h.request = r.header.request;
    h.code = result_code::wrong_partition;
    s.send(r.connection, reseal(h));
  });
  client c(to(server));
  open_accounts(c);
  const answer refused = c.create_transfer(transfer(10)).get();
  EXPECT_EQ(refused.how, outcome::result);
  EXPECT_EQ(refused.first_code(), result_code::wrong_partition);
}

TEST(SyncClient, ManyThreadsShareIt) {
  fake_server server;
  sync_client c(to(server));
  const account_record both[] = {account(1), account(2)};
  ASSERT_EQ(c.create_accounts(both).how, outcome::result);
  std::atomic<int> ok{0};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 200; ++i) {
        if (c.create_transfer(transfer(1000 + t * 1000 + i)).first_code() == result_code::ok) ++ok;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(ok, 800);
  EXPECT_EQ(server.ledger.transfers(), 800u);
}

TEST(IdGenerator, SeedsRepeatAndIdsDoNot) {
  id_generator a(5), b(5), other(6), random;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (int i = 0; i < 10'000; ++i) {
    const u128 id = a.next();
    EXPECT_EQ(id, b.next());
    for (const u128 one : {id, other.next(), random.next()}) {
      EXPECT_FALSE(id_is_reserved(one));
      EXPECT_TRUE(seen.emplace(hi64(one), lo64(one)).second);
    }
  }
}

}  // namespace
}  // namespace payloom::client

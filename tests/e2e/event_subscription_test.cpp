// Goal (SG-3): the client library's subscription and the verbs over it: nothing is lost and the order of each order is
// kept through lost connections, restarts and kills; what was acknowledged does not come again.
#include <nlohmann/json.hpp>

#include <condition_variable>
#include <map>
#include <mutex>

#include "protocol/client/event_subscription.hpp"
#include "tests/e2e/orders_fixture.hpp"

namespace payloom::e2e {

namespace {

/// What a subscription handed over, and a way to wait for it.
class heard_events {
 public:
  void add(std::span<const order_event_row> rows) {
    const std::lock_guard lock(mutex_);
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    changed_.notify_all();
  }
  /// False after the patience of a test.
  bool wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return rows_.size() >= count; });
  }
  std::vector<order_event_row> rows() {
    const std::lock_guard lock(mutex_);
    return rows_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<order_event_row> rows_;
};

}  // namespace

class event_subscriptions : public orders_fixture {
 protected:
  client::client_options where() const {
    client::client_options o;
    o.addresses = {address};
    o.name = "test";
    return o;
  }
  /// Creates and cancels orders: two events each.
  void trade(std::size_t count) {
    auto to = connect();
    for (std::size_t i = 0; i < count; ++i) {
      const order_record o = order(1, 100);
      ASSERT_EQ(create(to, o), "ok");
      ASSERT_EQ(act(to, action(o, order_action::cancel)), "ok");
    }
  }
  std::vector<order_event_row> all_events() {
    auto to = connect();
    order_event_query q{};
    q.limit = limits::order_rows_max;
    const client::reply r = to.call(frame_type::order_events, std::span<const order_event_query>(&q, 1));
    const auto rows = r.rows<order_event_row>();
    return {rows.begin(), rows.end()};
  }
  void restart_on_the_same_port(bool crash) {
    if (crash) {
      server->kill_now();
    } else {
      ASSERT_EQ(server->drain(), 0) << server->last_lines();
    }
    support::server_process::settings how;
    how.program = PAYLOOM_PROGRAM;
    how.directory = data();
    how.listen = address;
    how.set = {"storage.segment_bytes=16MiB", "accounts.max=100000"};
    server = std::make_unique<support::server_process>(how);
    address = server->wait_listening();
  }
};

TEST_F(event_subscriptions, nothing_is_lost_through_drains_and_kills) {
  start();
  heard_events heard;
  {
    client::event_subscription s(where(), {.name = 77, .merchant = merchant, .window = 7},
                                 [&](auto rows) { heard.add(rows); });
    std::size_t sold = 0;
    for (const bool crash : {true, false, true, true}) {
      trade(15);
      sold += 15;
      if (crash) {
        ASSERT_TRUE(heard.wait(sold)) << "it is in the middle of it";
      }
      restart_on_the_same_port(crash);
    }
    trade(5);
    ASSERT_TRUE(heard.wait(2 * (sold + 5)));
  }
  const auto expected = all_events();
  const auto got = heard.rows();
  // One object hands nothing over twice, so what it heard is the journal's order, gapless.
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i].sequence, expected[i].sequence) << i;
  // It acknowledged everything before it stopped: a second one hears only what is new.
  heard_events anew;
  client::event_subscription next(where(), {.name = 77, .merchant = merchant}, [&](auto rows) { anew.add(rows); });
  trade(1);
  ASSERT_TRUE(anew.wait(2));
  EXPECT_GT(anew.rows().front().sequence, expected.back().sequence);
}

TEST_F(event_subscriptions, what_is_not_acknowledged_comes_again_to_the_next_one) {
  start();
  trade(4);
  const auto expected = all_events();
  heard_events first, second;
  {
    client::event_subscription s(where(), {.name = 5, .acknowledge_by_itself = false},
                                 [&](auto rows) { first.add(rows); });
    ASSERT_TRUE(first.wait(8));
    s.acknowledge(expected[2].sequence);
  }
  client::event_subscription s(where(), {.name = 5, .acknowledge_by_itself = false},
                               [&](auto rows) { second.add(rows); });
  ASSERT_TRUE(second.wait(5));
  EXPECT_EQ(second.rows().front().sequence, expected[3].sequence);
}

TEST_F(event_subscriptions, taken_over_and_refused_are_said) {
  start();
  trade(1);
  heard_events first, second;
  client::event_subscription s(where(), {.name = 5}, [&](auto rows) { first.add(rows); });
  ASSERT_TRUE(first.wait(2));
  client::event_subscription other(where(), {.name = 5}, [&](auto rows) { second.add(rows); });
  EXPECT_EQ(s.wait(), client::subscription_end::taken_over);
  client::event_subscription differs(where(), {.name = 5, .merchant = 8}, [](auto) {});
  EXPECT_EQ(differs.wait(), client::subscription_end::refused);
  EXPECT_EQ(differs.refusal(), result_code::subscription_differs);
  trade(1);
  ASSERT_TRUE(second.wait(2));
  EXPECT_EQ(verb({"subscription", "forget", "5"}).exit_code, 0);
  EXPECT_EQ(other.wait(), client::subscription_end::refused);
  EXPECT_EQ(other.refusal(), result_code::subscription_unknown);
}

TEST_F(event_subscriptions, a_callback_may_stop_it_and_one_event_at_a_time_is_possible) {
  start();
  trade(3);
  std::vector<commit_seq> heard;
  client::event_subscription* self = nullptr;
  std::mutex ready;
  std::unique_lock starting(ready);
  client::event_subscription s(where(), {.name = 6}, client::event_subscription::each([&](const order_event_row& row) {
                                 const std::lock_guard lock(ready);
                                 heard.push_back(row.sequence);
                                 if (heard.size() == 6) self->stop();
                               }));
  self = &s;
  starting.unlock();
  EXPECT_EQ(s.wait(), client::subscription_end::stopped);
  EXPECT_EQ(heard.size(), 6u);
}

TEST_F(event_subscriptions, the_verbs_follow_list_show_and_forget) {
  start();
  trade(3);
  const auto follow = [&](const std::string& limit) {
    return verb({"events", "--follow", "--subscription", "0x2a", "--limit", limit, "--json"});
  };
  const auto sequences = [](const std::string& out) {
    std::vector<commit_seq> found;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) found.push_back(nlohmann::json::parse(line)["sequence"]);
    return found;
  };
  const auto expected = all_events();
  const auto first = follow("2"), second = follow("3");
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(sequences(first.out), (std::vector<commit_seq>{expected[0].sequence, expected[1].sequence}));
  EXPECT_EQ(sequences(second.out).size(), 3u) << second.err;
  EXPECT_EQ(sequences(second.out).front(), expected[2].sequence) << "what was printed does not come again";
  const auto listed = nlohmann::json::parse(verb({"subscription", "list", "--json"}).out);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0]["acknowledged"], expected[4].sequence);
  EXPECT_EQ(listed[0]["pushing"], false);
  EXPECT_NE(verb({"subscription", "list"}).out.find("0x2a"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(verb({"subscription", "show", "42", "--json"}).out)["acknowledged"],
            expected[4].sequence);
  EXPECT_EQ(verb({"subscription", "show", "43"}).exit_code, 1);
  EXPECT_EQ(verb({"events", "--subscription", "42"}).exit_code, 2) << "without --follow";
  EXPECT_EQ(verb({"events", "--follow", "--subscription", "42", "--merchant", "9", "--limit", "1"}).exit_code, 1);
  EXPECT_EQ(verb({"subscription", "forget", "42"}).exit_code, 0);
  EXPECT_EQ(verb({"subscription", "list", "--json"}).out, "[]\n");
}

TEST_F(event_subscriptions, the_example_goes_on_where_it_stopped) {
  start();
  trade(2);
  const auto expected = all_events();
  const auto run = [&](const std::string& count) {
    return support::run_program({PAYLOOM_EXAMPLE_SUBSCRIBE, address, "9", std::to_string(merchant), count});
  };
  const auto first = run("3"), second = run("1");
  EXPECT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_NE(first.out.find("commit " + std::to_string(expected[2].sequence)), std::string::npos) << first.out;
  EXPECT_NE(second.out.find("commit " + std::to_string(expected[3].sequence)), std::string::npos) << second.out;
}

}  // namespace payloom::e2e

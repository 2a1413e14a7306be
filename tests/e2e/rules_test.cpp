// Goal: the catalogue changes while the server runs, and every order ends on the version that it began with (PC-4),
// also over kill -9; a wrong catalogue changes nothing and says everything that is wrong. Method: the real server on a
// folder that the test edits.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>

#include "protocol/types/catalog_records.hpp"
#include "tests/e2e/rules_fixture.hpp"

namespace payloom::e2e {

using json = nlohmann::json;
using testing::HasSubstr;

class rules : public rules_fixture {
 protected:
  json listed() const {
    const auto said = verb({"rules", "list", "--json"});
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return json::parse(said.out, nullptr, false);
  }
};

TEST_F(rules, an_order_ends_on_the_version_it_began_with) {
  with_rate(1, "14000").write(folder());
  serve({"topology.order_shards=3"});
  std::vector<order_record> old;
  {
    auto to = connect();
    open_chart(to, 1, 10'000'000);
    for (int i = 0; i < 6; ++i) {
      old.push_back(order(1, 10'000));
      ASSERT_EQ(create(to, old.back()), "ok");
    }
    with_rate(2, "40000").write(folder());
    const auto said = verb({"rules", "reload", "--maker", "anna", "--checker", "bela", "--note", "dearer"});
    ASSERT_EQ(said.exit_code, 0) << said.out << said.err;
    EXPECT_THAT(said.out, HasSubstr("version 2 is accepted; new orders begin with version 2"));
    // At once, on every shard.
    for (int i = 0; i < 12; ++i) {
      const order_record fresh = order(1, 10'000, instant_sale, order_flags::pay_now);
      ASSERT_EQ(create(to, fresh), "ok");
      EXPECT_EQ(last(to, fresh).event.order.rule_version, 2u);
      EXPECT_EQ(lo64(last(to, fresh).event.fee_minor), 425u);
    }
    ASSERT_EQ(act(to, action(old[0], order_action::pay)), "ok");
    EXPECT_EQ(lo64(last(to, old[0]).event.fee_minor), 165u) << "what it began with";
  }
  server->kill_now();
  serve({"topology.order_shards=2"});
  auto to = connect();
  ASSERT_EQ(act(to, action(old[1], order_action::pay)), "ok");
  EXPECT_EQ(lo64(last(to, old[1]).event.fee_minor), 165u);
  EXPECT_EQ(last(to, old[1]).event.order.rule_version, 1u);
  const order_record fresh = order(1, 10'000, instant_sale, order_flags::pay_now);
  ASSERT_EQ(create(to, fresh), "ok");
  EXPECT_EQ(lo64(last(to, fresh).event.fee_minor), 425u) << "the same version is active after the kill";
  ASSERT_EQ(act(to, action(old[0], order_action::refund)), "ok") << "paid, not in memory any more, and of version 1";
  const json all = listed();
  ASSERT_EQ(all["versions"].size(), 2u) << all;
  EXPECT_EQ(all["active"], 2);
  EXPECT_EQ(all["versions"][0]["state"], "superseded");
  EXPECT_EQ(all["versions"][1]["state"], "active");
  EXPECT_EQ(all["versions"][1]["maker"], "anna");
  EXPECT_EQ(all["versions"][1]["checker"], "bela");
  EXPECT_EQ(all["versions"][1]["orders_since_start"], 1);
  // Taken back at once (PC-5); what began with it goes on with it.
  const order_record waiting = order(1, 10'000);
  ASSERT_EQ(create(to, waiting), "ok");
  ASSERT_EQ(verb({"rules", "retire", "2"}).exit_code, 0);
  const order_record after = order(1, 10'000, instant_sale, order_flags::pay_now);
  ASSERT_EQ(create(to, after), "ok");
  EXPECT_EQ(lo64(last(to, after).event.fee_minor), 165u);
  ASSERT_EQ(act(to, action(waiting, order_action::pay)), "ok");
  EXPECT_EQ(lo64(last(to, waiting).event.fee_minor), 425u);
  expect_verified();
}

TEST_F(rules, a_channel_that_a_reload_brings_is_served_at_once) {
  constexpr std::uint16_t recharge = 201, channel_tool = 4;
  with_rate(1, "14000").write(folder());
  serve({"topology.order_shards=2"});
  auto to = connect();
  open_chart(to, 1, 0);
  const account_record third = chart_account("channel_receivable", 3);
  ASSERT_EQ(name_of(send(to, frame_type::create_accounts, std::vector{third}).front().code), "ok");
  with_rate(2, "14000")
      .replace("channels.yaml", "\nchannels:\n",
               "\nchannels:\n  third_bank:\n    number: 3\n    driver: simulator\n"
               "    operations: [pay, refund, query]\n    in_flight_max: 1000\n    case_owner: nobody\n"
               "    simulator: {seed: 3}\n")
      .write(folder());
  ASSERT_EQ(verb({"rules", "reload", "--maker", "anna"}).exit_code, 0);
  const order_record in = order(1, 5'000, recharge);
  ASSERT_EQ(create(to, in), "ok");
  order_action_record pay = action(in, order_action::pay);
  pay.tools = channel_tool;
  pay.channel = 3;
  ASSERT_EQ(act(to, pay), "ok");
  for (int look = 0; look < 1000 && last(to, in).event.order.paid_minor == 0; ++look)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(lo64(last(to, in).event.order.paid_minor), 5'000u);
  const auto stats = json::parse(verb({"stats", "--json"}).out, nullptr, false);
  ASSERT_EQ(stats["channels"].size(), 3u) << stats["channels"];
  EXPECT_EQ(stats["channels"][2]["channel"], 3);
  EXPECT_EQ(stats["channels"][2]["calls"], 1);
  expect_verified();
}

TEST_F(rules, a_wrong_catalogue_changes_nothing_and_lists_everything) {
  with_rate(1, "14000").write(folder());
  serve();
  auto to = connect();
  open_chart(to, 1, 100'000);
  with_rate(2, "2000000000")
      .replace("chart.yaml", "scope: platform", "scope: planet")
      .replace("business_map.yaml", "settlement_plans:", "settlement_plan:")
      .write(folder());
  const auto said = verb({"rules", "reload"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.out, HasSubstr("refused, nothing changed"));
  for (const char* file : {"/fees.yaml:", "/chart.yaml:", "/business_map.yaml:"})
    EXPECT_THAT(said.out, HasSubstr(file));
  const order_record sale = order(1, 10'000, instant_sale, order_flags::pay_now);
  ASSERT_EQ(create(to, sale), "ok");
  EXPECT_EQ(last(to, sale).event.order.rule_version, 1u);
  with_rate(1, "40000").write(folder());
  const auto reused = verb({"rules", "reload", "--json"});
  EXPECT_EQ(reused.exit_code, 1);
  EXPECT_THAT(reused.out, HasSubstr("version: 1 is known with other content"));
  EXPECT_EQ(listed()["versions"].size(), 1u);
}

TEST_F(rules, a_signal_reloads_and_a_version_waits_for_its_time) {
  with_rate(1, "14000").write(folder());
  serve();
  auto to = connect();
  open_chart(to, 1, 100'000);
  with_rate(2, "40000").header("effective_from: 2200-01-01").write(folder());
  server->send_signal(SIGHUP);
  server->wait_line(" catalog_changed ");
  EXPECT_EQ(listed()["versions"][1]["state"], "scheduled");
  const order_record sale = order(1, 10'000, instant_sale, order_flags::pay_now);
  ASSERT_EQ(create(to, sale), "ok");
  EXPECT_EQ(last(to, sale).event.order.rule_version, 1u);
  with_rate(3, "40000").replace("business_map.yaml", "code: 101\n", "code: 199\n").write(folder());
  server->send_signal(SIGHUP);
  server->wait_line(" catalog_refused ");
  EXPECT_EQ(listed()["active"], 1);
}

TEST_F(rules, a_server_without_the_rules_of_its_orders_does_not_start) {
  with_rate(1, "14000").write(folder());
  serve();
  {
    auto to = connect();
    open_chart(to, 1, 100'000);
    ASSERT_EQ(create(to, order(1, 10'000)), "ok");
  }
  server->kill_now();
  std::filesystem::remove_all(data() + "/catalogs");
  with_rate(2, "40000").write(folder());
  EXPECT_THROW(serve(), support::server_trouble);
  EXPECT_THAT(server->last_lines(), HasSubstr("lacks version 1 of the payment catalogue"));
}

TEST_F(rules, requests_that_mean_nothing_are_refused) {
  with_rate(1, "14000").write(folder());
  serve();
  auto to = connect();
  load_catalog_record asked{};
  const auto code = [&] {
    return std::string(
        name_of(to.call(frame_type::load_catalog, std::span<const load_catalog_record>(&asked, 1)).code()));
  };
  EXPECT_EQ(code(), "query_malformed") << "no action";
  asked.action = catalog_action::reload;
  EXPECT_EQ(code(), "ok");
  asked.maker[0] = '\n';
  EXPECT_EQ(code(), "query_malformed");
  asked.maker[0] = 0;
  asked.maker[5] = 'x';
  EXPECT_EQ(code(), "query_malformed") << "text behind its end";
}

}  // namespace payloom::e2e

// Money that came by several attempts goes back the way it came, and late news that nobody can book are not lost: the
// real server, two channels of the simulator, client and CLI (domain.md 1.2, 1.3; OV-2, PC-3).
#include <gmock/gmock.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "protocol/types/u128_text.hpp"
#include "tests/e2e/rules_fixture.hpp"

namespace payloom::e2e {

using json = nlohmann::json;
using testing::HasSubstr;

namespace {

constexpr owner_number bank = 1, card = 2;
constexpr std::uint16_t channel_tool = 4;
constexpr int looks_max = 3000;
constexpr auto between_looks = std::chrono::milliseconds(10);
constexpr const char* card_that_errs =
    "{seed: 2, answer_ms_min: 5, answer_ms_max: 150, later_ms: 500, rejected: 40, accepted: 60, accepted_rejected: "
    "10,\n"
    "       not_sent: 10, unknown_moved: 15, unknown_lost: 15, other_amount: 2, late_success: 3, returned: 0,\n"
    "       answered_twice: 20}";

}  // namespace

class payment_sources : public rules_fixture {
 protected:
  /// The card channel answers as `simulator` says.
  client::blocking_connection serve_with_card(const std::string& simulator) {
    support::edited_catalog().replace("channels.yaml", card_that_errs, simulator).write(folder());
    serve({"topology.order_shards=3"});
    auto to = connect();
    open_chart(to, 1, 0);
    std::vector<account_record> more = {chart_account("payment_transit"), chart_account("suspense_long")};
    for (const owner_number c : {bank, card}) more.push_back(chart_account("channel_receivable", c));
    for (const result_record& r : send(to, frame_type::create_accounts, more)) EXPECT_EQ(name_of(r.code), "ok");
    return to;
  }
  order_action_record by_channel(const order_record& of, owner_number channel, u128 amount) {
    order_action_record pay = action(of, order_action::pay, amount);
    pay.tools = channel_tool;
    pay.channel = static_cast<std::uint32_t>(channel);
    return pay;
  }
  /// The order's newest event once `done` says that it has come.
  template <class Done>
  static order_event_row wait_until(client::blocking_connection& to, const order_record& of, Done&& done) {
    order_event_row newest{};
    for (int look = 0; look < looks_max; ++look) {
      newest = timeline(to, of.id.value).back();
      if (done(newest)) return newest;
      std::this_thread::sleep_for(between_looks);
    }
    ADD_FAILURE() << "it did not come";
    return newest;
  }
  static auto paid(u128 amount) {
    return [amount](const order_event_row& row) { return row.event.order.paid_minor == amount; };
  }
  static auto refunded(u128 amount) {
    return [amount](const order_event_row& row) { return row.event.order.refunded_minor == amount; };
  }
  /// 60.00 came by the bank, then 40.00 by the card.
  order_record paid_by_two(client::blocking_connection& to) {
    const order_record sale = order(1, 10'000);
    EXPECT_EQ(create(to, sale), "ok");
    EXPECT_EQ(act(to, by_channel(sale, bank, 6'000)), "ok");
    wait_until(to, sale, paid(6'000));
    EXPECT_EQ(act(to, by_channel(sale, card, 4'000)), "ok");
    wait_until(to, sale, paid(10'000));
    EXPECT_EQ(balance(to, "channel_receivable", bank), -6'000);
    EXPECT_EQ(balance(to, "channel_receivable", card), -4'000);
    return sale;
  }
};

TEST_F(payment_sources, each_part_goes_back_to_its_own_channel) {
  auto to = serve_with_card("{seed: 2}");
  const order_record sale = paid_by_two(to);
  order_action_record all = action(sale, order_action::refund);
  EXPECT_EQ(act(to, all), "refund_needs_split");
  EXPECT_EQ(act(to, all), "refund_needs_split") << "remembered";
  order_action_record part = action(sale, order_action::refund, 5'000);
  part.source = 2;
  EXPECT_EQ(act(to, part), "source_not_usable");
  part = action(sale, order_action::refund, 5'000);
  part.source = 1;
  ASSERT_EQ(act(to, part), "ok");
  const order_event_row first = wait_until(to, sale, refunded(5'000));
  EXPECT_EQ(first.payment.channel, bank);
  EXPECT_EQ(first.payment.source, first.payment.sources[0].attempt_id);
  EXPECT_EQ(balance(to, "channel_receivable", bank), -1'000);
  EXPECT_EQ(balance(to, "channel_receivable", card), -4'000);
  part.source = 2;
  EXPECT_EQ(act(to, part), "exists_with_different_product") << "the same id, another source";

  const std::string id = to_hex(sale.id.value);
  const std::string shown = verb({"order", "show", id}).out;
  EXPECT_THAT(shown, HasSubstr("source 1          60.00 EUR by simulated_bank, 50.00 EUR gone back"));
  EXPECT_THAT(shown, HasSubstr("source 2          40.00 EUR by simulated_card, attempt"));
  const json sources = json::parse(verb({"order", "show", id, "--json"}).out).at("sources");
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0].at("refunded_minor"), "5000");
  EXPECT_EQ(sources[1].at("channel_name"), "simulated_card");
  const json life = json::parse(verb({"payment", "show", id, "--json"}).out);
  EXPECT_THAT(life.dump(), HasSubstr(R"("kind":"paid")"));
  const auto verified = verb({"verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(payment_sources, the_verb_splits_a_refund_by_itself) {
  auto to = serve_with_card("{seed: 2}");
  const order_record sale = paid_by_two(to);
  const std::string id = to_hex(sale.id.value);
  const std::vector<std::string> command = {"refund", "create", id, "--amount", "90.00", "--id", "0x77000", "--json"};
  const auto said = verb(command);
  ASSERT_EQ(said.exit_code, 0) << said.out << said.err;
  const json parts = json::parse(said.out).at("parts");
  ASSERT_EQ(parts.size(), 2u) << said.out;
  EXPECT_EQ(parts[0].at("source"), 2);
  EXPECT_EQ(parts[0].at("amount_minor"), "4000");
  EXPECT_EQ(parts[1].at("source"), 1);
  EXPECT_EQ(parts[1].at("amount_minor"), "5000");
  wait_until(to, sale, refunded(9'000));
  EXPECT_EQ(balance(to, "channel_receivable", bank), -1'000);
  EXPECT_EQ(balance(to, "channel_receivable", card), 0);
  const auto again = verb(command);  // a repeat gives nothing back a second time
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  EXPECT_EQ(lo64(timeline(to, sale.id.value).back().event.order.refunded_minor), 9'000u);
  ASSERT_EQ(verb({"refund", "create", id}).exit_code, 0);
  wait_until(to, sale, refunded(10'000));
  EXPECT_EQ(balance(to, "channel_receivable", bank), 0);
  EXPECT_EQ(verb({"verify"}).exit_code, 0);
}

TEST_F(payment_sources, late_news_that_an_account_refuses_end_in_a_case) {
  // Rejected at once; that it had moved after all is told when its account is closed.
  auto to = serve_with_card("{seed: 2, answer_ms_min: 1, answer_ms_max: 1, later_ms: 3000, late_success: 1000}");
  const order_record sale = order(1, 10'000);
  ASSERT_EQ(create(to, sale), "ok");
  ASSERT_EQ(act(to, by_channel(sale, card, 0)), "ok");
  wait_until(to, sale, [](const order_event_row& r) { return r.payment.outcome == channel_outcome::rejected; });
  account_change_record close{};
  close.id = ids.transfer();
  close.account = account_of("channel_receivable", card);
  close.kind = account_change_kind::close;
  ASSERT_EQ(name_of(send(to, frame_type::change_accounts, std::vector{close}).front().code), "ok");
  const auto with_case = [](const order_event_row& r) { return r.payment.reason != case_reason::none; };
  const order_event_row told = wait_until(to, sale, with_case);
  EXPECT_EQ(told.payment.reason, case_reason::not_booked);
  EXPECT_EQ(told.event.legs, 0);
  EXPECT_EQ(balance(to, "suspense_long"), 0);
  EXPECT_THAT(verb({"case", "list"}).out, HasSubstr("not_booked"));
  server->kill_now();
  serve();
  to = connect();
  EXPECT_THAT(verb({"case", "list"}).out, HasSubstr("payments_operations")) << "it has an owner, also after a crash";
  EXPECT_EQ(verb({"verify"}).exit_code, 0);
}

}  // namespace payloom::e2e

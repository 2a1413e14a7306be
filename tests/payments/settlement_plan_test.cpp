// Goal: settlements.yaml is taken whole or refused with everything that is wrong; a plan's days; what a batch books.
// Method: the shipped files with one change each; days by hand; lives of batches.
#include <gmock/gmock.h>

#include "protocol/types/settlement.hpp"
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

using enum result_code;
using core::catalog::settlement_plan;

/// The shipped catalogue with one text of one file replaced.
config::payment_catalog_result changed(std::string_view file, std::string_view from, std::string_view to) {
  const config::ledger_directory ledgers;
  const auto text_of = [&](std::string_view name) {
    std::string text(config::shipped_payment_file(name));
    if (name != file) return text;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  return config::read_payment_catalog(text_of, ledgers);
}

std::string problems_with(std::string_view from, std::string_view to, std::string_view file = "settlements.yaml") {
  const config::payment_catalog_result loaded = changed(file, from, to);
  EXPECT_EQ(loaded.value == nullptr, !loaded.problems.empty());
  std::string out;
  for (const config::problem& p : loaded.problems) out += config::to_string(p) + "\n";
  return out;
}

TEST(settlement_plan, every_mistake_is_told_with_its_place) {
  const struct {
    std::string_view from, to, problem;
  } rows[] = {
      {"version: 1", "version: 2", "settlements.yaml:10:10: settlements.yaml: version: 2 here, but 1 in the files"},
      {"version: 1\n", "", "`version` is missing"},
      {"cycle: daily", "cycle: dayly", "cycle: `dayly` is unknown"},
      {"cycle: daily", "cycle: weekly", "a weekly cycle ends on a day: add `weekday`"},
      {"weekday: sunday", "weekday: someday", "weekday: `someday` is unknown"},
      {"cycle: weekly", "cycle: daily", "a daily cycle ends every day: remove `weekday`"},
      {"days_after: 1", "days_after: 32", "days_after: 32 is out of bounds: 0 .. 31"},
      {"    days_after: 1\n", "", "`days_after` is missing"},
      {"cut_time: \"02:00\"", "cut_time: \"24:00\"", "cut_time: a time of the day (UTC) is written as hh:mm"},
      {"cut_time: \"02:00\"", "cut_time: \"2:00\"", "cut_time: a time of the day (UTC) is written as hh:mm"},
      {"cut_time: \"02:00\"", "cut_time: [1]", "cut_time: a time of the day (UTC) is written as hh:mm"},
      {"reserve_days: 90", "reserve_days: 4000", "reserve_days: 4000 is out of bounds: 0 .. 3650"},
      {"    reserve_days: 90\n", "", "what is kept back is released at some time: add `reserve_days`"},
      {"    reserve_millionths: 100000\n", "", "nothing is kept back: remove `reserve_days`"},
      {"reserve_millionths: 100000", "reserve_millionths: 1000001", "out of bounds: 0 .. 1000000"},
      {"fee_plan: none", "fee_plan: fre", "unknown fee plan fre (did you mean free?)"},
      {"fee_plan: none", "fee_plan: withdraw_standard", "is borne by the payer"},
      {"{EUR: {minor: 100},", "{EUR: {minor: 0},", "minor: 0 is out of bounds"},
      {"{EUR: {minor: 100},", "{EUX: {minor: 100},", "minimum: unknown currency EUX"},
      {"{EUR: {minor: 100},", "{\"978\": {minor: 100},", "978"},
      {"  merchant_daily:", "  merchant_dayly:", "plans: merchant_daily is missing: business_map.yaml names it"},
      {"  merchant_daily:", "  merchant_dayly:", "settlement plan merchant_dayly: business_map.yaml does not name it"},
      {"merchants: []", "merchants: [{merchant: 0, plan: merchant_daily}]", "merchant: 0 is out of bounds"},
      {"merchants: []", "merchants: [{merchant: 7, plan: daily}]", "merchant 7: unknown settlement plan daily"},
      {"merchants: []", "merchants: [{merchant: 7}]", "`plan` is missing"},
      {"merchants: []",
       "merchants: [{merchant: 7, plan: merchant_daily}, {merchant: 7, plan: merchant_weekly_reserve}]",
       "merchant 7 stands twice: remove one"},
      {"merchants: []", "merchant: []", "unknown key `merchant` (did you mean merchants?)"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(problems_with(row.from, row.to), testing::HasSubstr(row.problem)) << row.from << " -> " << row.to;
  }
}

TEST(settlement_plan, all_mistakes_are_told_at_once) {
  const std::string all = problems_with("days_after: 1\n    cut_time: \"02:00\"", "days_after: x\n    cut_time: now");
  EXPECT_THAT(all, testing::HasSubstr("days_after"));
  EXPECT_THAT(all, testing::HasSubstr("cut_time"));
}

TEST(settlement_plan, what_other_files_must_agree_with) {
  const auto map = [](std::string_view from, std::string_view to) {
    return problems_with(from, to, "business_map.yaml");
  };
  EXPECT_THAT(map("[merchant_daily, ", "[merchant_daily, hourly, "),
              testing::HasSubstr("plans: hourly is missing: business_map.yaml names it"));
  EXPECT_THAT(map("settlement_plan: merchant_daily, posts: [released]",
                  "settlement_plan: merchant_weekly_reserve, posts: [released]"),
              testing::HasSubstr("a merchant has one plan"));
  EXPECT_THAT(map("code: 401", "code: 409"), testing::HasSubstr("the code 401 is that of the product"));
  EXPECT_THAT(problems_with("merchant_pending: {code: 211", "merchant_pending: {code: 219", "chart.yaml"),
              testing::HasSubstr("merchant_pending has the code 211 for ever"));
}

constexpr time_ns hour = 3600 * second;
/// 2026-09-21, a Monday, 00:00.
constexpr time_ns monday = start / day * day;

TEST(settlement_plan, due_days) {
  ASSERT_EQ(utc_day_of(monday), 20'260'921u);
  ASSERT_EQ(weekday_of(20'260'921), 1u);
  const auto& plans = catalogue().parts().settlements;
  const settlement_plan& daily = plans.at(plans.find("merchant_daily").value());
  EXPECT_EQ(daily.due_through(monday + 2 * hour), 20'260'920u) << "T+1 from the cut time on";
  EXPECT_EQ(daily.due_through(monday + 2 * hour - 1), 20'260'919u);
  EXPECT_EQ(daily.next_change(monday + 2 * hour - 1), monday + 2 * hour);
  EXPECT_EQ(daily.next_change(monday + 2 * hour), monday + day + 2 * hour);
  const settlement_plan& weekly = plans.at(plans.find("merchant_weekly_reserve").value());
  EXPECT_EQ(weekly.due_through(monday + 2 * hour), 20'260'920u) << "a Sunday";
  EXPECT_EQ(weekly.due_through(monday + 2 * hour - 1), 20'260'913u);
  EXPECT_EQ(weekly.due_through(monday + 6 * day), 20'260'920u);
  EXPECT_EQ(weekly.next_change(monday + 2 * hour), monday + 7 * day + 2 * hour);
  settlement_plan same_day = daily;
  same_day.days_after = 0;
  same_day.cut_minute = 0;
  EXPECT_EQ(same_day.due_through(monday), 20'260'921u);
  EXPECT_EQ(same_day.due_through(monday - 1), 20'260'920u);
}

TEST(settlement_plan, days_follow_the_calendar) {
  EXPECT_EQ(plus_days(20'240'228, 1), 20'240'229u);
  EXPECT_EQ(plus_days(20'261'231, 1), 20'270'101u);
  EXPECT_EQ(plus_days(20'270'101, -1), 20'261'231u);
  EXPECT_FALSE(is_day(20'260'229));
  EXPECT_FALSE(is_day(0));
  EXPECT_TRUE(is_day(20'240'229));
}

/// Fee 1 % and a reserve of 10 % for merchant 8, who settles weekly.
const core::catalog::payment_catalog& with_reserve() {
  static const auto loaded = [] {
    const config::ledger_directory ledgers;
    const auto text_of = [&](std::string_view name) {
      std::string text(config::shipped_payment_file(name));
      if (name != "settlements.yaml") return text;
      text.replace(text.find("merchants: []"), 13, "merchants: [{merchant: 8, plan: merchant_weekly_reserve}]");
      return text.replace(text.rfind("fee_plan: none"), 14, "fee_plan: merchant_returnable");
    };
    return config::read_payment_catalog(text_of, ledgers);
  }();
  for (const config::problem& p : loaded.problems) ADD_FAILURE() << config::to_string(p);
  return *loaded.value;
}

order_record batch(owner_number of, u128 gross) {
  order_record r{};
  r.business_id = settlement_business_id(eur, 20'260'920);
  r.id = order_id_of(of, r.business_id);
  r.amount_minor = gross;
  r.merchant = of;
  r.ledger = eur;
  r.product = settlement_product;
  r.flags = order_flags::pay_now;
  return r;
}

TEST(settlement, a_batch_without_reserve_ends_at_once) {
  life o;
  ASSERT_EQ(o.create(batch(merchant, 10'000)), ok);
  EXPECT_EQ(o.state(), "FINISHED");
  EXPECT_FALSE(o.resident());
  EXPECT_EQ(o.row.paid_minor, 10'000u);
  EXPECT_EQ(o.decision().legs.size(), 1u);
  EXPECT_EQ(o.balance("merchant_pending", merchant), -10'000);
  EXPECT_EQ(o.balance("merchant_available", merchant), 10'000);
  for (const order_action a : {order_action::refund, order_action::cancel, order_action::pay, order_action::timer})
    EXPECT_TRUE(o.act(a) == order_state_refuses || o.act(a) == order_unchanged);
}

TEST(settlement, fee_and_reserve_are_the_plans_and_the_reserve_comes_back) {
  life o(with_reserve());
  ASSERT_EQ(o.create(batch(8, 10'005)), ok);
  EXPECT_EQ(o.state(), "RESERVE_HELD");
  EXPECT_TRUE(o.resident());
  EXPECT_EQ(o.row.fee_minor, 200u) << "2 % half even of 100.05";
  EXPECT_EQ(o.row.held_minor, 980u) << "10 % of what the fee leaves, rounded down";
  EXPECT_EQ(o.balance("merchant_pending", 8), -10'005);
  EXPECT_EQ(o.balance("merchant_reserve", 8), 980);
  EXPECT_EQ(o.balance("merchant_available", 8), 8'825);
  EXPECT_EQ(o.balance("fee_income"), 200);
  EXPECT_EQ(o.row.timeout_at, start + 90 * day);
  EXPECT_EQ(o.act(order_action::timer), order_unchanged) << "not yet";
  for (const order_action a : {order_action::refund, order_action::cancel, order_action::pay, order_action::release})
    EXPECT_EQ(o.act(a), order_state_refuses) << "nobody but time";
  ASSERT_EQ(o.time_out(), ok);
  EXPECT_EQ(o.state(), "FINISHED");
  EXPECT_EQ(o.balance("merchant_reserve", 8), 0);
  EXPECT_EQ(o.balance("merchant_available", 8), 9'805);
  EXPECT_EQ(o.row.held_minor, 0u);
}

TEST(settlement, a_fee_in_another_currency_refuses) {
  life o(with_reserve());
  order_record r = batch(8, 10'000);
  r.ledger = 826;
  EXPECT_EQ(o.create(r), ledger_not_allowed) << "merchant_returnable knows no GBP";
}

/// Property: whatever the amount, what the parts are is all of it, and none is negative.
TEST(settlement, parts_add_up) {
  const auto& parts = with_reserve().parts();
  const auto& plan = *with_reserve().settlement_plan_of(8);
  std::uint64_t seed = 1;
  for (int i = 0; i < 20'000; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    const u128 gross = u128{seed >> (seed & 63)} + 1;
    const auto p = core::catalog::divide_settlement(plan, parts.fees, eur, gross);
    ASSERT_EQ(p.error, core::catalog::fee_error::ok);
    ASSERT_LE(p.fee_minor, gross);
    ASSERT_EQ(p.fee_minor + p.reserve_minor + p.available_minor, gross);
  }
}

TEST(settlement, merchants_without_a_row_have_the_products_plan) {
  EXPECT_EQ(with_reserve().settlement_plan_of(7)->name, "merchant_daily");
  EXPECT_EQ(with_reserve().settlement_plan_of(8)->name, "merchant_weekly_reserve");
}

}  // namespace
}  // namespace payloom::test

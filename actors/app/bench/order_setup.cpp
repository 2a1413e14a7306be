#include "actors/app/bench/order_setup.hpp"

#include "protocol/client/bulk.hpp"

namespace payloom::bench {
namespace {

constexpr std::uint32_t orders_per_frame = 1000;

transfer_record funding_of(const order_workload& load, std::uint64_t user) {
  transfer_record t{};
  t.id = load.base().funding(user);
  t.debit_account = load.account(load.bank_account());
  t.credit_account = load.account(user);
  t.amount_minor = workload::funding_amount;
  t.ledger = workload::ledger;
  t.code = workload::code;
  return t;
}

}  // namespace

std::vector<sums> prepare_orders(client::blocking_connection& to, const order_workload& load) {
  client::for_each_frame<account_record>(
      to, frame_type::create_accounts, load.accounts(), limits::frame_events_max,
      [&](std::uint64_t i) { return load.account_to_open(i); },
      [](std::uint64_t, std::uint32_t count, const client::reply& answer) {
        expect_done(answer, count, result_code::account_exists, "opening an account");
      });
  client::for_each_frame<transfer_record>(
      to, frame_type::create_transfers, load.users(), limits::frame_events_max,
      [&](std::uint64_t i) { return funding_of(load, i); },
      [](std::uint64_t, std::uint32_t count, const client::reply& answer) {
        expect_done(answer, count, result_code::ok, "funding an account");
      });
  return read_sums(to, load.accounts(), [&](std::uint64_t i) { return load.account(i); });
}

outcome_set make_orders(client::blocking_connection& to, const order_workload& load, order_workload::kind what,
                        std::uint64_t count) {
  outcome_set made;
  client::for_each_frame<order_record>(
      to, frame_type::create_orders, count, orders_per_frame, [&](std::uint64_t n) { return load.order(what, n); },
      [&](std::uint64_t first, std::uint32_t asked, const client::reply& answer) {
        expect_done(answer, asked, result_code::ok, "making an order");
        const auto results = answer.rows<result_record>();
        for (std::uint32_t i = 0; i < asked; ++i) {
          if ((results[i].flags & result_flags::replayed) == 0) made.insert(first + i);
        }
      });
  return made;
}

}  // namespace payloom::bench

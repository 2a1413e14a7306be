#include "actors/app/bench/setup.hpp"

#include <fmt/format.h>

#include "protocol/client/bulk.hpp"

namespace payloom::bench {
namespace {

// Rows of 192 bytes: this many fit into one megabyte frame.
constexpr std::uint32_t lookup_rows = 5000;
constexpr std::uint32_t records_per_frame = limits::frame_events_max;

account_record account_of(const workload& load, std::uint64_t i, bool limited) {
  account_record a{};
  a.id = load.account(i);
  a.ledger = workload::ledger;
  a.code = workload::code;
  if (limited && i != load.accounts()) a.flags |= account_flags::debits_must_not_exceed_credits;
  if (load.hot_percent() > 0 && i == workload::hot_account) a.flags |= account_flags::hot;
  return a;
}

transfer_record funding_of(const workload& load, std::uint64_t i) {
  transfer_record t{};
  t.id = load.funding(i);
  t.debit_account = load.account(load.accounts());
  t.credit_account = load.account(i);
  t.amount_minor = workload::funding_amount;
  t.ledger = workload::ledger;
  t.code = workload::code;
  return t;
}

}  // namespace

void expect_done(const client::reply& answer, std::uint32_t count, result_code also, const char* what) {
  if (answer.code() != result_code::ok) throw setup_failure(fmt::format("{}: {}", what, name_of(answer.code())));
  const auto results = answer.rows<result_record>();
  if (results.size() < count) throw setup_failure(fmt::format("{}: the reply has too few results", what));
  for (std::uint32_t i = 0; i < count; ++i) {
    if (results[i].code != result_code::ok && results[i].code != also) {
      throw setup_failure(fmt::format("{}: {}", what, name_of(results[i].code)));
    }
  }
}

std::vector<sums> prepare(client::blocking_connection& to, const workload& load, bool limits) {
  client::for_each_frame<account_record>(
      to, frame_type::create_accounts, load.accounts() + 1, records_per_frame,
      [&](std::uint64_t i) { return account_of(load, i, limits); },
      [](std::uint64_t, std::uint32_t count, const client::reply& answer) {
        expect_done(answer, count, result_code::account_exists, "opening an account");
      });
  if (!limits) return read_sums(to, load);  // accounts without limits need no money to pay
  bool fresh = true;
  client::for_each_frame<transfer_record>(
      to, frame_type::create_transfers, load.accounts(), records_per_frame,
      [&](std::uint64_t i) { return funding_of(load, i); },
      [&](std::uint64_t, std::uint32_t count, const client::reply& answer) {
        expect_done(answer, count, result_code::ok, "funding an account");
        for (std::uint32_t i = 0; i < count; ++i) {
          if ((answer.rows<result_record>()[i].flags & result_flags::replayed) != 0) fresh = false;
        }
      });
  if (!fresh) return read_sums(to, load);
  std::vector<sums> expected(load.accounts() + 1);
  for (std::uint64_t i = 0; i < load.accounts(); ++i) expected[i].credits = workload::funding_amount;
  expected[load.accounts()].debits = workload::funding_amount * load.accounts();
  return expected;
}

std::vector<sums> read_sums(client::blocking_connection& from, std::uint64_t count,
                            const std::function<account_id(std::uint64_t)>& account) {
  std::vector<sums> found(count);
  client::for_each_frame<id_record>(
      from, frame_type::lookup_accounts, count, lookup_rows,
      [&](std::uint64_t i) { return id_record{account(i).value}; },
      [&](std::uint64_t first, std::uint32_t asked, const client::reply& answer) {
        if (answer.code() != result_code::ok) {
          throw setup_failure(fmt::format("looking up accounts: {}", name_of(answer.code())));
        }
        client::match_rows(
            answer.rows<account_row>(), asked, [&](std::uint32_t i) { return account(first + i).value; },
            [](const account_row& row) { return row.id.value; },
            [&](std::uint32_t i, const account_row* row) {
              if (row == nullptr) throw setup_failure(fmt::format("account {} is missing", first + i));
              const account_counters& c = row->counters;
              if (hi64(c.debits_posted | c.credits_posted | c.debits_pending | c.credits_pending) != 0) {
                throw setup_failure(fmt::format("account {} holds more than this load can have moved", first + i));
              }
              found[first + i] = {lo64(c.debits_posted), lo64(c.credits_posted), lo64(c.debits_pending),
                                  lo64(c.credits_pending)};
            });
      });
  return found;
}

std::vector<sums> read_sums(client::blocking_connection& from, const workload& load) {
  return read_sums(from, load.accounts() + 1, [&](std::uint64_t i) { return load.account(i); });
}

}  // namespace payloom::bench

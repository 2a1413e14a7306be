#include "actors/app/bench/money_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/client/bulk.hpp"

namespace payloom::bench {
namespace {

constexpr std::uint32_t lookup_rows = 5000;

/// What became of the events that got no answer: the server knows.
void settle_unknown(client::blocking_connection& from, const workload& load, const load_result& result,
                    outcome_set& transfers, outcome_set& captures, check_result& check) {
  for (const auto& [first, count] : result.unknown_transfers) {
    look_up(
        from, count, [&, f = first](std::uint64_t i) { return load.transfer(f + i); },
        [&, f = first](std::uint64_t i, bool executed) {
          if (executed && !transfers.contains(f + i)) transfers.insert(f + i), ++check.unknown_executed;
        });
  }
  for (const auto& [first, count] : result.unknown_captures) {
    look_up(
        from, count, [&, f = first](std::uint64_t i) { return load.capture(f + i); },
        [&, f = first](std::uint64_t i, bool executed) {
          if (executed && !captures.contains(f + i)) captures.insert(f + i), ++check.unknown_executed;
        });
  }
}

void add_expected(const workload& load, const load_result& result, const outcome_set& transfers,
                  const outcome_set& captures, bool two_phase, std::vector<sums>& expected) {
  for (std::uint64_t n = 0; n < result.numbers; ++n) {
    if (!transfers.contains(n)) continue;
    const movement m = load.movement_of(n);
    if (two_phase && !captures.contains(n)) {
      expected[m.debit].debits_pending += m.amount;
      expected[m.credit].credits_pending += m.amount;
    } else {
      expected[m.debit].debits += m.amount;
      expected[m.credit].credits += m.amount;
    }
  }
}

void check_ids(client::blocking_connection& from, const workload& load, const load_result& result, bool two_phase,
               std::uint64_t sample, check_result& check) {
  const auto missing = [&](std::uint64_t n) {
    if (check.ids_missing++ == 0 && check.why.empty()) {
      check.why = fmt::format("transfer {} was acknowledged and is not there", n);
    }
  };
  const auto transfers = sample_of(result, result.accepted_set, sample);
  look_up(
      from, transfers.size(), [&](std::uint64_t i) { return load.transfer(transfers[i]); },
      [&](std::uint64_t i, bool executed) {
        if (!executed) missing(transfers[i]);
      });
  check.ids_checked = transfers.size();
  if (!two_phase) return;
  const auto captures = sample_of(result, result.captured_set, sample);
  look_up(
      from, captures.size(), [&](std::uint64_t i) { return load.capture(captures[i]); },
      [&](std::uint64_t i, bool executed) {
        if (!executed) missing(captures[i]);
      });
  check.ids_checked += captures.size();
}

}  // namespace

void look_up(client::blocking_connection& from, std::uint64_t total,
             const std::function<transfer_id(std::uint64_t)>& ids,
             const std::function<void(std::uint64_t, bool)>& seen) {
  client::for_each_frame<id_record>(
      from, frame_type::lookup_transfers, total, lookup_rows, [&](std::uint64_t i) { return id_record{ids(i).value}; },
      [&](std::uint64_t first, std::uint32_t count, const client::reply& answer) {
        if (answer.code() != result_code::ok) {
          throw setup_failure(fmt::format("looking up transfers: {}", name_of(answer.code())));
        }
        client::match_rows(
            answer.rows<transfer_row>(), count, [&](std::uint32_t i) { return ids(first + i).value; },
            [](const transfer_row& row) { return row.record.id.value; },
            [&](std::uint32_t i, const transfer_row* row) {
              const bool executed = row != nullptr && row->code == result_code::ok &&
                                    row->state != static_cast<std::uint16_t>(transfer_state::refused) &&
                                    row->state != static_cast<std::uint16_t>(transfer_state::sealed);
              seen(first + i, executed);
            });
      });
}

void compare_sums(const std::vector<sums>& expected, const std::vector<sums>& found,
                  const std::function<std::string(std::uint64_t)>& account_name, check_result& check) {
  sums total;
  for (std::size_t i = 0; i < found.size(); ++i) {
    total.debits += found[i].debits;
    total.credits += found[i].credits;
    total.debits_pending += found[i].debits_pending;
    total.credits_pending += found[i].credits_pending;
    if (found[i] == expected[i]) continue;
    if (check.accounts_wrong++ == 0 && check.why.empty()) {
      check.why =
          fmt::format("{}: debits {} credits {} (pending {}, {}), expected {} {} ({}, {})", account_name(i),
                      found[i].debits, found[i].credits, found[i].debits_pending, found[i].credits_pending,
                      expected[i].debits, expected[i].credits, expected[i].debits_pending, expected[i].credits_pending);
    }
  }
  check.accounts_checked = found.size();
  if ((total.debits != total.credits || total.debits_pending != total.credits_pending) && check.why.empty()) {
    check.why = fmt::format("the sum is not zero: debits {} credits {} (pending {}, {})", total.debits, total.credits,
                            total.debits_pending, total.credits_pending);
  }
}

std::vector<std::uint64_t> sample_of(const load_result& result, const outcome_set& set, std::uint64_t sample) {
  std::vector<std::uint64_t> chosen;
  const std::uint64_t step = sample == 0 ? 1 : std::max<std::uint64_t>(1, result.last_second_first / sample);
  for (std::uint64_t n = 0; n < result.numbers;) {
    if (set.contains(n)) chosen.push_back(n);
    n = n >= result.last_second_first ? n + 1 : std::min(n + step, result.last_second_first);
  }
  return chosen;
}

check_result check_money(client::blocking_connection& from, const workload& load, const load_result& result,
                         std::vector<sums> before, bool two_phase, std::uint64_t sample) {
  check_result check;
  try {
    outcome_set transfers = result.accepted_set;
    outcome_set captures = result.captured_set;
    settle_unknown(from, load, result, transfers, captures, check);
    add_expected(load, result, transfers, captures, two_phase, before);
    const auto account_name = [](std::uint64_t i) { return fmt::format("account {}", i); };
    compare_sums(before, read_sums(from, load), account_name, check);
    check_ids(from, load, result, two_phase, sample, check);
  } catch (const setup_failure& failure) {
    if (check.why.empty()) check.why = failure.what();
  }
  check.passed = check.why.empty();
  return check;
}

}  // namespace payloom::bench

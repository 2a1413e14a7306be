#include "actors/app/bench/order_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/client/bulk.hpp"

namespace payloom::bench {
namespace {

using kind = order_workload::kind;

constexpr std::size_t timelines_max = 1000;  ///< a request each

std::string name_of_account(const order_workload& load, std::uint64_t i) {
  if (i < load.users()) return fmt::format("user {}", i);
  if (i < load.fee_account()) return fmt::format("merchant {}", i - load.users());
  return i == load.fee_account() ? "fee income" : i == load.escrow_account() ? "escrow" : "bank";
}

/// What the orders moved, by account: the postings of the catalogue's rules, with the fee computed here once more.
std::vector<sums> expected_moves(const order_workload& load, const load_result& result, const outcome_set& paid,
                                 const held_orders& held) {
  std::vector<sums> moved(load.accounts());
  for (std::uint64_t n = 0; n < result.numbers; ++n) {
    if (!paid.contains(n)) continue;
    const sale s = load.sale_of(kind::paid, n);
    moved[s.user].debits += s.amount_minor;
    moved[load.merchant_account(s.merchant)].credits += s.amount_minor - s.fee_minor;
    moved[load.fee_account()].credits += s.fee_minor;
  }
  for (std::uint64_t n = 0; n < held.count; ++n) {
    if (!held.made.contains(n)) continue;
    const sale s = load.sale_of(kind::holding, n);
    moved[s.user].debits += s.amount_minor;
    moved[load.escrow_account()].credits += s.amount_minor;
  }
  return moved;
}

/// Modulo 2^64: a sum that went down shows as a wrong one.
std::vector<sums> moves_since(const std::vector<sums>& before, std::vector<sums> now) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    now[i].debits -= before[i].debits;
    now[i].credits -= before[i].credits;
    now[i].debits_pending -= before[i].debits_pending;
    now[i].credits_pending -= before[i].credits_pending;
  }
  return now;
}

/// What became of the orders that got no answer: the server knows.
void settle_unknown(client::blocking_connection& from, const order_workload& load, const load_result& result,
                    outcome_set& paid, check_result& check) {
  for (const auto& [first, count] : result.unknown_transfers) {
    look_up(
        from, count, [&, f = first](std::uint64_t i) { return load.first_posting(kind::paid, f + i); },
        [&, f = first](std::uint64_t i, bool executed) {
          if (executed && !paid.contains(f + i)) paid.insert(f + i), ++check.unknown_executed;
        });
  }
}

/// True when the reply is the timeline of order `n`, which ends with it paid.
bool shows_paid(const order_workload& load, std::uint64_t n, const client::reply& answer) {
  const auto rows = answer.rows<order_event_row>();
  if (answer.code() != result_code::ok || rows.empty()) return false;
  const order_row& order = rows.back().event.order;
  return order.id == load.id(kind::paid, n) && order.paid_minor == load.sale_of(kind::paid, n).amount_minor;
}

void check_found(client::blocking_connection& from, const order_workload& load, const load_result& result,
                 std::uint64_t sample, check_result& check) {
  const auto missing = [&](std::uint64_t n, const char* what) {
    if (check.ids_missing++ == 0 && check.why.empty()) {
      check.why = fmt::format("order {} was acknowledged and its {} is not there", n, what);
    }
  };
  const auto chosen = sample_of(result, result.accepted_set, sample);
  look_up(
      from, chosen.size(), [&](std::uint64_t i) { return load.first_posting(kind::paid, chosen[i]); },
      [&](std::uint64_t i, bool executed) {
        if (!executed) missing(chosen[i], "posting");
      });
  const std::uint64_t step = std::max<std::uint64_t>(1, chosen.size() / timelines_max);
  const auto nth = [&](std::uint64_t i) { return chosen[chosen.size() - 1 - i * step]; };
  client::for_each_frame<id_record>(
      from, frame_type::order_timeline, std::min<std::uint64_t>(chosen.size(), timelines_max), 1,
      [&](std::uint64_t i) { return id_record{load.id(kind::paid, nth(i)).value}; },
      [&](std::uint64_t i, std::uint32_t, const client::reply& answer) {
        if (!shows_paid(load, nth(i), answer)) missing(nth(i), "payment");
      });
  check.ids_checked = chosen.size();
}

}  // namespace

check_result check_orders(client::blocking_connection& from, const order_workload& load, const load_result& result,
                          const std::vector<sums>& before, const held_orders& held, std::uint64_t sample) {
  check_result check;
  try {
    outcome_set paid = result.accepted_set;
    settle_unknown(from, load, result, paid, check);
    const auto now = read_sums(from, load.accounts(), [&](std::uint64_t i) { return load.account(i); });
    compare_sums(
        expected_moves(load, result, paid, held), moves_since(before, now),
        [&](std::uint64_t i) { return name_of_account(load, i); }, check);
    check_found(from, load, result, sample, check);
  } catch (const setup_failure& failure) {
    if (check.why.empty()) check.why = failure.what();
  }
  check.passed = check.why.empty();
  return check;
}

}  // namespace payloom::bench

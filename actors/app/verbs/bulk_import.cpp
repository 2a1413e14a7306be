#include "actors/app/verbs/bulk_import.hpp"

#include <fmt/format.h>

#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {

void tally::add(const client::reply& answer, std::uint32_t count) {
  const auto results = answer.rows<result_record>();
  for (std::uint32_t i = 0; i < count; ++i) {
    // A refused frame has no results: its code counts for every event.
    const result_code code = answer.code() != result_code::ok ? answer.code() : results[i].code;
    if (answer.code() == result_code::ok && (results[i].flags & result_flags::replayed) != 0 &&
        (code == result_code::ok || code == result_code::account_exists)) {
      ++replayed;
    } else if (code == result_code::ok) {
      ++done;
    } else {
      ++refused[std::string(name_of(code))];
    }
  }
}

std::uint64_t check_balances(client::blocking_connection& server, std::span<const account_record> accounts,
                             std::span<const expected_sums> expected) {
  constexpr std::uint64_t shown_most = 10;
  constexpr std::uint32_t lookup_rows = 5000;
  std::uint64_t wrong = 0;
  client::for_each_frame<id_record>(
      server, frame_type::lookup_accounts, accounts.size(), lookup_rows,
      [&](std::uint64_t i) { return id_record{accounts[i].id.value}; },
      [&](std::uint64_t first, std::uint32_t count, const client::reply& answer) {
        if (answer.code() != result_code::ok) {
          throw refused_error(fmt::format("looking up accounts: {}", name_of(answer.code())));
        }
        client::match_rows(
            answer.rows<account_row>(), count, [&](std::uint32_t i) { return accounts[first + i].id.value; },
            [](const account_row& row) { return row.id.value; },
            [&](std::uint32_t i, const account_row* row) {
              const expected_sums& e = expected[first + i];
              const bool right = row != nullptr && row->counters.debits_posted == e.debits &&
                                 row->counters.credits_posted == e.credits;
              if (right || ++wrong > shown_most) return;
              fmt::print(stderr, "{}: expected debits {} credits {}, the ledger has {} and {}\n", e.name,
                         to_decimal(e.debits), to_decimal(e.credits),
                         row == nullptr ? "no account" : to_decimal(row->counters.debits_posted),
                         row == nullptr ? "" : to_decimal(row->counters.credits_posted));
            });
      });
  return wrong;
}

json tally_json(const tally& t) {
  json out{{"imported", t.done}, {"replayed", t.replayed}};
  json refused = json::object();
  for (const auto& [code, n] : t.refused) refused[code] = n;
  out["refused"] = std::move(refused);
  return out;
}

}  // namespace payloom::verbs

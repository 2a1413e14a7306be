#pragma once
// The shipped catalogue, evaluated by names and shown as text.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "config/catalog/posting_catalog.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::test {

namespace catalog = core::catalog;

inline constexpr ledger_id eur = 978;

/// The catalogue of config/payments; it has no problems, or the test that asks fails.
inline const config::posting_catalog& shipped() {
  static const config::ledger_directory ledgers;
  static const config::posting_catalog_result loaded =
      config::load_posting_catalog(std::string(PAYLOOM_SOURCE_DIR) + "/config/payments", ledgers);
  for (const config::problem& p : loaded.problems) ADD_FAILURE() << to_string(p);
  return loaded.value;
}

/// Everybody who may take part: merchant 7, user 1, counterparty 2, channel 9, receivers 71, 72, ...
inline catalog::posting_parties everybody() {
  catalog::posting_parties parties{7, 1, 2, 9, {}};
  for (std::size_t i = 0; i < parties.receivers.size(); ++i) parties.receivers[i] = 71 + i;
  return parties;
}

/// What a test gives: gross, fee, parts, and given amounts by name.
struct test_amounts {
  std::uint64_t gross = 0;
  std::uint64_t fee = 0;
  std::vector<std::uint64_t> parts = {};
  std::map<std::string, std::uint64_t> given = {};
};

inline catalog::posting_amounts amounts_of(const catalog::posting_rules& rules, const test_amounts& from) {
  catalog::posting_amounts amounts;
  amounts.gross_minor = from.gross;
  amounts.fee_minor = from.fee;
  for (const std::uint64_t part : from.parts) amounts.parts_minor[amounts.part_count++] = part;
  for (const auto& [name, value] : from.given) {
    if (name == "balance" || name == "coupon") {  // words of every rule
      (name == "balance" ? amounts.balance_minor : amounts.coupon_minor) = value;
      continue;
    }
    const std::optional<std::uint8_t> index = rules.find_amount(name);
    if (!index) {
      ADD_FAILURE() << "no amount is called " << name;
      continue;
    }
    amounts.given_minor[*index] = value;
    amounts.given = static_cast<std::uint8_t>(amounts.given | 1u << *index);
  }
  return amounts;
}

/// "user_available 1": the role and owner that an account id stands for.
inline std::string name_of(const catalog::chart& accounts, account_id id) {
  const std::optional<catalog::chart::parts> parts = accounts.explain(id);
  if (!parts) return to_hex(id.value);
  std::string out = accounts.at(parts->role).name;
  if (parts->owner != 0) out.append(" ").append(std::to_string(parts->owner));
  return out;
}

/// "user_available 1 > merchant_pending 7: 98; ...", deferred legs with a *; the error's number in front of an !.
inline std::string text_of(const catalog::chart& accounts, const catalog::posting_legs& legs) {
  if (legs.error != catalog::posting_error::ok) return std::to_string(static_cast<int>(legs.error)) + "!";
  std::string out;
  for (std::size_t i = 0; i < legs.count; ++i) {
    const catalog::posting_leg& leg = legs.legs[i];
    if (!out.empty()) out.append("; ");
    out.append(name_of(accounts, leg.debit)).append(" > ").append(name_of(accounts, leg.credit));
    out.append(": ").append(to_decimal(leg.amount_minor));
    if (leg.timing == catalog::leg_timing::deferred) out.append("*");
  }
  return out;
}

/// The legs of an event of a shipped rule.
inline catalog::posting_legs legs_of(std::string_view rule, std::string_view event, const test_amounts& from,
                                     const catalog::posting_parties& parties) {
  const config::posting_catalog& all = shipped();
  catalog::posting_legs legs;
  const std::optional<std::size_t> r = all.rules.find(rule);
  const std::optional<std::size_t> e = r ? all.rules.find_event(*r, event) : std::nullopt;
  if (!e) {
    ADD_FAILURE() << rule << ", " << event << " is not shipped";
    return legs;
  }
  all.rules.evaluate(all.accounts, *r, *e, eur, parties, amounts_of(all.rules, from), legs);
  return legs;
}

}  // namespace payloom::test

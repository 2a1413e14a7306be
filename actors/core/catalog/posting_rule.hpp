#pragma once
// What is written down about postings: forms with their events and flows, and rules with the legs of every event. Plain
// data with places; `posting_check` says what is wrong with it, `posting_rules` makes legs of it.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/core/catalog/chart.hpp"
#include "actors/core/catalog/definition.hpp"

namespace payloom::core::catalog {

/// Whose account a leg means. One payment has one of each; receivers are those of its split plan.
enum class posting_party : std::uint8_t { platform, merchant, user, counterparty, channel, receiver };

/// An account as a rule names it: "merchant_pending@receiver".
struct account_ref {
  role_index role = 0;
  posting_party party = posting_party::platform;
  friend bool operator==(const account_ref&, const account_ref&) = default;
};

enum class amount_kind : std::uint8_t {
  gross,      ///< the amount of the payment
  fee,        ///< what its fee plan says
  net,        ///< gross - fee
  balance,    ///< the part of gross from (or to) a user's balance, when several tools pay
  coupon,     ///< likewise coupons
  external,   ///< gross - balance - coupon: the channel's part
  splits,     ///< what its split plan gives to all receivers; with the party `receiver` one leg for each
  part,       ///< what one receiver of the rule's split plan gets
  given,      ///< an amount that the caller gives by name (excess, cost, reserve, ...)
  remainder,  ///< what the other legs leave of the total, or on the account that they filled
};

struct posting_amount {
  amount_kind kind = amount_kind::gross;
  std::uint8_t index = 0;  ///< part: the receiver; given: the name
};

/// Deferred legs may be posted after the reply: they take from an account that a real-time leg has filled.
enum class leg_timing : std::uint8_t { real_time, deferred };

struct leg_rule {
  account_ref debit;
  account_ref credit;
  posting_amount amount;
  leg_timing timing = leg_timing::real_time;
  source_place place;
};

/// What one business event posts. No legs = `none`: it is said that nothing moves.
struct event_rule {
  bool said = false;                  ///< false: the file does not mention the event
  std::vector<posting_amount> total;  ///< what the legs take from their sources together
  std::vector<leg_rule> legs;
  source_place place;
};

/// A payment form as the ledger sees it.
struct posting_form {
  std::string name;
  std::vector<std::string> events;               ///< every rule of the form has an entry for each
  std::vector<std::vector<std::uint8_t>> flows;  ///< sequences of events after which nothing is left in transit
  source_place place;
};

struct posting_rule {
  std::string name;
  std::size_t form = 0;                   ///< index of the form
  std::optional<std::size_t> split_plan;  ///< needed by legs that name a part
  std::vector<event_rule> events;         ///< by the form's event index
  source_place place;
};

/// Everything of one file, with references resolved.
struct posting_definitions {
  std::vector<std::string> amounts;  ///< the names of the given amounts
  std::vector<posting_form> forms;
  std::vector<posting_rule> rules;
};

}  // namespace payloom::core::catalog

#include "actors/core/catalog/posting_rules.hpp"

#include <algorithm>

#include "actors/core/catalog/posting_check.hpp"
#include "actors/core/catalog/posting_sides.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::core::catalog {
namespace {

// One evaluation: amounts of all legs first, then the legs with their accounts.
class evaluation {
 public:
  evaluation(const chart& accounts, const event_rule& event, ledger_id ledger, const posting_parties& parties,
             const posting_amounts& amounts, posting_legs& out)
      : accounts_(accounts), event_(event), ledger_(ledger), parties_(parties), amounts_(amounts), out_(out) {}

  posting_error run() {
    PAYLOOM_ASSERT(event_.legs.size() <= limits::posting_legs_max);
    for (const posting_amount amount : event_.total) add(out_.total_minor, value_of(amount));
    for (std::size_t i = 0; i < event_.legs.size(); ++i) {
      const bool rest = event_.legs[i].amount.kind == amount_kind::remainder;
      values_[i] = rest ? remainder_at(i) : value_of(event_.legs[i].amount);
    }
    if (error_ != posting_error::ok) return error_;
    check_sources();
    if (error_ != posting_error::ok) return error_;
    for (std::size_t i = 0; i < event_.legs.size(); ++i) lay(event_.legs[i], values_[i]);
    return error_;
  }

 private:
  // The first failure stays: it is the cause of the others.
  u128 fail(posting_error error) {
    if (error_ == posting_error::ok) error_ = error;
    return 0;
  }

  void add(u128& sum, u128 amount) {
    if (!checked_add(sum, amount, sum)) fail(posting_error::overflow);
  }

  u128 value_of(posting_amount amount) {
    switch (amount.kind) {
      case amount_kind::gross:
        return amounts_.gross_minor;
      case amount_kind::fee:
        return amounts_.fee_minor;
      case amount_kind::net: {
        u128 net = 0;
        return checked_sub(amounts_.gross_minor, amounts_.fee_minor, net) ? net
                                                                          : fail(posting_error::fee_exceeds_gross);
      }
      case amount_kind::balance:
        return amounts_.balance_minor;
      case amount_kind::coupon:
        return amounts_.coupon_minor;
      case amount_kind::external: {
        u128 rest = 0;
        const bool fits = checked_sub(amounts_.gross_minor, amounts_.balance_minor, rest) &&
                          checked_sub(rest, amounts_.coupon_minor, rest);
        return fits ? rest : fail(posting_error::parts_exceed_total);
      }
      case amount_kind::splits: {
        u128 sum = 0;
        for (std::size_t i = 0; i < amounts_.part_count; ++i) add(sum, amounts_.parts_minor[i]);
        return sum;
      }
      case amount_kind::part:
        return amount.index < amounts_.part_count ? amounts_.parts_minor[amount.index]
                                                  : fail(posting_error::amount_missing);
      case amount_kind::given:
        return (amounts_.given >> amount.index & 1) != 0 ? amounts_.given_minor[amount.index]
                                                         : fail(posting_error::amount_missing);
      case amount_kind::remainder:
        break;
    }
    PAYLOOM_ASSERT(false && "remainder_at values a remainder");
    return 0;
  }

  u128 remainder_at(std::size_t at) {
    const remainder_parts parts = parts_of_remainder(event_, at);
    u128 rest = parts.of_total ? out_.total_minor : 0;
    for (std::size_t i = 0; i < at; ++i) {
      if ((parts.plus >> i & 1) != 0) add(rest, values_[i]);
    }
    for (std::size_t i = 0; i < at; ++i) {
      if ((parts.minus >> i & 1) != 0 && !checked_sub(rest, values_[i], rest)) {
        return fail(posting_error::parts_exceed_total);
      }
    }
    return rest;
  }

  // What the load check proved for all amounts, looked at once more with these.
  void check_sources() {
    u128 taken = 0;
    for (std::size_t i = 0; i < event_.legs.size(); ++i) {
      if (is_source(event_, event_.legs[i].debit)) add(taken, values_[i]);
    }
    PAYLOOM_ASSERT(error_ != posting_error::ok || taken == out_.total_minor);
  }

  void lay(const leg_rule& leg, u128 value) {
    const bool receivers = leg.debit.party == posting_party::receiver || leg.credit.party == posting_party::receiver;
    if (!receivers) return lay_one(leg, value, 0);
    if (leg.amount.kind == amount_kind::part) return lay_one(leg, value, leg.amount.index);
    for (std::size_t i = 0; i < amounts_.part_count; ++i) lay_one(leg, amounts_.parts_minor[i], i);
  }

  void lay_one(const leg_rule& leg, u128 value, std::size_t receiver) {
    if (value == 0) return;
    const owner_id debit = owner_of(leg.debit, receiver), credit = owner_of(leg.credit, receiver);
    if (error_ != posting_error::ok) return;
    posting_leg made{accounts_.account_of(leg.debit.role, ledger_, debit),
                     accounts_.account_of(leg.credit.role, ledger_, credit),
                     value,
                     leg.debit.role,
                     leg.credit.role,
                     leg.timing};
    if (made.debit == made.credit) {
      fail(posting_error::same_account);
      return;
    }
    PAYLOOM_ASSERT(out_.count < limits::posting_legs_max);  // counted at load
    out_.legs[out_.count++] = made;
  }

  owner_id owner_of(account_ref account, std::size_t receiver) {
    if (account.party == posting_party::platform) return 0;
    owner_id owner = 0;
    switch (account.party) {
      case posting_party::platform:
        break;
      case posting_party::merchant:
        owner = parties_.merchant;
        break;
      case posting_party::user:
        owner = parties_.user;
        break;
      case posting_party::counterparty:
        owner = parties_.counterparty;
        break;
      case posting_party::channel:
        owner = parties_.channel;
        break;
      case posting_party::receiver:
        owner = parties_.receivers[receiver];
        break;
    }
    if (owner == 0) fail(posting_error::party_missing);
    return owner;
  }

  const chart& accounts_;
  const event_rule& event_;
  const ledger_id ledger_;
  const posting_parties& parties_;
  const posting_amounts& amounts_;
  posting_legs& out_;
  posting_error error_ = posting_error::ok;
  std::array<u128, limits::posting_legs_max> values_{};  // by leg of the rule
};

}  // namespace

posting_rules posting_rules::make(posting_definitions all, const chart& accounts, problem_list& problems) {
  check_postings(all, accounts, problems);
  posting_rules made;
  made.all_ = std::move(all);
  return made;
}

std::optional<std::size_t> posting_rules::find(std::string_view rule) const {
  const auto at = std::ranges::find(all_.rules, rule, &posting_rule::name);
  if (at == all_.rules.end()) return std::nullopt;
  return static_cast<std::size_t>(at - all_.rules.begin());
}

std::optional<std::size_t> posting_rules::find_event(std::size_t rule, std::string_view event) const {
  const std::vector<std::string>& events = form_of(rule).events;
  const auto at = std::ranges::find(events, event);
  if (at == events.end()) return std::nullopt;
  return static_cast<std::size_t>(at - events.begin());
}

std::optional<std::uint8_t> posting_rules::find_amount(std::string_view name) const {
  const auto at = std::ranges::find(all_.amounts, name);
  if (at == all_.amounts.end()) return std::nullopt;
  return static_cast<std::uint8_t>(at - all_.amounts.begin());
}

fee_use posting_rules::use_of_fee(std::size_t rule) const {
  fee_use use = fee_use::none;
  for (const event_rule& event : at(rule).events) {
    for (const posting_amount amount : event.total) {
      if (amount.kind == amount_kind::fee) return fee_use::on_top;
    }
    for (const leg_rule& leg : event.legs) {
      if (leg.amount.kind == amount_kind::fee || leg.amount.kind == amount_kind::net) use = fee_use::inside;
    }
  }
  return use;
}

void posting_rules::evaluate(const chart& accounts, std::size_t rule, std::size_t event, ledger_id ledger,
                             const posting_parties& parties, const posting_amounts& amounts, posting_legs& out) const {
  PAYLOOM_ASSERT(rule < all_.rules.size() && event < all_.rules[rule].events.size());
  PAYLOOM_ASSERT(amounts.part_count <= limits::split_receivers_max);
  out.error = posting_error::ok;
  out.count = 0;
  out.total_minor = 0;
  out.error = evaluation(accounts, all_.rules[rule].events[event], ledger, parties, amounts, out).run();
}

}  // namespace payloom::core::catalog

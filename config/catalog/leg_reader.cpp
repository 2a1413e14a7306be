#include "config/catalog/leg_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

namespace catalog = core::catalog;

constexpr std::string_view part_prefix = "split:";

struct amount_word {
  std::string_view text;
  catalog::amount_kind kind;
};
constexpr std::array amount_words = {
    amount_word{"gross", catalog::amount_kind::gross},       amount_word{"fee", catalog::amount_kind::fee},
    amount_word{"net", catalog::amount_kind::net},           amount_word{"splits", catalog::amount_kind::splits},
    amount_word{"balance", catalog::amount_kind::balance},   amount_word{"coupon", catalog::amount_kind::coupon},
    amount_word{"external", catalog::amount_kind::external}, amount_word{"remainder", catalog::amount_kind::remainder}};

// In the order of the enumerations.
constexpr std::array<std::string_view, 6> parties = {"platform",     "merchant", "user",
                                                     "counterparty", "channel",  "receiver"};
constexpr std::array<std::string_view, 2> timings = {"real_time", "deferred"};

// Whose account a role without an @ means.
catalog::posting_party usual_party(catalog::owner_scope scope) {
  switch (scope) {
    case catalog::owner_scope::platform:
      return catalog::posting_party::platform;
    case catalog::owner_scope::merchant:
      return catalog::posting_party::merchant;
    case catalog::owner_scope::user:
      return catalog::posting_party::user;
    case catalog::owner_scope::channel:
      return catalog::posting_party::channel;
  }
  return catalog::posting_party::platform;
}

}  // namespace

bool is_amount_word(std::string_view text) {
  return std::ranges::find(amount_words, text, &amount_word::text) != amount_words.end();
}

std::optional<catalog::account_ref> leg_reader::account(const YAML::Node& node, const std::string& what) {
  if (!node.IsScalar()) {
    reader_.complain(node, what + ": a role is expected, with @party where it is not the usual one");
    return std::nullopt;
  }
  const std::string& text = node.Scalar();
  const std::size_t at = text.find('@');
  const std::string role = text.substr(0, at);
  const std::optional<catalog::role_index> index = accounts_.find(role);
  if (!index) {
    std::vector<std::string_view> known;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
      known.push_back(accounts_.at(static_cast<catalog::role_index>(i)).name);
    }
    reader_.complain(node,
                     fmt::format("{}: the chart has no role {}{}", what, role.substr(0, 64), suggestion(role, known)));
    return std::nullopt;
  }
  if (at == std::string::npos) return catalog::account_ref{*index, usual_party(accounts_.at(*index).scope)};
  const std::string party = text.substr(at + 1);
  const auto found = std::ranges::find(parties, std::string_view(party));
  if (found == parties.end()) {
    reader_.complain(node,
                     fmt::format("{}: unknown party {}{}", what, party.substr(0, 64), suggestion(party, parties)));
    return std::nullopt;
  }
  return catalog::account_ref{*index, static_cast<catalog::posting_party>(found - parties.begin())};
}

std::optional<catalog::posting_amount> leg_reader::amount(const YAML::Node& node, const std::string& what) {
  const std::string text = node.IsScalar() ? node.Scalar() : "";
  if (const auto word = std::ranges::find(amount_words, std::string_view(text), &amount_word::text);
      word != amount_words.end()) {
    return catalog::posting_amount{word->kind, 0};
  }
  if (const auto name = std::ranges::find(given_, text); name != given_.end()) {
    return catalog::posting_amount{catalog::amount_kind::given, static_cast<std::uint8_t>(name - given_.begin())};
  }
  if (text.starts_with(part_prefix)) {
    const std::string part = text.substr(part_prefix.size());
    if (split_ == nullptr) {
      reader_.complain(node, fmt::format("{}: {} names a part, so the rule needs its `split_plan`", what, text));
      return std::nullopt;
    }
    const std::optional<std::uint8_t> index = split_->find(part);
    if (index && *index < limits::split_receivers_max) {
      return catalog::posting_amount{catalog::amount_kind::part, *index};
    }
    std::vector<std::string_view> known;
    for (const catalog::split_receiver& receiver : split_->receivers) known.push_back(receiver.name);
    reader_.complain(node, fmt::format("{}: split plan {} has no receiver {}{}", what, split_->name, part.substr(0, 64),
                                       suggestion(part, known)));
    return std::nullopt;
  }
  std::vector<std::string_view> known(given_.begin(), given_.end());
  for (const amount_word& word : amount_words) known.push_back(word.text);
  known.push_back("split:NAME");
  reader_.complain(node, fmt::format("{}: unknown amount `{}`{}", what, text.substr(0, 64), suggestion(text, known)));
  return std::nullopt;
}

std::optional<catalog::leg_rule> leg_reader::leg(const YAML::Node& node, const std::string& what) {
  using enum presence;
  yaml_map map(reader_, node, what, {"debit", "credit", "amount", "when"});
  const std::optional<YAML::Node> debit_node = map.node("debit", needed), credit_node = map.node("credit", needed);
  const std::optional<YAML::Node> amount_node = map.node("amount", needed);
  const auto debit = debit_node ? account(*debit_node, what + ": debit") : std::nullopt;
  const auto credit = credit_node ? account(*credit_node, what + ": credit") : std::nullopt;
  const auto amount_read = amount_node ? amount(*amount_node, what + ": amount") : std::nullopt;
  const std::size_t timing = map.word("when", optional, timings).value_or(0);
  if (!debit || !credit || !amount_read) return std::nullopt;
  return catalog::leg_rule{*debit, *credit, *amount_read, static_cast<catalog::leg_timing>(timing), map.place()};
}

}  // namespace payloom::config

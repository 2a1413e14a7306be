#include "actors/app/rules_report.hpp"

#include <algorithm>

#include "protocol/types/u128_text.hpp"

namespace payloom::app {

using core::rules::compiled_rule;
using core::rules::rule_definition;
using core::rules::shadow_counts;
using json = nlohmann::ordered_json;  // tables show the fields in this order

namespace {

/// The rows of a report are not longer together; those of older versions are left out, and counted.
constexpr std::size_t report_bytes_max = 1u << 20;

void add_saturating(u128& sum, u128 more) {
  if (!checked_add(sum, more, sum)) sum = u128_max;
}

json rule_json(const rule_definition& r) {
  return {{"id", r.id},
          {"rule_version", r.version},
          {"name", r.name.text},
          {"kind", to_string(r.kind)},
          {"state", to_string(r.state)}};
}

}  // namespace

json rules_json(const core::catalog::payment_catalog& of) {
  json all = json::array();
  for (const rule_definition& r : of.rules().definitions()) {
    json row = rule_json(r);
    row["priority"] = r.priority;
    row["valid_from_ns"] = r.valid_from;
    row["valid_to_ns"] = r.valid_to == UINT64_MAX ? json(nullptr) : json(r.valid_to);
    row["maker"] = r.maker;
    row["checker"] = r.checker;
    all.push_back(std::move(row));
  }
  return all;
}

void rules_report::add_rules(const core::catalog::payment_catalog& of) {
  if (of.rules().watched() != 0) versions_.push_back({&of, std::vector<row>(of.rules().watched())});
}

void rules_report::add_counts(const core::rules::shadow_log& counted) {
  for (const core::rules::shadow_log::table_counts& table : counted.all()) {
    const auto at =
        std::ranges::find_if(versions_, [&](const version& v) { return &v.catalog->rules() == table.table; });
    if (at == versions_.end()) continue;
    for (std::size_t i = 0; i < table.counts.size(); ++i) {
      const shadow_counts& from = table.counts[i];
      row& to = at->rows[i];
      to.evaluated += from.evaluated;
      to.matched += from.matched;
      to.otherwise += from.otherwise;
      add_saturating(to.other_money, from.other_money);
      for (const shadow_counts::money& m : from.affected)
        if (m.ledger != 0) add_saturating(to.money[m.ledger], m.minor);
      const auto samples = std::min<std::uint64_t>(from.otherwise, from.orders.size());
      to.orders.insert(to.orders.end(), from.orders.begin(),
                       from.orders.begin() + static_cast<std::ptrdiff_t>(samples));
    }
  }
}

json rules_report::row_json(const version& of, std::size_t watched) {
  const row& r = of.rows[watched];
  const core::rules::rule_table& table = of.catalog->rules();
  json out = {{"version", of.catalog->version()}};
  out.update(rule_json(table.definition_of(table.watched_at(watched))));
  out["evaluated"] = r.evaluated;
  out["matched"] = r.matched;
  out["otherwise"] = r.otherwise;
  json money = json::array();
  for (const auto& [ledger, minor] : r.money) money.push_back({{"ledger", ledger}, {"minor", to_decimal(minor)}});
  if (r.other_money != 0) money.push_back({{"ledger", 0}, {"minor", to_decimal(r.other_money)}});
  out["money"] = std::move(money);
  json orders = json::array();
  for (std::size_t i = 0; i < std::min(r.orders.size(), limits::shadow_samples_max); ++i)
    orders.push_back(to_hex(r.orders[i]));
  out["orders"] = std::move(orders);
  return out;
}

json rules_report::diff() const {
  json all = json::array();
  std::size_t bytes = 0, left_out = 0;
  for (auto v = versions_.rbegin(); v != versions_.rend(); ++v) {
    for (std::size_t i = 0; i < v->rows.size(); ++i) {
      json one = row_json(*v, i);
      bytes += one.dump().size();
      if (bytes <= report_bytes_max) {
        all.push_back(std::move(one));
      } else {
        ++left_out;
      }
    }
  }
  return {{"rules", std::move(all)}, {"left_out", left_out}};
}

}  // namespace payloom::app

#include "actors/app/verbs/check_text.hpp"

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <utility>

#include "actors/app/verbs/text.hpp"
#include "protocol/types/check_records.hpp"
#include "protocol/types/frame.hpp"

namespace payloom::verbs {
namespace {

/// What the checks said, when that is what the event is.
std::optional<check_fact_record> fact_of(const order_event& e) {
  if (e.request_type != static_cast<std::uint16_t>(frame_type::act_on_orders)) return std::nullopt;
  check_fact_record fact;
  static_assert(sizeof fact == sizeof e.request);
  std::memcpy(static_cast<void*>(&fact), e.request, sizeof fact);
  if (fact.action != order_action::check_fact) return std::nullopt;
  return fact;
}

std::string name_of_check(const payment_names& names, std::size_t i) {
  const auto* plan = names.catalog().parts().checks.find(static_cast<std::uint8_t>(i + 1));
  return plan != nullptr ? plan->name : fmt::format("check {}", i + 1);
}

bool is_core(const payment_names& names, std::size_t i) {
  return (names.catalog().parts().checks.core() >> i & 1) != 0;
}

/// "" while it is asked.
std::string answer_of(const payment_row& p, std::size_t i) {
  const auto has = [i](std::uint8_t bits) { return (bits >> i & 1) != 0; };
  if (has(p.checks_passed)) return "passed";
  if (has(p.checks_refused)) return "refused";
  return has(p.checks_missed) ? "missed" : "";
}

template <class Use>
void for_each_wanted(const payment_row& p, Use&& use) {
  for (std::size_t i = 0; i < limits::checks_max; ++i)
    if ((p.checks_wanted >> i & 1) != 0) use(i);
}

}  // namespace

bool is_checked_state(const payment_names& names, const payment_row& payment) {
  return names.catalog().checked().form == payment.form;
}

std::string checks_text(const payment_names& names, const order_event_row& row) {
  if ((row.event.flags & order_event_flags::payment) == 0) return {};
  const payment_row& p = row.payment;
  const auto fact = fact_of(row.event);
  const bool asks = p.call == channel_operation::check;
  const bool ended = is_checked_state(names, p) && p.state != names.catalog().checked().checking;
  if (p.checks_wanted == 0 || (!asks && !fact && !ended)) return {};
  std::string text = asks ? "asks" : "checks:";
  bool first = true;
  for_each_wanted(p, [&](std::size_t i) {
    text += (std::exchange(first, false) ? " " : ", ") + name_of_check(names, i);
    if (asks) {
      text += is_core(names, i) ? " (core)" : " (optional)";
      return;
    }
    const std::string said = answer_of(p, i);
    text += " " + (said.empty() ? "not waited for" : said);
    const bool answered = said == "passed" || said == "refused";
    if (fact && answered) text += fmt::format(" after {} ms", fact->took_ms[i]);
  });
  if (ended && p.channel_code != 0)
    text += fmt::format("; refused with {}", name_of(static_cast<result_code>(p.channel_code)));
  return text;
}

json checks_json(const payment_names& names, const order_event_row& row) {
  json out = json::array();
  const payment_row& p = row.payment;
  const auto fact = fact_of(row.event);
  for_each_wanted(p, [&](std::size_t i) {
    const std::string said = answer_of(p, i);
    json one{{"check", i + 1}, {"name", name_of_check(names, i)}, {"core", is_core(names, i)}};
    one["answer"] = said.empty() ? json(nullptr) : json(said);
    if (fact && (said == "passed" || said == "refused")) one["took_ms"] = fact->took_ms[i];
    out.push_back(std::move(one));
  });
  return out;
}

}  // namespace payloom::verbs

#include "actors/core/routing/route_text.hpp"

#include <algorithm>
#include <array>

#include "protocol/types/u128_text.hpp"

namespace payloom::core::routing {

namespace {

template <std::size_t N, class Word>
std::string_view word_of(const std::array<std::string_view, N>& words, Word word) {
  const auto i = static_cast<std::size_t>(word);
  return i < N ? words[i] : "?";  // a record of a later version
}

std::string name_of(const route_plan& plan, channel_number number) {
  if (number == 0) return "no channel";
  const route_channel* c = plan.find(number);
  return c == nullptr ? "channel " + std::to_string(number) : c->name;
}

std::string cost_text(u128 cost) { return cost == u128_max ? "too large for a number" : to_decimal(cost); }

std::string health_text(const route_decision& d) {
  std::string out = "health " + std::string(to_string(d.state));
  if (d.verdict == health_verdict::probe) out += ", as a probe";
  if (d.marked == health_verdict::refuse) out += ", would have been refused: " + std::string(to_string(d.refusal));
  if (d.round != 0) out += ", at the bank's risk since " + std::to_string(d.round);
  if (d.own_round != 0) out += ", at the channel's risk since " + std::to_string(d.own_round);
  return out;
}

std::string candidate_text(const route_candidate& c, const route_plan& plan) {
  std::string out = "  " + name_of(plan, c.channel) + ": " + std::string(to_string(c.drop));
  if (c.drop == drop_reason::health) out += ": " + std::string(to_string(c.refusal));
  if (c.state != health_state::normal) out += " (" + std::string(to_string(c.state)) + ")";
  return out;
}

}  // namespace

std::string_view to_string(health_state state) {
  constexpr std::array<std::string_view, health_states> words{"NORMAL", "DEGRADED", "OPEN", "HALF_OPEN", "RAMP"};
  return word_of(words, state);
}

std::string_view to_string(health_refusal refusal) {
  constexpr std::array<std::string_view, 7> words{"none",
                                                  "it is cut",
                                                  "an operator cut it",
                                                  "a probe is out",
                                                  "too large for a probe",
                                                  "not among the share of the ramp",
                                                  "no room in the loss budget"};
  return word_of(words, refusal);
}

std::string_view to_string(attempt_outcome outcome) {
  constexpr std::array<std::string_view, attempt_outcomes> words{"withdrawn",         "ok",      "business_refusal",
                                                                 "technical_failure", "unknown", "timeout"};
  return word_of(words, outcome);
}

std::string_view to_string(drop_reason reason) {
  constexpr std::array<std::string_view, drop_reasons> words{"taken",
                                                             "the payment names another",
                                                             "cannot do it",
                                                             "does not move this ledger's money",
                                                             "amount below its least",
                                                             "amount above its most",
                                                             "closed at this time of the week",
                                                             "the day's limit is reached",
                                                             "too much unknown money",
                                                             "not among the rule's channels",
                                                             "health refuses",
                                                             "works badly, another one better",
                                                             "another one is cheaper",
                                                             "another one came first"};
  return word_of(words, reason);
}

std::string_view to_string(route_step step) {
  constexpr std::array<std::string_view, 6> words{"nothing",       "the payment's own choice",
                                                  "a rule's list", "a rule's split",
                                                  "least cost",    "the order of the channels"};
  return word_of(words, step);
}

std::string route_text(const route_decision& d, const route_plan& plan) {
  constexpr std::array<std::string_view, 7> operations{"none", "pay", "payout", "refund", "query", "close", "check"};
  std::string out = "payment " + to_hex(d.payment) + " attempt " + std::to_string(d.attempt) + ": " +
                    std::string(word_of(operations, d.operation)) + " " + to_decimal(d.amount_minor) + " of ledger " +
                    std::to_string(d.ledger) + ", merchant " + std::to_string(d.merchant) + ", bank " +
                    std::to_string(d.bank) + ", card type " + std::to_string(d.card);
  if (d.asked != 0) out += ", asks for " + name_of(plan, d.asked);
  out += "\nat " + std::to_string(d.at) + " ns, plan version " + std::to_string(d.plan_version) + ", draw " +
         std::to_string(d.draw) + " of 1000000";
  out.append("\n").append(name_of(plan, d.channel)) += " by " + std::string(to_string(d.step));
  if (d.rule != 0) out += ", rule " + std::to_string(d.rule) + " version " + std::to_string(d.rule_version);
  if (d.channel != 0) out += ", cost " + cost_text(d.cost_minor) + ", " + health_text(d);
  out += "\ncandidates:";
  const std::size_t kept = std::min<std::size_t>(d.candidates, candidates_kept);
  for (std::size_t i = 0; i < kept; ++i) out.append("\n").append(candidate_text(d.kept[i], plan));
  if (kept < d.candidates) out += "\n  and " + std::to_string(d.candidates - kept) + " more";
  return out;
}

std::string replay_text(const replay_result& r, const route_plan& plan) {
  std::string out = std::to_string(r.decisions) + " decisions, " + std::to_string(r.reproduced) + " the same, " +
                    std::to_string(r.moved) + " to another channel; without a channel " +
                    std::to_string(r.refused_before) + " before, " + std::to_string(r.refused_after) + " after";
  for (const route_move& m : r.moves) {
    if (m.from == m.to && m.cost_before_minor == m.cost_after_minor) continue;
    out.append("\n  ") += name_of(plan, m.from) + " -> " + name_of(plan, m.to) + ", ledger " +
                          std::to_string(m.ledger) + ": " + std::to_string(m.attempts) + " attempts, amount " +
                          to_decimal(m.amount_minor) + ", cost " + cost_text(m.cost_before_minor) + " -> " +
                          cost_text(m.cost_after_minor);
  }
  if (r.lost_track != 0) out += "\n  not followed: " + std::to_string(r.lost_track);
  return out;
}

}  // namespace payloom::core::routing

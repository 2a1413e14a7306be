#include "tests/sim/auditor.hpp"

#include <algorithm>

#include "tests/sim/content_rules.hpp"

namespace payloom::sim {

auditor::auditor(audit_options options) : options_(options), model_(std::move(options)) {}

void payment_stats::add(const payment_stats& o) {
  for (auto counter : {&payment_stats::begun,
                       &payment_stats::sent_again,
                       &payment_stats::asked,
                       &payment_stats::recharged,
                       &payment_stats::paid_out,
                       &payment_stats::sales,
                       &payment_stats::refunded_to_source,
                       &payment_stats::returned_late,
                       &payment_stats::unknown_success,
                       &payment_stats::unknown_rejected,
                       &payment_stats::late_success,
                       &payment_stats::differs,
                       &payment_stats::contradictions,
                       &payment_stats::returned_payouts,
                       &payment_stats::cancelled_in_flight,
                       &payment_stats::resolved,
                       &payment_stats::failed,
                       &payment_stats::with_balance,
                       &payment_stats::with_coupons,
                       &payment_stats::checked,
                       &payment_stats::checks_passed,
                       &payment_stats::checks_refused,
                       &payment_stats::checks_missed,
                       &payment_stats::optional_missed,
                       &payment_stats::checks_cancelled,
                       &payment_stats::refused_after_checks})
    this->*counter += o.*counter;
}

void linked_stats::add(const linked_stats& o) {
  for (auto counter : {&linked_stats::executed, &linked_stats::inside, &linked_stats::cancelled_together,
                       &linked_stats::replays, &linked_stats::replayed_refusals, &linked_stats::refunded})
    this->*counter += o.*counter;
  for (const auto& [code, count] : o.by_code) by_code[code] += count;
}

void auditor::complain(std::string what) {
  ++violation_count_;
  if (violations_.size() < violations_max) violations_.push_back(std::move(what));
}

std::uint64_t auditor::submitted(const audit_request& request, time_ns received_at, commit_seq durable_through) {
  const std::uint64_t handle = next_handle_++;
  asked_frame& f = frames_[handle];
  f.request = request;
  f.received_at = received_at;
  f.durable_through = std::min(durable_through, model_.head());
  const auto count = static_cast<std::uint32_t>(request.records.size());
  f.journaled_at.resize(count);
  f.unit_first.resize(count);
  f.unit_size.resize(count);
  std::uint32_t first = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool linked = (request.type == frame_type::create_transfers &&
                         has(request.records[i].as<transfer_record>().flags, transfer_flags::linked)) ||
                        (request.type == frame_type::act_on_orders && !request.from_server &&
                         has(request.records[i].as<order_action_record>().flags, action_flags::linked));
    f.unit_first[i] = first;
    if (linked && i + 1 < count) continue;
    for (std::uint32_t j = first; j <= i; ++j) f.unit_size[j] = i + 1 - first;
    f.open = linked;
    first = i + 1;
  }
  const bool is_account = request.type == frame_type::create_accounts;
  for (std::uint32_t i = 0; i < count; ++i)
    asked_.emplace(asked_key{is_account, {request.tenant, request.records[i].first_id()}}, asked_event{&f, i});
  stats_.requests += count;
  return handle;
}

auditor::unit_ref auditor::unit_of(const asked_frame& f, std::uint32_t index) const {
  const bool last = f.unit_first[index] + f.unit_size[index] == f.request.records.size();
  return {f, f.unit_first[index], f.unit_size[index], last && f.open};
}

std::vector<verdict> auditor::evaluate(const unit_ref& u, commit_seq at) const {
  return model_.unit(u.frame.request.type, u.frame.request.tenant, u.records(), u.open, u.frame.received_at, at);
}

void auditor::restarted(commit_seq recovered_through) {
  if (recovered_through != model_.head())
    complain("restart: the journal ends at " + std::to_string(recovered_through) + ", but " +
             std::to_string(model_.head()) + " was durable");
  if (unit_next_ != 0) complain("restart: the recovered journal ends inside a chain");
  orders_are_whole("restart");
  combined_.restarted();
  frames_.clear();
  asked_.clear();
  model_.forget_before(model_.head());
  model_.restarted();
}

void auditor::final_state(std::span<const account_snapshot> accounts) {
  if (unit_next_ != 0) complain("final: the journal ends inside a chain");
  orders_are_whole("final");
  struct totals {
    u128 posted = 0, pending = 0;  // debits minus credits, modulo 2^128: zero when the books balance
  };
  std::map<std::pair<tenant_id, ledger_id>, totals> sums;
  std::set<audit_key> seen;
  for (const account_snapshot& s : accounts) {
    const std::string name = "final: account " + std::to_string(s.tenant) + "/" + std::to_string(lo64(s.id.value));
    if (!seen.insert({s.tenant, s.id.value}).second) complain(name + " stands twice");
    const model_account* a = static_cast<const ledger_model&>(model_).find_account(s.tenant, s.id);
    if (!a) {
      complain(name + " was never created");
      continue;
    }
    totals& t = sums[{s.tenant, a->created.ledger}];
    t.posted += s.sums.debits_posted - s.sums.credits_posted;
    t.pending += s.sums.debits_pending - s.sums.credits_pending;
    const account_version& v = a->versions.back();
    if (!(v.sums == s.sums)) complain(name + " has other sums than its postings");
    if (v.flags != s.flags) complain(name + " has other flags than its changes");
    if (v.limit_minor != s.overdraft_limit_minor) complain(name + " has another limit than its changes");
  }
  if (seen.size() < model_.accounts().size()) complain("final: an account is missing");
  for (const auto& [where, t] : sums)
    if (t.posted != 0 || t.pending != 0)
      complain("final: ledger " + std::to_string(where.second) + " of tenant " + std::to_string(where.first) +
               " does not sum to zero");
}

}  // namespace payloom::sim

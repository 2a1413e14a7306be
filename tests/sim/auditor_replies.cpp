// The auditor's view of the replies: each answer must be what the rules answer at a state it may rest on.
#include <algorithm>

#include "tests/sim/auditor.hpp"
#include "tests/sim/content_rules.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;

bool replayed(const result_record& r) { return has(r.flags, result_flags::replayed); }
bool nothing_happened(rc code) { return code >= rc::overloaded && code <= rc::draining; }

bool says(const result_record& r, const verdict& v) {
  if (r.code != v.code || replayed(r) != v.replayed) return false;
  if (v.replayed && r.sequence != v.sequence) return false;
  if (v.code == rc::id_sealed) return true;  // the time of a seal is not stated by the rules
  return r.timestamp == v.timestamp;         // zero for refusals
}

std::string words(const result_record& r) {
  return std::string(name_of(r.code)) + (replayed(r) ? " (replayed)" : "") + " at " + std::to_string(r.sequence);
}
std::string words(const verdict& v) { return std::string(name_of(v.code)) + (v.replayed ? " (replayed)" : ""); }
}  // namespace

void auditor::finished(std::uint64_t handle, std::span<const result_record> results, commit_seq durable_through,
                       std::span<const balances_result> balances) {
  const auto found = frames_.find(handle);
  if (found == frames_.end()) return complain("a reply to no request");
  asked_frame& f = found->second;
  const auto count = static_cast<std::uint32_t>(f.request.records.size());
  if (results.size() != count) return complain("a reply with another number of results than the request has events");
  if (durable_through > model_.head()) complain("a reply rests on a commit that is not durable");
  const commit_seq through = std::min(durable_through, model_.head());
  for (std::uint32_t i = 0; i < count; i += f.unit_size[i])
    check_unit(f, unit_of(f, i), results.subspan(i, f.unit_size[i]), through);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i < balances.size()) check_balances(f, i, balances[i]);
    release(f, i, results[i]);
    ++stats_.by_code[results[i].code];
    stats_.replays += replayed(results[i]);
  }
  const bool is_account = f.request.type == frame_type::create_accounts;
  for (const raw_record& r : f.request.records) {
    const auto [first, last] = asked_.equal_range(asked_key{is_account, {f.request.tenant, r.first_id()}});
    const auto mine = std::find_if(first, last, [&](const auto& a) { return a.second.frame == &f; });
    if (mine != last) asked_.erase(mine);
  }
  frames_.erase(found);
  model_.forget_before(frames_.empty() ? model_.head() : frames_.begin()->second.durable_through);
}

void auditor::check_unit(asked_frame& f, const unit_ref& u, std::span<const result_record> r,
                         commit_seq durable_through) {
  if (f.request.type == frame_type::act_on_orders && u.is_linked()) count_linked_answer(r);
  const auto is_nothing = [](const result_record& x) { return nothing_happened(x.code); };
  const auto is_linked = [](const result_record& x) { return x.code == rc::linked_event_failed; };
  if (std::any_of(r.begin(), r.end(), is_nothing)) {
    const bool rest = std::all_of(r.begin(), r.end(), [&](auto& x) { return is_nothing(x) || is_linked(x); });
    if (!rest) complain("a chain was answered in part with \"nothing happened\"");
    return;  // that nothing was journaled for it is checked when its events are released
  }
  if (std::all_of(r.begin(), r.end(), [](auto& x) { return x.code == rc::ok && !replayed(x); }))
    return check_executed(f, u, r);
  if (f.request.type == frame_type::seal_transfers && r[0].code == rc::id_sealed && !replayed(r[0])) {
    if (!claim(f, u, 0, r[0])) complain("a seal was answered but is not durable");
    return;
  }
  const auto culprit = std::find_if_not(r.begin(), r.end(), is_linked);
  const bool stored = f.request.type != frame_type::create_orders && !f.request.from_server && culprit != r.end() &&
                      is_remembered(culprit->code) && !replayed(*culprit) && culprit->code != rc::ok &&
                      culprit->code != rc::account_exists;
  if (stored) return check_refusal(f, u, r, static_cast<std::uint32_t>(culprit - r.begin()));
  check_answer(u, r, durable_through);
}

// Marks the event that answered `u`'s member `i` as told to its client; false when there is no such durable event, or
// somebody else was told the same before.
bool auditor::claim(asked_frame& f, const unit_ref& u, std::uint32_t i, const result_record& r) {
  const std::uint32_t index = u.first + i;
  const commit_seq at = f.journaled_at[index];
  const u128 id = f.request.records[index].first_id();
  const auto take = [&](auto* stored) {
    if (!stored || at == 0 || stored->sequence != at || stored->claimed) return false;
    stored->claimed = true;
    return true;
  };
  if (f.request.type == frame_type::create_accounts) {
    model_account* a = model_.find_account(f.request.tenant, account_id{id});
    return take(a) && r.sequence == at && r.timestamp == a->timestamp;
  }
  model_command* c = model_.find_command(f.request.tenant, id);
  if (!take(c) || c->code != r.code) return false;
  if (c->state == command_state::sealed) return r.sequence >= at && r.sequence <= model_.head();
  if (c->state == command_state::refused) return r.sequence == c->as_of && r.timestamp == 0;
  return r.sequence == at && r.timestamp == c->timestamp;
}

void auditor::check_executed(asked_frame& f, const unit_ref& u, std::span<const result_record> r) {
  for (std::uint32_t i = 0; i < u.size; ++i) {
    if (!claim(f, u, i, r[i])) complain("answered " + words(r[i]) + ", but the journal has no such event for it");
    const bool chain = f.request.type == frame_type::create_transfers;  // orders have postings between them
    if (chain && r[i].sequence != r[0].sequence + i)
      complain("the members of a chain do not have consecutive sequences");
  }
}

void auditor::check_refusal(asked_frame& f, const unit_ref& u, std::span<const result_record> r,
                            std::uint32_t culprit) {
  if (!claim(f, u, culprit, r[culprit])) complain("refused " + words(r[culprit]) + ", but it was not stored so");
  for (std::uint32_t i = 0; i < u.size; ++i)
    if (i != culprit && r[i].code != rc::linked_event_failed)
      complain("a chain with a culprit answers " + words(r[i]) + " to another member");
}

// RULES.md does not say whether creations in flight fill the table; both readings are accepted.
bool auditor::table_may_be_full(const unit_ref& u, commit_seq at) const {
  const verdict v = evaluate(u, at)[0];
  if (options_.accounts_max == 0 || (v.code != rc::ok && v.code != rc::account_table_full)) return false;
  const auto creations = std::count_if(asked_.begin(), asked_.end(), [](auto& a) { return a.first.is_account; });
  return model_.accounts().size() + static_cast<std::size_t>(creations) >= options_.accounts_max;
}

void auditor::check_answer(const unit_ref& u, std::span<const result_record> r, commit_seq durable_through) {
  if (u.frame.request.type == frame_type::create_accounts && r[0].code == rc::account_table_full) {
    if (!table_may_be_full(u, durable_through)) complain("account_table_full, but it is not");
    return;
  }
  if (refused_by_accounts(u, r[0], durable_through)) return;
  std::string model_says;
  const commit_seq from = std::min(u.frame.durable_through, durable_through);
  for (commit_seq at :
       model_.turning_points(u.frame.request.type, u.frame.request.tenant, u.records(), from, durable_through)) {
    const std::vector<verdict> v = evaluate(u, at);
    if (std::equal(r.begin(), r.end(), v.begin(), v.end(), says)) {
      stats_.earlier_states += at != durable_through;
      return;
    }
    if (at != durable_through) continue;
    for (std::size_t i = 0; i < v.size(); ++i)
      if (!says(r[i], v[i]) && model_says.empty()) model_says = words(r[i]) + ", but the rules say " + words(v[i]);
  }
  complain("answered " + model_says);
}

void auditor::check_balances(const asked_frame& f, std::uint32_t i, const balances_result& b) {
  if (!has(b.result.flags, result_flags::balances) || b.result.code != rc::ok) return;
  const model_command* c = model_.find_command(f.request.tenant, f.request.records[i].first_id());
  if (!c || c->type != frame_type::create_transfers || c->state != command_state::executed) return;
  const auto r = c->record.as<transfer_record>();
  if (b.amount_minor != r.amount_minor) complain("a result states another amount than was moved");
  const auto agrees = [&](account_id id, const account_counters& said) {
    const model_account* a = model_.find_account(f.request.tenant, id);
    const account_version* v = a ? ledger_model::version_at(*a, c->sequence) : nullptr;
    return !v || v->from != c->sequence || v->sums == said;
  };
  if (!agrees(r.debit_account, b.debit) || !agrees(r.credit_account, b.credit))
    complain("a result states other balances than stood after its commit");
}

// A request leaves: if the event that it matched is nobody else's, then it must have been told of it.
void auditor::release(asked_frame& f, std::uint32_t i, const result_record& r) {
  if (f.journaled_at[i] == 0) return;
  const u128 id = f.request.records[i].first_id();
  const auto let_go = [&](auto* stored) {
    if (!stored || stored->sequence != f.journaled_at[i] || stored->candidates == 0) return;
    if (--stored->candidates == 0 && !stored->claimed)
      complain("answered " + words(r) + ", but it was journaled at " + std::to_string(stored->sequence));
  };
  if (f.request.type == frame_type::create_accounts)
    let_go(model_.find_account(f.request.tenant, account_id{id}));
  else
    let_go(model_.find_command(f.request.tenant, id));
}

}  // namespace payloom::sim

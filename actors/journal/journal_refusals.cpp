// The desk when the journal has no space: everything that is not durable ends as `unavailable`, which is not remembered
// (architecture.md section 4). Claims go back exactly as for a refusal that is found at a shard.
#include "actors/core/mutation.hpp"
#include "actors/journal/journal_desk.hpp"

namespace payloom::actors {

using core::apply_entry;
using core::plain_slip;
using core::unit_case;
namespace op = core::apply_op;
namespace tf = transfer_flags;

void journal_desk::refuse_all(refused_work& out) {
  std::size_t at = settled_.slips;
  for (const core::slip_vector& batch : slips_) {
    for (; at < batch.size(); ++at) refuse_slip(batch[at], out);
    at = 0;
  }
  for (unit_case* c : cases_) {
    refuse_case(*c, out);
    delete c;
  }
  for (const core::change_decision& d : changes_) refuse_change(d, out);
  for (const plain_slip& s : creations_) refuse_creation(s, out);
  slips_.clear();
  cases_.clear();
  changes_.clear();
  creations_.clear();
  settled_ = laid_ = {};
  queued_events_ = 0;
  next_ = durable_next_;
}

/// The own id's shard answers, and lets others have the id.
void journal_desk::end_refused(plain_slip s, u128 id, refused_work& out) const {
  s.answered = 0;
  s.result().sequence = durable_next_ - 1;
  if (s.frame->wants_balances()) {  // laid already: the event was to be answered with balances
    auto& r = *reinterpret_cast<balances_result*>(s.frame->results + std::size_t{s.index()} * sizeof(balances_result));
    r.amount_minor = 0;
    r.result.flags = 0;
  }
  out.ended[topology_.order_shard(mix_id(s.frame->header.tenant, id))].push_back(s);
}

void journal_desk::refuse_slip(plain_slip s, refused_work& out) const {
  const command_frame& f = *s.frame;
  const tenant_id tenant = f.header.tenant;
  if (f.type() == frame_type::seal_transfers) {
    s.code = result_code::unavailable;
    end_refused(s, reinterpret_cast<const id_record*>(f.records)[s.index()].id, out);
    return;
  }
  const transfer_record& t = s.transfer();  // a change record has its id at the same place
  if (f.type() == frame_type::create_transfers) {
    const std::uint32_t how = op::unclaim | ((t.flags & tf::resolving) ? 0 : op::unreserve);
    for (std::uint32_t side = 0; side < 2 && !s.refused(); ++side) {  // a refused one gave its claims back before
      if (PAYLOOM_MUTATED(11) && side == 1) continue;                 // a full disk keeps credit claims
      apply_entry a;
      a.amount_minor = t.amount_minor;
      a.row = side == 0 ? s.debit_row : s.credit_row;
      a.op = how | (side == 0 ? 0 : op::credit);
      const account_id account = side == 0 ? t.debit_account : t.credit_account;
      out.release[account_shard(tenant, account)].push_back(a);
    }
  }
  if (s.target_slot != core::no_slot && core::names_target(s))
    out.targets[topology_.order_shard(mix_id(tenant, core::target_of(s)))].push_back({s.target_slot, false});
  s.code = result_code::unavailable;
  end_refused(s, t.id.value, out);
}

/// Whole: the first member is the culprit.
void journal_desk::refuse_case(unit_case& c, refused_work& out) const {
  for (const core::case_account_stop& stop : c.accounts)
    core::release_stop(stop, c.exclusive, [&](const apply_entry& a) {
      out.release[account_shard(c.frame->header.tenant, stop.id)].push_back(a);
    });
  c.refuse(0, result_code::unavailable, durable_next_ - 1);
  const tenant_id tenant = c.frame->header.tenant;
  core::for_each_refusal(c, [&](const plain_slip& s) {
    if (c.order != nullptr) s.result().flags &= static_cast<std::uint16_t>(~result_flags::processing);
    if (s.target_slot != core::no_slot)
      out.targets[topology_.order_shard(mix_id(tenant, core::target_of(s)))].push_back({s.target_slot, false});
    end_refused(s, s.transfer().id.value, out);
  });
}

void journal_desk::refuse_change(const core::change_decision& d, refused_work& out) const {
  const auto& c = reinterpret_cast<const account_change_record*>(d.slip.frame->records)[d.slip.index()];
  apply_entry a;
  a.row = d.row;
  a.op = op::unclaim | op::open_up;
  out.release[account_shard(d.slip.frame->header.tenant, c.account)].push_back(a);
  plain_slip s = d.slip;
  s.code = result_code::unavailable;
  end_refused(s, c.id.value, out);
}

void journal_desk::refuse_creation(const plain_slip& s, refused_work& out) const {
  const auto& a = reinterpret_cast<const account_record*>(s.frame->records)[s.index()];
  out.uncreated[account_shard(s.frame->header.tenant, a.id)].push_back(s);
}

}  // namespace payloom::actors

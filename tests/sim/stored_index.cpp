#include "tests/sim/stored_index.hpp"

namespace payloom::sim {

namespace tf = transfer_flags;

void stored_index::append(const std::vector<journal_event>& events) {
  unread_.insert(unread_.end(), events.begin(), events.end());
}

void stored_index::read_to(commit_seq seq) {
  // Whole chains, and orders with their postings: they are one unit.
  while (!unread_.empty() && (applied_ < seq || unread_.front().unit_index != 0 || legs_left_ != 0 || payment_left_)) {
    apply(unread_.front());
    unread_.pop_front();
  }
}

void stored_index::read_some(std::size_t events) { read_to(applied_ + events); }

core::stored_event stored_index::find(tenant_id tenant, u128 id) const {
  const auto at = ids_.find({tenant, id});
  if (at == ids_.end()) return {};
  core::stored_event found = at->second;
  if (found.what == core::stored_event::kind::order && found.request_type == frame_type::create_orders)
    found.order = orders_.at({tenant, id});
  return found;
}

actors::loaded_creation stored_index::creation(tenant_id tenant, account_id id) const {
  const stored_account& a = accounts_.at({tenant, id.value});
  return {{}, a.created, a.sequence, a.timestamp};
}

void stored_index::apply_transfer(const journal_event& e, core::stored_event& s) {
  const auto t = e.record.as<transfer_record>();
  s.what = core::stored_event::kind::transfer;
  s.state = (t.flags & tf::hold) ? transfer_state::held : transfer_state::posted;
  u128 held = 0;
  if (t.flags & tf::targeting) {
    core::stored_event& target = ids_.at({e.tenant, t.target_id.value});
    if (t.flags & tf::reversal) {
      target.reversed_minor += t.amount_minor;
    } else {
      held = target.transfer().amount_minor;
      target.state = (t.flags & tf::capture)  ? transfer_state::captured
                     : (t.flags & tf::expiry) ? transfer_state::expired
                                              : transfer_state::voided;
    }
  }
  account_counters& debit = accounts_.at({e.tenant, t.debit_account.value}).row.counters;
  account_counters& credit = accounts_.at({e.tenant, t.credit_account.value}).row.counters;
  debit.debits_pending -= held;
  credit.credits_pending -= held;
  if (t.flags & tf::hold) {
    debit.debits_pending += t.amount_minor;
    credit.credits_pending += t.amount_minor;
  } else if (!(t.flags & tf::void_hold)) {
    debit.debits_posted += t.amount_minor;
    credit.credits_posted += t.amount_minor;
  }
}

void stored_index::apply_order(const journal_event& e, core::stored_event& s) {
  s.what = core::stored_event::kind::order;
  s.request_type = static_cast<frame_type>(e.order->request_type);
  legs_left_ = e.order->legs;
  core::stored_order now;
  now.row = e.order->order;
  if (now.row.created_seq == 0) now.row.created_seq = e.sequence;
  now.seq = e.sequence;
  now.timestamp = e.timestamp;
  payment_left_ = (e.order->flags & order_event_flags::payment) != 0;
  newest_order_ = {e.tenant, now.row.id.value};
  orders_[newest_order_] = std::make_shared<const core::stored_order>(now);
}

void stored_index::apply_payment(const journal_event& e) {
  core::stored_order with = *orders_.at(newest_order_);
  with.has_payment = true;
  with.payment = *e.payment;
  orders_[newest_order_] = std::make_shared<const core::stored_order>(with);
  payment_left_ = false;
}

void stored_index::apply(const journal_event& e) {
  applied_ = e.sequence;
  if (e.kind == journal_kind::payment) return apply_payment(e);
  if (e.kind == journal_kind::account) {
    stored_account a{e.record.as<account_record>(), e.sequence, e.timestamp, {}};
    a.row.id = a.created.id;
    a.row.ledger = a.created.ledger;
    a.row.flags = a.created.flags;
    a.row.overdraft_limit_minor = a.created.overdraft_limit_minor;
    accounts_.emplace(audit_key{e.tenant, a.created.id.value}, a);
    return;
  }
  core::stored_event s;
  s.seq = e.sequence;
  s.timestamp = e.timestamp;
  std::memcpy(s.record, e.record.bytes.data(), sizeof s.record);
  switch (e.kind) {
    case journal_kind::transfer:
      apply_transfer(e, s);
      if (!id_is_reserved_for_postings(e.record.first_id())) break;
      --legs_left_;
      return;  // no command: nobody asks for it
    case journal_kind::order:
      apply_order(e, s);
      break;
    case journal_kind::change: {
      s.what = core::stored_event::kind::change;
      account_row& row = accounts_.at({e.tenant, s.change().account.value}).row;
      row.flags = e.flags_after;
      row.overdraft_limit_minor = e.limit_after;
      break;
    }
    case journal_kind::refusal:
      s.what = core::stored_event::kind::refusal;
      s.code = e.code;
      s.request_type = e.refused_type;
      s.as_of = e.as_of;
      break;
    case journal_kind::seal:
    case journal_kind::payment:
    case journal_kind::account:
      s.what = core::stored_event::kind::seal;
      break;
  }
  const auto [at, fresh] = ids_.emplace(audit_key{e.tenant, e.record.first_id()}, s);
  if (fresh) in_order_.push_back(&*at);
}

}  // namespace payloom::sim

#include "actors/follower/order_relations.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/types/frame.hpp"
#include "protocol/types/payment_life.hpp"

namespace payloom::follower {

namespace {

template <class Record>
Record request_of(const order_event& event) {
  Record record;
  static_assert(sizeof record == sizeof event.request);
  std::memcpy(static_cast<void*>(&record), event.request, sizeof record);
  return record;
}

bool has_payment(const order_event& event) { return (event.flags & order_event_flags::payment) != 0; }

bool is_action(const order_event& event) {
  return event.request_type == static_cast<std::uint16_t>(frame_type::act_on_orders);
}

/// A payment was asked for, whatever became of it: a pre-authorisation moves money that is not paid yet.
bool asks_for_payment(const order_event& event) {
  if (is_action(event)) return request_of<order_action_record>(event).action == order_action::pay;
  return (request_of<order_record>(event).flags & order_flags::pay_now) != 0;
}

}  // namespace

relation_row& order_relations::append(const order_event_row& row, relation_kind kind, u128 from, node_kind from_kind,
                                      u128 to, node_kind to_kind, u128 amount) {
  const order_row& order = row.event.order;
  relation_row& r = rows_.emplace_back();
  r.from = from;
  r.to = to;
  r.amount_minor = amount;
  r.sequence = row.sequence;
  r.timestamp = row.timestamp;
  r.merchant = order.merchant;
  r.order = order.id;
  r.ledger = order.ledger;
  r.kind = kind;
  r.from_kind = from_kind;
  r.to_kind = to_kind;
  return r;
}

void order_relations::name_root(const order_event_row& row) {
  const u128 root = row.event.order.created_seq == 0 ? row.event.order.root_id : row.root_id;
  if (root == 0 || std::find(roots_.begin(), roots_.end(), root) != roots_.end()) return;
  roots_.push_back(root);
  append(row, relation_kind::roots, root, node_kind::root, row.event.order.id.value, node_kind::order, 0).state = 1;
}

/// The payment or refund that the event is about; begun here when it is new. nullptr: of the order itself.
order_relations::life* order_relations::life_of(const order_event_row& row, u128 paid, u128 refunded) {
  const order_event& e = row.event;
  const u128 id = subject_of(e, row.payment);
  if (const auto known = lives_.find(id); known != lives_.end()) return &known->second;
  const bool outside = begins_payment(e, row.payment);
  const bool held = e.amount_minor != 0 && asks_for_payment(e);
  if (!outside && !held && paid == 0 && refunded == 0) return nullptr;
  life l;
  const bool back = outside ? gives_back(row.payment.purpose) : paid == 0 && refunded != 0;
  if (back) l.kind = node_kind::refund;
  // Money that came for a closed order was never paid: what is sent back of it is no refund of the order's.
  if (!outside || row.payment.purpose != payment_purpose::return_late) {
    l.moves = rows_.size();
    append(row, back ? relation_kind::refunds : relation_kind::pays, id, l.kind, e.order.id.value, node_kind::order,
           outside ? row.payment.amount_minor : e.amount_minor);
  }
  const u128 external = external_part(row.payment);
  if (outside && external != 0 && row.payment.combined != 0 && !back) {
    l.combines = rows_.size();
    append(row, relation_kind::combines, row.payment.combined, node_kind::combined, id, l.kind, external);
  }
  return &lives_.emplace(id, l).first->second;
}

void order_relations::follow_attempts(const order_event_row& row, u128 id, life& l) {
  const payment_row& p = row.payment;
  const u128 external = external_part(p);
  if (!has_payment(row.event) || p.payment != id || external == 0) return;
  if (p.attempt > l.attempts) {  // an attempt that provably never left is followed by another
    l.attempts = p.attempt;
    l.attempt = rows_.size();
    const bool together = p.combined != 0 && l.kind == node_kind::payment;
    append(row, relation_kind::attempts, id, l.kind, attempt_id_of(tenant_, together ? p.combined : id, p.attempt),
           node_kind::attempt, external);
    if (l.reverses == none && p.source != 0 && l.kind == node_kind::refund) {
      l.reverses = rows_.size();
      append(row, relation_kind::reverses, id, l.kind, p.source, node_kind::attempt, external);
    }
  }
  if (l.attempt == none) return;
  const bool stands = l.stands() || p.outcome == channel_outcome::success;
  rows_[l.attempt].state = stands ? 1 : 0;
  if (l.reverses != none) rows_[l.reverses].state = stands ? 1 : 0;
}

void order_relations::post(const order_event_row& row, const life* l, std::span<const transfer_record> postings) {
  const order_row& order = row.event.order;
  const u128 from = l == nullptr ? order.id.value : subject_of(row.event, row.payment);
  for (std::size_t leg = 0; leg < postings.size(); ++leg) {
    const transfer_record& posting = postings[leg];
    const auto at = [&](relation_row& r) {
      r.sequence = row.sequence + 1 + leg;
      r.timestamp = row.timestamp + 1 + leg;
      r.state = 1;
    };
    at(append(row, relation_kind::posts, from, l == nullptr ? node_kind::order : l->kind, posting.id.value,
              node_kind::posting, posting.amount_minor));
    const order_id batch = settled_ ? settled_(posting, order.accounting_date, row.sequence + 1 + leg) : order_id{};
    if (batch.value == 0 || batch == order.id) continue;
    at(append(row, relation_kind::settles, batch.value, node_kind::settlement, posting.id.value, node_kind::posting,
              posting.amount_minor));
  }
}

void order_relations::add(const order_event_row& row, std::span<const transfer_record> postings) {
  const order_row& order = row.event.order;
  const u128 paid = order.paid_minor - std::min(order.paid_minor, paid_);
  const u128 refunded = order.refunded_minor - std::min(order.refunded_minor, refunded_);
  paid_ = order.paid_minor;
  refunded_ = order.refunded_minor;
  name_root(row);
  life* l = life_of(row, paid, refunded);
  if (l != nullptr) {
    l->counted += l->kind == node_kind::refund ? refunded : paid;
    if (l->stands() && l->moves != none) {
      rows_[l->moves].amount_minor = l->counted;
      rows_[l->moves].state = 1;
    }
    if (l->stands() && l->combines != none) rows_[l->combines].state = 1;
    follow_attempts(row, subject_of(row.event, row.payment), *l);
  }
  post(row, l, postings);
}

}  // namespace payloom::follower

#include "actors/app/verbs/payment_lives.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actors/app/verbs/relation_rows.hpp"
#include "actors/app/verbs/source_rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "protocol/types/payment_life.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

bool of_payment(node_kind kind) { return kind == node_kind::payment || kind == node_kind::refund; }

void add_once(std::vector<payment_key>& out, u128 payment, order_id order) {
  const payment_key key{payment, order};
  if (std::find(out.begin(), out.end(), key) == out.end()) out.push_back(key);
}

bool has_payment(const order_event_row& row) { return (row.event.flags & order_event_flags::payment) != 0; }

/// The payment's record in its newest event, nullptr: it has none.
const payment_row* record_of(const payment_life& life) {
  const payment_row* newest = nullptr;
  for (const order_event_row& row : life.events)
    if (has_payment(row) && row.payment.payment == life.key.payment) newest = &row.payment;
  return newest;
}

/// The event that moved its money, or the last one.
const order_event_row& main_event(const payment_life& life) {
  for (const order_event_row& row : life.events)
    if (row.event.amount_minor != 0 && row.event.form != 0xff) return row;
  return life.events.back();
}

struct part {
  const char* tool;
  std::string name;
  u128 amount;
};

std::vector<part> parts_of(const payment_names& names, const payment_life& life) {
  const payment_row* p = record_of(life);
  if (p == nullptr) return {{"balance", "", life.relation.amount_minor}};
  std::vector<part> out;
  if (p->balance_minor != 0) out.push_back({"balance", "", p->balance_minor});
  if (p->coupon_minor != 0) out.push_back({"coupon", "", p->coupon_minor});
  if (external_part(*p) != 0) out.push_back({"channel", names.channel(p->channel), external_part(*p)});
  return out;
}

/// What the channel said of an attempt last, and when.
struct attempt_facts {
  const relation_row* edge = nullptr;
  channel_outcome outcome = channel_outcome::none;
  u128 reference = 0;
  std::uint16_t code = 0;
  time_ns told_at = 0;
};

std::vector<attempt_facts> attempts_of(const payment_life& life) {
  std::vector<attempt_facts> out;
  for (const relation_row& edge : life.edges)
    if (edge.kind == relation_kind::attempts) out.push_back({&edge});
  std::size_t at = out.size();  // events before the first attempt say nothing of one
  for (const order_event_row& row : life.events) {
    for (std::size_t i = 0; i < out.size(); ++i)
      if (out[i].edge->sequence == row.sequence) at = i;
    const bool about = at < out.size() && has_payment(row) && row.payment.payment == life.key.payment;
    if (!about || row.payment.outcome == channel_outcome::none) continue;
    if (row.payment.outcome != out[at].outcome) out[at].told_at = row.timestamp;
    out[at].outcome = row.payment.outcome;
    out[at].reference = row.payment.channel_reference;
    out[at].code = row.payment.channel_code;
  }
  return out;
}

const relation_row* edge_of(const payment_life& life, relation_kind kind) {
  const auto found = std::find_if(life.edges.begin(), life.edges.end(), [&](const auto& e) { return e.kind == kind; });
  return found == life.edges.end() ? nullptr : &*found;
}

std::string kind_of(const payment_life& life) {
  for (const relation_row& edge : life.edges)
    if (edge.from == life.key.payment && of_payment(edge.from_kind)) return std::string(node_name(edge.from_kind));
  return std::string(node_name(life.relation.from_kind));
}

std::string state_of(const payment_names& names, const payment_life& life) {
  const payment_row* p = record_of(life);
  const order_event& e = main_event(life).event;
  return p != nullptr ? names.payment_state(p->form, p->state) : names.payment_state(e.form, e.payment_state);
}

std::string attempts_text(const payment_life& life) {
  table out({"attempt", "sent", "amount", "outcome", "told", "code", "reference"});
  for (const attempt_facts& a : attempts_of(life)) {
    out.add({to_hex(a.edge->to), format_time(a.edge->timestamp), money_text(a.edge->ledger, a.edge->amount_minor),
             std::string(outcome_name(a.outcome)), format_time(a.told_at), a.code == 0 ? "" : std::to_string(a.code),
             a.reference == 0 ? "" : to_hex(a.reference)});
  }
  return out.empty() ? std::string() : "\n" + out.text();
}

}  // namespace

std::vector<payment_key> payments_meant(std::span<const relation_row> graph, u128 id) {
  std::vector<payment_key> out;
  const auto collect = [&](auto&& wanted) {
    for (const relation_row& r : graph) {
      const bool to = r.kind == relation_kind::combines;
      if (of_payment(to ? r.to_kind : r.from_kind) && wanted(r)) add_once(out, to ? r.to : r.from, r.order);
    }
    return !out.empty();
  };
  using enum relation_kind;
  const bool found =
      collect([&](const relation_row& r) { return r.kind == combines && r.from == id; }) ||
      collect([&](const relation_row& r) { return r.kind != combines && r.from == id; }) ||
      collect([&](const relation_row& r) { return (r.kind == attempts || r.kind == posts) && r.to == id; }) ||
      collect([&](const relation_row& r) { return r.kind != combines && r.order.value == id; });
  if (!found) collect([](const relation_row&) { return true; });
  return out;
}

payment_life life_of(const payment_key& key, std::span<const relation_row> graph,
                     std::span<const order_event_row> timeline, std::span<const transfer_row> postings) {
  payment_life life;
  life.key = key;
  for (const relation_row& r : graph) {
    if (r.order != key.order) continue;
    const bool its = r.from == key.payment && of_payment(r.from_kind);
    if (its && (r.kind == relation_kind::pays || r.kind == relation_kind::refunds)) life.relation = r;
    if ((its && (r.kind == relation_kind::attempts || r.kind == relation_kind::reverses)) ||
        (r.kind == relation_kind::combines && r.to == key.payment)) {
      life.edges.push_back(r);
    }
  }
  for (const order_event_row& row : timeline) {
    if (subject_of(row.event, row.payment) != key.payment) continue;
    life.events.push_back(row);
    for (const transfer_row& p : postings)
      if (p.sequence > row.sequence && p.sequence <= row.sequence + row.event.legs) life.postings.push_back(p);
  }
  return life;
}

json life_json(const payment_names& names, const payment_life& life) {
  const ledger_id ledger = life.events.back().event.order.ledger;
  const relation_row* combined = edge_of(life, relation_kind::combines);
  json out{{"id", to_hex(life.key.payment)},
           {"kind", kind_of(life)},
           {"order", to_hex(life.key.order.value)},
           {"merchant", life.events.back().event.order.merchant},
           {"state", state_of(names, life)},
           {"stands", life.relation.state == 1},
           {"amount_minor", to_decimal(life.relation.amount_minor)},
           {"amount", ledgers().format(ledger, life.relation.amount_minor)},
           {"currency", ledgers().name(ledger)},
           {"combined", combined == nullptr ? json(nullptr) : json(to_hex(combined->from))}};
  out["sources"] = sources_json(names, life.events.back());
  out["parts"] = json::array();
  for (const part& p : parts_of(names, life)) {
    json one{{"tool", p.tool}, {"amount_minor", to_decimal(p.amount)}, {"amount", ledgers().format(ledger, p.amount)}};
    if (!p.name.empty()) one["channel"] = p.name;
    out["parts"].push_back(std::move(one));
  }
  out["attempts"] = json::array();
  for (const attempt_facts& a : attempts_of(life)) {
    out["attempts"].push_back({{"attempt", to_hex(a.edge->to)},
                               {"sent", format_time(a.edge->timestamp)},
                               {"amount_minor", to_decimal(a.edge->amount_minor)},
                               {"outcome", std::string(outcome_name(a.outcome))},
                               {"told", a.told_at == 0 ? json(nullptr) : json(format_time(a.told_at))},
                               {"code", a.code},
                               {"reference", a.reference == 0 ? json(nullptr) : json(to_hex(a.reference))}});
  }
  out["events"] = json::array();
  for (const order_event_row& row : life.events) {
    json one = event_json(names, row);
    one.erase("order");
    out["events"].push_back(std::move(one));
  }
  out["postings"] = json::array();
  for (const transfer_row& p : life.postings) out["postings"].push_back(posting_json(names, p));
  return out;
}

std::string life_text(const payment_names& names, const payment_life& life) {
  const order_event_row& newest = life.events.back();
  const ledger_id ledger = newest.event.order.ledger;
  const payment_row* record = record_of(life);
  const order_event& e = main_event(life).event;
  std::string out;
  line(out, kind_of(life), to_hex(life.key.payment));
  line(out, "order", fmt::format("{} of merchant {}", to_hex(life.key.order.value), newest.event.order.merchant));
  if (const relation_row* c = edge_of(life, relation_kind::combines)) {
    line(out, "combined",
         fmt::format("{}, {} of {}", to_hex(c->from), money_text(ledger, c->amount_minor),
                     record == nullptr ? "" : money_text(ledger, record->combined_minor)));
  }
  if (const relation_row* r = edge_of(life, relation_kind::reverses))
    line(out, "gives back", "attempt " + to_hex(r->to));
  line(out, "state", state_of(names, life));
  line(out, "amount", money_text(ledger, life.relation.amount_minor));
  for (const part& p : parts_of(names, life))
    line(out, std::string("  ") + p.tool, money_text(ledger, p.amount) + (p.name.empty() ? "" : " by " + p.name));
  const u128 fee = record != nullptr ? record->fee_minor : e.fee_minor;
  line(out, "fee", fee == 0 ? std::string() : money_text(ledger, fee));
  if (record != nullptr && record->reason != case_reason::none)
    line(out, "case open", std::string(reason_name(record->reason)));
  out += sources_text(names, newest);
  out += attempts_text(life);
  return out + "\n" + timeline_text(names, life.events, life.postings);
}

}  // namespace payloom::verbs

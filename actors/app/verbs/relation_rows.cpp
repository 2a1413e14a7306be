#include "actors/app/verbs/relation_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

constexpr std::array<std::string_view, 9> node_names = {"",        "root",    "order",    "payment",   "refund",
                                                        "attempt", "posting", "combined", "settlement"};
constexpr std::array<std::string_view, relation_kinds> relation_names = {
    "", "roots", "pays", "refunds", "combines", "attempts", "posts", "settles", "reverses"};

template <std::size_t N>
std::string_view at(const std::array<std::string_view, N>& names, std::uint8_t i) {
  return i < N ? names[i] : "?";
}

std::string money(const relation_row& r) { return money_text(r.ledger, r.amount_minor); }
const char* mark(const relation_row& r) { return r.state == 1 ? "" : "  (nothing came of it, or not known yet)"; }

/// One order's part of the graph.
struct order_part {
  std::vector<const relation_row*> rows;
  u128 sum(relation_kind kind) const {
    u128 all = 0;
    for (const relation_row* r : rows)
      if (r->kind == kind && r->state == 1) all += r->amount_minor;
    return all;
  }
};

void posting_lines(const order_part& part, u128 from, node_kind kind, int indent, std::string& out) {
  for (const relation_row* r : part.rows) {
    if (r->kind != relation_kind::posts || r->from != from || r->from_kind != kind) continue;
    out += fmt::format("{:{}}posting {}  commit {}  {}", "", indent, to_hex(r->to), r->sequence, money(*r));
    const auto taken = std::find_if(part.rows.begin(), part.rows.end(), [&](const relation_row* s) {
      return s->kind == relation_kind::settles && s->to == r->to;
    });
    if (taken != part.rows.end()) out += "  settled by " + to_hex((*taken)->from);
    out += '\n';
  }
}

/// A payment or refund and what hangs on it. What was never the order's (money that came too late) begins with an
/// attempt.
void life_lines(const order_part& part, const relation_row& first, std::string& out) {
  const u128 id = first.from;
  const node_kind kind = first.from_kind;
  out += fmt::format("    {} {}  {}{}\n", node_name(kind), to_hex(id), money(first), mark(first));
  for (const relation_row* r : part.rows) {
    if (r->kind == relation_kind::combines && r->to == id)
      out += fmt::format("      part of combined payment {}  {}{}\n", to_hex(r->from), money(*r), mark(*r));
    if (r->from != id || r->from_kind != kind) continue;
    if (r->kind == relation_kind::attempts)
      out += fmt::format("      attempt {}  {}{}\n", to_hex(r->to), money(*r), mark(*r));
    if (r->kind == relation_kind::reverses)
      out += fmt::format("      gives back what attempt {} brought  {}{}\n", to_hex(r->to), money(*r), mark(*r));
  }
  posting_lines(part, id, kind, 6, out);
}

void order_lines(const order_part& part, std::string& out) {
  const relation_row& any = *part.rows.front();
  out += fmt::format("  order {} of merchant {}", to_hex(any.order.value), any.merchant);
  if (const u128 paid = part.sum(relation_kind::pays); paid != 0) out += ", paid " + money_text(any.ledger, paid);
  if (const u128 back = part.sum(relation_kind::refunds); back != 0)
    out += ", refunded " + money_text(any.ledger, back);
  out += '\n';
  std::vector<std::pair<u128, node_kind>> shown;
  for (const relation_row* r : part.rows) {
    const bool life = r->from_kind == node_kind::payment || r->from_kind == node_kind::refund;
    if (!life || std::find(shown.begin(), shown.end(), std::pair(r->from, r->from_kind)) != shown.end()) continue;
    shown.emplace_back(r->from, r->from_kind);
    life_lines(part, *r, out);
  }
  posting_lines(part, any.order.value, node_kind::order, 4, out);
}

}  // namespace

std::string_view node_name(node_kind kind) { return at(node_names, static_cast<std::uint8_t>(kind)); }
std::string_view relation_name(relation_kind kind) { return at(relation_names, static_cast<std::uint8_t>(kind)); }

json relation_json(const relation_row& r) {
  return {{"relation", std::string(relation_name(r.kind))},
          {"from", to_hex(r.from)},
          {"from_kind", std::string(node_name(r.from_kind))},
          {"to", to_hex(r.to)},
          {"to_kind", std::string(node_name(r.to_kind))},
          {"amount_minor", to_decimal(r.amount_minor)},
          {"amount", ledgers().format(r.ledger, r.amount_minor)},
          {"currency", ledgers().name(r.ledger)},
          {"stands", r.state == 1},
          {"order", to_hex(r.order.value)},
          {"merchant", r.merchant},
          {"sequence", r.sequence},
          {"timestamp", format_time(r.timestamp)}};
}

std::string graph_text(std::span<const relation_row> rows) {
  std::vector<std::pair<u128, order_part>> orders;  // as they come
  for (const relation_row& r : rows) {
    const auto known =
        std::find_if(orders.rbegin(), orders.rend(), [&](const auto& o) { return o.first == r.order.value; });
    if (known != orders.rend()) {
      known->second.rows.push_back(&r);
    } else {
      orders.emplace_back(r.order.value, order_part{{&r}});
    }
  }
  std::string out, last = "?";
  for (const auto& [id, part] : orders) {
    std::string roots;
    for (const relation_row* r : part.rows)
      if (r->kind == relation_kind::roots) roots += (roots.empty() ? "root " : ", root ") + to_hex(r->from);
    if (roots.empty()) roots = "no root";
    if (roots != last) out += roots + '\n';
    last = roots;
    order_lines(part, out);
  }
  return out.empty() ? "nothing belongs to it yet\n" : out;
}

}  // namespace payloom::verbs

#include "actors/app/bench/scenario/scenario_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "protocol/client/bulk.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::bench {
namespace {

constexpr std::size_t orders_max = 200'000;    ///< known of a kind; more replace others
constexpr std::size_t remembered_max = 4'096;  ///< commands of a frame type that may come once more

frame_type type_of(stage asks) {
  switch (asks) {
    case stage::create:
      return frame_type::create_orders;
    case stage::act:
      return frame_type::act_on_orders;
    case stage::timeline:
      return frame_type::order_timeline;
    case stage::balances:
      return frame_type::lookup_accounts;
  }
  return frame_type::create_orders;
}

template <class Record>
void append(operation_frame& to, const Record& record) {
  const std::size_t end = to.records.size();
  to.records.resize(end + sizeof record);
  std::memcpy(to.records.data() + end, &record, sizeof record);
}

}  // namespace

std::uint64_t kind_figures::refused_total() const {
  return std::accumulate(refused.begin(), refused.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& r) { return sum + r.second; });
}

scenario_world::scenario_world(const scenario& how, const scenario_parties& parties, std::uint64_t seed)
    : how_(how),
      parties_(parties),
      books_(parties),
      engine_(seed),
      users_(how.users, how.users_skew),
      merchants_(how.merchants, how.merchants_skew),
      weights_(std::accumulate(how.mix.begin(), how.mix.end(), std::uint64_t{0})) {}

void scenario_world::complain(std::string why) {
  if (wrong_++ == 0) why_ = std::move(why);
}

// ------------------------------------------------------------------------------------------------- what is asked

void scenario_world::next(operation_frame& out, std::uint32_t most) {
  std::array<std::uint8_t, kind_count> order{};
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  const auto behind = [this](std::uint8_t kind) {
    return static_cast<double>(how_.mix[kind]) * static_cast<double>(asked_ + 1) / static_cast<double>(weights_) -
           static_cast<double>(figures_[kind].asked);
  };
  std::sort(order.begin(), order.end(), [&](std::uint8_t a, std::uint8_t b) { return behind(a) > behind(b); });
  for (const std::uint8_t kind : order) {
    if (how_.mix[kind] == 0 || !fill(kind, most, out)) continue;
    figures_[kind].asked += out.operations.size();
    asked_ += out.operations.size();
    return;
  }
}

/// False when there is no order that it could be about: another kind has to make some first.
bool scenario_world::fill(std::uint8_t kind, std::uint32_t most, operation_frame& out) {
  const stage asks = stage_of(kind);
  out.operations.clear();
  out.records.clear();
  out.type = type_of(asks);
  const std::uint32_t wanted = asks == stage::timeline ? 1 : most;
  while (out.operations.size() < wanted && add(kind, asks, out)) {
  }
  return !out.operations.empty();
}

stage scenario_world::stage_of(std::uint8_t kind) {
  const operation_kind& k = operation_kinds[kind];
  if (only_asks(k)) return k.asks;
  if (k.on == operation_kind::none) return stage::create;
  if (k.product.empty()) return stage::act;
  return !orders_[k.on].empty() && random(2) == 0 ? stage::act : stage::create;
}

bool scenario_world::add(std::uint8_t kind, stage asks, operation_frame& out) {
  operation op;
  op.kind = kind;
  op.asks = asks;
  const bool command = asks == stage::create || asks == stage::act;
  if (command && chance(how_.duplicates_percent) && add_duplicate(kind, out)) return true;
  if (asks == stage::create) {
    add_creation(op, out);
  } else if (!(asks == stage::act ? add_action(op, out) : add_question(op, out))) {
    return false;
  }
  out.operations.push_back(op);
  return true;
}

bool scenario_world::add_duplicate(std::uint8_t kind, operation_frame& out) {
  const std::vector<acknowledged>& known = memory_[out.type];
  if (known.empty()) return false;
  const acknowledged& old = known[random(known.size())];
  append(out, old.record);
  out.operations.push_back(old.what);
  out.operations.back().kind = kind;
  out.operations.back().duplicate = true;
  return true;
}

void scenario_world::add_creation(operation& op, operation_frame& out) {
  known_order& o = op.order;
  const bool to_user = operation_kinds[op.kind].product == "transfer";
  o.kind = op.kind;
  o.user = static_cast<std::uint32_t>(users_.draw(engine_()));
  if (to_user) {
    o.other = static_cast<std::uint32_t>(users_.draw(engine_()));
    if (o.other == o.user) o.other = static_cast<std::uint32_t>((o.user + 1) % parties_.users());
  } else if (!by_channel(op.kind)) {
    o.other = chance(how_.top_merchant_percent) ? 0 : static_cast<std::uint32_t>(merchants_.draw(engine_()));
  }
  o.amount = how_.amount_min + random(how_.amount_max - how_.amount_min + 1);
  order_record r{};
  r.business_id = parties_.ids().business_id(op.kind, made_++);
  r.amount_minor = o.amount;
  r.merchant = parties_.merchant_number(to_user ? 0 : o.other);
  r.user = parties_.user_number(o.user);
  if (to_user) r.counterparty = parties_.user_number(o.other);
  if (by_channel(op.kind)) r.channel = scenario_parties::bank_channel;
  r.ledger = scenario_parties::ledger;
  r.product = parties_.product(op.kind);
  r.flags = order_flags::pay_now;
  r.id = o.id = order_id_of(r.merchant, r.business_id);
  append(out, r);
}

bool scenario_world::add_action(operation& op, operation_frame& out) {
  const operation_kind& k = operation_kinds[op.kind];
  std::vector<known_order>& pool = orders_[k.on];
  if (pool.empty()) return false;
  known_order& chosen = pool[random(pool.size())];
  op.order = chosen;
  chosen = pool.back();  // nobody else acts on it meanwhile
  pool.pop_back();
  unsigned shares = 0;
  for (const possible_action& a : k.actions) shares += a.share;
  std::uint64_t dice = random(shares);
  const possible_action* what = k.actions.data();
  for (; dice >= what->share; ++what) dice -= what->share;
  op.action = what->action;
  const std::uint64_t most = op.order.held != 0 ? op.order.held : op.order.amount - op.order.refunded;
  op.amount = what->in_part && chance(50) ? 1 + random(most) : most;
  order_action_record r{};
  r.id = parties_.ids().transfer(acted_++);
  r.order = op.order.id;
  r.action = op.action;
  if (what->in_part) r.amount_minor = op.amount;
  append(out, r);
  return true;
}

bool scenario_world::add_question(operation& op, operation_frame& out) {
  if (op.asks == stage::balances) {
    op.user = static_cast<std::uint32_t>(users_.draw(engine_()));
    append(out, id_record{parties_.account(parties_.available(op.user)).value});
    return true;
  }
  const std::vector<known_order>& pool = orders_[operation_kinds[op.kind].on];
  if (pool.empty()) return false;
  op.order = pool[random(pool.size())];
  append(out, id_record{op.order.id.value});
  return true;
}

// ---------------------------------------------------------------------------------------------- what is answered

std::uint32_t scenario_world::take(operation_frame& of, const frame_header& header, std::span<const std::byte> body,
                                   std::uint64_t latency_ns, bool resent) {
  for (const operation& op : of.operations) {
    if (!op.duplicate) figures_[op.kind].latency_ns.record(latency_ns);
  }
  const bool command = of.type == frame_type::create_orders || of.type == frame_type::act_on_orders;
  const auto* results = reinterpret_cast<const result_record*>(body.data());
  if (header.code != result_code::ok || (command && body.size() != of.operations.size() * sizeof(result_record))) {
    const result_code code = header.code != result_code::ok ? header.code : result_code::frame_malformed;
    for (const operation& op : of.operations) refuse(op, code);
    return header.retry_after_ms;
  }
  if (of.type == frame_type::order_timeline) {
    take_timeline(of.operations.front(), body);
  } else if (of.type == frame_type::lookup_accounts) {
    take_balances(of, body);
  } else {
    std::uint32_t pause_ms = header.retry_after_ms;
    for (std::size_t i = 0; i < of.operations.size(); ++i) {
      take_command(of, i, results[i], resent);
      if (results[i].code != result_code::ok) pause_ms = std::max(pause_ms, results[i].retry_after_ms);
    }
    return pause_ms;
  }
  return header.retry_after_ms;
}

void scenario_world::take_command(operation_frame& of, std::size_t i, const result_record& result, bool resent) {
  operation& op = of.operations[i];
  if (result.code != result_code::ok) return refuse(op, result.code);
  const bool replayed = (result.flags & result_flags::replayed) != 0;
  if (op.duplicate) {
    const bool same = result.sequence == op.first.sequence && result.timestamp == op.first.timestamp;
    if (replayed && same) {
      ++duplicates_;
    } else {
      complain(fmt::format("order {}: a command that came twice was answered {}", to_hex(op.order.id.value),
                           replayed ? "with another result than the first time" : "as if it were the first"));
    }
    return;
  }
  if (replayed && !resent) {
    return complain(
        fmt::format("order {}: a new command was answered as if it had come before", to_hex(op.order.id.value)));
  }
  remember(of, i, result);
  if (op.asks == stage::create) {
    books_.made(op.order);
  } else {
    books_.acted(op.order, op.action, op.amount);
  }
  ++figures_[op.kind].done;
  ++done_;
  put_back(op.order);
}

void scenario_world::remember(const operation_frame& of, std::size_t i, const result_record& result) {
  acknowledged a;
  std::memcpy(a.record.data(), of.records.data() + i * limits::record_bytes, limits::record_bytes);
  a.what = of.operations[i];
  a.what.first = result;
  std::vector<acknowledged>& known = memory_[of.type];
  if (known.size() < remembered_max) {
    known.push_back(a);
  } else {
    known[remembered_++ % remembered_max] = a;
  }
}

void scenario_world::take_timeline(const operation& op, std::span<const std::byte> body) {
  const std::span rows(reinterpret_cast<const order_event_row*>(body.data()), body.size() / sizeof(order_event_row));
  const bool shown = !rows.empty() && rows.back().event.order.id == op.order.id &&
                     rows.back().event.order.version == rows.size() && rows.size() >= op.order.version &&
                     rows.back().event.order.refunded_minor >= op.order.refunded &&
                     rows.back().event.order.amount_minor == op.order.amount;
  if (!shown) {
    return complain(
        fmt::format("order {}: its timeline does not show what was acknowledged", to_hex(op.order.id.value)));
  }
  ++figures_[op.kind].done;
  ++done_;
}

void scenario_world::take_balances(const operation_frame& of, std::span<const std::byte> body) {
  const std::span rows(reinterpret_cast<const account_row*>(body.data()), body.size() / sizeof(account_row));
  const auto id_at = [&](std::uint32_t i) { return parties_.account(parties_.available(of.operations[i].user)).value; };
  client::match_rows(
      rows, static_cast<std::uint32_t>(of.operations.size()), id_at,
      [](const account_row& row) { return row.id.value; },
      [&](std::uint32_t i, const account_row* row) {
        if (row == nullptr) return complain(fmt::format("the account of user {} is not found", of.operations[i].user));
        ++figures_[of.operations[i].kind].done;
        ++done_;
      });
}

/// Nothing happened to its order.
void scenario_world::refuse(const operation& op, result_code code) {
  ++figures_[op.kind].refused[code];
  if (op.asks == stage::act && !op.duplicate) put_back(op.order);
}

bool scenario_world::is_open(const known_order& o) const {
  return o.kind == kind_pay ? o.refunded < o.amount : o.held != 0;
}

void scenario_world::put_back(const known_order& order) {
  if (!is_open(order)) return;
  std::vector<known_order>& pool = orders_[order.kind];
  if (pool.size() < orders_max) {
    pool.push_back(order);
  } else {
    pool[random(pool.size())] = order;
  }
}

std::vector<known_order> scenario_world::idle_orders() const {
  std::vector<known_order> out;
  for (const std::vector<known_order>& pool : orders_) out.insert(out.end(), pool.begin(), pool.end());
  return out;
}

}  // namespace payloom::bench

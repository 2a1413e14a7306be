#include "actors/app/verbs/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "actors/app/verbs/common.hpp"
#include "actors/app/verbs/text.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

using wire::field_kind;

u128 read_field(std::span<const std::byte> bytes, const wire::field_info& field) {
  u128 value = 0;
  std::memcpy(&value, bytes.data() + field.offset, std::min<std::size_t>(field.bytes, sizeof value));
  return value;
}

json flags_json(field_kind kind, std::uint64_t bits) {
  json out = json::array();
  for (unsigned bit = 0; bit < 16; ++bit) {
    if ((bits >> bit & 1) != 0) out.push_back(format_flags(kind, std::uint64_t{1} << bit));
  }
  return out;
}

json field_json(std::span<const std::byte> bytes, const wire::field_info& field) {
  const u128 value = read_field(bytes, field);
  switch (field.kind) {
    case field_kind::number:
      return field.bytes == 16 ? json(to_decimal(value)) : json(lo64(value));
    case field_kind::id:
      return to_hex(value);
    case field_kind::time:
      return value == 0 ? json(nullptr) : json(format_time(lo64(value)));
    case field_kind::code:
      return std::string(name_of(static_cast<result_code>(lo64(value))));
    case field_kind::state:
      return std::string(wire::state_name(lo64(value)));
    case field_kind::change:
      return std::string(wire::change_name(lo64(value)));
    case field_kind::transfer_flags:
    case field_kind::account_flags:
    case field_kind::result_flags:
    case field_kind::query_flags:
    case field_kind::order_flags:
    case field_kind::order_row_flags:
    case field_kind::frame_flags:
      return flags_json(field.kind, lo64(value));
    case field_kind::action:
      return std::string(wire::action_name(lo64(value)));
    default:
      return lo64(value);
  }
}

std::string signed_amount(ledger_id ledger, u128 plus, u128 minus) {
  return plus >= minus ? ledgers().format(ledger, plus - minus) : "-" + ledgers().format(ledger, minus - plus);
}

std::string amount_text(const transfer_record& t) { return ledgers().format(t.ledger, t.amount_minor); }

const wire::record_info& info_of(frame_type query) { return *wire::reply_record(query, 0); }

template <class Row>
json row_json(frame_type query, const Row& row) {
  return record_json(info_of(query), std::as_bytes(std::span{&row, 1}));
}

void print_json(json rows) { fmt::print("{}\n", rows.dump()); }

std::string state_text(const transfer_row& row) {
  if (row.code != result_code::ok) return std::string(name_of(row.code));
  return std::string(wire::state_name(row.state));
}

}  // namespace

json record_json(const wire::record_info& info, std::span<const std::byte> bytes) {
  json out = json::object();
  for (const wire::field_info& field : info.fields) {
    if (field.kind == field_kind::zero) continue;
    // A transfer's own `code` is the caller's; that of its row says how it ended.
    const std::string name =
        field.kind == field_kind::code && out.contains(std::string(field.name)) ? "result" : std::string(field.name);
    const std::size_t place = name.find('[');
    if (place != std::string::npos && field.nested != nullptr) {
      // One of several records: those that are in use stand in a list.
      json& list = out[name.substr(0, place)];
      if (list.is_null()) list = json::array();
      const auto part = bytes.subspan(field.offset, field.bytes);
      const bool used = std::any_of(part.begin(), part.end(), [](std::byte b) { return b != std::byte{0}; });
      if (used) list.push_back(record_json(*field.nested, part));
    } else if (field.kind == field_kind::record && field.nested != nullptr) {
      // A row's own record spreads out: people look for `amount_minor`, not for `record.amount_minor`.
      const json inner = record_json(*field.nested, bytes.subspan(field.offset, field.bytes));
      for (const auto& [key, value] : inner.items()) out[key] = value;
    } else {
      out[name] = field_json(bytes, field);
    }
  }
  return out;
}

json account_json(const account_row& row) {
  json out = row_json(frame_type::lookup_accounts, row);
  out["balance"] = signed_amount(row.ledger, row.counters.credits_posted, row.counters.debits_posted);
  out["currency"] = ledgers().name(row.ledger);
  return out;
}

json transfer_json(const transfer_row& row) {
  json out = row_json(frame_type::lookup_transfers, row);
  out["amount"] = amount_text(row.record);
  out["currency"] = ledgers().name(row.record.ledger);
  return out;
}

json statement_json(const statement_row& row) {
  json out = row_json(frame_type::statement, row);
  out["amount"] = amount_text(row.record);
  out["currency"] = ledgers().name(row.record.ledger);
  return out;
}

void print_accounts(std::span<const account_row> rows, bool as_json) {
  if (as_json) {
    json all = json::array();
    for (const account_row& row : rows) all.push_back(account_json(row));
    return print_json(std::move(all));
  }
  table out({"id", "currency", "code", "balance", "debits", "credits", "pending out", "pending in", "flags", "opened"});
  for (const account_row& a : rows) {
    const auto amount = [&](u128 v) { return ledgers().format(a.ledger, v); };
    out.add({to_hex(a.id.value), ledgers().name(a.ledger), std::to_string(a.code),
             signed_amount(a.ledger, a.counters.credits_posted, a.counters.debits_posted),
             amount(a.counters.debits_posted), amount(a.counters.credits_posted), amount(a.counters.debits_pending),
             amount(a.counters.credits_pending), format_flags(field_kind::account_flags, a.flags),
             format_time(a.timestamp)});
  }
  fmt::print("{}", out.text());
}

void print_transfers(std::span<const transfer_row> rows, bool as_json) {
  if (as_json) {
    json all = json::array();
    for (const transfer_row& row : rows) all.push_back(transfer_json(row));
    return print_json(std::move(all));
  }
  table out({"id", "sequence", "time", "debit", "credit", "amount", "currency", "code", "state", "flags"});
  for (const transfer_row& t : rows) {
    out.add({to_hex(t.record.id.value), std::to_string(t.sequence), format_time(t.timestamp),
             to_hex(t.record.debit_account.value), to_hex(t.record.credit_account.value), amount_text(t.record),
             ledgers().name(t.record.ledger), std::to_string(t.record.code), state_text(t),
             format_flags(field_kind::transfer_flags, t.record.flags)});
  }
  fmt::print("{}", out.text());
}

void print_statement(std::span<const statement_row> rows, account_id account, bool as_json) {
  if (as_json) {
    json all = json::array();
    for (const statement_row& row : rows) all.push_back(statement_json(row));
    return print_json(std::move(all));
  }
  table out({"sequence", "time", "other account", "debit", "credit", "balance after", "code", "transfer"});
  for (const statement_row& s : rows) {
    const bool debit = s.record.debit_account == account;
    const bool running = s.debits_posted_after != 0 || s.credits_posted_after != 0;
    out.add({std::to_string(s.sequence), format_time(s.timestamp),
             to_hex(debit ? s.record.credit_account.value : s.record.debit_account.value),
             debit ? amount_text(s.record) : "", debit ? "" : amount_text(s.record),
             running ? signed_amount(s.record.ledger, s.credits_posted_after, s.debits_posted_after) : "",
             std::to_string(s.record.code), to_hex(s.record.id.value)});
  }
  fmt::print("{}", out.text());
}

int print_result(const json& more, const result_record& result, bool as_json) {
  const result_code_info& info = describe(result.code);
  json out = more;
  out["code"] = std::string(info.name);
  out["class"] = std::string(name_of(info.klass));
  out["sequence"] = result.sequence;
  out["timestamp"] = result.timestamp == 0 ? json(nullptr) : json(format_time(result.timestamp));
  out["replayed"] = (result.flags & result_flags::replayed) != 0;
  if (!info.meaning.empty()) out["meaning"] = std::string(info.meaning);
  fmt::print("{}", as_json ? out.dump() + "\n" : json_text(out));
  return info.klass == result_class::done ? exit_ok : exit_refused;
}

}  // namespace payloom::verbs

#include "protocol/wire/fields.hpp"

#include <cstddef>
#include <cstring>
#include <iterator>

#include "protocol/types/catalog_records.hpp"
#include "protocol/types/frame.hpp"
#include "protocol/types/records.hpp"
#include "protocol/wire/order_fields.hpp"
#include "protocol/wire/settlement_fields.hpp"
#include "protocol/wire/subscription_fields.hpp"

namespace payloom::wire {
namespace {

constexpr field_info header_fields[] = {
    FIELD(frame_header, magic, magic, "the bytes `PAYL`"),
    FIELD(frame_header, header_crc, checksum, "CRC-32C of bytes 8 to 127"),
    FIELD(frame_header, body_crc, checksum, "CRC-32C of everything behind the header; 0 for an empty body"),
    FIELD(frame_header, length, number, "the whole frame in bytes"),
    FIELD(frame_header, version, number, "1"),
    FIELD(frame_header, type, type, "frame type; replies have bit 15 set"),
    FIELD(frame_header, flags, frame_flags, "frame flags"),
    FIELD(frame_header, priority, number, "0 normal to 3 highest; echoed"),
    FIELD(frame_header, reserved0, zero, ""),
    FIELD(frame_header, record_count, number, "records in the body; text replies: bytes of text"),
    FIELD(frame_header, tenant, number, "whose ids these are; 0 is the default tenant; echoed"),
    FIELD(frame_header, request, number, "chosen by the client, echoed; unique among its requests in flight"),
    FIELD(frame_header, timeout_ms, number, "request: deadline from receipt; 0 the server's default, 2^32 - 1 none"),
    FIELD(frame_header, retry_after_ms, number, "reply: wait this long before sending again; request: 0"),
    FIELD(frame_header, context_id, id, "the client's own trace id, travels into the journal; echoed"),
    FIELD(frame_header, sequence, number, "reply: newest durable commit, queries: the commit shown; request: 0"),
    FIELD(frame_header, cursor, number, "reply of a query: where the next page begins; request: 0"),
    FIELD(frame_header, code, code, "reply: frame-level code, 0 or why nothing was done; request: 0"),
    FIELD(frame_header, reserved1, zero, ""),
    FIELD(frame_header, credits, number, "reply: requests the client may have in flight; request: 0"),
    FIELD(frame_header, hop, number, "how many systems passed the request on; echoed"),
    FIELD(frame_header, reserved2, zero, ""),
    FIELD(frame_header, root_id, id, "the root business that it is about, travels into the journal; 0 none; echoed"),
    FIELD(frame_header, reserved, zero, ""),
};
constexpr record_info header_info{"header", sizeof(frame_header), header_fields};

constexpr field_info hello_fields[] = {
    FIELD(hello_body, version_min, number, "lowest protocol version the client speaks"),
    FIELD(hello_body, version_max, number, "highest"),
    FIELD(hello_body, features_wanted, number, "feature bits the client would use; unknown ones are ignored"),
    FIELD(hello_body, features_required, number, "feature bits it cannot do without; an unknown one ends it"),
    FIELD(hello_body, reserved0, zero, ""),
    FIELD(hello_body, client_name, text, "for logs"),
    FIELD(hello_body, reserved, zero, ""),
};
constexpr record_info hello_info{"hello", sizeof(hello_body), hello_fields};

constexpr field_info welcome_fields[] = {
    FIELD(welcome_body, version, number, "the version spoken from now on"),
    FIELD(welcome_body, reserved0, zero, ""),
    FIELD(welcome_body, features, number, "feature bits in use; none are defined yet"),
    FIELD(welcome_body, frame_bytes_max, number, "longest request frame"),
    FIELD(welcome_body, frame_events_max, number, "most records in a request"),
    FIELD(welcome_body, credit_requests, number, "requests in flight on this connection"),
    FIELD(welcome_body, credit_events, number, "records in flight on this connection"),
    FIELD(welcome_body, idle_timeout_ms, number, "the server ends a connection without traffic after this; 0 never"),
    FIELD(welcome_body, shadow, number, "1: this address serves the shadow partition"),
    FIELD(welcome_body, cluster, id, "which ledger this is"),
    FIELD(welcome_body, server_instance, id, "new at every start of the server"),
    FIELD(welcome_body, server_time, time, "the server's wall clock"),
    FIELD(welcome_body, sequence, number, "newest durable commit"),
    FIELD(welcome_body, build, text, "version and revision of the server"),
    FIELD(welcome_body, reserved, zero, ""),
};
constexpr record_info welcome_info{"welcome", sizeof(welcome_body), welcome_fields};

constexpr field_info transfer_fields[] = {
    FIELD(transfer_record, id, id, "the transfer's id, made by the client"),
    FIELD(transfer_record, debit_account, id, "money leaves here"),
    FIELD(transfer_record, credit_account, id, "money arrives here"),
    FIELD(transfer_record, amount_minor, number, "minor units; 2^128 - 1 in a capture or reversal: all that is left"),
    FIELD(transfer_record, target_id, id, "the hold (capture, void) or the original (reversal), else 0"),
    FIELD(transfer_record, user_data_128, id, "the caller's own"),
    FIELD(transfer_record, user_data_64, number, "the caller's own"),
    FIELD(transfer_record, user_data_32, number, "the caller's own"),
    FIELD(transfer_record, timeout_s, number, "holds: seconds until they expire, 0 never; else 0"),
    FIELD(transfer_record, ledger, number, "1 to 999: ISO 4217 numeric currency; from 1000: configured"),
    FIELD(transfer_record, code, number, "the caller's own meaning, not 0"),
    FIELD(transfer_record, flags, transfer_flags, "transfer flags"),
    FIELD(transfer_record, effective_at, time, "imported events only, else 0"),
};
constexpr record_info transfer_info{"transfer", sizeof(transfer_record), transfer_fields};

constexpr field_info account_fields[] = {
    FIELD(account_record, id, id, "the account's id, made by the client"),
    FIELD(account_record, user_data_128, id, "the caller's own"),
    FIELD(account_record, overdraft_limit_minor, number, "how far a limited account may pass zero"),
    FIELD(account_record, user_data_64, number, "the caller's own"),
    FIELD(account_record, user_data_32, number, "the caller's own"),
    FIELD(account_record, ledger, number, "as in transfer"),
    FIELD(account_record, code, number, "chart of accounts, not 0"),
    FIELD(account_record, flags, account_flags, "account flags"),
    FIELD(account_record, reserved, zero, ""),
    FIELD(account_record, effective_at, time, "imported accounts only, else 0"),
};
constexpr record_info account_info{"account", sizeof(account_record), account_fields};

constexpr field_info change_fields[] = {
    FIELD(account_change_record, id, id, "the command's own id, in the same id space as transfers"),
    FIELD(account_change_record, account, id, "which account"),
    FIELD(account_change_record, overdraft_limit_minor, number, "set_limit only, else 0"),
    FIELD(account_change_record, kind, change, "what to do"),
    FIELD(account_change_record, flags, account_flags, "set_flags and clear_flags only, else 0"),
    FIELD(account_change_record, reason, number, "the caller's own"),
    FIELD(account_change_record, user_data_64, number, "the caller's own"),
    FIELD(account_change_record, user_data_128, id, "the caller's own"),
    FIELD(account_change_record, reserved, zero, ""),
};
constexpr record_info change_info{"account_change", sizeof(account_change_record), change_fields};

constexpr field_info id_fields[] = {FIELD(id_record, id, id, "of an account, transfer, order or command")};
constexpr record_info id_info{"id", sizeof(id_record), id_fields};

constexpr field_info query_fields[] = {
    FIELD(query_record, account, id, "statement: required; list_transfers: debit or credit side; list_accounts: 0"),
    FIELD(query_record, debit_account, id, "transfers from it"),
    FIELD(query_record, credit_account, id, "transfers to it"),
    FIELD(query_record, user_data_128, id, "equal"),
    FIELD(query_record, user_data_64, number, "equal"),
    FIELD(query_record, user_data_32, number, "equal"),
    FIELD(query_record, ledger, number, "equal"),
    FIELD(query_record, time_from, time, "commit time at or after"),
    FIELD(query_record, time_to, time, "commit time at or before"),
    FIELD(query_record, sequence_from, number, "commit at or after"),
    FIELD(query_record, sequence_to, number, "commit at or before"),
    FIELD(query_record, cursor, number, "0 first page; then the cursor of the last reply"),
    FIELD(query_record, limit, number, "rows wanted, 1 to 8,190"),
    FIELD(query_record, code, number, "equal"),
    FIELD(query_record, flags, query_flags, "query flags"),
    FIELD(query_record, transfer_flags_set, transfer_flags, "transfers with all these flags"),
    FIELD(query_record, reserved, zero, ""),
};
constexpr record_info query_info{"query", sizeof(query_record), query_fields};

constexpr field_info result_fields[] = {
    FIELD(result_record, sequence, number, "code 0: the event's commit; refusal: the commit at which it was true"),
    FIELD(result_record, timestamp, time, "code 0: when it was committed, else 0"),
    FIELD(result_record, code, code, "what became of the event"),
    FIELD(result_record, flags, result_flags, "result flags"),
    FIELD(result_record, retry_after_ms, number, "overloaded, busy, unavailable: wait this long"),
    FIELD(result_record, rule, number, "rule_refused, rule_review: the rule's id, 0 in a repeat; else 0"),
    FIELD(result_record, rule_version, number, "its version; likewise"),
    FIELD(result_record, reserved, zero, ""),
};
constexpr record_info result_info{"result", sizeof(result_record), result_fields};

constexpr field_info counters_fields[] = {
    FIELD(account_counters, debits_posted, number, "minor units, since the account was opened"),
    FIELD(account_counters, credits_posted, number, ""),
    FIELD(account_counters, debits_pending, number, "held"),
    FIELD(account_counters, credits_pending, number, "held"),
};
constexpr record_info counters_info{"counters", sizeof(account_counters), counters_fields};

constexpr field_info balances_fields[] = {
    NESTED(balances_result, result, result_info, "as without balances"),
    FIELD(balances_result, amount_minor, number, "the amount that moved"),
    NESTED(balances_result, debit, counters_info, "the debit account right after this commit"),
    NESTED(balances_result, credit, counters_info, "the credit account right after this commit"),
    FIELD(balances_result, reserved, zero, ""),
};
constexpr record_info balances_info{"result_with_balances", sizeof(balances_result), balances_fields};

constexpr field_info account_row_fields[] = {
    FIELD(account_row, id, id, "the account's id"),
    NESTED(account_row, counters, counters_info, "the sums at `as_of`"),
    FIELD(account_row, overdraft_limit_minor, number, ""),
    FIELD(account_row, user_data_128, id, ""),
    FIELD(account_row, user_data_64, number, ""),
    FIELD(account_row, user_data_32, number, ""),
    FIELD(account_row, ledger, number, ""),
    FIELD(account_row, code, number, ""),
    FIELD(account_row, flags, account_flags, "as they are at `as_of`"),
    FIELD(account_row, reserved0, zero, ""),
    FIELD(account_row, timestamp, time, "when it was created"),
    FIELD(account_row, effective_at, time, "imported accounts"),
    FIELD(account_row, created_seq, number, "the commit that created it"),
    FIELD(account_row, as_of, number, "the commit at which the counters stood so"),
    FIELD(account_row, reserved, zero, ""),
};
constexpr record_info account_row_info{"account_row", sizeof(account_row), account_row_fields};

constexpr field_info transfer_row_fields[] = {
    NESTED(transfer_row, record, transfer_info, "with accounts, ledger, code and amount filled in"),
    FIELD(transfer_row, sequence, number, "its commit"),
    FIELD(transfer_row, timestamp, time, "when it was committed"),
    FIELD(transfer_row, resolved_by, number, "holds: the commit that captured, voided or expired it, else 0"),
    FIELD(transfer_row, code, code, "ok, or the remembered refusal"),
    FIELD(transfer_row, state, state, "what it is now"),
    FIELD(transfer_row, reserved0, zero, ""),
    FIELD(transfer_row, reversed_minor, number, "sum of its reversals"),
    FIELD(transfer_row, reserved, zero, ""),
};
constexpr record_info transfer_row_info{"transfer_row", sizeof(transfer_row), transfer_row_fields};

constexpr field_info statement_row_fields[] = {
    NESTED(statement_row, record, transfer_info, "the transfer"),
    FIELD(statement_row, sequence, number, "its commit"),
    FIELD(statement_row, timestamp, time, "when it was committed"),
    FIELD(statement_row, debits_posted_after, number, "accounts with `history`, else 0"),
    FIELD(statement_row, credits_posted_after, number, "accounts with `history`, else 0"),
    FIELD(statement_row, cursor, number, "as `cursor` of a query: continue behind this line"),
    FIELD(statement_row, reserved, zero, ""),
};
constexpr record_info statement_row_info{"statement_row", sizeof(statement_row), statement_row_fields};

constexpr field_info ledger_row_fields[] = {
    FIELD(ledger_row, ledger, number, "1000 or more"),
    FIELD(ledger_row, exponent, number, "decimals: 10^exponent minor units are one whole"),
    FIELD(ledger_row, reserved0, zero, ""),
    FIELD(ledger_row, reserved1, zero, ""),
    FIELD(ledger_row, name, text, "as people write it"),
};
constexpr record_info ledger_row_info{"ledger_row", sizeof(ledger_row), ledger_row_fields};

constexpr field_info load_catalog_fields[] = {
    FIELD(load_catalog_record, action, number, "1 reload, 2 check, 3 retire"),
    FIELD(load_catalog_record, reserved0, zero, ""),
    FIELD(load_catalog_record, version, number, "retire: which; else the one expected, 0 any"),
    FIELD(load_catalog_record, maker, text, "who made it; empty: as the catalogue says"),
    FIELD(load_catalog_record, checker, text, "who looked at it; likewise"),
    FIELD(load_catalog_record, note, text, "likewise"),
    FIELD(load_catalog_record, reserved1, zero, ""),
};
constexpr record_info load_catalog_info{"load_catalog", sizeof(load_catalog_record), load_catalog_fields};
constexpr const record_info* records[] = {&header_info,
                                          &hello_info,
                                          &welcome_info,
                                          &transfer_info,
                                          &account_info,
                                          &change_info,
                                          &id_info,
                                          &query_info,
                                          &result_info,
                                          &counters_info,
                                          &balances_info,
                                          &account_row_info,
                                          &transfer_row_info,
                                          &statement_row_info,
                                          &ledger_row_info,
                                          &order_info,
                                          &order_action_info,
                                          &order_row_info,
                                          &order_rule_info,
                                          &order_event_info,
                                          &payment_source_info,
                                          &payment_row_info,
                                          &channel_fact_info,
                                          &check_fact_info,
                                          &order_event_row_info,
                                          &order_event_query_info,
                                          &load_catalog_info,
                                          &settle_info,
                                          &settlement_query_info,
                                          &settlement_row_info,
                                          &subscribe_info,
                                          &acknowledge_info,
                                          &subscription_row_info,
                                          &graph_query_info,
                                          &relation_row_info};

constexpr bool all_gapless() {
  for (const record_info* info : records)
    if (!gapless(*info)) return false;
  return true;
}
static_assert(all_gapless(), "every byte of every record stands in its table");

}  // namespace

const record_info& header_record() noexcept { return header_info; }
std::span<const record_info* const> all_records() noexcept { return records; }

const record_info* request_record(frame_type type) noexcept {
  switch (type) {
    case frame_type::hello:
      return &hello_info;
    case frame_type::create_transfers:
      return &transfer_info;
    case frame_type::create_accounts:
      return &account_info;
    case frame_type::change_accounts:
      return &change_info;
    case frame_type::create_orders:
      return &order_info;
    case frame_type::act_on_orders:
      return &order_action_info;
    case frame_type::seal_transfers:
    case frame_type::lookup_accounts:
    case frame_type::lookup_transfers:
    case frame_type::balances_at:
    case frame_type::order_timeline:
    case frame_type::order_postings:
      return &id_info;
    case frame_type::open_cases:
    case frame_type::order_events:
      return &order_event_query_info;
    case frame_type::settle:
      return &settle_info;
    case frame_type::settlements:
      return &settlement_query_info;
    case frame_type::subscribe:
      return &subscribe_info;
    case frame_type::acknowledge:
      return &acknowledge_info;
    case frame_type::order_graph:
      return &graph_query_info;
    case frame_type::list_accounts:
    case frame_type::list_transfers:
    case frame_type::statement:
    case frame_type::list_ledgers:
      return &query_info;
    case frame_type::load_catalog:
      return &load_catalog_info;
    case frame_type::pushed_events:
    case frame_type::ping:
    case frame_type::goaway:
    case frame_type::error:
    case frame_type::stats:
    case frame_type::verify:
    case frame_type::rules_diff:
    case frame_type::list_catalogs:
      return nullptr;
  }
  return nullptr;
}

const record_info* reply_record(frame_type type, std::uint16_t flags) noexcept {
  switch (type) {
    case frame_type::hello:
      return &welcome_info;
    case frame_type::create_transfers:
      return (flags & frame_flags::want_balances) != 0 ? &balances_info : &result_info;
    case frame_type::create_accounts:
    case frame_type::change_accounts:
    case frame_type::seal_transfers:
    case frame_type::create_orders:
    case frame_type::act_on_orders:
      return &result_info;
    case frame_type::lookup_accounts:
    case frame_type::list_accounts:
    case frame_type::balances_at:
      return &account_row_info;
    case frame_type::lookup_transfers:
    case frame_type::list_transfers:
    case frame_type::order_postings:
      return &transfer_row_info;
    case frame_type::order_timeline:
    case frame_type::open_cases:
    case frame_type::pushed_events:
    case frame_type::order_events:
      return &order_event_row_info;
    case frame_type::subscribe:
    case frame_type::acknowledge:
      return &subscription_row_info;
    case frame_type::order_graph:
      return &relation_row_info;
    case frame_type::settle:
    case frame_type::settlements:
      return &settlement_row_info;
    case frame_type::statement:
      return &statement_row_info;
    case frame_type::list_ledgers:
      return &ledger_row_info;
    case frame_type::ping:
    case frame_type::goaway:
    case frame_type::error:
    case frame_type::stats:
    case frame_type::verify:
    case frame_type::load_catalog:
    case frame_type::rules_diff:
    case frame_type::list_catalogs:
      return nullptr;
  }
  return nullptr;
}

std::string_view type_name(const field_info& field) noexcept {
  switch (field.kind) {
    case field_kind::text:
      return "text";
    case field_kind::zero:
      return "zero";
    case field_kind::magic:
      return "bytes";
    case field_kind::time:
      return "time";
    case field_kind::record:
      return field.nested->name;
    case field_kind::order_request:
      return "order, order_action, channel_fact or check_fact";
    default:
      break;
  }
  switch (field.bytes) {
    case 1:
      return "u8";
    case 2:
      return "u16";
    case 4:
      return "u32";
    case 8:
      return "u64";
    default:
      return "u128";
  }
}

namespace {
constexpr std::string_view frame_flag_names[] = {"shadow", "want_balances", "more"};
constexpr std::string_view transfer_flag_names[] = {
    "linked", "hold", "capture", "void_hold", "balancing_debit", "balancing_credit", "reversal", "imported", "", "", "",
    "",       "",     "",        "",          "expiry"};
constexpr std::string_view account_flag_names[] = {"debits_must_not_exceed_credits",
                                                   "credits_must_not_exceed_debits",
                                                   "history",
                                                   "closed",
                                                   "stop_in",
                                                   "stop_out",
                                                   "hot",
                                                   "imported"};
constexpr std::string_view result_flag_names[] = {"replayed", "balances", "processing"};
constexpr std::string_view query_flag_names[] = {"backward", "debits", "credits"};
constexpr std::string_view order_flag_names[] = {"pay_now"};
constexpr std::string_view order_row_flag_names[] = {"resident", "final_state", "deferred"};
constexpr std::string_view settle_flag_names[] = {"dry_run"};
constexpr std::string_view settlement_row_flag_names[] = {"replayed", "negative", "dry_run"};
constexpr std::string_view change_names[] = {"", "set_flags", "clear_flags", "set_limit", "close", "reopen"};
constexpr std::string_view state_names[] = {"posted", "held", "captured", "voided", "expired", "refused", "sealed"};

std::string_view at(std::span<const std::string_view> names, std::uint64_t i) noexcept {
  return i < names.size() ? names[i] : std::string_view{};
}
}  // namespace

std::string_view flag_name(field_kind kind, unsigned bit) noexcept {
  switch (kind) {
    case field_kind::frame_flags:
      return at(frame_flag_names, bit);
    case field_kind::transfer_flags:
      return at(transfer_flag_names, bit);
    case field_kind::account_flags:
      return at(account_flag_names, bit);
    case field_kind::result_flags:
      return at(result_flag_names, bit);
    case field_kind::query_flags:
      return at(query_flag_names, bit);
    case field_kind::order_flags:
      return at(order_flag_names, bit);
    case field_kind::order_row_flags:
      return at(order_row_flag_names, bit);
    case field_kind::settle_flags:
      return at(settle_flag_names, bit);
    case field_kind::settlement_row_flags:
      return at(settlement_row_flag_names, bit);
    default:
      return {};
  }
}
std::string_view change_name(std::uint64_t value) noexcept { return at(change_names, value); }
std::string_view state_name(std::uint64_t value) noexcept { return at(state_names, value); }
std::string_view action_name(std::uint64_t value) noexcept {
  constexpr std::string_view names[] = {"",        "pay",    "cancel",  "capture", "void",   "confirm",
                                        "release", "refund", "approve", "reject",  "resolve"};
  if (value == static_cast<std::uint64_t>(order_action::channel_fact)) return "channel_fact";
  if (value == static_cast<std::uint64_t>(order_action::check_fact)) return "check_fact";
  return value == static_cast<std::uint64_t>(order_action::timer) ? "timer" : at(names, value);
}

const record_info* order_request_record(std::span<const std::byte> whole) noexcept {
  std::uint16_t type = 0;
  static_assert(offsetof(order_event_row, event) == 0, "the event is at the beginning of a row");
  if (whole.size() < sizeof(order_event)) return nullptr;
  std::memcpy(&type, whole.data() + offsetof(order_event, request_type), sizeof type);
  if (type == static_cast<std::uint16_t>(frame_type::create_orders)) return &order_info;
  if (type != static_cast<std::uint16_t>(frame_type::act_on_orders)) return nullptr;
  order_action action;
  std::memcpy(&action, whole.data() + offsetof(order_action_record, action), sizeof action);
  if (action == order_action::check_fact) return &check_fact_info;
  return action == order_action::channel_fact ? &channel_fact_info : &order_action_info;
}

}  // namespace payloom::wire

#include "tests/client/fake_ledger.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace payloom::test {
namespace {

template <class T>
T record_at(std::span<const std::byte> body, std::size_t i) {
  T record{};
  std::memcpy(&record, body.data() + i * sizeof(T), sizeof(T));
  return record;
}

template <class T>
void append(std::vector<std::byte>& out, const T& value) {
  const auto bytes = std::as_bytes(std::span{&value, 1});
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

result_record fake_ledger::refuse(result_code code) const {
  result_record r{};
  r.code = code;
  r.sequence = sequence_;
  return r;
}

result_record fake_ledger::done() {
  result_record r{};
  r.sequence = ++sequence_;
  r.timestamp = 1'700'000'000'000'000'000 + sequence_;
  return r;
}

result_record fake_ledger::create_account(const account_record& a) {
  if (accounts_.contains(a.id.value)) {
    result_record r = refuse(result_code::account_exists);
    r.flags = result_flags::replayed;
    return r;
  }
  const result_record r = done();
  account_row row{};
  row.id = a.id;
  row.ledger = a.ledger;
  row.code = a.code;
  row.flags = a.flags;
  row.overdraft_limit_minor = a.overdraft_limit_minor;
  row.created_seq = r.sequence;
  row.timestamp = r.timestamp;
  accounts_[a.id.value] = row;
  return r;
}

result_record fake_ledger::create_transfer(const transfer_record& t) {
  if (const auto known = transfers_.find(t.id.value); known != transfers_.end()) {
    ++repeats_;
    result_record r{};
    r.sequence = known->second.sequence;
    r.timestamp = known->second.timestamp;
    r.flags = result_flags::replayed;
    return r;
  }
  transfer_record whole = t;
  const bool capture = (t.flags & transfer_flags::capture) != 0;
  if (capture) {
    const auto hold = transfers_.find(t.target_id.value);
    if (hold == transfers_.end()) return refuse(result_code::hold_not_found);
    whole.debit_account = hold->second.record.debit_account;
    whole.credit_account = hold->second.record.credit_account;
  }
  const auto debit = accounts_.find(whole.debit_account.value);
  const auto credit = accounts_.find(whole.credit_account.value);
  if (debit == accounts_.end()) return refuse(result_code::debit_account_not_found);
  if (credit == accounts_.end()) return refuse(result_code::credit_account_not_found);
  account_counters& from = debit->second.counters;
  account_counters& to = credit->second.counters;
  if ((debit->second.flags & account_flags::debits_must_not_exceed_credits) != 0 && !capture &&
      from.debits_posted + from.debits_pending + whole.amount_minor > from.credits_posted) {
    return refuse(result_code::exceeds_credits);
  }
  const result_record r = done();
  if (forget_one_posting) {
    forget_one_posting = false;
  } else if ((t.flags & transfer_flags::hold) != 0) {
    from.debits_pending += whole.amount_minor;
    to.credits_pending += whole.amount_minor;
  } else {
    from.debits_posted += whole.amount_minor;
    to.credits_posted += whole.amount_minor;
    if (capture) from.debits_pending -= whole.amount_minor, to.credits_pending -= whole.amount_minor;
  }
  if (forget_one_id) {
    forget_one_id = false;
    return r;
  }
  transfer_row row{};
  row.record = whole;
  row.sequence = r.sequence;
  row.timestamp = r.timestamp;
  transfers_[t.id.value] = row;
  return r;
}

template <class Row>
void fake_ledger::append_page(std::vector<std::byte>& out, const std::vector<Row>& rows) {
  const std::size_t shown = std::min(rows.size(), order_rows_max);
  for (std::size_t i = 0; i < shown; ++i) append(out, rows[i]);
  if (shown < rows.size()) last.flags = frame_flags::more;
}

std::vector<std::byte> fake_ledger::order_rows(frame_type type, std::span<const std::byte> body) {
  std::vector<std::byte> out;
  if (type == frame_type::order_events) {
    const auto query = record_at<order_event_query>(body, 0);
    if (query.limit == 0 || query.limit > limits::order_rows_max) last.code = result_code::query_malformed;
    if (last.code != result_code::ok) return out;
    bool more = false;
    last.cursor = sequence_;
    for (const order_event_row& row : orders.events(query, more)) append(out, row), last.cursor = row.sequence;
    last.flags = more ? frame_flags::more : std::uint16_t{0};
    return out;
  }
  const u128 id = record_at<id_record>(body, 0).id;
  const std::optional<order_id> order = orders.order_behind(id);
  if (!order) {
    last.code = result_code::not_found;
  } else if (type == frame_type::order_timeline) {
    append_page(out, orders.timeline(*order));
  } else {
    append_page(out, orders.postings(*order, id));
  }
  return out;
}

std::vector<std::byte> fake_ledger::answer(frame_type type, std::span<const std::byte> body,
                                           std::uint32_t& record_count, u128 context_id) {
  std::vector<std::byte> out;
  last = {};
  const std::uint32_t count = record_count;
  switch (type) {
    case frame_type::create_accounts:
      for (std::uint32_t i = 0; i < count; ++i) append(out, create_account(record_at<account_record>(body, i)));
      break;
    case frame_type::create_transfers:
      for (std::uint32_t i = 0; i < count; ++i) append(out, create_transfer(record_at<transfer_record>(body, i)));
      break;
    case frame_type::lookup_accounts:
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto found = accounts_.find(record_at<id_record>(body, i).id);
        append(out, found == accounts_.end() ? account_row{} : found->second);
      }
      break;
    case frame_type::balances_at:
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto found = accounts_.find(record_at<id_record>(body, i).id);
        if (found != accounts_.end()) append(out, found->second);
      }
      record_count = static_cast<std::uint32_t>(out.size() / sizeof(account_row));
      break;
    case frame_type::lookup_transfers:
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto found = transfers_.find(record_at<id_record>(body, i).id);
        append(out, found == transfers_.end() ? transfer_row{} : found->second);
      }
      break;
    case frame_type::create_orders:
      for (std::uint32_t i = 0; i < count; ++i)
        append(out, orders.create(record_at<order_record>(body, i), context_id, sequence_));
      break;
    case frame_type::act_on_orders:
      for (std::uint32_t i = 0; i < count; ++i)
        append(out, orders.act(record_at<order_action_record>(body, i), context_id, sequence_));
      break;
    case frame_type::order_timeline:
    case frame_type::order_postings:
    case frame_type::open_cases:
    case frame_type::order_events:
      out = order_rows(type, body);
      record_count = static_cast<std::uint32_t>(
          out.size() / (type == frame_type::order_postings ? sizeof(transfer_row) : sizeof(order_event_row)));
      break;
    case frame_type::order_graph: {
      const auto query = record_at<graph_query>(body, 0);
      const auto rows = orders.graph(query.id);
      if (!orders.order_behind(query.id)) last.code = result_code::not_found;
      const std::size_t from = std::min<std::size_t>(query.cursor, rows.size());
      const std::size_t to = std::min(rows.size(), from + std::min<std::size_t>(query.limit, order_rows_max));
      for (std::size_t i = from; i < to; ++i) append(out, rows[i]);
      if (to < rows.size()) last.flags = frame_flags::more;
      last.cursor = to;
      record_count = static_cast<std::uint32_t>(to - from);
      break;
    }
    case frame_type::stats: {
      const std::string text = "{\"follower\":{\"index_lag_events\":" + std::to_string(index_lag) + "}}";
      index_lag /= 2;
      const auto bytes = std::as_bytes(std::span{text});
      out.assign(bytes.begin(), bytes.end());
      record_count = static_cast<std::uint32_t>(out.size());
      break;
    }
    default:
      record_count = 0;
  }
  return out;
}

}  // namespace payloom::test

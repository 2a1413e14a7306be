// settlements: batches of a merchant, days that are not settled.
#include <algorithm>

#include "actors/follower/order_steps.hpp"
#include "actors/follower/query_engine.hpp"

namespace payloom::follower {

result_code query_engine::check(const settlement_query& query) {
  const bool reserved =
      std::any_of(std::begin(query.reserved), std::end(query.reserved), [](auto b) { return b != 0; });
  const bool batches = query.view == settlement_view::batches;
  const bool good = !reserved && query.limit != 0 && query.limit <= limits::settlement_rows_max &&
                    (batches ? query.merchant != 0 && query.ledger != 0
                             : query.view == settlement_view::days && query.limit >= limits::unsettled_days_max);
  return good ? result_code::ok : result_code::query_malformed;
}

query_outcome query_engine::settlements(tenant_id tenant, const settlement_query& query, deadline_time deadline,
                                        std::vector<settlement_row>& rows) {
  rows.clear();
  query_outcome out;
  out.code = check(query);
  if (out.code != result_code::ok) return out;
  out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  if (query.view == settlement_view::batches) {
    batches_of(tenant, query, rows, out);
  } else {
    unsettled_days(tenant, query, rows, out);
  }
  return out;
}

bool query_engine::settlement_batch(tenant_id tenant, owner_number merchant, ledger_id ledger, day_number through,
                                    commit_seq as_of, settlement_row& row) {
  const order_id id = settlement_id_of(merchant, ledger, through);
  const order_place place = find_order(tenant, id.value, as_of);
  if (place.created == 0 || place.created != place.event) return false;
  const order_event_row made = order_row_at(place.created);
  const order_row& order = made.event.order;
  row = {};
  row.merchant = merchant;
  row.ledger = ledger;
  row.through_date = through;
  row.gross_minor = order.amount_minor;
  row.fee_minor = order.fee_minor;
  row.reserve_minor = order.held_minor;  // right after its first event all of it is held
  row.available_minor = order.amount_minor - order.fee_minor - order.held_minor;
  row.order = id;
  row.sequence = made.sequence;
  row.timestamp = made.timestamp;
  row.as_of = order.user_data_64;
  row.settled_before = static_cast<day_number>(lo64(order.user_data_128));
  return true;
}

/// Every batch names the day of the one before it.
void query_engine::batches_of(tenant_id tenant, const settlement_query& query, std::vector<settlement_row>& rows,
                              query_outcome& out) {
  auto day = static_cast<day_number>(query.cursor);
  if (query.cursor > 0xffffffff) {
    out.code = result_code::cursor_malformed;
    return;
  }
  if (day == 0) {
    behind_.with_view([&](const ledger_view& view) {
      const auto ordinal = view.accounts.find(tenant, pending_account(query.merchant, query.ledger).value);
      if (ordinal == no_account) return;
      const unsettled_account* sums = view.books.unsettled_of(ordinal);
      if (sums != nullptr) day = sums->settled_through();
      out.sequence = view.applied_seq;
    });
  }
  while (day != 0 && rows.size() < query.limit) {
    settlement_row row;
    if (!settlement_batch(tenant, query.merchant, query.ledger, day, out.sequence, row)) {
      if (rows.empty() && query.cursor != 0)
        out.code = result_code::cursor_malformed;
      else
        throw storage::storage_failure("journal: a settlement batch through " + std::to_string(day) + " is missing");
      return;
    }
    rows.push_back(row);
    day = row.settled_before < day ? row.settled_before : 0;
  }
  out.more = day != 0;
  out.cursor = day;
}

void query_engine::unsettled_days(tenant_id tenant, const settlement_query& query, std::vector<settlement_row>& rows,
                                  query_outcome& out) {
  behind_.with_view([&](const ledger_view& view) {
    const unsettled_table& all = view.books.unsettled();
    out.sequence = view.applied_seq;
    std::uint32_t place = static_cast<std::uint32_t>(std::min<std::uint64_t>(query.cursor, all.size()));
    for (; place < all.size(); ++place) {
      const account_slot& slot = view.accounts.row(all.at(place).ordinal);
      const owner_number merchant = lo64(slot.id);
      const bool wanted = slot.tenant == tenant && (query.merchant == 0 || query.merchant == merchant) &&
                          (query.ledger == 0 || query.ledger == slot.ledger);
      if (!wanted) continue;
      const unsettled_account& sums = all.at(place).sums;
      if (rows.size() + sums.days().size() > query.limit) break;
      for (const unsettled_day& d : sums.days()) {
        settlement_row row{};
        row.merchant = merchant;
        row.ledger = slot.ledger;
        row.through_date = d.day;
        const bool negative = d.debits_minor > d.credits_minor;
        row.gross_minor = negative ? d.debits_minor - d.credits_minor : d.credits_minor - d.debits_minor;
        row.flags = negative ? settlement_row_flags::negative : 0;
        row.as_of = out.sequence;
        row.settled_before = sums.settled_through();
        rows.push_back(row);
      }
    }
    out.more = place < all.size();
    out.cursor = place;
  });
}

}  // namespace payloom::follower

#pragma once
// Answers `list_ledgers`: which ledgers the configuration names. Immutable after construction: any thread.
#include <span>
#include <vector>

#include "config/settings.hpp"
#include "protocol/net/reply_rows.hpp"
#include "protocol/types/records.hpp"

namespace payloom::app {

class ledger_list {
 public:
  explicit ledger_list(std::span<const config::custom_ledger> custom);

  /// One page, ascending by number. The cursor is the number of the last row; query_malformed and cursor_malformed as
  /// for every query.
  net::reply_rows page(const query_record& query) const;

 private:
  std::vector<ledger_row> rows_;
};

}  // namespace payloom::app

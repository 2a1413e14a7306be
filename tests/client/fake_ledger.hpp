#pragma once
// The least ledger that a client can be tested against: accounts and transfers in two maps, answered in memory.
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "protocol/types/frame.hpp"
#include "protocol/types/records.hpp"
#include "tests/client/fake_orders.hpp"

namespace payloom::test {

class fake_ledger {
 public:
  /// The body that answers a request of this type; `record_count` is set to its rows. Unknown types: empty.
  std::vector<std::byte> answer(frame_type type, std::span<const std::byte> body, std::uint32_t& record_count,
                                u128 context_id = 0);
  /// What the header of the last answer says beside its rows.
  struct page_end {
    result_code code = result_code::ok;
    std::uint16_t flags = 0;
    std::uint64_t cursor = 0;
  };
  page_end last;
  fake_orders orders;
  std::size_t order_rows_max = 1000;  ///< rows of a page of order_timeline and order_postings

  std::size_t transfers() const { return transfers_.size(); }
  std::uint64_t executed() const { return sequence_; }
  /// Transfers that arrived again under an id that was known.
  std::uint64_t repeats() const { return repeats_; }

  /// A ledger with a fault: the next transfer is acknowledged but moves nothing.
  bool forget_one_posting = false;
  /// A ledger with a fault: the next transfer moves money but is not found by its id.
  bool forget_one_id = false;
  std::int64_t index_lag = 0;  ///< what `stats` says; counts down by half at each request

 private:
  struct hash {
    std::size_t operator()(u128 id) const { return static_cast<std::size_t>(lo64(id) ^ hi64(id)); }
  };
  result_record create_account(const account_record& a);
  result_record create_transfer(const transfer_record& t);
  result_record refuse(result_code code) const;
  result_record done();
  template <class Row>
  void append_page(std::vector<std::byte>& out, const std::vector<Row>& rows);
  std::vector<std::byte> order_rows(frame_type type, std::span<const std::byte> body);

  std::unordered_map<u128, account_row, hash> accounts_;
  std::unordered_map<u128, transfer_row, hash> transfers_;
  std::uint64_t sequence_ = 0;
  std::uint64_t repeats_ = 0;
};

}  // namespace payloom::test

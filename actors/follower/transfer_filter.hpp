#pragma once
// The attribute filters of a query, made ready for looking at millions of records: only what is set costs anything.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "protocol/types/records.hpp"

namespace payloom::follower {

/// True for records that pass every filter set in a query but the ranges. Immutable: any number of threads.
class transfer_filter {
 public:
  explicit transfer_filter(const query_record& query) {
    require(offsetof(transfer_record, user_data_128), query.user_data_128);
    require(offsetof(transfer_record, user_data_64), query.user_data_64);
    require(offsetof(transfer_record, user_data_32), query.user_data_32);
    require(offsetof(transfer_record, debit_account), query.debit_account.value);
    require(offsetof(transfer_record, credit_account), query.credit_account.value);
    require(offsetof(transfer_record, code), query.code);
    require(offsetof(transfer_record, ledger), query.ledger);
    if (query.transfer_flags_set != 0) {
      add(offsetof(transfer_record, flags), query.transfer_flags_set, query.transfer_flags_set);
    }
    either_ = query.account.value;
  }

  /// No record is left out.
  bool passes_all() const { return count_ == 0 && either_ == 0; }

  bool matches(const transfer_record& record) const {
    const auto* bytes = reinterpret_cast<const std::byte*>(&record);
    for (std::size_t i = 0; i < count_; ++i) {
      std::uint64_t word;
      std::memcpy(&word, bytes + checks_[i].word_offset, sizeof word);
      if ((word & checks_[i].mask) != checks_[i].value) return false;
    }
    return either_ == 0 || record.debit_account.value == either_ || record.credit_account.value == either_;
  }

 private:
  /// Some bits of one aligned word of the record.
  struct check {
    std::size_t word_offset;
    std::uint64_t mask, value;
  };

  template <class T>
  void require(std::size_t offset, T value) {
    if (value == 0) return;
    if constexpr (sizeof(T) == 16) {
      add(offset, ~std::uint64_t{0}, lo64(value));
      add(offset + 8, ~std::uint64_t{0}, hi64(value));
    } else {
      add(offset, static_cast<T>(~T{0}), value);
    }
  }
  void add(std::size_t offset, std::uint64_t mask, std::uint64_t value) {
    const auto shift = static_cast<unsigned>(offset % 8) * 8;  // the bytes of a record are least first
    checks_[count_++] = {offset - offset % 8, mask << shift, value << shift};
  }

  std::array<check, 11> checks_{};
  std::size_t count_ = 0;
  u128 either_ = 0;  ///< an account on one of the two sides; 0 = any
};

}  // namespace payloom::follower

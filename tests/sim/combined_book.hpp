#pragma once
// What is durable of payments for several orders that are one payment at their channel: who has which place and part in
// them, and what each order was told of what moved. Single-threaded; owns its whole state.
#include <map>
#include <string>
#include <vector>

#include "tests/sim/audit_types.hpp"

namespace payloom::sim {

/// How often things happened to combined payments.
struct combined_stats {
  std::uint64_t begun = 0, orders = 0;  ///< payments, orders in them
  std::uint64_t moved_whole = 0;        ///< all orders were told that the sum moved
  std::uint64_t moved_other = 0;        ///< all orders were told their parts of another sum
  std::uint64_t told_apart = 0;         ///< at a crash some of the orders had been told, others not

  void add(const combined_stats& o);
};

class combined_book {
 public:
  /// A durable payment that begins at a channel as one of several; they come one behind the other. What is wrong, or
  /// nothing.
  std::string begun(tenant_id t, const payment_row& p);
  /// A durable fact. What is wrong, or nothing.
  std::string told(tenant_id t, const channel_fact_record& f);
  /// The process is gone.
  void restarted();

  /// Fewer orders have come than the last one said.
  bool is_open() const { return open_ != nullptr; }
  void close() { open_ = nullptr; }
  /// Whether a channel knows a combined payment by this number.
  bool knows_number(tenant_id t, u128 number) const { return numbers_.contains({t, number}); }
  const combined_stats& stats() const { return stats_; }

 private:
  struct member {
    u128 payment = 0, before = 0, part = 0;
    bool was_told = false;   ///< anything
    bool has_moved = false;  ///< was told of money
    u128 moved = 0;
    bool differs = false;
  };
  struct one_payment {
    u128 total = 0;
    std::size_t count = 0;
    std::vector<member> members;
    bool told_apart = false;
  };
  std::string compare(one_payment& p);

  std::map<audit_key, one_payment> all_;                                ///< by the first one's payment
  std::map<audit_key, std::pair<one_payment*, std::size_t>> place_of_;  ///< by each one's payment
  std::map<audit_key, one_payment*> numbers_;
  one_payment* open_ = nullptr;
  combined_stats stats_;
};

}  // namespace payloom::sim

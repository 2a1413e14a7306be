// Goal: a payment's fee, split, legs and returns allocate nothing. Method: this binary counts what operator new gives.
#include <cstdlib>
#include <new>

#include "actors/core/catalog/return_book.hpp"
#include "tests/posting/posting_fixture.hpp"

namespace {
std::size_t allocations = 0;  // tests run on one thread
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace payloom::test {
namespace {

TEST(no_allocation, evaluating_a_payment) {
  const config::posting_catalog& all = shipped();
  const std::size_t rule = all.rules.find("instant_sale_split").value();
  const std::size_t event = all.rules.find_event(rule, "paid").value();
  const catalog::fee_plan& plan = all.fees.at(all.fees.find("escrow_sliced").value());
  const catalog::split_plan& split = all.splits.at(all.splits.find("marketplace").value());
  const catalog::posting_parties parties = everybody();
  const std::size_t before_text = allocations;
  std::string text(100, 'x');
  ASSERT_GT(allocations, before_text) << "what is counted is counted";

  const std::size_t before = allocations;
  catalog::posting_amounts amounts;
  amounts.gross_minor = 100'000;
  amounts.fee_minor = compute_fee(plan, eur, amounts.gross_minor, 0).fee_minor;
  const catalog::split_result parts = compute_split(split, eur, amounts.gross_minor - amounts.fee_minor);
  amounts.parts_minor = parts.parts_minor;
  amounts.part_count = parts.count;
  catalog::posting_legs legs;
  all.rules.evaluate(all.accounts, rule, event, eur, parties, amounts, legs);
  catalog::return_book book;
  bool right = book.add(amounts.fee_minor) && book.add(parts.sum_minor) && book.add(amounts.gross_minor / 2);
  std::array<u128, catalog::return_book::parts_max> shares{};
  right = right && book.give_back(777, shares);
  const std::size_t after = allocations;

  EXPECT_EQ(after, before);
  EXPECT_TRUE(right);
  EXPECT_EQ(legs.error, catalog::posting_error::ok);
  EXPECT_EQ(legs.count, 4);
}

}  // namespace
}  // namespace payloom::test

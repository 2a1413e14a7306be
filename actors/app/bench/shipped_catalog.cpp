#include "actors/app/bench/shipped_catalog.hpp"

#include <fmt/format.h>

#include <string>

#include "actors/app/bench/setup.hpp"
#include "config/catalog/payment_loader.hpp"
#include "config/payments/shipped_payments.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::bench {

using namespace core::catalog;

std::shared_ptr<const payment_catalog> shipped_catalog() {
  const config::ledger_directory ledgers;
  auto loaded = config::read_payment_catalog(
      [](std::string_view name) { return std::string(config::shipped_payment_file(name)); }, ledgers);
  PAYLOOM_ASSERT(loaded.value != nullptr);  // it is checked by the tests that build it in
  return loaded.value;
}

role_index role_named(const payment_catalog& catalog, std::string_view name) {
  const auto found = catalog.parts().accounts.find(name);
  if (!found) throw setup_failure(fmt::format("the chart of accounts has no {}", name));
  return *found;
}

std::uint16_t product_named(const payment_catalog& catalog, std::string_view name) {
  const auto found = catalog.parts().map.find_product(name);
  if (!found) throw setup_failure(fmt::format("the business map has no {}", name));
  return catalog.at(*found).code;
}

}  // namespace payloom::bench

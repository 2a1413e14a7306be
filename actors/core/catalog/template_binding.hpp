#pragma once
// Does a row of the business map fit its template? Tools, payment machine and postings against the steps.
#include <string>

#include "actors/core/catalog/payment_catalog.hpp"

namespace payloom::core::catalog {

/// A row while it is bound.
struct template_question {
  const payment_catalog& catalog;  ///< parts, events and payment machines are there
  const map_row& row;
  event_index event = 0;
  product_index product = 0;
  std::string what;  ///< begins every message: "product sale, pay"
};

/// Binds `out.steps` and `out.usual`; problems have places of business_map.yaml. The rest of `out` is bound already.
void bind_template(const template_question& about, bound_row& out, problem_list& problems);

/// Templates that ask checks for nobody.
void check_askers(const payment_catalog& catalog, problem_list& problems);

/// Where a refund of what a product's payments brought could not go.
void check_ways_back(const payment_catalog& catalog, product_index product, problem_list& problems);

}  // namespace payloom::core::catalog

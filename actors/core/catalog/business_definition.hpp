#pragma once
// The business map as it is written down (config/payments/business_map.yaml): plain data with places, not checked yet.
// `compile_business_map` (business_map.hpp) checks all of it. A new business product is rows here, no code (domain
// OV-3).
#include <cstdint>
#include <optional>
#include <vector>

#include "actors/core/catalog/catalog_header.hpp"
#include "actors/core/catalog/definition.hpp"
#include "protocol/types/ids.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::core::catalog {

/// A payment tool; an external one leaves the platform, so its outcome can be unknown.
struct tool_definition {
  placed_name name;
  bool external = false;
};

/// A payment product (domain 1.1) runs as one of the payment machines; business products share it.
struct payment_product_definition {
  placed_name name;
  placed_name form;
};

/// What one payment may move in one ledger, minor units, inclusive.
struct amount_limit {
  ledger_id ledger = 0;
  u128 min = 0;
  u128 max = 0;
};

struct limit_definition {
  source_place at;
  amount_limit limit;
};

/// Ledgers that a set does not name are not allowed.
struct limit_set_definition {
  placed_name name;
  std::vector<limit_definition> limits;
};

/// What happens to money when an order of the product meets `event`.
struct map_row_definition {
  placed_name event;
  placed_name payment_product;
  std::vector<placed_name> tools;
  placed_name limits;
  placed_name payment_template;
  std::optional<placed_name> posting_rule;           ///< when the money stays inside; nullopt: `none` was written
  std::optional<placed_name> external_posting_rule;  ///< when an external tool takes part; likewise
  std::optional<placed_name> fee_plan;               ///< likewise
  std::optional<placed_name> settlement_plan;        ///< likewise
  /// Events of the inner posting rule that are booked together when the money stays inside.
  std::vector<placed_name> posts;
};

struct product_definition {
  placed_name name;
  std::uint16_t code = 0;  ///< on the wire and in the journal; never used again for another product
  source_place code_at;
  placed_name order;  ///< its order machine
  std::vector<map_row_definition> rows;
  std::vector<placed_name> none;  ///< events of the order machine that move no money
};

/// Everything that business_map.yaml holds.
struct business_map_definition {
  std::uint32_t version = 0;  ///< of the catalogue: a payment ends on the one that it began with (domain PC-4)
  catalog_header header;
  std::vector<tool_definition> tools;
  std::vector<payment_product_definition> payment_products;
  std::vector<placed_name> templates;
  std::vector<placed_name> settlement_plans;
  std::vector<limit_set_definition> limit_sets;
  std::vector<product_definition> products;
};

}  // namespace payloom::core::catalog

#pragma once
// The business map, compiled: (business product, order event) -> how money moves, or explicitly not at all. Immutable
// after load, any thread may read it; `find` and `check_amount` neither allocate nor compare texts.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/core/catalog/business_definition.hpp"
#include "actors/core/catalog/machine_catalog.hpp"
#include "actors/core/catalog/name_set.hpp"

namespace payloom::core::catalog {

using product_index = std::uint16_t;
using tool_bits = std::uint16_t;  ///< one bit per tool, by its number

/// One row, with everything it names as numbers.
struct map_row {
  name_index payment_product = 0;
  machine_index form = 0;  ///< a payment machine
  tool_bits tools = 0;     ///< the tools that may pay
  name_index limits = 0;
  name_index payment_template = 0;
  name_index posting_rule = no_name;           // by `posting_rule_of`
  name_index external_posting_rule = no_name;  // likewise
  name_index fee_plan = no_name;
  name_index settlement_plan = no_name;
  source_place place;                        ///< of the row
  std::vector<placed_name> posts;            ///< events of `posting_rule`; `bind_payments` gives them numbers
  name_index coupon_posting_rule = no_name;  // likewise `posts`
  std::vector<std::pair<placed_name, placed_name>> external_posts;  ///< (phase, event of `external_posting_rule`)
};

enum class amount_verdict : std::uint8_t { allowed, ledger_not_allowed, below_min, above_max };

/// What the map refers to outside of itself.
struct map_references {
  const machine_catalog& machines;
  const name_set& posting_rules;
  const name_set& fee_plans;
};

class business_map {
 public:
  struct product {
    std::string name;
    std::uint16_t code = 0;
    machine_index order = 0;  ///< an order machine
  };

  /// The parts of a map, as `compile_business_map` checked them.
  struct parts {
    std::uint32_t version = 0;
    catalog_header header;
    name_set tools, payment_products, templates, settlement_plans, limit_sets;
    tool_bits external_tools = 0;
    std::vector<std::vector<amount_limit>> limits;  ///< by number of the set
    std::vector<product> products;
    std::size_t events = 0;          ///< of the order vocabulary
    std::vector<name_index> row_of;  ///< products x events; `no_name`: no money moves
    std::vector<map_row> rows;
  };
  explicit business_map(parts checked) : parts_(std::move(checked)) {}

  std::uint32_t version() const { return parts_.version; }
  const catalog_header& header() const { return parts_.header; }
  std::span<const product> products() const { return parts_.products; }
  std::span<const map_row> rows() const { return parts_.rows; }

  /// The product with this name or code; nullopt when there is none. Linear in the number of products.
  std::optional<product_index> find_product(std::string_view name) const;
  std::optional<product_index> find_product(std::uint16_t code) const;

  /// How money moves when an order of product `of` meets `event`; nullptr: it does not. Numbers that the catalogue does
  /// not have are a bug of ours.
  const map_row* find(product_index of, event_index event) const {
    PAYLOOM_ASSERT(of < parts_.products.size() && event < parts_.events);
    const name_index row = parts_.row_of[of * parts_.events + event];
    return row == no_name ? nullptr : &parts_.rows[row];
  }

  /// May a payment of this row move `amount` minor units of `ledger`? At most `limits::limit_ledgers_max` comparisons.
  amount_verdict check_amount(const map_row& row, ledger_id ledger, u128 amount) const;

  /// The posting rule of a payment of this row with these tools; `no_name`: the row has none for them, so they may not
  /// pay (refunds of a channel's payment book other accounts than those of a balance's).
  name_index posting_rule_of(const map_row& row, tool_bits used) const {
    return (used & parts_.external_tools) != 0 ? row.external_posting_rule : row.posting_rule;
  }

  /// The tools that leave the platform.
  tool_bits external_tools() const { return parts_.external_tools; }

  const name_set& tools() const { return parts_.tools; }
  const name_set& payment_products() const { return parts_.payment_products; }
  const name_set& templates() const { return parts_.templates; }
  const name_set& settlement_plans() const { return parts_.settlement_plans; }
  const name_set& limit_sets() const { return parts_.limit_sets; }

 private:
  parts parts_;
};

/// Checks everything in `from`, also against the other files, and compiles it; nullopt with at least one problem when
/// anything is wrong.
std::optional<business_map> compile_business_map(const business_map_definition& from, const map_references& others,
                                                 problem_list& problems);

}  // namespace payloom::core::catalog

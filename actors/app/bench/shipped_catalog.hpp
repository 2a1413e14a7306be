#pragma once
// The payment catalogue that ships with the program, as the bench asks it: by names. Immutable; any thread may read it.
#include <cstdint>
#include <memory>
#include <string_view>

#include "actors/core/catalog/payment_catalog.hpp"

namespace payloom::bench {

std::shared_ptr<const core::catalog::payment_catalog> shipped_catalog();

/// A role of its chart of accounts. Throws setup_failure when there is none.
core::catalog::role_index role_named(const core::catalog::payment_catalog& catalog, std::string_view name);

/// The code of a business product. Throws setup_failure when there is none.
std::uint16_t product_named(const core::catalog::payment_catalog& catalog, std::string_view name);

}  // namespace payloom::bench

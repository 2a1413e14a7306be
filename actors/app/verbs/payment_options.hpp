#pragma once
// What the verbs of orders, events and parties share: the payment catalogue, and how people name orders and tools.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "actors/core/catalog/payment_catalog.hpp"
#include "protocol/types/order_records.hpp"

namespace payloom::verbs {

using core::catalog::payment_catalog;
using catalog_ptr = std::shared_ptr<const payment_catalog>;

struct payment_options {
  std::string folder;

  /// Adds --payments.
  void add_to(CLI::App& verb);
  /// The catalogue of the folder, or the shipped one. Throws usage_error with everything that is wrong with it, or
  /// ledgers_needed while the server's ledgers, which it may name, are not known.
  catalog_ptr load() const;
};

/// An order's id, or "MERCHANT/BUSINESS_ID". Throws usage_error.
order_id parse_order_text(const std::string& what, const std::string& text);
/// A product's name or code. Throws usage_error.
std::uint16_t parse_product_text(const payment_catalog& catalog, const std::string& text);
/// Tools by name, separated by commas; "" is 0. Throws usage_error.
std::uint16_t parse_tools_text(const payment_catalog& catalog, const std::string& text);
/// "20261122" or "2026-11-22" as 20261122; "" is 0. Throws usage_error.
std::uint32_t parse_date_text(const std::string& what, const std::string& text);

}  // namespace payloom::verbs

#pragma once
// Payment templates as they are written down (config/payments/templates.yaml): plain data with places, not checked yet.
// `payment_templates::make` checks all of it.
#include <optional>
#include <vector>

#include "actors/core/catalog/definition.hpp"

namespace payloom::core::catalog {

struct step_definition {
  placed_name kind;                ///< reserve, execute, confirm, give
  std::vector<placed_name> tools;  ///< or `funds`
};

struct template_definition {
  placed_name name;
  std::vector<step_definition> steps;
  std::vector<std::vector<placed_name>> combine;  ///< tools that may pay together
  std::vector<placed_name> rest;                  ///< the first of them that takes part takes what the others leave
  std::optional<placed_name> on_rejected;
  std::optional<placed_name> on_unknown;
  std::vector<placed_name> checks;  ///< asked before a payment begins
  std::uint32_t check_deadline_ms = 0;
};

/// Everything that templates.yaml holds.
struct templates_definition {
  std::vector<template_definition> templates;
};

}  // namespace payloom::core::catalog

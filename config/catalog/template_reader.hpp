#pragma once
// Reads the payment templates (config/payments/templates.yaml).
#include "actors/core/catalog/payment_template.hpp"
#include "config/catalog/yaml_reader.hpp"

namespace payloom::config {

/// The whole file; `version` is what the other files of the catalogue say, 0: they are wrong. Every mistake goes to
/// `reader`; what is wrong with the templates as well, if `map` is there. `checks` are those that they may ask.
core::catalog::payment_templates load_payment_templates(yaml_reader& reader, const YAML::Node& root,
                                                        std::uint32_t version, const core::catalog::business_map* map,
                                                        const core::catalog::check_plans& checks);

}  // namespace payloom::config

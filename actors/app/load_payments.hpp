#pragma once
// The payment catalogue that a server runs with.
#include <memory>

#include "actors/core/catalog/payment_catalog.hpp"
#include "config/ledger_directory.hpp"
#include "config/settings.hpp"

namespace payloom::app {

/// The catalogue of `payments.folder`, or the shipped one. Throws std::runtime_error with every problem, one per line,
/// when something is wrong with it: a catalogue is taken whole or not at all.
std::shared_ptr<const core::catalog::payment_catalog> load_payments(const config::settings& settings,
                                                                    const config::ledger_directory& ledgers);

}  // namespace payloom::app

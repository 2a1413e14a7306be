#include "tests/sim/sim_catalogue.hpp"

#include <string>

#include "config/catalog/payment_loader.hpp"
#include "config/payments/shipped_payments.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::sim {
namespace {

// Numbers and operations are those that ship (outside_step.cpp knows them); the second channel is soon full.
constexpr const char* channels = R"(version: 1
channels:
  simulated_bank:
    number: 1
    driver: simulator
    operations: [pay, payout, refund, query, close]
    in_flight_max: 1000000
    case_owner: payments_operations
    simulator:
      {seed: 11, answer_ms_min: 0, answer_ms_max: 8, later_ms: 25, rejected: 70, accepted: 120, accepted_rejected: 60,
       not_sent: 70, unknown_moved: 60, unknown_lost: 60, other_amount: 40, late_success: 40, returned: 60,
       answered_twice: 100}
  simulated_card:
    number: 2
    driver: simulator
    operations: [pay, refund, query, close]
    in_flight_max: 6
    case_owner: payments_operations
    simulator:
      {seed: 12, answer_ms_min: 1, answer_ms_max: 60, later_ms: 300, rejected: 100, accepted: 100,
       accepted_rejected: 50, not_sent: 40, unknown_moved: 90, unknown_lost: 90, other_amount: 35, late_success: 60,
       returned: 0, answered_twice: 150}
)";

std::shared_ptr<const core::catalog::payment_catalog> read() {
  const auto text_of = [](std::string_view name) {
    return name == "channels.yaml" ? std::string(channels) : std::string(config::shipped_payment_file(name));
  };
  const auto loaded = config::read_payment_catalog(text_of, config::ledger_directory{});
  PAYLOOM_ASSERT(loaded.value != nullptr);
  return loaded.value;
}

const std::shared_ptr<const core::catalog::payment_catalog>& catalogue() {
  static const auto read_once = read();
  return read_once;
}

}  // namespace

std::shared_ptr<const core::catalog::catalog_registry> sim_catalogue() {
  static const auto registry = core::catalog::catalog_registry::of(catalogue());
  return registry;
}

std::span<const core::catalog::channel_plan> sim_channels() { return catalogue()->parts().channels.all(); }

}  // namespace payloom::sim

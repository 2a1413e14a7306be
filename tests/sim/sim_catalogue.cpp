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

// Two core checks and an optional one (checked_step.cpp knows that), within a second or not.
constexpr const char* checks = R"(version: 1
checks:
  risk_score:
    number: 1
    driver: simulator
    core: true
    in_flight_max: 100000
    simulator: {seed: 21, answer_ms_min: 0, answer_ms_max: 1002, refused: 60, answered_twice: 100}
  sanctions:
    number: 2
    driver: simulator
    core: true
    in_flight_max: 40
    simulator: {seed: 22, answer_ms_min: 0, answer_ms_max: 300, refused: 30, silent: 10}
  member_service:
    number: 3
    driver: simulator
    core: false
    in_flight_max: 100000
    simulator: {seed: 23, answer_ms_min: 0, answer_ms_max: 900, refused: 100, silent: 150}
)";

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  PAYLOOM_ASSERT(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// What ships, but that withdrawals and transfers wait for checks.
std::string text_of(std::string_view name) {
  const std::string asks = "    checks: [risk_score, sanctions, member_service]\n    check_deadline_ms: 1000\n";
  if (name == "channels.yaml") return channels;
  if (name == "checks.yaml") return checks;
  std::string text(config::shipped_payment_file(name));
  if (name == "templates.yaml")
    return with(std::move(text), "  payout:\n",
                "  checked_inside:\n" + asks +
                    "    steps:\n      - {reserve: [balance]}\n      - {confirm: [balance]}\n    rest: [balance]\n\n"
                    "  payout:\n" +
                    asks);
  if (name != "business_map.yaml") return text;
  text = with(std::move(text), "templates: [internal_only, ", "templates: [internal_only, checked_inside, ");
  return with(std::move(text), "template: internal_only,\n         posting_rule: transfer,",
              "template: checked_inside,\n         posting_rule: transfer,");
}

std::shared_ptr<const core::catalog::payment_catalog> read() {
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

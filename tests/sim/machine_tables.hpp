#pragma once
// The state machines of orders and payments, as config/payments/machines.yaml writes them down, read a second time: by
// the auditor's own reader, which shares nothing with the server's. Immutable; any thread may read it.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace payloom::sim {

inline constexpr std::uint8_t nothing = 0xff;  ///< no event, no state

/// What a state says to an event.
enum class says : std::uint8_t { goes, ignores, refuses, contradicts };

struct table_answer {
  says what = says::refuses;
  std::uint8_t to = nothing;
};

/// What a payment's state is, by its name (config/payments/README.md); orders' states all wait.
enum class stage : std::uint8_t { waits, success, failure, late, returned };

struct table_state {
  std::string name;
  stage is = stage::waits;
  bool final = false, fact_only = false;
  std::uint64_t wait_s = 0;           ///< 0: no timer
  std::uint8_t timer = nothing;       ///< event that is raised then
  std::uint32_t times = 0;            ///< so often in a row, 0 = for ever
  std::uint8_t then = nothing;        ///< and then this one
  std::vector<table_answer> answers;  ///< by event
};

struct machine_table {
  std::string name;
  std::vector<table_state> states;

  const table_state& at(std::uint8_t state) const { return states.at(state); }
  const table_answer& on(std::uint8_t state, std::uint8_t event) const { return states.at(state).answers.at(event); }
  bool goes(std::uint8_t state, std::uint8_t event) const { return on(state, event).what == says::goes; }
  /// A name that is not there is a mistake of the test.
  std::uint8_t state(std::string_view wanted) const;
};

struct machine_tables {
  std::vector<machine_table> orders, payments;  ///< a machine's number is its place
  std::vector<std::string> order_events, payment_events;

  std::uint8_t order_event(std::string_view name) const;
  std::uint8_t payment_event(std::string_view name) const;
  std::uint8_t order_machine(std::string_view name) const;
  std::uint8_t payment_machine(std::string_view name) const;
};

/// Those that ship.
const machine_tables& shipped_machines();

}  // namespace payloom::sim

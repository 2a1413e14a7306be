#pragma once
// How an operation of the client ended.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/types/frame.hpp"
#include "protocol/types/records.hpp"

namespace payloom::client {

/// What is known at the end of an operation.
enum class outcome : std::uint8_t {
  result,    ///< the server answered: see the results
  unknown,   ///< it was sent and no answer came in time: repeating it with the same ids is safe and makes it definite
  not_sent,  ///< it never left this process: nothing happened
};

constexpr std::string_view name_of(outcome how) {
  switch (how) {
    case outcome::result:
      return "result";
    case outcome::unknown:
      return "unknown, safe to repeat";
    case outcome::not_sent:
      return "not sent";
  }
  return "?";
}

/// Handed to the callback of an operation; a value, keep it as long as you like.
struct answer {
  outcome how = outcome::not_sent;
  result_code code = result_code::ok;  ///< of the whole request; each event has its own in `results()`
  frame_header header{};               ///< of the reply: sequence, cursor, flags (`more`); zero without one
  std::vector<std::byte> body;

  /// The rows of the reply. Commands: one result per event, in order (also when the whole request was refused).
  /// Requests with `want_balances`: rows<balances_result>(). Queries: rows of the query's row type.
  template <class Row>
  std::span<const Row> rows() const {
    return {reinterpret_cast<const Row*>(body.data()), body.size() / sizeof(Row)};
  }
  std::span<const result_record> results() const { return rows<result_record>(); }
  /// Reports (stats, verify): the JSON text.
  std::string_view text() const { return {reinterpret_cast<const char*>(body.data()), body.size()}; }
  /// The single event's code, or the request's when there is none. Only with outcome::result.
  result_code first_code() const { return body.size() >= sizeof(result_record) ? results()[0].code : code; }
};

/// Called exactly once per operation, on the client's thread. Must not throw (the process ends) and must not block.
using callback = std::function<void(answer)>;

}  // namespace payloom::client

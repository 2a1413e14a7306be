#pragma once
// What the reader can ask of index and journal; given by the composition root. CAF-free.
#include <functional>
#include <span>
#include <vector>

#include "actors/core/order_book.hpp"

namespace payloom::actors {

/// The stored creation of an account that someone tried to create again.
struct loaded_creation {
  core::plain_slip slip;
  account_record stored{};
  commit_seq seq = 0;
  time_ns timestamp = 0;
};

struct reader_functions {
  /// One answer per request, in order; knows everything up to each request's `not_before`.
  std::function<std::vector<core::stored_event>(std::span<const core::load_request>)> events;
  /// The creation of an existing account: record as created, sequence and time.
  std::function<loaded_creation(tenant_id, account_id)> creation;
};

}  // namespace payloom::actors

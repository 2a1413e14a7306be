#pragma once
// The one list of payment tools. One more: its folder, an include and its place at the end here.
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include "actors/core/payments/tools/balance/balance_tool.hpp"
#include "actors/core/payments/tools/channel/channel_tool.hpp"
#include "actors/core/payments/tools/coupon/coupon_tool.hpp"
#include "actors/core/payments/tools/payment_tool.hpp"

namespace payloom::core {

using all_tools = std::tuple<balance_tool, coupon_tool, channel_tool>;
inline constexpr std::size_t tool_count = std::tuple_size_v<all_tools>;

/// Place in the list; business maps number their tools for themselves (`payment_catalog::bit_of_tool`).
using tool_number = std::uint8_t;

/// Calls `use(number, tool)` for each tool, in the order of the list; unrolled by the compiler.
template <class Use>
constexpr void for_each_tool(Use&& use) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    static_assert((payment_tool<std::tuple_element_t<I, all_tools>> && ...));
    (use(static_cast<tool_number>(I), std::tuple_element_t<I, all_tools>{}), ...);
  }
  (std::make_index_sequence<tool_count>{});
}

/// By place in the list.
inline constexpr std::array<tool_traits, tool_count> tool_list = [] {
  std::array<tool_traits, tool_count> all;
  for_each_tool([&]<class T>(tool_number i, T) { all[i] = T::traits; });
  return all;
}();

/// How much of a payment is whose, by place in the list.
struct tool_parts {
  std::array<u128, tool_count> of{};

  /// What leaves the platform.
  constexpr u128 outside() const {
    u128 sum = 0;
    for (std::size_t i = 0; i < tool_count; ++i) sum += tool_list[i].executes ? of[i] : 0;
    return sum;
  }
  /// A tool takes part that keeps a record of payments inside.
  constexpr bool keeps_record() const {
    bool any = false;
    for (std::size_t i = 0; i < tool_count; ++i) any |= tool_list[i].keeps_record && of[i] != 0;
    return any;
  }
};

/// The parts as a payment's record has them.
inline tool_parts parts_of(const payment_row& p) {
  tool_parts parts;
  for_each_tool([&]<class T>(tool_number i, T) { parts.of[i] = T::kept(p); });
  return parts;
}

/// The words of posting rules for the parts.
inline void fill_amounts(const tool_parts& parts, catalog::posting_amounts& amounts) {
  for_each_tool([&]<class T>(tool_number i, T) { T::fill(amounts, parts.of[i]); });
}

}  // namespace payloom::core

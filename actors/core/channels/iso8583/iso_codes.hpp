#pragma once
// What a response code (field 39) means: data, handed in. A code that is not in the list is `unknown`, never rejected,
// and somebody must look (domain.md GW-7). Immutable after it is filled; any thread may read it.
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/types/payment_records.hpp"

namespace payloom::core {

struct iso_code {
  std::string_view text;                               ///< two letters or digits, as in field 39
  channel_outcome outcome = channel_outcome::unknown;  ///< of a request: success, rejected, source_closed or unknown
  std::uint16_t number = 0;                            ///< ours, as facts carry it; not 0
  bool reversed = false;                               ///< as the answer to a reversal: nothing moved, or it moved back
};

class iso_codes {
 public:
  /// What is wrong with the list, empty: nothing. One with problems must not be used.
  static std::string_view problem_of(std::span<const iso_code> list);
  /// `list` must have no problem; its texts need not outlive this.
  explicit iso_codes(std::span<const iso_code> list);

  struct meaning {
    channel_outcome outcome = channel_outcome::unknown;
    std::uint16_t number = 0;
    bool reversed = false;
    bool mapped = false;
  };
  meaning find(std::string_view text) const;

 private:
  static constexpr std::size_t digits = 36;
  static std::size_t place_of(std::string_view text);  ///< digits * digits: not such a text

  std::array<meaning, digits * digits> meanings_;
};

/// The usual codes of ISO 8583:1987, to begin a channel's list with.
std::span<const iso_code> iso_usual_codes();

}  // namespace payloom::core

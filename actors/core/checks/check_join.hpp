#pragma once
// What the answers of a payment's checks come to. Pure; both the desk (is it decided?) and the order (what then?) ask
// it.
#include "actors/core/catalog/check_plan.hpp"

namespace payloom::core {

enum class join_verdict : std::uint8_t {
  open,     ///< somebody may still answer
  passed,   ///< the payment begins
  refused,  ///< a core check refuses it
  missing,  ///< a core check will not answer
};

/// Bits of checks: those that are asked, those of them without which no payment begins, and what each has said.
struct check_answers {
  catalog::check_bits wanted = 0, core = 0;
  catalog::check_bits passed = 0, refused = 0, missed = 0;
};

/// The first that applies: a core check refused; a core check is missed; somebody may still answer; passed. An optional
/// check decides nothing, whatever it says or does not say: it is only recorded.
constexpr join_verdict join(const check_answers& a) {
  if ((a.wanted & a.core & a.refused) != 0) return join_verdict::refused;
  if ((a.wanted & a.core & a.missed) != 0) return join_verdict::missing;
  if ((a.wanted & ~(a.passed | a.refused | a.missed)) != 0) return join_verdict::open;
  return join_verdict::passed;
}

}  // namespace payloom::core

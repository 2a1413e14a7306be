#pragma once
// Deliberate faults, for proving that the simulation would notice them (tests/sim, `scripts/sim --mutations`). They
// exist in the simulation's own copy of the core only: everywhere else the macro is `false` and nothing is compiled in.

#ifdef PAYLOOM_MUTATIONS
namespace payloom::core {
inline int mutation = 0;  ///< which fault is switched on; set once before anything runs
}
#define PAYLOOM_MUTATED(n) (::payloom::core::mutation == (n))
#else
#define PAYLOOM_MUTATED(n) false
#endif

#pragma once
// The checks' side of the platform: asks all checks of a payment at the same time, waits for them until one deadline,
// and tells what they came to (domain.md 1.6). Pure: questions and the time in, facts out.
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "actors/core/checks/check_driver.hpp"
#include "actors/core/checks/check_join.hpp"

namespace payloom::core {

/// What became of a check's questions since the start.
struct check_counts {
  std::uint64_t asked = 0, passed = 0, refused = 0;
  std::uint64_t missed = 0;     ///< not answered in time, or not asked: the bound was reached, nobody serves it
  std::uint64_t late = 0;       ///< answers that nobody waited for any more, and repeated ones
  std::uint64_t in_flight = 0;  ///< questions that are waited for
};

class check_desk {
 public:
  /// Makes drivers: by the plan; another one in tests.
  using driver_maker = std::function<std::unique_ptr<check_driver>(const catalog::check_plan&)>;
  explicit check_desk(driver_maker make = make_driver);

  /// Begins with the checks that it does not have yet. Those that it has keep the settings of their driver until the
  /// next start; their bounds are these from now on.
  void serve(const catalog::check_plans& plans);
  /// Asks all of a payment's checks. One that waits already is not asked again.
  void ask(const check_call& call, time_ns now, check_facts& out);
  /// What is decided by `now`: at most facts_per_turn answers a check, and all deadlines.
  void poll(time_ns now, check_facts& out);
  /// When `poll` has something, 0 = not before the next question.
  time_ns next_at() const;

  std::size_t waiting() const { return open_.size(); }
  /// Since when the oldest of them waits, 0 = none does (SG-3: backlog age).
  time_ns waiting_since() const { return began_.empty() ? 0 : began_.begin()->first; }
  /// By number - 1.
  const check_counts& counts(std::size_t i) const { return checks_[i].counts; }
  bool serves(std::size_t i) const { return checks_[i].driver != nullptr; }

  static constexpr std::size_t facts_per_turn = 4096;

  /// The one list of drivers.
  static std::unique_ptr<check_driver> make_driver(const catalog::check_plan& plan);

 private:
  struct one_check {
    std::unique_ptr<check_driver> driver;
    std::uint32_t in_flight_max = 0;
    check_counts counts;
  };
  using key = std::pair<u128, tenant_id>;
  /// A payment whose checks are waited for.
  struct payment_wait {
    check_call call;
    check_answers answers;
    catalog::check_bits asked = 0;  ///< and not answered
    time_ns began = 0;
    std::array<std::uint16_t, limits::checks_max> took_ms{};
  };
  using waits = std::map<key, payment_wait>;

  void hear(std::size_t check, const check_answer& answer, time_ns now, check_facts& out);
  /// Tells what it came to if it is decided; the payment is not waited for then.
  void settle(waits::iterator at, time_ns now, check_facts& out);

  driver_maker make_;
  std::array<one_check, limits::checks_max> checks_;
  waits open_;                                   ///< at most the sum of in_flight_max
  std::set<std::pair<time_ns, key>> deadlines_;  ///< of those in `open_`
  std::set<std::pair<time_ns, key>> began_;      ///< likewise
  std::vector<check_answer> answers_;
};

}  // namespace payloom::core

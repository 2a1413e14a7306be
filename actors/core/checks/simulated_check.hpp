#pragma once
// A check without an outside: what it answers follows from its seed and the payment alone, so asked again after a
// restart it says the same.
#include <cstdint>
#include <queue>

#include "actors/core/checks/check_driver.hpp"

namespace payloom::core {

/// What the simulated check does with a question.
struct simulated_answer {
  bool silent = false;
  check_verdict verdict = check_verdict::pass;
  std::uint64_t answer_ns = 0;
  bool twice = false;  ///< the answer comes a second time
};
simulated_answer answer_of(const catalog::simulated_check_settings& settings, u128 payment);

class simulated_check final : public check_driver {
 public:
  explicit simulated_check(const catalog::simulated_check_settings& settings) : settings_(settings) {}
  void ask(const check_call& call, time_ns now) override;
  void poll(time_ns now, std::size_t max, std::vector<check_answer>& out) override;
  time_ns next_at() const override { return due_.empty() ? 0 : due_.top().at; }

  /// Answers on their way; what is asked beyond them is never answered.
  static constexpr std::size_t answers_max = 2 * limits::check_in_flight_max;

 private:
  struct coming {
    time_ns at;
    std::uint64_t number;  ///< of equal times the older first
    check_answer answer;
    friend bool operator>(const coming& a, const coming& b) { return a.at != b.at ? a.at > b.at : a.number > b.number; }
  };

  const catalog::simulated_check_settings settings_;
  std::uint64_t next_number_ = 0;
  std::priority_queue<coming, std::vector<coming>, std::greater<>> due_;
};

}  // namespace payloom::core

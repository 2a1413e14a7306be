#pragma once
// What every id is known to have become, from the results that arrived; later results must agree. Not thread-safe.
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/crash/load_frame.hpp"
#include "tests/crash/verdict.hpp"

namespace payloom::crash {

class outcome_book {
 public:
  explicit outcome_book(verdict& into) : verdict_(into) {}

  /// Takes one event's result. Returns true when this is the first that says the id was executed: its effect is to be
  /// booked now. Disagreement with what is known goes to the verdict.
  bool note(const load_frame& frame, std::uint32_t i, const result_record& result);

  /// Every executed id has a commit of its own, and later commits have no earlier times.
  void check_sequences();
  commit_seq newest() const { return newest_; }
  std::uint64_t executed() const { return executed_; }

 private:
  enum class fate : std::uint8_t { executed, refused, sealed };
  struct outcome {
    commit_seq sequence = 0;
    time_ns timestamp = 0;
    result_code code = result_code::ok;
    fate what = fate::executed;
    bool first_seen = false;  ///< the result without `replayed` arrived
  };
  struct hash {
    std::size_t operator()(u128 id) const { return static_cast<std::size_t>(lo64(id) ^ (hi64(id) * 0x9e3779b9u)); }
  };
  using table = std::unordered_map<u128, outcome, hash>;

  void compare(const outcome& known, const outcome& now, bool replayed, const std::string& who);

  verdict& verdict_;
  table commands_, accounts_;
  std::uint64_t executed_ = 0;
  commit_seq newest_ = 0;
};

/// For the lines of problems: what, id, code, sequence.
std::string describe_event(const load_frame& frame, std::uint32_t i, const result_record& result);
/// Codes that say that nothing happened and the same id may come again.
bool nothing_happened(result_code code);
/// These, and refusals that are not remembered although their code is for other commands: asked again, the command may
/// be executed.
bool leaves_nothing(frame_type type, result_code code);

}  // namespace payloom::crash

#pragma once
// The clients of a scenario: decides what is asked next, makes the records, knows the orders that were acknowledged,
// and judges every answer. One thread.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "actors/app/bench/histogram.hpp"
#include "actors/app/bench/scenario/operation.hpp"
#include "actors/app/bench/scenario/scenario.hpp"
#include "actors/app/bench/scenario/scenario_books.hpp"
#include "actors/app/bench/scenario/scenario_parties.hpp"
#include "actors/app/bench/scenario/zipf.hpp"

namespace payloom::bench {

/// What came of one kind of operation.
struct kind_figures {
  std::uint64_t asked = 0;
  std::uint64_t done = 0;  ///< answered as a business success, for the first time
  std::map<result_code, std::uint64_t> refused;
  histogram latency_ns;  ///< per operation: that of its frame, from its intended time
  std::uint64_t refused_total() const;
};

/// Operations of one frame.
struct operation_frame {
  frame_type type = frame_type::create_orders;
  std::vector<operation> operations;
  std::vector<std::byte> records;
};

class scenario_world {
 public:
  scenario_world(const scenario& how, const scenario_parties& parties, std::uint64_t seed);

  /// Fills `out` with the next frame: the kind that is furthest behind its weight, at most `most` operations.
  void next(operation_frame& out, std::uint32_t most);
  /// Judges the answer. `resent`: a connection broke, so a replayed result may be that of our own first sending.
  /// Returns how many milliseconds the server asks to wait.
  std::uint32_t take(operation_frame& of, const frame_header& header, std::span<const std::byte> body,
                     std::uint64_t latency_ns, bool resent);
  /// No answer came to the end.
  void give_up(const operation_frame& of) { unanswered_ += of.operations.size(); }

  const std::array<kind_figures, kind_count>& figures() const { return figures_; }
  const scenario_books& books() const { return books_; }
  std::uint64_t done() const { return done_; }
  std::uint64_t duplicates() const { return duplicates_; }  ///< answered as they have to be
  std::uint64_t wrong() const { return wrong_; }            ///< answers that must not be
  std::uint64_t unanswered() const { return unanswered_; }
  /// The first wrong answer in words.
  const std::string& why() const { return why_; }
  void complain(std::string why);
  /// Orders that nothing is under way to, of all kinds.
  std::vector<known_order> idle_orders() const;

 private:
  /// A command that was acknowledged, to be sent once more.
  struct acknowledged {
    std::array<std::byte, limits::record_bytes> record;
    operation what;
  };

  bool fill(std::uint8_t kind, std::uint32_t most, operation_frame& out);
  stage stage_of(std::uint8_t kind);
  bool add(std::uint8_t kind, stage asks, operation_frame& out);
  bool add_duplicate(std::uint8_t kind, operation_frame& out);
  void add_creation(operation& op, operation_frame& out);
  bool add_action(operation& op, operation_frame& out);
  bool add_question(operation& op, operation_frame& out);
  void take_command(operation_frame& of, std::size_t i, const result_record& result, bool resent);
  void take_timeline(const operation& op, std::span<const std::byte> body);
  void take_balances(const operation_frame& of, std::span<const std::byte> body);
  void refuse(const operation& op, result_code code);
  void put_back(const known_order& order);
  bool is_open(const known_order& order) const;
  void remember(const operation_frame& of, std::size_t i, const result_record& result);
  std::uint64_t random(std::uint64_t below) { return engine_() % below; }
  bool chance(double percent) { return static_cast<double>(engine_() >> 11) * 0x1p-53 * 100 < percent; }

  const scenario how_;
  const scenario_parties& parties_;
  scenario_books books_;
  std::mt19937_64 engine_;
  zipf users_, merchants_;
  std::array<std::vector<known_order>, kind_count>
      orders_;  ///< by the kind that made them; nothing is under way to them
  std::map<frame_type, std::vector<acknowledged>> memory_;  ///< the newest ones, in rings
  std::uint64_t remembered_ = 0;
  std::array<kind_figures, kind_count> figures_;
  std::uint64_t weights_ = 0, asked_ = 0, made_ = 0, acted_ = 0;
  std::uint64_t done_ = 0, duplicates_ = 0, wrong_ = 0, unanswered_ = 0;
  std::string why_;
};

}  // namespace payloom::bench

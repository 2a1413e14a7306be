#pragma once
// Payment templates, compiled: the ordered steps of a payment, which tools may be combined and who takes the rest.
// Immutable after load; any thread may read it. Nothing of it stands in the journal: versions may change it freely.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/business_map.hpp"
#include "actors/core/catalog/check_plan.hpp"
#include "actors/core/catalog/template_definition.hpp"
#include "actors/core/payments/tools/tools.hpp"

namespace payloom::core::catalog {

inline constexpr std::size_t template_steps_max = 8;      ///< refused at load
inline constexpr std::size_t template_combines_max = 16;  ///< likewise

/// In the order in which they run.
enum class step_kind : std::uint8_t {
  reserve,  ///< what pays is put aside, inside the platform
  execute,  ///< the one step that leaves it
  confirm,  ///< what was reserved has paid
  give,     ///< parts of a refund arrive at tools inside
};
std::string_view to_string(step_kind kind);

struct template_step {
  step_kind kind = step_kind::reserve;
  std::vector<name_index> tools;  ///< of the business map, in the order in which their postings are laid
  bool funds = false;             ///< all of the money, of whoever gives it
};

struct payment_template {
  std::string name;
  source_place place;
  std::vector<template_step> steps;
  tool_bits reserved = 0, executed = 0, given = 0;
  check_bits checks = 0;  ///< what is asked before a payment begins, within check_deadline_ms
  std::uint32_t check_deadline_ms = 0;
  bool holds_funds = false;          ///< money going out: all of it is held before anything is sent
  std::vector<tool_bits> together;   ///< sets of tools that may pay together
  std::vector<tool_number> rest;     ///< all of its tools, by their places in the list of tools
  std::vector<tool_bits> rest_bits;  ///< the same, as bits of the business map

  tool_bits tools() const { return static_cast<tool_bits>(reserved | executed | given); }

  /// May these pay together?
  bool may_combine(tool_bits used) const {
    if ((used & (used - 1)) == 0) return true;
    for (const tool_bits all : together)
      if ((used & ~all) == 0) return true;
    return false;
  }
  /// Which of these takes what the others leave, as its index in `rest`; at least one of them is a tool of the
  /// template.
  std::size_t rest_of(tool_bits used) const {
    std::size_t i = 0;
    while ((rest_bits[i] & used) == 0) {
      ++i;
      PAYLOOM_ASSERT(i < rest_bits.size());
    }
    return i;
  }
};

class payment_templates {
 public:
  payment_templates() = default;

  /// Checks and compiles against the business map, which names them and whose tools they are about, and the checks that
  /// they may ask; whatever is wrong is added to `problems` (places of templates.yaml), and then they must not be used.
  static payment_templates make(const templates_definition& from, const business_map& map, const check_plans& checks,
                                problem_list& problems);

  std::size_t size() const { return all_.size(); }
  const payment_template& at(std::size_t i) const { return all_[i]; }
  const payment_template* find(std::string_view name) const;

 private:
  std::vector<payment_template> all_;
};

/// The place of a business map's tool in the list of tools; nullopt: there is no such tool.
std::optional<tool_number> find_tool(std::string_view name);

}  // namespace payloom::core::catalog

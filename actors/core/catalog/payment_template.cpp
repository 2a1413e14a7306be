#include "actors/core/catalog/payment_template.hpp"

#include <algorithm>
#include <array>

namespace payloom::core::catalog {
namespace {

constexpr std::array<std::string_view, 4> kind_words = {"reserve", "execute", "confirm", "give"};
constexpr std::string_view funds_word = "funds";

std::vector<std::string> texts(std::initializer_list<std::string_view> words) { return {words.begin(), words.end()}; }

/// One template: checks and compiles.
class compiler {
 public:
  compiler(const template_definition& from, const business_map& map, const check_plans& checks, problem_list& problems)
      : from_(from), map_(map), checks_(checks), problems_(problems), what_("template " + from.name.text) {}

  payment_template run() {
    made_.name = from_.name.text;
    made_.place = from_.name.at;
    const std::size_t before = problems_.size();
    if (from_.steps.empty()) complain(from_.name.at, ": no steps: say at least what is executed or reserved");
    for (const step_definition& step : from_.steps) lay_step(step);
    if (problems_.size() != before) return std::move(made_);  // told; what follows from it need not be
    check_pairs();
    lay_rest();
    lay_combinations();
    check_endings();
    lay_checks();
    return std::move(made_);
  }

 private:
  void complain(source_place at, const std::string& message) { problems_.add(at, what_ + message); }

  void lay_step(const step_definition& step) {
    const auto at = std::ranges::find(kind_words, std::string_view(step.kind.text));
    if (at == kind_words.end()) {
      problems_.add_unknown(step.kind, what_ + ": unknown step", {kind_words.begin(), kind_words.end()});
      return;
    }
    const auto kind = static_cast<step_kind>(at - kind_words.begin());
    check_order(kind, step.kind.at);
    last_ = kind;
    template_step made;
    made.kind = kind;
    if (step.tools.empty()) complain(step.kind.at, ", " + step.kind.text + ": names nothing: name a tool");
    if (kind == step_kind::execute && step.tools.size() > 1)
      complain(step.tools[1].at, ", execute: at most one step leaves the platform: name one tool");
    for (const placed_name& tool : step.tools) lay_tool(kind, tool, made);
    made_.steps.push_back(std::move(made));
  }

  void check_order(step_kind kind, source_place at) {
    if (!last_ || kind > *last_) return;
    const std::string word(to_string(kind));
    if (kind == *last_) {
      complain(at, kind == step_kind::execute ? ": execute stands twice: at most one step leaves the platform"
                                              : ": " + word + " stands twice: name all in one step, they are parallel");
    } else {
      complain(at, ": " + word + " stands behind " + std::string(to_string(*last_)) +
                       ": first reserve, then the one step outside (execute), then confirm, then give");
    }
  }

  void lay_tool(step_kind kind, const placed_name& tool, template_step& into) {
    const bool may_be_funds = kind == step_kind::reserve || kind == step_kind::confirm;
    if (may_be_funds && tool.text == funds_word) {
      into.funds = true;
      return;
    }
    const std::optional<name_index> index = map_.tools().find(tool.text);
    if (!index) {
      std::vector<std::string> known = map_.tools().names();
      if (may_be_funds) known.emplace_back(funds_word);
      problems_.add_unknown(tool, what_ + ", " + std::string(to_string(kind)) + ": unknown tool", std::move(known));
      return;
    }
    into.tools.push_back(*index);
    const auto bit = static_cast<tool_bits>(1u << *index);
    bits_[static_cast<std::size_t>(kind)] |= bit;
    const std::optional<tool_number> number = find_tool(tool.text);
    if (!number) return;  // told where tools are defined
    const tool_traits& can = tool_list[*number];
    const bool fits = kind == step_kind::execute ? can.executes
                      : kind == step_kind::give  ? can.takes_back
                                                 : can.reserves;
    if (fits) return;
    complain(tool.at, ", " + std::string(to_string(kind)) + ": " + tool.text +
                          (can.executes ? " leaves the platform: it can only be executed"
                                        : " is inside: reserve and confirm it, or give to it"));
  }

  bool funds_in(step_kind kind) const {
    return std::ranges::any_of(made_.steps, [&](const template_step& s) { return s.kind == kind && s.funds; });
  }

  /// Whatever is reserved is confirmed, and nothing else.
  void check_pairs() {
    const auto [reserved, executed, confirmed, given] = bits_;
    made_.reserved = reserved;
    made_.executed = executed;
    made_.given = given;
    made_.holds_funds = funds_in(step_kind::reserve);
    const source_place at = from_.name.at;
    for (std::size_t i = 0; i < map_.tools().size(); ++i) {
      const unsigned bit = 1u << i;
      const std::string name(map_.tools().name(static_cast<name_index>(i)));
      if ((reserved & ~confirmed & bit) != 0)
        complain(at, ": " + name + " is reserved and never confirmed: confirm it");
      if ((confirmed & ~reserved & bit) != 0)
        complain(at, ": " + name + " is confirmed and never reserved: reserve it");
      if ((reserved & given & bit) != 0)
        complain(at, ": " + name + " is reserved and given: it pays, or it takes what goes back");
    }
    if (made_.holds_funds != funds_in(step_kind::confirm))
      complain(at, made_.holds_funds ? ": funds are reserved and never confirmed: confirm them"
                                     : ": funds are confirmed and never reserved: reserve them");
    if (made_.holds_funds && reserved != 0) complain(at, ": funds are all of the money: reserve nothing beside them");
    if (made_.holds_funds && executed == 0 && given == 0)
      complain(at, ": what is reserved goes nowhere: execute a tool, or give to one");
    if (given != 0 && !made_.holds_funds) complain(at, ": gives what nobody reserved: reserve funds");
    check_used();
  }

  /// No step without its tool in a row.
  void check_used() {
    tool_bits rows = 0;
    bool named = false;
    for (const map_row& row : map_.rows()) {
      if (map_.templates().name(row.payment_template) != made_.name) continue;
      named = true;
      rows = static_cast<tool_bits>(rows | row.tools);
    }
    for (std::size_t i = 0; named && i < map_.tools().size(); ++i) {
      if ((made_.tools() & ~rows & (1u << i)) == 0) continue;
      complain(from_.name.at, ": no row with it has the tool " + map_.tools().names()[i] + ": remove its steps");
    }
  }

  tool_bits paying() const { return static_cast<tool_bits>(bits_[0] | bits_[1] | bits_[3]); }

  void lay_rest() {
    tool_bits seen = 0;
    for (const placed_name& tool : from_.rest) {
      const std::optional<name_index> index = map_.tools().find(tool.text);
      const auto bit = static_cast<tool_bits>(index ? 1u << *index : 0u);
      if ((paying() & bit) == 0) {
        problems_.add_unknown(tool, what_ + ", rest: no step has", tool_names());
        continue;
      }
      const std::optional<tool_number> number = find_tool(tool.text);
      if (!number) continue;
      if (!tool_list[*number].named && seen != 0)
        complain(tool.at, ", rest: nobody can say how much " + tool.text + " pays: put it first");
      seen = static_cast<tool_bits>(seen | bit);
      made_.rest.push_back(*number);
      made_.rest_bits.push_back(bit);
    }
    for (std::size_t i = 0; i < map_.tools().size(); ++i) {
      if ((paying() & ~seen & (1u << i)) == 0 || !find_tool(map_.tools().names()[i])) continue;
      complain(from_.name.at, ", rest: " + map_.tools().names()[i] + " is missing: all tools of the steps stand there");
    }
  }

  void lay_combinations() {
    for (const std::vector<placed_name>& set : from_.combine) {
      tool_bits together = 0;
      for (const placed_name& tool : set) {
        const std::optional<name_index> index = map_.tools().find(tool.text);
        const auto bit = static_cast<tool_bits>(index ? 1u << *index : 0u);
        if ((paying() & bit) == 0) problems_.add_unknown(tool, what_ + ", combine: no step has", tool_names());
        together = static_cast<tool_bits>(together | bit);
      }
      if (set.size() < 2)
        complain(set.empty() ? from_.name.at : set.front().at,
                 ", combine: one tool pays alone anyway: name two or more");
      made_.together.push_back(together);
    }
  }

  void check_endings() {
    const bool outside = bits_[1] != 0;
    const auto check = [&](const std::optional<placed_name>& said, const char* key, const char* only) {
      if (said && !outside) {
        complain(said->at, ", " + std::string(key) + ": no step leaves the platform: remove it");
      } else if (said && said->text != only) {
        problems_.add_unknown(*said, what_ + ", " + key + ": unknown", texts({only}));
      } else if (!said && outside) {
        complain(from_.name.at, ": a step leaves the platform: add `" + std::string(key) + ": " + only + "`");
      }
    };
    check(from_.on_rejected, "on_rejected", "cancel_in_reverse");
    check(from_.on_unknown, "on_unknown", "stop");
  }

  void lay_checks() {
    for (const placed_name& name : from_.checks) {
      if (const check_plan* plan = checks_.find(name.text)) {
        made_.checks = static_cast<check_bits>(made_.checks | plan->bit());
        continue;
      }
      std::vector<std::string> known;
      for (const check_plan& plan : checks_.all()) known.push_back(plan.name);
      problems_.add_unknown(name, what_ + ", checks: checks.yaml has no", std::move(known));
    }
    made_.check_deadline_ms = from_.check_deadline_ms;
    const source_place at = from_.checks.empty() ? from_.name.at : from_.checks.front().at;
    if (!from_.checks.empty() && from_.check_deadline_ms == 0)
      complain(at, ": add `check_deadline_ms`: how long a payment waits for its checks");
    if (from_.checks.empty() && from_.check_deadline_ms != 0)
      complain(at, ": check_deadline_ms without checks: name some, or remove it");
  }

  std::vector<std::string> tool_names() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < map_.tools().size(); ++i)
      if ((paying() & (1u << i)) != 0) names.push_back(map_.tools().names()[i]);
    return names;
  }

  const template_definition& from_;
  const business_map& map_;
  const check_plans& checks_;
  problem_list& problems_;
  std::string what_;
  std::optional<step_kind> last_;
  std::array<tool_bits, kind_words.size()> bits_{};  // tools by kind of step
  payment_template made_;
};

}  // namespace

std::string_view to_string(step_kind kind) { return kind_words[static_cast<std::size_t>(kind)]; }

std::optional<tool_number> find_tool(std::string_view name) {
  const auto at = std::ranges::find(tool_list, name, &tool_traits::name);
  if (at == tool_list.end()) return std::nullopt;
  return static_cast<tool_number>(at - tool_list.begin());
}

payment_templates payment_templates::make(const templates_definition& from, const business_map& map,
                                          const check_plans& checks, problem_list& problems) {
  payment_templates made;
  for (const template_definition& one : from.templates) {
    if (!map.templates().find(one.name.text))
      problems.add(one.name.at,
                   "template " + one.name.text + ": business_map.yaml does not name it: add it to `templates` there");
    made.all_.push_back(compiler(one, map, checks, problems).run());
  }
  for (const std::string& name : map.templates().names()) {
    if (made.find(name) == nullptr)
      problems.add({}, "template " + name + " is missing: business_map.yaml names it, add its steps");
  }
  return made;
}

const payment_template* payment_templates::find(std::string_view name) const {
  const auto at = std::ranges::find(all_, name, &payment_template::name);
  return at == all_.end() ? nullptr : &*at;
}

}  // namespace payloom::core::catalog

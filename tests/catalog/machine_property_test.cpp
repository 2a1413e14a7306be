// Goal: whatever is accepted keeps every rule, and what is refused breaks one (domain TC-1). Method: random changes to
// the machines that ship, judged by a naive checker that shares nothing with the compiler; seeded, and the seed is
// printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <set>

#include "actors/core/catalog/machine_compiler.hpp"
#include "tests/catalog/catalog_fixture.hpp"

namespace payloom::catalog_test {
namespace {

const machines_definition& shipped_definition() {
  static const machines_definition all = [] {
    config::yaml_reader reader("machines.yaml");
    return config::read_machines(reader, *reader.parse_file(PAYLOOM_SOURCE_DIR "/config/payments/machines.yaml"));
  }();
  return all;
}

event_source source_of(const machines_definition& all, machine_kind kind, const std::string& event) {
  for (const event_definition& e : all.events[static_cast<std::size_t>(kind)]) {
    if (e.name.text == event) return e.source;
  }
  throw std::logic_error("no event " + event);
}

// Says whether one machine keeps the rules of TC-1, by names and sets alone. The changes below keep all names known.
class naive_checker {
 public:
  naive_checker(const machines_definition& all, const machine_definition& machine) : all_(all), machine_(machine) {}

  bool keeps_rules() const {
    std::size_t initials = 0;
    for (const state_definition& s : machine_.states) {
      initials += s.kind == state_kind::initial ? 1 : 0;
      if (!is_right(s)) return false;
    }
    return initials == 1 && all_reached() && all_end();
  }

 private:
  bool is_right(const state_definition& s) const {
    if (s.kind == state_kind::terminal && !s.moves.empty()) return false;
    if ((s.kind == state_kind::waiting) != s.timeout.has_value()) return false;
    if (s.fact_only && s.kind != state_kind::waiting) return false;
    std::multiset<std::string> said;
    std::set<std::string> raised;
    if (s.timeout) raised.insert(s.timeout->event.text);
    if (s.timeout && s.timeout->then) raised.insert(s.timeout->then->text);
    for (const answer_definition& a : s.answers) said.insert(a.event.text);
    for (const transition_definition& m : s.moves) {
      said.insert(m.event.text);
      const state_definition& to = state(m.to.text);
      const event_source source = source_of(all_, machine_.kind, m.event.text);
      if (to.kind == state_kind::initial) return false;
      if (s.fact_only && !to.fact_only && source != event_source::fact) return false;
      if (source == event_source::timer && !raised.contains(m.event.text)) return false;
    }
    for (const std::string& event : said) {
      if (said.count(event) > 1) return false;
    }
    return !s.timeout || timeout_is_right(s);
  }

  bool timeout_is_right(const state_definition& s) const {
    const timeout_definition& t = *s.timeout;
    const std::string to = target(s, t.event.text);
    if (to.empty() || source_of(all_, machine_.kind, t.event.text) != event_source::timer) return false;
    if (t.then.has_value() != (t.times > 0)) return false;
    if (!t.then) return true;
    const std::string then = target(s, t.then->text);
    return to == s.name.text && !then.empty() && then != s.name.text &&
           source_of(all_, machine_.kind, t.then->text) == event_source::timer;
  }

  bool all_reached() const {
    std::set<std::string> seen;
    for (const state_definition& s : machine_.states) {
      if (s.kind == state_kind::initial) seen.insert(s.name.text);
    }
    for (std::size_t before = 0; before != seen.size();) {
      before = seen.size();
      for (const std::string& name : std::set<std::string>(seen)) {
        for (const transition_definition& m : state(name).moves) seen.insert(m.to.text);
      }
    }
    return seen.size() == machine_.states.size();
  }

  bool all_end() const {
    std::set<std::string> ends;
    for (std::size_t round = 0; round <= machine_.states.size(); ++round) {
      for (const state_definition& s : machine_.states) {
        bool leads = s.kind == state_kind::terminal;
        for (const transition_definition& m : s.moves) leads = leads || ends.contains(m.to.text);
        if (leads) ends.insert(s.name.text);
      }
    }
    return ends.size() == machine_.states.size();
  }

  const state_definition& state(const std::string& name) const {
    for (const state_definition& s : machine_.states) {
      if (s.name.text == name) return s;
    }
    throw std::logic_error("no state " + name);
  }

  static std::string target(const state_definition& s, const std::string& event) {
    for (const transition_definition& m : s.moves) {
      if (m.event.text == event) return m.to.text;
    }
    return "";
  }

  const machines_definition& all_;
  const machine_definition& machine_;
};

// One random change; every name stays known.
class mutator {
 public:
  explicit mutator(std::uint64_t seed) : random_(seed) {}

  void change(const machines_definition& all, machine_definition& machine) {
    state_definition& s = machine.states[below(machine.states.size())];
    const std::vector<event_definition>& events = all.events[static_cast<std::size_t>(machine.kind)];
    const placed_name event = events[below(events.size())].name;
    const placed_name to = machine.states[below(machine.states.size())].name;
    switch (below(10)) {
      case 0:
        s.kind = static_cast<state_kind>(below(3));
        break;
      case 1:
        s.fact_only = !s.fact_only;
        break;
      case 2:
        s.timeout.reset();
        break;
      case 3:
        s.moves.push_back({event, to});
        break;
      case 4:
        if (!s.moves.empty()) s.moves.erase(s.moves.begin() + static_cast<std::ptrdiff_t>(below(s.moves.size())));
        break;
      case 5:
        if (!s.moves.empty()) s.moves[below(s.moves.size())].to = to;
        break;
      case 6:
        s.answers.push_back({event, static_cast<verdict>(1 + below(3))});
        break;
      case 7:
        s.timeout = timeout_definition{all.durations[below(all.durations.size())].name, event, 0, {}};
        break;
      case 8:
        if (s.timeout) s.timeout->times = static_cast<std::uint32_t>(below(3));
        break;
      case 9:
        if (s.timeout) s.timeout->then = event;
        break;
    }
  }

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

 private:
  std::mt19937_64 random_;
};

TEST(machine_property, accepted_exactly_when_every_rule_is_kept) {
  constexpr std::uint64_t seed = 20'261'122;
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  mutator random(seed);
  std::size_t accepted = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    const machines_definition& all = shipped_definition();
    const std::size_t kind = random.below(machine_kinds);
    machine_definition machine = all.machines[kind][random.below(all.machines[kind].size())];
    for (std::size_t changes = random.below(4); changes > 0; --changes) random.change(all, machine);
    problem_list found, vocabulary;
    const event_vocabulary events(all.events[kind], vocabulary);
    const std::optional<state_machine> made = compile_machine(machine, events, all.durations, found);
    const bool right = naive_checker(all, machine).keeps_rules();
    ASSERT_EQ(made.has_value(), right) << "round " << round << ", machine " << machine.name.text << ": "
                                       << (found.empty() ? "no problem" : found.all()[0].message);
    ASSERT_EQ(made.has_value(), found.empty()) << "round " << round;
    ++(right ? accepted : refused);
  }
  EXPECT_GT(accepted, 4'000u);
  EXPECT_GT(refused, 4'000u);
}

TEST(machine_property, any_timeout_that_is_left_out_is_told) {
  std::size_t checked = 0;
  const machines_definition& all = shipped_definition();
  for (std::size_t kind = 0; kind < machine_kinds; ++kind) {
    for (std::size_t m = 0; m < all.machines[kind].size(); ++m) {
      for (std::size_t s = 0; s < all.machines[kind][m].states.size(); ++s) {
        machines_definition changed = all;
        state_definition& state = changed.machines[kind][m].states[s];
        if (!state.timeout) continue;
        state.timeout.reset();
        problem_list found;
        EXPECT_FALSE(compile_machines(changed, found));
        ++checked;
        const std::string needed = "state " + state.name.text + ": a waiting state needs a `timeout`";
        EXPECT_TRUE(std::ranges::any_of(found.all(), [&](const definition_problem& p) {
          return p.at == state.name.at && p.message.find(needed) != std::string::npos;
        })) << state.name.text;
      }
    }
  }
  EXPECT_GT(checked, 70u);
}

}  // namespace
}  // namespace payloom::catalog_test

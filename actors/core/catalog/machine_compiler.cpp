#include "actors/core/catalog/machine_compiler.hpp"

#include <algorithm>
#include <string>

#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {
namespace {

class compiler {
 public:
  compiler(const machine_definition& from, const event_vocabulary& events,
           const std::vector<duration_definition>& durations, problem_list& problems)
      : from_(from), events_(events), durations_(durations), problems_(problems), label_("machine " + from.name.text) {}

  std::optional<state_machine> run() {
    const std::size_t before = problems_.size();
    if (from_.states.size() > limits::machine_states_max) {
      complain(from_.name.at, std::to_string(from_.states.size()) + " states are more than the " +
                                  std::to_string(limits::machine_states_max) + " allowed: split the machine");
      return std::nullopt;
    }
    check_states();
    lay_defaults();
    for (std::size_t at = 0; at < from_.states.size(); ++at) {
      lay_moves(at);
      lay_answers(at);
      lay_timeout(at);
    }
    if (problems_.size() == before) check_reach();
    if (problems_.size() != before) return std::nullopt;
    return state_machine(from_.name.text, from_.kind, events_.size(), std::move(states_), std::move(steps_));
  }

 private:
  void complain(source_place at, const std::string& message) { problems_.add(at, label_ + ": " + message); }

  void complain(const state_definition& state, source_place at, const std::string& message) {
    problems_.add(at, label_ + ", state " + state.name.text + ": " + message);
  }

  void check_states() {
    std::size_t initials = 0, terminals = 0;
    for (std::size_t at = 0; at < from_.states.size(); ++at) {
      const state_definition& state = from_.states[at];
      if (*index_of(state.name.text) != at) complain(state.name.at, state.name.text + " stands twice: rename one");
      initials += state.kind == state_kind::initial ? 1 : 0;
      terminals += state.kind == state_kind::terminal ? 1 : 0;
      if (state.fact_only && state.kind != state_kind::waiting) {
        complain(state, state.name.at, "only a waiting state can be fact_only: remove the mark");
      }
    }
    if (initials != 1) {
      complain(from_.name.at, std::to_string(initials) + " initial states: exactly one is needed");
    }
    if (terminals == 0) complain(from_.name.at, "no final state: add one, so that every entity ends");
    for (std::size_t source = 0; source < event_sources; ++source) {
      if (from_.otherwise[source] == verdict::move) {
        complain(from_.name.at, "what is not mentioned cannot move: answer it with ignore, refuse or case");
      }
    }
  }

  // Every state x event has its default before anything is read; `mentioned_` finds what is written down twice.
  void lay_defaults() {
    mentioned_.assign(from_.states.size() * events_.size(), false);
    for (std::size_t at = 0; at < from_.states.size(); ++at) {
      const state_definition& state = from_.states[at];
      states_.push_back({state.name.text, state.kind, state.fact_only, std::nullopt});
      for (std::size_t event = 0; event < events_.size(); ++event) {
        const event_source source = events_.source(static_cast<event_index>(event));
        steps_.push_back({from_.otherwise[static_cast<std::size_t>(source)], static_cast<state_index>(at)});
      }
    }
  }

  void lay_moves(std::size_t at) {
    const state_definition& state = from_.states[at];
    for (const transition_definition& move : state.moves) {
      const std::optional<event_index> event = mention(at, move.event);
      const std::optional<std::size_t> to = index_of(move.to.text);
      if (!to) problems_.add_unknown(move.to, label_ + ", state " + state.name.text + ": unknown state", state_names());
      if (state.kind == state_kind::terminal) {
        complain(state, move.event.at,
                 "nothing may lead out of a final state: remove " + move.event.text +
                     ", or make the state waiting with a timeout");
      }
      if (!event || !to) continue;
      check_move(state, move, *event, from_.states[*to]);
      step(at, *event) = {verdict::move, static_cast<state_index>(*to)};
    }
  }

  void check_move(const state_definition& state, const transition_definition& move, event_index event,
                  const state_definition& to) {
    if (to.kind == state_kind::initial) {
      complain(state, move.to.at, "nothing may lead back to the initial state: choose a waiting one");
    }
    const event_source source = events_.source(event);
    if (state.fact_only && source != event_source::fact && !to.fact_only) {
      complain(state, move.event.at,
               move.event.text + " is no fact and may not end what is unknown in " + to.name.text +
                   ": let a fact lead there, or stay among fact_only states");
    }
    const bool raised = state.timeout && (state.timeout->event.text == move.event.text ||
                                          (state.timeout->then && state.timeout->then->text == move.event.text));
    if (source == event_source::timer && state.kind == state_kind::waiting && !raised) {
      complain(state, move.event.at, "no timeout of this state raises " + move.event.text + ": name it in `timeout`");
    }
    if (source == event_source::timer && state.kind == state_kind::initial) {
      complain(state, move.event.at, "an initial state never waits: no timer can raise " + move.event.text);
    }
  }

  void lay_answers(std::size_t at) {
    for (const answer_definition& answer : from_.states[at].answers) {
      const std::optional<event_index> event = mention(at, answer.event);
      PAYLOOM_ASSERT(answer.answer != verdict::move);  // the reader has no word for it
      if (event) step(at, *event) = {answer.answer, static_cast<state_index>(at)};
    }
  }

  void lay_timeout(std::size_t at) {
    const state_definition& state = from_.states[at];
    if (!state.timeout) {
      if (state.kind == state_kind::waiting) {
        complain(state, state.name.at, "a waiting state needs a `timeout`: name a duration and a timer event");
      }
      return;
    }
    const timeout_definition& from = *state.timeout;
    if (state.kind != state_kind::waiting) {
      complain(state, from.event.at, "only a waiting state has a timeout: remove it");
      return;
    }
    const auto duration = std::ranges::find(
        durations_, from.after.text, [](const duration_definition& d) -> const std::string& { return d.name.text; });
    if (duration == durations_.end()) {
      problems_.add_unknown(from.after, label_ + ", state " + state.name.text + ": unknown duration", duration_names());
    }
    const std::optional<event_index> event = timer(at, from.event);
    std::optional<event_index> then = event;
    if (from.then.has_value() != (from.times > 0)) {
      complain(state, from.event.at, "`times` and `then` belong together: give both, or none for a timer without end");
    } else if (from.then) {
      then = timer(at, *from.then);
      check_repeat(at, event, then);
    }
    if (duration == durations_.end() || !event || !then) return;
    states_[at].timeout = machine_timeout{duration->value, static_cast<duration_index>(duration - durations_.begin()),
                                          *event, from.times, *then};
  }

  // A timer with `times` repeats in its state and gives up with `then`, which leads elsewhere.
  void check_repeat(std::size_t at, std::optional<event_index> event, std::optional<event_index> then) {
    const state_definition& state = from_.states[at];
    if (event && step(at, *event).to != at) {
      complain(state, state.timeout->event.at,
               state.timeout->event.text + " leaves the state, so `times` and `then` " + "never count: remove them");
    }
    if (then && step(at, *then).to == at) {
      complain(state, state.timeout->then->at, state.timeout->then->text + " gives up but stays: lead it elsewhere");
    }
  }

  // The number of a timeout's event; it must be a timer and must move.
  std::optional<event_index> timer(std::size_t at, const placed_name& name) {
    const state_definition& state = from_.states[at];
    const std::optional<event_index> event = events_.find(name.text);
    if (!event) {
      problems_.add_unknown(name, label_ + ", state " + state.name.text + ": unknown event", events_.names());
    } else if (events_.source(*event) != event_source::timer) {
      complain(state, name.at, name.text + " is no timer event: a timeout raises timers only");
    } else if (step(at, *event).what != verdict::move) {
      const bool known = std::ranges::any_of(
          state.moves, [&](const transition_definition& move) { return move.event.text == name.text; });
      if (!known)
        complain(state, name.at, "the timeout raises " + name.text + " but no move handles it: add it to `moves`");
    } else {
      return event;
    }
    return std::nullopt;
  }

  // The number of an event that a state writes down; nullopt with a problem when it is unknown or stands there already.
  std::optional<event_index> mention(std::size_t at, const placed_name& name) {
    const std::string& state = from_.states[at].name.text;
    const std::optional<event_index> event = events_.find(name.text);
    if (!event) {
      problems_.add_unknown(name, label_ + ", state " + state + ": unknown event", events_.names());
      return std::nullopt;
    }
    if (mentioned_[at * events_.size() + *event]) {
      complain(from_.states[at], name.at, name.text + " stands twice: keep one");
      return std::nullopt;
    }
    mentioned_[at * events_.size() + *event] = true;
    return event;
  }

  void check_reach() {
    std::vector<bool> reached(states_.size()), leads_out(states_.size());
    for (std::size_t at = 0; at < states_.size(); ++at) {
      reached[at] = states_[at].kind == state_kind::initial;
      leads_out[at] = states_[at].kind == state_kind::terminal;
    }
    // At most one round per state: each but the last adds a state.
    for (bool grown = true; grown;) {
      grown = false;
      for (std::size_t at = 0; at < states_.size(); ++at) {
        for (std::size_t event = 0; event < events_.size(); ++event) {
          const machine_step& s = step(at, static_cast<event_index>(event));
          if (s.what != verdict::move) continue;
          if (reached[at] && !reached[s.to]) grown = reached[s.to] = true;
          if (leads_out[s.to] && !leads_out[at]) grown = leads_out[at] = true;
        }
      }
    }
    for (std::size_t at = 0; at < states_.size(); ++at) {
      const state_definition& state = from_.states[at];
      if (!reached[at]) complain(state, state.name.at, "no event leads here: add a move to it, or remove the state");
      if (!leads_out[at]) complain(state, state.name.at, "no way leads from here to a final state: add a move");
    }
  }

  machine_step& step(std::size_t at, event_index event) { return steps_[at * events_.size() + event]; }

  std::optional<std::size_t> index_of(const std::string& name) const {
    for (std::size_t at = 0; at < from_.states.size(); ++at) {
      if (from_.states[at].name.text == name) return at;
    }
    return std::nullopt;
  }

  std::vector<std::string> state_names() const {
    std::vector<std::string> out;
    for (const state_definition& state : from_.states) out.push_back(state.name.text);
    return out;
  }

  std::vector<std::string> duration_names() const {
    std::vector<std::string> out;
    for (const duration_definition& duration : durations_) out.push_back(duration.name.text);
    return out;
  }

  const machine_definition& from_;
  const event_vocabulary& events_;
  const std::vector<duration_definition>& durations_;
  problem_list& problems_;
  const std::string label_;
  std::vector<state_machine::state> states_;
  std::vector<machine_step> steps_;
  std::vector<bool> mentioned_;  // states x events, like steps_
};

}  // namespace

std::optional<state_machine> compile_machine(const machine_definition& from, const event_vocabulary& events,
                                             const std::vector<duration_definition>& durations,
                                             problem_list& problems) {
  return compiler(from, events, durations, problems).run();
}

}  // namespace payloom::core::catalog

#include "config/catalog/machine_reader.hpp"

#include <fmt/format.h>

#include <array>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

using namespace core::catalog;

constexpr std::chrono::seconds duration_max = std::chrono::hours(24 * 3660);  // ten years: more is a slip of the pen

// Words by the value of their enumeration.
constexpr std::array<std::string_view, 3> kind_words = {"initial", "waiting", "final"};
constexpr std::array<std::string_view, event_sources> source_words = {"command", "fact", "timer"};
constexpr std::array<std::string_view, 3> answer_words = {"ignore", "refuse", "case"};  // verdict 1 .. 3

verdict verdict_of(std::size_t word) { return static_cast<verdict>(word + 1); }
static_assert(static_cast<int>(verdict::ignore) == 1 && static_cast<int>(verdict::refuse) == 2 &&
              static_cast<int>(verdict::open_case) == 3);

class machine_file {
 public:
  explicit machine_file(yaml_reader& reader) : reader_(reader) {}

  machines_definition read(const YAML::Node& root) {
    machines_definition out;
    yaml_map top(reader_, root, "machines", {"durations", "order_events", "payment_events", "orders", "payments"});
    if (const auto node = top.node("durations", presence::needed)) read_durations(*node, out.durations);
    for (std::size_t kind = 0; kind < machine_kinds; ++kind) {
      const bool order = static_cast<machine_kind>(kind) == machine_kind::order;
      const std::string_view events = order ? "order_events" : "payment_events";
      const std::string_view machines = order ? "orders" : "payments";
      if (const auto node = top.node(events, presence::needed)) read_events(*node, events, out.events[kind]);
      if (const auto node = top.node(machines, presence::needed)) {
        for (const yaml_entry& entry : reader_.entries(*node, machines, limits::machines_max)) {
          out.machines[kind].push_back(read_machine(entry, static_cast<machine_kind>(kind)));
        }
      }
    }
    return out;
  }

 private:
  void read_durations(const YAML::Node& node, std::vector<duration_definition>& out) {
    for (yaml_entry& entry : reader_.entries(node, "durations", limits::machine_durations_max)) {
      std::chrono::seconds value{1};
      const std::string text = entry.value.IsScalar() ? entry.value.Scalar() : "";
      if (const auto wrong = read_duration(text, duration_max, value)) {
        reader_.complain(entry.value, fmt::format("durations: {}: {}", entry.key.text, *wrong));
      }
      out.push_back({std::move(entry.key), value});
    }
  }

  void read_events(const YAML::Node& node, std::string_view what, std::vector<event_definition>& out) {
    for (yaml_entry& entry : reader_.entries(node, what, limits::machine_events_max)) {
      const std::string label = fmt::format("{}: {}", what, entry.key.text);
      const auto source = reader_.word(entry.value, label, source_words);
      out.push_back({std::move(entry.key), static_cast<event_source>(source.value_or(0))});
    }
  }

  machine_definition read_machine(const yaml_entry& entry, machine_kind kind) {
    machine_definition out;
    out.name = entry.key;
    out.kind = kind;
    const std::string what = "machine " + entry.key.text;
    yaml_map fields(reader_, entry.value, what, {"otherwise", "states"});
    if (const auto node = fields.node("otherwise", presence::needed)) {
      yaml_map answers(reader_, *node, what + ": otherwise", {"command", "fact", "timer"});
      for (std::size_t source = 0; source < event_sources; ++source) {
        const auto answer = answers.word(source_words[source], presence::needed, answer_words);
        if (answer) out.otherwise[source] = verdict_of(*answer);
      }
    }
    if (const auto node = fields.node("states", presence::needed)) {
      for (const yaml_entry& state : reader_.entries(*node, what + ": states", limits::machine_states_max)) {
        out.states.push_back(read_state(state, what));
      }
    }
    return out;
  }

  state_definition read_state(const yaml_entry& entry, const std::string& machine) {
    state_definition out;
    out.name = entry.key;
    const std::string what = fmt::format("{}, state {}", machine, entry.key.text);
    yaml_map fields(reader_, entry.value, what, {"kind", "fact_only", "timeout", "moves", "ignore", "refuse", "case"});
    const auto kind = fields.word("kind", presence::optional, kind_words);
    out.kind = static_cast<state_kind>(kind.value_or(static_cast<std::size_t>(state_kind::waiting)));
    out.fact_only = fields.flag("fact_only", presence::optional).value_or(false);
    if (const auto node = fields.node("timeout", presence::optional)) out.timeout = read_timeout(*node, what);
    if (const auto node = fields.node("moves", presence::optional)) {
      for (yaml_entry& move : reader_.entries(*node, what + ": moves", limits::machine_events_max)) {
        std::optional<placed_name> to = reader_.name(move.value, what + ": " + move.key.text);
        if (to) out.moves.push_back({std::move(move.key), std::move(*to)});
      }
    }
    for (std::size_t word = 0; word < answer_words.size(); ++word) {
      for (placed_name& event : fields.names(answer_words[word], presence::optional, limits::machine_events_max)) {
        out.answers.push_back({std::move(event), verdict_of(word)});
      }
    }
    return out;
  }

  std::optional<timeout_definition> read_timeout(const YAML::Node& node, const std::string& state) {
    yaml_map fields(reader_, node, state + ": timeout", {"after", "event", "times", "then"});
    std::optional<placed_name> after = fields.name("after", presence::needed);
    std::optional<placed_name> event = fields.name("event", presence::needed);
    const auto times = fields.count("times", presence::optional, 1, limits::timeout_times_max);
    std::optional<placed_name> then = fields.name("then", presence::optional);
    if (!after || !event) return std::nullopt;
    return timeout_definition{std::move(*after), std::move(*event), static_cast<std::uint32_t>(times.value_or(0)),
                              std::move(then)};
  }

  yaml_reader& reader_;
};

}  // namespace

machines_definition read_machines(yaml_reader& reader, const YAML::Node& root) {
  return machine_file(reader).read(root);
}

std::optional<machine_catalog> load_machines(yaml_reader& reader, const YAML::Node& root) {
  problem_list found;
  std::optional<machine_catalog> made = compile_machines(read_machines(reader, root), found);
  reader.take(found);
  if (!reader.ok()) made.reset();
  return made;
}

}  // namespace payloom::config

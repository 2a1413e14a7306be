#include "tests/sim/machine_tables.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "config/payments/shipped_payments.hpp"

namespace payloom::sim {
namespace {

using names = std::vector<std::string>;

std::uint8_t place_in(const names& list, std::string_view name) {
  const auto at = std::find(list.begin(), list.end(), name);
  if (at == list.end()) throw std::logic_error("machines.yaml has no " + std::string(name));
  return static_cast<std::uint8_t>(at - list.begin());
}

std::uint64_t seconds_of(const std::string& text) {
  static const std::map<std::string, std::uint64_t> units{{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86'400}};
  std::size_t digits = 0;
  const std::uint64_t count = std::stoull(text, &digits);
  return count * units.at(text.substr(digits));
}

stage stage_of(const std::string& name) {
  if (name == "SUCCESS") return stage::success;
  if (name == "FAILED" || name == "CLOSED") return stage::failure;
  if (name == "LATE_SUCCESS") return stage::late;
  return name == "RETURNED" ? stage::returned : stage::waits;
}

class reader {
 public:
  explicit reader(const YAML::Node& root) {
    for (const auto& d : root["durations"]) durations_[d.first.as<std::string>()] = seconds_of(d.second.Scalar());
    read_events(root["order_events"], out.order_events, order_sources_);
    read_events(root["payment_events"], out.payment_events, payment_sources_);
    for (const auto& m : root["orders"])
      out.orders.push_back(read_machine(m.first.Scalar(), m.second, out.order_events, order_sources_));
    for (const auto& m : root["payments"])
      out.payments.push_back(read_machine(m.first.Scalar(), m.second, out.payment_events, payment_sources_));
  }

  machine_tables out;

 private:
  static void read_events(const YAML::Node& list, names& events, names& sources) {
    for (const auto& e : list) {
      events.push_back(e.first.Scalar());
      sources.push_back(e.second.Scalar());
    }
  }

  static says otherwise(const std::string& word) {
    return word == "ignore" ? says::ignores : word == "case" ? says::contradicts : says::refuses;
  }

  machine_table read_machine(const std::string& name, const YAML::Node& node, const names& events,
                             const names& sources) const {
    machine_table m;
    m.name = name;
    names states;
    for (const auto& s : node["states"]) states.push_back(s.first.Scalar());
    for (const auto& s : node["states"]) {
      table_state& state = m.states.emplace_back();
      state.name = s.first.Scalar();
      state.is = stage_of(state.name);
      state.final = s.second["kind"] && s.second["kind"].Scalar() == "final";
      state.fact_only = s.second["fact_only"] && s.second["fact_only"].as<bool>();
      for (const std::string& source : sources)
        state.answers.push_back({otherwise(node["otherwise"][source].Scalar()), nothing});
      const auto listed = [&](const char* key, says what) {
        for (const auto& e : s.second[key]) state.answers[place_in(events, e.Scalar())] = {what, nothing};
      };
      listed("ignore", says::ignores);
      listed("refuse", says::refuses);
      listed("case", says::contradicts);
      for (const auto& move : s.second["moves"])
        state.answers[place_in(events, move.first.Scalar())] = {says::goes, place_in(states, move.second.Scalar())};
      if (const YAML::Node t = s.second["timeout"]) {
        state.wait_s = durations_.at(t["after"].Scalar());
        state.timer = place_in(events, t["event"].Scalar());
        if (t["times"]) state.times = t["times"].as<std::uint32_t>();
        if (t["then"]) state.then = place_in(events, t["then"].Scalar());
      }
    }
    return m;
  }

  std::map<std::string, std::uint64_t> durations_;
  names order_sources_, payment_sources_;
};

std::uint8_t machine_of(const std::vector<machine_table>& list, std::string_view name) {
  const auto at = std::find_if(list.begin(), list.end(), [&](const machine_table& m) { return m.name == name; });
  if (at == list.end()) throw std::logic_error("machines.yaml has no machine " + std::string(name));
  return static_cast<std::uint8_t>(at - list.begin());
}

}  // namespace

std::uint8_t machine_table::state(std::string_view wanted) const {
  const auto at = std::find_if(states.begin(), states.end(), [&](const table_state& s) { return s.name == wanted; });
  if (at == states.end()) throw std::logic_error(name + " has no state " + std::string(wanted));
  return static_cast<std::uint8_t>(at - states.begin());
}

std::uint8_t machine_tables::order_event(std::string_view name) const { return place_in(order_events, name); }
std::uint8_t machine_tables::payment_event(std::string_view name) const { return place_in(payment_events, name); }
std::uint8_t machine_tables::order_machine(std::string_view name) const { return machine_of(orders, name); }
std::uint8_t machine_tables::payment_machine(std::string_view name) const { return machine_of(payments, name); }

const machine_tables& shipped_machines() {
  static const machine_tables tables =
      reader(YAML::Load(std::string(config::shipped_payment_file("machines.yaml")))).out;
  return tables;
}

}  // namespace payloom::sim

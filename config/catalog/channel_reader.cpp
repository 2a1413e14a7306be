#include "config/catalog/channel_reader.hpp"

#include <fmt/format.h>

#include <array>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

namespace catalog = core::catalog;
using enum presence;

// In the order of the enumerations, which begin with `none`.
constexpr std::array<std::string_view, 5> operations = {"pay", "payout", "refund", "query", "close"};
constexpr std::array<std::string_view, 3> drivers = {"simulator", "http_json", "iso8583"};
constexpr std::array<std::string_view, 8> outcomes = {"success", "rejected", "accepted", "not_sent",
                                                      "unknown", "closed",   "returned", "source_closed"};
static_assert(outcomes.size() + 1 == channel_outcomes);

class channel_reader {
 public:
  channel_reader(yaml_reader& reader, const yaml_entry& entry, const ledger_directory& ledgers)
      : reader_(reader),
        ledgers_(ledgers),
        entry_(entry),
        what_("channel " + entry.key.text),
        map_(reader, entry.value, what_,
             {"number", "driver", "operations", "ledgers", "min_minor", "max_minor", "in_flight_max", "case_owner",
              "simulator", "codes"}) {}

  catalog::channel_plan read() {
    catalog::channel_plan plan;
    plan.name = entry_.key.text;
    plan.place = entry_.key.at;
    plan.number = map_.count("number", needed, 1, limits::channel_number_max).value_or(0);
    plan.driver = static_cast<catalog::channel_driver_kind>(map_.word("driver", needed, drivers).value_or(0));
    for (const placed_name& name : map_.names("operations", needed, operations.size())) {
      const auto at = std::find(operations.begin(), operations.end(), std::string_view(name.text));
      if (at == operations.end()) {
        reader_.complain(
            name.at, fmt::format("{}: unknown operation {}{}", what_, name.text, suggestion(name.text, operations)));
      } else {
        plan.operations |= catalog::bit_of(static_cast<channel_operation>(at - operations.begin() + 1));
      }
    }
    for (const placed_name& name : map_.names("ledgers", optional, limits::limit_ledgers_max)) {
      if (const auto ledger = ledgers_.find(name.text)) {
        plan.ledgers.push_back(ledger->id);
      } else {
        reader_.complain(name.at, fmt::format("{}: unknown currency {}: write an ISO code like EUR, or the name of a "
                                              "configured ledger",
                                              what_, name.text));
      }
    }
    plan.min_minor = map_.amount("min_minor", optional, 1, u128_max - 1).value_or(1);
    plan.max_minor = map_.amount("max_minor", optional, 1, u128_max - 1).value_or(u128_max - 1);
    plan.in_flight_max =
        static_cast<std::uint32_t>(map_.count("in_flight_max", needed, 1, limits::channel_in_flight_max).value_or(1));
    if (const auto owner = map_.name("case_owner", needed)) plan.case_owner = owner->text;
    const bool inside = plan.driver == catalog::channel_driver_kind::simulator;
    if (const auto node = map_.node("simulator", inside ? needed : optional)) {
      if (!inside) map_.complain("simulator", "is of the driver simulator alone: remove it");
      plan.simulator = read_simulator(*node);
    }
    if (const auto node = map_.node("codes", inside ? optional : needed)) {
      if (inside) map_.complain("codes", "the driver simulator has none: remove them");
      for (const YAML::Node& one : reader_.items(*node, what_ + ": codes", limits::channel_codes_max))
        read_code(one, plan.codes);
    }
    return plan;
  }

 private:
  void read_code(const YAML::Node& node, std::vector<catalog::channel_code>& out) {
    yaml_map map(reader_, node, what_ + ": codes", {"code", "outcome", "number", "reversed"});
    const auto text = map.text("code", needed, limits::channel_code_bytes_max);
    const auto outcome = map.word("outcome", needed, outcomes);
    const auto number = map.count("number", needed, 1, 0xffff);
    if (text && outcome && number) {
      out.push_back({*text, static_cast<channel_outcome>(*outcome + 1), static_cast<std::uint16_t>(*number),
                     map.flag("reversed", optional).value_or(false)});
    }
  }

  catalog::simulator_settings read_simulator(const YAML::Node& node) {
    yaml_map map(
        reader_, node, what_ + ": simulator",
        {"seed", "answer_ms_min", "answer_ms_max", "later_ms", "rejected", "accepted", "accepted_rejected", "not_sent",
         "unknown_moved", "unknown_lost", "other_amount", "late_success", "returned", "answered_twice"});
    constexpr std::uint64_t ms_max = 600'000;
    const auto share = [&](std::string_view key) {
      return static_cast<std::uint16_t>(map.count(key, optional, 0, 1000).value_or(0));
    };
    const auto ms = [&](std::string_view key) {
      return static_cast<std::uint32_t>(map.count(key, optional, 0, ms_max).value_or(0));
    };
    catalog::simulator_settings s;
    s.seed = map.count("seed", needed, 0, ~std::uint64_t{0}).value_or(0);
    s.answer_ms_min = ms("answer_ms_min");
    s.answer_ms_max = ms("answer_ms_max");
    s.later_ms = ms("later_ms");
    s.rejected = share("rejected");
    s.accepted = share("accepted");
    s.accepted_rejected = share("accepted_rejected");
    s.not_sent = share("not_sent");
    s.unknown_moved = share("unknown_moved");
    s.unknown_lost = share("unknown_lost");
    s.other_amount = share("other_amount");
    s.late_success = share("late_success");
    s.returned = share("returned");
    s.answered_twice = share("answered_twice");
    return s;
  }

  yaml_reader& reader_;
  const ledger_directory& ledgers_;
  const yaml_entry& entry_;
  const std::string what_;
  yaml_map map_;
};

}  // namespace

channels_file read_channels(yaml_reader& reader, const YAML::Node& root, const ledger_directory& ledgers) {
  channels_file out;
  yaml_map file(reader, root, "channels.yaml", {"version", "channels"});
  out.version = static_cast<std::uint32_t>(file.count("version", needed, 1, 0xffffffff).value_or(0));
  std::vector<catalog::channel_plan> plans;
  if (const auto node = file.node("channels", needed)) {
    for (const yaml_entry& entry : reader.entries(*node, "channels", limits::channels_max)) {
      plans.push_back(channel_reader(reader, entry, ledgers).read());
    }
  }
  catalog::problem_list found;
  out.plans = catalog::channel_plans::make(std::move(plans), found);
  reader.take(found);
  return out;
}

}  // namespace payloom::config

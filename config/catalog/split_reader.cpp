#include "config/catalog/split_reader.hpp"

#include <fmt/format.h>

#include <array>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

namespace catalog = core::catalog;

constexpr std::array<std::string_view, 2> bases = {"gross", "net"};  // in the order of the enumeration

void read_receiver(yaml_reader& reader, const YAML::Node& node, const std::string& what, catalog::split_plan& plan) {
  using enum presence;
  yaml_map map(reader, node, fmt::format("{}: receiver {}", what, plan.receivers.size() + 1),
               {"name", "fixed_minor", "rate_millionths", "remainder", "owner"});
  catalog::split_receiver receiver;
  receiver.place = map.place();
  if (const std::optional<placed_name> name = map.name("name", needed)) receiver.name = name->text;
  receiver.fixed_minor = map.amount("fixed_minor", optional, 1, u128_max - 1).value_or(0);
  receiver.rate_millionths =
      static_cast<std::uint32_t>(map.count("rate_millionths", optional, 1, limits::rate_whole).value_or(0));
  receiver.owner = map.count("owner", optional, 1, ~std::uint64_t{0}).value_or(0);
  receiver.remainder = map.flag("remainder", optional).value_or(false);
  plan.receivers.push_back(std::move(receiver));
}

std::optional<catalog::split_plan> read_plan(yaml_reader& reader, const yaml_entry& entry,
                                             const ledger_directory& ledgers) {
  using enum presence;
  const std::size_t before = reader.problems().size();
  const std::string what = "split plan " + entry.key.text;
  yaml_map map(reader, entry.value, what, {"of", "ledger", "receivers"});
  catalog::split_plan plan;
  plan.name = entry.key.text;
  plan.place = entry.key.at;
  plan.base = static_cast<catalog::split_base>(map.word("of", needed, bases).value_or(0));
  if (const std::optional<placed_name> name = map.name("ledger", optional)) {
    if (const std::optional<ledger_directory::entry> ledger = ledgers.find(name->text)) {
      plan.ledger = ledger->id;
    } else {
      map.complain("ledger", fmt::format("unknown currency {}: write an ISO code like EUR, or the name of a configured "
                                         "ledger",
                                         name->text));
    }
  }
  if (const std::optional<YAML::Node> receivers = map.node("receivers", needed)) {
    for (const YAML::Node& item : reader.items(*receivers, what + ": receivers", limits::split_receivers_max)) {
      read_receiver(reader, item, what, plan);
    }
  }
  if (reader.problems().size() != before) return std::nullopt;  // told; its consequences need not be
  return plan;
}

}  // namespace

catalog::split_plans read_split_plans(yaml_reader& reader, const YAML::Node& plans, const ledger_directory& ledgers) {
  std::vector<catalog::split_plan> read;
  for (const yaml_entry& entry : reader.entries(plans, "plans", limits::split_plans_max)) {
    if (std::optional<catalog::split_plan> plan = read_plan(reader, entry, ledgers)) read.push_back(std::move(*plan));
  }
  catalog::problem_list found;
  catalog::split_plans made = catalog::make_split_plans(std::move(read), found);
  reader.take(found);
  return made;
}

}  // namespace payloom::config

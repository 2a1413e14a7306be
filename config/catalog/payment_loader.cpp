#include "config/catalog/payment_loader.hpp"

#include <utility>

#include "config/catalog/business_map_reader.hpp"
#include "config/catalog/machine_reader.hpp"
#include "config/catalog/posting_catalog.hpp"
#include "config/catalog/settlement_reader.hpp"
#include "config/catalog/yaml_reader.hpp"

namespace payloom::config {
namespace {

using namespace core::catalog;

// The names of `all`, in their order: a name's number is its index.
template <class Plans>
name_set names_of(const Plans& all) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all.size(); ++i) names.push_back(all.at(i).name);
  return name_set(std::move(names));
}

using parser = std::function<std::optional<YAML::Node>(yaml_reader&, std::string_view)>;

void move_problems(yaml_reader& reader, payment_catalog_result& out) {
  for (const problem& p : reader.problems()) out.problems.push_back(p);
}

payment_catalog_result read_all(posting_catalog_result postings, const parser& parse, const std::string& prefix,
                            const ledger_directory& ledgers) {
  payment_catalog_result out;
  out.problems = std::move(postings.problems);
  yaml_reader machine_reader(prefix + "machines.yaml");
  std::optional<machine_catalog> machines;
  if (const auto root = parse(machine_reader, "machines.yaml")) machines = load_machines(machine_reader, *root);
  move_problems(machine_reader, out);
  if (!machines || !out.problems.empty()) return out;
  const name_set rules = names_of(postings.value.rules), fees = names_of(postings.value.fees);
  yaml_reader map_reader(prefix + "business_map.yaml");
  std::optional<business_map> map;
  if (const auto root = parse(map_reader, "business_map.yaml")) {
    map = load_business_map(map_reader, *root, ledgers, {*machines, rules, fees});
  }
  if (map && map->version() != postings.value.version) {
    map_reader.complain(source_place{}, "version: all files of a catalogue have the same");
  }
  yaml_reader plan_reader(prefix + "settlements.yaml");
  settlement_plans settlements;
  if (const auto root = parse(plan_reader, "settlements.yaml"); root && map) {
    settlements = load_settlement_plans(plan_reader, *root, postings.value.version, ledgers, map->settlement_plans(),
                                        postings.value.fees);
  }
  move_problems(plan_reader, out);
  if (map && map_reader.ok() && out.problems.empty()) {
    problem_list found;
    posting_catalog& p = postings.value;
    out.value = bind_payments({std::move(*machines), std::move(*map), std::move(p.accounts), std::move(p.fees),
                               std::move(p.splits), std::move(p.rules), std::move(settlements)},
                              found);
    map_reader.take(found);
  }
  move_problems(map_reader, out);
  if (!out.problems.empty()) out.value.reset();
  return out;
}

}  // namespace

payment_catalog_result load_payment_catalog(const std::filesystem::path& folder, const ledger_directory& ledgers) {
  const auto parse = [&](yaml_reader& reader, std::string_view name) { return reader.parse_file(folder / name); };
  return read_all(load_posting_catalog(folder, ledgers), parse, folder.string() + "/", ledgers);
}

payment_catalog_result read_payment_catalog(const std::function<std::string(std::string_view)>& text_of,
                                            const ledger_directory& ledgers) {
  posting_texts texts;
  for (std::size_t i = 0; i < posting_files.size(); ++i) texts[i] = text_of(posting_files[i]);
  const auto parse = [&](yaml_reader& reader, std::string_view name) { return reader.parse(text_of(name)); };
  return read_all(read_posting_catalog(texts, ledgers), parse, "", ledgers);
}

}  // namespace payloom::config

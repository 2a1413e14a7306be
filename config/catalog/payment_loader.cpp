#include "config/catalog/payment_loader.hpp"

#include <utility>

#include "actors/core/catalog/catalog_succession.hpp"
#include "actors/core/rules/rule_compiler.hpp"
#include "config/catalog/business_map_reader.hpp"
#include "config/catalog/channel_reader.hpp"
#include "config/catalog/check_reader.hpp"
#include "config/catalog/machine_reader.hpp"
#include "config/catalog/posting_catalog.hpp"
#include "config/catalog/rule_reader.hpp"
#include "config/catalog/settlement_reader.hpp"
#include "config/catalog/template_reader.hpp"
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

/// One walk over all files; each is read whatever the others say, so that all mistakes are shown at once.
class catalog_walk {
 public:
  catalog_walk(const parser& parse, const ledger_directory& ledgers, const payment_catalog_options& options)
      : parse_(parse), ledgers_(ledgers), options_(options) {}

  payment_catalog_result run(posting_catalog_result postings) {
    out_.problems = std::move(postings.problems);
    posting_catalog& p = postings.value;
    if (options_.before != nullptr) compare_postings(p);
    std::optional<machine_catalog> machines = read_machine_file();
    channels_file channels = read_channel_file(p);
    check_plans checks = read_check_file(p);
    yaml_reader reader(options_.prefix + "business_map.yaml");
    const std::optional<YAML::Node> root = parse_(reader, "business_map.yaml");
    if (root && machines && out_.problems.empty()) {
      bind(reader, *root, std::move(*machines), p, std::move(channels.plans), std::move(checks));
    } else if (root) {
      read_business_map(reader, *root, ledgers_);  // what it refers to is not there: mistakes of form alone
    }
    if (!templates_read_) read_template_file(0, nullptr, {});
    if (!rules_read_) read_rule_file(nullptr);
    take_problems(reader);
    if (!out_.problems.empty()) out_.value.reset();
    return std::move(out_);
  }

 private:
  void take_problems(const yaml_reader& reader) {
    for (problem& p : reader.problems()) out_.problems.push_back(std::move(p));
  }

  /// Checks against what stood in `file` before.
  template <class Part>
  void compare(const char* file, const Part& before, const Part& next) {
    yaml_reader reader(options_.prefix + file);
    problem_list found;
    check_succession(before, next, found);
    reader.take(found);
    take_problems(reader);
  }

  void compare_postings(const posting_catalog& next) {
    const payment_parts& before = options_.before->parts();
    const bool whole = out_.problems.empty();
    if (next.accounts.size() != 0) compare("chart.yaml", before.accounts, next.accounts);
    if (whole) compare("posting_rules.yaml", before.rules, next.rules);
  }

  channels_file read_channel_file(const posting_catalog& postings) {
    yaml_reader reader(options_.prefix + "channels.yaml");
    channels_file read;
    if (const auto root = parse_(reader, "channels.yaml")) read = read_channels(reader, *root, ledgers_);
    if (reader.ok() && out_.problems.empty() && read.version != postings.version) {
      reader.complain(source_place{}, "version: all files of a catalogue have the same");
    }
    if (options_.before != nullptr && reader.ok()) {
      problem_list found;
      check_succession(options_.before->parts().channels, read.plans, found);
      reader.take(found);
    }
    take_problems(reader);
    return read;
  }

  check_plans read_check_file(const posting_catalog& postings) {
    yaml_reader reader(options_.prefix + "checks.yaml");
    checks_file read;
    if (const auto root = parse_(reader, "checks.yaml")) read = read_checks(reader, *root);
    if (reader.ok() && out_.problems.empty() && read.version != postings.version)
      reader.complain(source_place{}, "version: all files of a catalogue have the same");
    if (options_.before != nullptr && reader.ok()) {
      problem_list found;
      check_succession(options_.before->parts().checks, read.plans, found);
      reader.take(found);
    }
    take_problems(reader);
    return read.plans;
  }

  settlement_plans read_plan_file(const posting_catalog& postings, const business_map& map) {
    yaml_reader reader(options_.prefix + "settlements.yaml");
    settlement_plans read;
    if (const auto root = parse_(reader, "settlements.yaml")) {
      read = load_settlement_plans(reader, *root, postings.version, ledgers_, map.settlement_plans(), postings.fees);
    }
    take_problems(reader);
    return read;
  }

  payment_templates read_template_file(std::uint32_t version, const business_map* map, const check_plans& checks) {
    templates_read_ = true;
    yaml_reader reader(options_.prefix + "templates.yaml");
    payment_templates read;
    if (const auto root = parse_(reader, "templates.yaml"))
      read = load_payment_templates(reader, *root, version, map, checks);
    take_problems(reader);
    return read;
  }

  std::optional<machine_catalog> read_machine_file() {
    yaml_reader reader(options_.prefix + "machines.yaml");
    std::optional<machine_catalog> made;
    if (const auto root = parse_(reader, "machines.yaml")) {
      problem_list found;
      const machines_definition definition = read_machines(reader, *root);
      made = compile_machines(definition, found);
      if (options_.before != nullptr) check_succession(options_.before->parts().machines, definition, found);
      reader.take(found);
      if (!reader.ok()) made.reset();
    }
    take_problems(reader);
    return made;
  }

  void bind(yaml_reader& reader, const YAML::Node& root, machine_catalog machines, posting_catalog& p,
            channel_plans channels, check_plans checks) {
    const name_set rules = names_of(p.rules), fees = names_of(p.fees);
    std::optional<business_map> map = load_business_map(reader, root, ledgers_, {machines, rules, fees});
    if (!map) return;
    settlement_plans settlements = read_plan_file(p, *map);
    const std::size_t before = out_.problems.size();
    payment_templates templates = read_template_file(p.version, &*map, checks);
    // Rows are not looked at by templates that are wrong themselves.
    if (out_.problems.size() != before) templates = {};
    if (map->version() != p.version) reader.complain(source_place{}, "version: all files of a catalogue have the same");
    problem_list found;
    if (options_.before != nullptr) check_succession(options_.before->parts().map, *map, found);
    std::shared_ptr<payment_catalog> made = bind_payments(
        {std::move(machines), std::move(*map), std::move(p.accounts), std::move(p.fees), std::move(p.splits),
         std::move(p.rules), std::move(channels), std::move(settlements), std::move(templates), std::move(checks)},
        found);
    reader.take(found);
    read_rule_file(made);
    out_.value = std::move(made);
  }

  /// What rules refer to is there only when everything else is right; else mistakes of form alone.
  void read_rule_file(const std::shared_ptr<payment_catalog>& made) {
    rules_read_ = true;
    yaml_reader reader(options_.prefix + "rules.yaml");
    if (const auto root = parse_(reader, "rules.yaml")) {
      problem_list found;
      core::rules::rules_definition rules = read_rules(reader, *root, ledgers_, made ? made->version() : 0);
      if (options_.before != nullptr) check_succession(options_.before->rules(), rules, found);
      if (made && reader.ok()) made->set_rules(compile_rules(std::move(rules), *made, found));
      reader.take(found);
    }
    take_problems(reader);
  }

  const parser& parse_;
  const ledger_directory& ledgers_;
  const payment_catalog_options& options_;
  bool rules_read_ = false, templates_read_ = false;
  payment_catalog_result out_;
};

}  // namespace

payment_catalog_result load_payment_catalog(const std::filesystem::path& folder, const ledger_directory& ledgers) {
  const parser parse = [&](yaml_reader& reader, std::string_view name) { return reader.parse_file(folder / name); };
  return catalog_walk(parse, ledgers, {folder.string() + "/"}).run(load_posting_catalog(folder, ledgers));
}

payment_catalog_result read_payment_catalog(const std::function<std::string(std::string_view)>& text_of,
                                            const ledger_directory& ledgers, const payment_catalog_options& options) {
  posting_texts texts;
  for (std::size_t i = 0; i < posting_files.size(); ++i) texts[i] = text_of(posting_files[i]);
  const parser parse = [&](yaml_reader& reader, std::string_view name) { return reader.parse(text_of(name)); };
  return catalog_walk(parse, ledgers, options).run(read_posting_catalog(texts, ledgers, options.prefix));
}

}  // namespace payloom::config

#include "config/catalog/posting_catalog.hpp"

#include <fmt/format.h>

#include <functional>

#include "config/catalog/chart_reader.hpp"
#include "config/catalog/fee_reader.hpp"
#include "config/catalog/posting_reader.hpp"
#include "config/catalog/split_reader.hpp"
#include "config/catalog/yaml_map.hpp"

namespace payloom::config {
namespace {

// One walk over the four files. Each is read whatever the others say, so that all mistakes are shown at once.
class catalog_walk {
 public:
  using parser = std::function<std::optional<YAML::Node>(yaml_reader&, std::size_t)>;

  catalog_walk(const ledger_directory& ledgers, std::string prefix, parser parse)
      : ledgers_(ledgers), prefix_(std::move(prefix)), parse_(std::move(parse)) {}

  posting_catalog_result run() {
    posting_catalog& value = result_.value;
    with_file(0, {"version", "roles"}, [&](yaml_reader& reader, yaml_map& root) {
      if (const auto roles = root.node("roles", presence::needed)) value.accounts = read_chart(reader, *roles);
    });
    with_file(1, {"version", "plans"}, [&](yaml_reader& reader, yaml_map& root) {
      if (const auto plans = root.node("plans", presence::needed))
        value.fees = read_fee_plans(reader, *plans, ledgers_);
    });
    with_file(2, {"version", "plans"}, [&](yaml_reader& reader, yaml_map& root) {
      if (const auto plans = root.node("plans", presence::needed)) {
        value.splits = read_split_plans(reader, *plans, ledgers_);
      }
    });
    with_file(3, {"version", "amounts", "forms", "rules"}, [&](yaml_reader& reader, yaml_map& root) {
      // Without any chart every leg would be said to name an unknown role; that the chart is missing is said already.
      if (value.accounts.size() != 0) value.rules = read_posting_rules(reader, root, {value.accounts, value.splits});
    });
    return std::move(result_);
  }

 private:
  void with_file(std::size_t number, std::initializer_list<std::string_view> keys,
                 const std::function<void(yaml_reader&, yaml_map&)>& read) {
    const std::string name(posting_files[number]);
    yaml_reader reader(prefix_ + name);
    if (const std::optional<YAML::Node> node = parse_(reader, number)) {
      yaml_map root(reader, *node, name, keys);
      check_version(root);
      read(reader, root);
    }
    for (problem& p : reader.problems()) result_.problems.push_back(std::move(p));
  }

  // All files carry the same version: they are changed and taken together.
  void check_version(yaml_map& root) {
    const std::optional<std::uint64_t> version = root.count("version", presence::needed, 1, UINT32_MAX);
    if (!version) return;
    if (result_.value.version == 0) {
      result_.value.version = static_cast<std::uint32_t>(*version);
    } else if (*version != result_.value.version) {
      root.complain("version",
                    fmt::format("{} here, but {} in the files before: give all files of a catalogue the same", *version,
                                result_.value.version));
    }
  }

  const ledger_directory& ledgers_;
  const std::string prefix_;
  const parser parse_;
  posting_catalog_result result_;
};

}  // namespace

posting_catalog_result read_posting_catalog(const posting_texts& texts, const ledger_directory& ledgers,
                                            const std::string& prefix) {
  const auto parse = [&](yaml_reader& reader, std::size_t number) { return reader.parse(texts[number]); };
  return catalog_walk(ledgers, prefix, parse).run();
}

posting_catalog_result load_posting_catalog(const std::filesystem::path& folder, const ledger_directory& ledgers) {
  const auto parse = [&](yaml_reader& reader, std::size_t number) {
    return reader.parse_file(folder / posting_files[number]);
  };
  return catalog_walk(ledgers, folder.string() + "/", parse).run();
}

}  // namespace payloom::config

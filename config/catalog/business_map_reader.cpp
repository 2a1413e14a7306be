#include "config/catalog/business_map_reader.hpp"

#include <fmt/format.h>

#include <array>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

using namespace core::catalog;

constexpr std::array<std::string_view, 2> tool_words = {"internal", "external"};
constexpr std::uint64_t code_max = 65'535;
// The largest amount means "all that is left" elsewhere.
constexpr u128 amount_max = u128_max - 1;

class map_file {
 public:
  map_file(yaml_reader& reader, const ledger_directory& ledgers) : reader_(reader), ledgers_(ledgers) {}

  business_map_definition read(const YAML::Node& root) {
    business_map_definition out;
    yaml_map top(reader_, root, "business map",
                 {"version", "effective_from", "maker", "checker", "note", "tools", "payment_products", "templates",
                  "settlement_plans", "limits", "products"});
    out.version = static_cast<std::uint32_t>(top.count("version", presence::needed, 1, UINT32_MAX).value_or(1));
    out.header = read_header(top);
    for (yaml_entry& tool : section(top, "tools", limits::payment_tools_max)) {
      const auto kind = reader_.word(tool.value, "tools: " + tool.key.text, tool_words);
      out.tools.push_back({std::move(tool.key), kind == 1u});
    }
    for (yaml_entry& product : section(top, "payment_products", limits::products_max)) {
      std::optional<placed_name> form = reader_.name(product.value, "payment_products: " + product.key.text);
      if (form) out.payment_products.push_back({std::move(product.key), std::move(*form)});
    }
    out.templates = top.names("templates", presence::needed, limits::plan_names_max);
    out.settlement_plans = top.names("settlement_plans", presence::needed, limits::plan_names_max);
    for (yaml_entry& set : section(top, "limits", limits::limit_sets_max)) {
      out.limit_sets.push_back({set.key, read_limits(set)});
    }
    for (const yaml_entry& product : section(top, "products", limits::products_max)) {
      out.products.push_back(read_product(product));
    }
    return out;
  }

 private:
  static catalog_header read_header(yaml_map& top) {
    catalog_header out;
    out.effective_from = top.time("effective_from", presence::optional).value_or(0);
    out.maker = top.text("maker", presence::optional, limits::catalog_person_bytes_max).value_or("");
    out.checker = top.text("checker", presence::optional, limits::catalog_person_bytes_max).value_or("");
    out.note = top.text("note", presence::optional, limits::catalog_note_bytes_max).value_or("");
    return out;
  }

  std::vector<yaml_entry> section(yaml_map& top, std::string_view key, std::size_t max) {
    const std::optional<YAML::Node> node = top.node(key, presence::needed);
    return node ? reader_.entries(*node, key, max) : std::vector<yaml_entry>{};
  }

  std::vector<limit_definition> read_limits(const yaml_entry& set) {
    std::vector<limit_definition> out;
    const std::string what = "limits " + set.key.text;
    for (const yaml_entry& entry : reader_.entries(set.value, what, limits::limit_ledgers_max)) {
      const std::optional<ledger_directory::entry> ledger = ledgers_.find(std::string_view(entry.key.text));
      if (!ledger) {
        reader_.complain(entry.key.at, fmt::format("{}: {} is no ledger: name an ISO 4217 currency or one of `ledgers` "
                                                   "in the configuration",
                                                   what, entry.key.text));
      }
      yaml_map fields(reader_, entry.value, fmt::format("{}, {}", what, entry.key.text), {"min", "max"});
      const std::optional<u128> min = fields.amount("min", presence::needed, 1, amount_max);
      const std::optional<u128> max = fields.amount("max", presence::needed, 1, amount_max);
      if (ledger && min && max) out.push_back({entry.key.at, {ledger->id, *min, *max}});
    }
    return out;
  }

  product_definition read_product(const yaml_entry& entry) {
    product_definition out;
    out.name = entry.key;
    const std::string what = "product " + entry.key.text;
    yaml_map fields(reader_, entry.value, what, {"code", "order", "rows", "none"});
    out.code = static_cast<std::uint16_t>(fields.count("code", presence::needed, 1, code_max).value_or(0));
    out.code_at = fields.place_of("code");
    out.order = fields.name("order", presence::needed).value_or(placed_name{});
    if (const auto node = fields.node("rows", presence::needed)) {
      for (const yaml_entry& row : reader_.entries(*node, what + ": rows", limits::machine_events_max)) {
        out.rows.push_back(read_row(row, what));
      }
    }
    out.none = fields.names("none", presence::needed, limits::machine_events_max);
    return out;
  }

  map_row_definition read_row(const yaml_entry& entry, const std::string& product) {
    map_row_definition out;
    out.event = entry.key;
    yaml_map fields(reader_, entry.value, fmt::format("{}, {}", product, entry.key.text),
                    {"payment_product", "tools", "limits", "template", "posting_rule", "external_posting_rule",
                     "fee_plan", "settlement_plan", "posts"});
    const auto needed = [&](std::string_view key) { return fields.name(key, presence::needed); };
    out.payment_product = needed("payment_product").value_or(placed_name{});
    out.tools = fields.names("tools", presence::needed, limits::payment_tools_max);
    out.limits = needed("limits").value_or(placed_name{});
    out.payment_template = needed("template").value_or(placed_name{});
    const auto or_none = [](std::optional<placed_name> name) {
      return name && name->text == "none" ? std::nullopt : std::move(name);
    };
    out.posting_rule = or_none(needed("posting_rule"));
    out.external_posting_rule = or_none(needed("external_posting_rule"));
    out.fee_plan = or_none(needed("fee_plan"));
    out.settlement_plan = or_none(needed("settlement_plan"));
    out.posts = fields.names("posts", presence::optional, limits::machine_events_max);
    return out;
  }

  yaml_reader& reader_;
  const ledger_directory& ledgers_;
};

}  // namespace

business_map_definition read_business_map(yaml_reader& reader, const YAML::Node& root,
                                          const ledger_directory& ledgers) {
  return map_file(reader, ledgers).read(root);
}

std::optional<business_map> load_business_map(yaml_reader& reader, const YAML::Node& root,
                                              const ledger_directory& ledgers, const map_references& others) {
  problem_list found;
  std::optional<business_map> made = compile_business_map(read_business_map(reader, root, ledgers), others, found);
  reader.take(found);
  if (!reader.ok()) made.reset();
  return made;
}

}  // namespace payloom::config

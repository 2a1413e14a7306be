// Goal: the shipped business map and the shipped postings fit together (OV-3). Method: the map compiled against the
// real names; every row's fee plan beside its posting rules.
#include "config/catalog/business_map_reader.hpp"
#include "config/catalog/machine_reader.hpp"
#include "tests/posting/posting_fixture.hpp"

namespace payloom::test {
namespace {

// The names of `all`, in their order: a name's number is its index.
template <class Plans>
catalog::name_set names_of(const Plans& all) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all.size(); ++i) names.push_back(all.at(i).name);
  return catalog::name_set(std::move(names));
}

void expect_fee_fits(const catalog::posting_rules& rules, catalog::name_index rule, const catalog::fee_plan& plan,
                     const std::string& row) {
  if (rule == catalog::no_name) return;
  EXPECT_TRUE(catalog::fee_fits(rules.use_of_fee(rule), plan.bearer)) << row << ": " << rules.at(rule).name;
}

TEST(cross_reference, shipped_map_names_shipped_rules_and_plans) {
  const config::posting_catalog& all = shipped();
  const std::string folder = std::string(PAYLOOM_SOURCE_DIR) + "/config/payments/";
  config::yaml_reader reader("machines.yaml");
  const auto machines = config::load_machines(reader, reader.parse_file(folder + "machines.yaml").value());
  ASSERT_TRUE(machines);
  const catalog::name_set rules = names_of(all.rules), plans = names_of(all.fees);
  config::yaml_reader map_reader("business_map.yaml");
  const auto map = config::load_business_map(map_reader, map_reader.parse_file(folder + "business_map.yaml").value(),
                                             config::ledger_directory(), {*machines, rules, plans});
  for (const config::problem& p : map_reader.problems()) ADD_FAILURE() << to_string(p);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->version(), all.version);

  std::size_t with_fee = 0;
  const std::size_t events = machines->events(catalog::machine_kind::order).size();
  for (std::size_t product = 0; product < map->products().size(); ++product) {
    for (std::size_t event = 0; event < events; ++event) {
      const catalog::map_row* row =
          map->find(static_cast<catalog::product_index>(product), static_cast<catalog::event_index>(event));
      if (row == nullptr || row->fee_plan == catalog::no_name) continue;
      const catalog::fee_plan& plan = all.fees.at(row->fee_plan);
      expect_fee_fits(all.rules, row->posting_rule, plan, map->products()[product].name);
      expect_fee_fits(all.rules, row->external_posting_rule, plan, map->products()[product].name);
      ++with_fee;
    }
  }
  EXPECT_GT(with_fee, 0u);
}

TEST(cross_reference, bearers_and_rules) {
  using catalog::fee_bearer, catalog::fee_use;
  EXPECT_TRUE(catalog::fee_fits(fee_use::inside, fee_bearer::payee));
  EXPECT_FALSE(catalog::fee_fits(fee_use::on_top, fee_bearer::payee));
  EXPECT_TRUE(catalog::fee_fits(fee_use::on_top, fee_bearer::payer));
  EXPECT_FALSE(catalog::fee_fits(fee_use::inside, fee_bearer::payer));
  EXPECT_FALSE(catalog::fee_fits(fee_use::none, fee_bearer::payee));
}

}  // namespace
}  // namespace payloom::test
